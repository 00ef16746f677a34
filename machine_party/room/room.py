"""The room: one inbox and one task that turns what arrives into commits.

The task goes round: wait, take a batch, commit it, release it. The next batch is not run before
the last one is released, so that whatever is read or opened between two rounds is the last
released commit: nothing leaves before the store has what it is derived from.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from machine_party.core import (
    Actor,
    Cause,
    ClientEvent,
    Grant,
    InvokeEnded,
    Joined,
    Kicked,
    Member,
    Party,
    TimerFired,
    Unkicked,
)
from machine_party.errors import Fenced, PeerError, StoreError, StoreUnavailable
from machine_party.protocol import (
    DEFAULT_LIMITS,
    Bare,
    ClientMessage,
    CloseCode,
    Hello,
    Limits,
    Ping,
    Receipt,
    Send,
    SendTo,
    SnapshotGet,
)
from machine_party.room import refusal
from machine_party.room.arrival import Arrival, Attachment, Reading, sent_cause
from machine_party.room.attendance import Attendance
from machine_party.room.clock import Clock
from machine_party.room.committer import Committer
from machine_party.room.connection import Connection
from machine_party.room.gate import Gate
from machine_party.room.hook import Hooks
from machine_party.room.inbox import Inbox
from machine_party.room.invocation import Invocations
from machine_party.room.layers import Layers
from machine_party.room.outage import Outage
from machine_party.room.store import RoomKey, Store

__all__ = ["Room"]

logger = logging.getLogger("machine_party.room")


class Room:
    """One live room. Made by `Rooms`: `start` begins its task, `close` ends it.

    Args:
        key: its address.
        actor: its machines, as the last stored commit left them.
        epoch, version: of that commit.
        stored: whether the store has it. A room that nobody has used is never stored.
        windows: the stored dedupe windows.
        tail: how many entries the journal has since the last whole form.
        outage: tells the log when the store fails.

    Attributes:
        closed: set when the room has ended, for whatever reason.
        quarantined: why the room stopped for good, if it did.
    """

    def __init__(
        self,
        key: RoomKey,
        party: Party,
        actor: Actor,
        *,
        store: Store,
        clock: Clock,
        epoch: int,
        version: int = 0,
        stored: bool = False,
        windows: Any = None,
        tail: int = 0,
        limits: Limits = DEFAULT_LIMITS,
        outage: Outage | None = None,
    ) -> None:
        self.key = key
        self.party = party
        self.closed = asyncio.Event()
        self.quarantined: str | None = None
        self.layers = Layers(party, epoch=epoch, resume_seconds=limits.resume_seconds)
        self.hooks = Hooks(str(key))
        self._clock = clock
        self._outage = outage or Outage(clock)
        self._inbox = Inbox(clock)
        self._attendance = Attendance(clock, party.grace, self._inbox.offer)
        self._invocations = Invocations(str(key), self._invoke_ended)
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._store_lost = False
        self._ended: Callable[[Room], None] = lambda _room: None
        self._emptied: Callable[[Room], None] = lambda _room: None
        self._committer = Committer(
            key, party, actor, self.layers, store,
            epoch=epoch, version=version, stored=stored, windows=windows, tail=tail,
        )  # fmt: skip
        self._gate = Gate(party, self._committer, self.layers, self._attendance, clock, self._leave)

    @property
    def epoch(self) -> int:
        """The room's load generation; rises at every load."""
        return self._committer.epoch

    @property
    def version(self) -> int:
        """The room's commit counter, at the last stored commit."""
        return self._committer.version

    @property
    def stored(self) -> bool:
        """Whether the store has it: somebody has used it."""
        return self._committer.stored

    @property
    def members(self) -> Mapping[str, Member]:
        """`{member id: Member}` in joining order, as of the last released commit."""
        return self._committer.members

    @property
    def status(self) -> str:
        """The machine's status at the last released commit: `active`, `done` …"""
        return self._committer.status

    @property
    def connection_count(self) -> int:
        """How many connections are open."""
        return sum(1 for _ in self._attendance)

    def member_of(self, identity: str) -> Member | None:
        """The member that a credential belongs to, if it has a seat."""
        return self._committer.member_of(identity)

    # -- connections -----------------------------------------------------------------------

    async def attach(
        self, connection: Connection, hello: Hello | None, grant: Grant, token: str | None = None
    ) -> Member:
        """Seat the connection's member, or give it its seat back, and open the connection.

        Returns once the first messages are queued.

        Args:
            token: the credential to hand out in the welcome, if any.

        Raises:
            PeerError: kicked, full, unknown sections, or the room has closed.
        """
        if hello is not None and hello.sections is not None:
            connection.sections = self.layers.check_sections(hello.sections)
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        attachment = Attachment(connection, hello, token, opened)
        now = self._clock.now()
        cause = Joined(now=now, identity=grant.identity, role=grant.role, name=grant.name)
        self._put(Arrival(cause, attachment=attachment))
        try:
            await opened
        except asyncio.CancelledError:
            self.detach(connection)  # it may have been opened in this very moment
            raise
        assert connection.member is not None
        self.hooks.call(self.party.on_join, self, connection.member, connection)
        return connection.member

    def detach(self, connection: Connection) -> None:
        """The connection is gone. Its member stays, within the grace."""
        member = connection.member
        if member is not None and self._leave(connection) and member.id in self.members:
            self._attendance.lost(member.id)

    def receive(self, connection: Connection, message: ClientMessage) -> None:
        """Take a message of an open connection; what answers it goes out through it."""
        match message:
            case Send(id=id, event=event):
                self._sent(connection, event, id, None)
            case SendTo(id=id, event=event, actor_id=child):
                self._sent(connection, event, id, child)
            case Bare(event=event):
                self._sent(connection, event, None, None)
            case SnapshotGet():
                self.resync(connection)
            case Ping():
                self._gate.pong(connection)
            case Hello():
                connection.close(CloseCode.ALREADY_AUTHENTICATED, "Say hello once.")

    def resync(self, connection: Connection) -> None:
        """Queue the whole document of the last released commit."""
        self._gate.resync(connection)

    # -- server code -----------------------------------------------------------------------

    async def send(
        self,
        event: ClientEvent | Mapping[str, Any],
        *,
        member: str | None = None,
        child: str | None = None,
    ) -> Receipt:
        """Send an event from server code, and wait for its receipt.

        Args:
            event: a declared event, or its wire form with a `type`.
            member: on whose behalf; None: as a service, which is not bound by roles.
        """
        now = self._clock.now()
        return await self._ask(sent_cause(event, now=now, member=member, child=child))

    async def kick(self, member_id: str) -> Receipt:
        """Take a member's seat and connections; its credential opens nothing until `unkick`."""
        return await self._ask(Kicked(now=self._clock.now(), member=member_id))

    async def unkick(self, member_id: str) -> Receipt:
        """Let a kicked member join again."""
        return await self._ask(Unkicked(now=self._clock.now(), member=member_id))

    async def document(
        self, member: str | None = None, audience: str | None = None
    ) -> tuple[dict[str, Any], int, int]:
        """`(document, epoch, version)` of the last released commit.

        Args:
            member: whose; None: only what an audience shares.
            audience: which; by default the party's first open role.

        Raises:
            PeerError: `not_found` if there is no such member.
        """
        self._check_open()
        done: asyncio.Future[tuple[dict[str, Any], int, int]] = (
            asyncio.get_running_loop().create_future()
        )
        self._inbox.read(Reading(member, audience, done))
        return await done

    def start(
        self,
        *,
        ended: Callable[[Room], None] = lambda _room: None,
        emptied: Callable[[Room], None] = lambda _room: None,
    ) -> None:
        """Begin: the task runs until `close`, a quarantine, or the loss of the room.

        Args:
            ended: called when it has stopped by itself; `close` is then still to be called.
            emptied: called when the last connection has gone.
        """
        self._ended, self._emptied = ended, emptied
        self._attendance.expect(self.members.values())
        self._invocations.reconcile(self._committer.actor)
        self._task = asyncio.create_task(self._run(), name=f"room {self.key}")

    async def close(
        self, code: int = CloseCode.DRAINING, reason: str = "The server is restarting."
    ) -> None:
        """Finish the batch at hand, close every connection and end all tasks of the room."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(code, reason), name=f"end {self.key}")
        await asyncio.shield(self._closing)

    async def _close(self, code: int, reason: str) -> None:
        self._inbox.stop()
        if self._task is not None:
            await asyncio.wait([self._task])
        self._end(refusal.ending(code, reason))
        self._attendance.close()
        await self._invocations.close()
        await self.hooks.call_and_wait(self.party.on_dispose, self)

    # -- the loop --------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            while not self._inbox.stopping:
                await self._turn()
        except Exception as error:
            self._quarantine([], repr(error), error)

    async def _turn(self) -> None:
        actor = self._committer.actor
        await self._inbox.wait(actor, anyway=self._store_lost)
        self._gate.answer(self._inbox.take_readings())
        if not self._inbox.flushable:
            return
        batch = self._inbox.take(actor)
        if batch or self._store_lost:
            self._inbox.flush_at = self._clock.now() + self.party.patch_interval
            await self._round(batch)

    async def _round(self, batch: list[Arrival]) -> None:
        try:
            await self._commit(batch)
        except Fenced as error:
            logger.warning("room %s was taken over: %s", self.key, error)
            self._end(refusal.ending(CloseCode.OWNER_MOVED, "The room has moved."), batch)
            self._ended(self)
        except StoreUnavailable as error:
            self._store_failed(batch, error)
        except StoreError as error:  # it does not pass: whoever comes next asks the store anew
            self._outage.tell(error)
            self._end(refusal.store_broken(), batch)
            self._ended(self)
        except Exception as error:
            self._quarantine(batch, repr(error), error)

    async def _commit(self, batch: list[Arrival]) -> None:
        reclaimed = self._store_lost
        if reclaimed:
            await self._committer.reclaim()
            self._store_lost = False
            self._gate.renew_all()
        committed = await self._committer.commit(batch)
        if committed.given_up is not None:
            self._quarantine(batch, committed.given_up)
            return
        self._gate.release(committed)
        if reclaimed:  # a join whose sender was refused may have been stored all the same
            connected = [m for m in self.members.values() if m.presence == "connected"]
            self._attendance.expect(connected)
        self._invocations.reconcile(self._committer.actor)

    # -- when it goes wrong ------------------------------------------------------------------

    def _store_failed(self, batch: list[Arrival], error: StoreError) -> None:
        """Back to the last stored commit. Senders are told; the room's own causes stay."""
        self._outage.tell(error)
        self._store_lost = True
        self._committer.roll_back()
        # A timer is still in the table; it comes due again by itself.
        own = [a for a in batch if a.internal and not isinstance(a.cause, TimerFired)]
        self._inbox.put_back(own)
        self._inbox.flush_at = self._clock.now() + refusal.STORE_RETRY_SECONDS
        self._gate.refuse([a for a in batch if not a.internal], refusal.store_lost())

    def _quarantine(self, batch: list[Arrival], why: str, error: Exception | None = None) -> None:
        """The room stops; what is stored is kept, and why is reported."""
        logger.error("room %s is quarantined: %s", self.key, why, exc_info=error)
        self.quarantined = why
        self._end(refusal.stopped(), batch)
        self._ended(self)

    def _end(self, error: PeerError, batch: Sequence[Arrival] = ()) -> None:
        """The end. Sends that may go on elsewhere stay unanswered: they are resent there."""
        self._inbox.stop()
        self.closed.set()
        waiting = [*batch, *self._inbox.take_all()]
        self._gate.refuse(waiting, error, connections=not error.temporary)
        self._gate.close(self._inbox.take_readings(), error)

    def _leave(self, connection: Connection) -> bool:
        """A connection is no longer one of this room; whether it was one."""
        if not self._attendance.went(connection):
            return False
        self.hooks.call(self.party.on_leave, self, connection.member, connection)
        if self.connection_count == 0:
            self._emptied(self)
        return True

    # -- arriving ------------------------------------------------------------------------------

    def _sent(
        self, connection: Connection, event: Mapping[str, Any], id: str | None, child: str | None
    ) -> None:
        member = connection.member.id if connection.member is not None else ""
        cause = sent_cause(event, now=self._clock.now(), member=member, id=id, child=child)
        self._inbox.offer(cause, connection)

    async def _ask(self, cause: Cause) -> Receipt:
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._put(Arrival(cause, receipt=receipt))
        return await receipt

    def _put(self, arrival: Arrival) -> None:
        self._check_open()
        self._inbox.put(arrival)

    def _invoke_ended(self, path: str, invoke: str, result: Any, error: str | None) -> None:
        now = self._clock.now()
        ended = InvokeEnded(now=now, path=path, invoke=invoke, result=result, error=error)
        self._inbox.offer(ended)

    def _check_open(self) -> None:
        if self._inbox.stopping:
            raise refusal.closed()
