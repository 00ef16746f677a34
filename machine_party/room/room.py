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

import msgspec

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
    PresenceChanged,
    Sent,
    TimerFired,
    Unkicked,
)
from machine_party.errors import Fenced, PeerError, StoreError
from machine_party.protocol import (
    DEFAULT_LIMITS,
    Bare,
    ClientMessage,
    CloseCode,
    Error,
    Hello,
    Limits,
    Ping,
    Pong,
    Receipt,
    Send,
    SendTo,
    SnapshotGet,
)
from machine_party.room.arrival import Arrival, Attachment, Reading
from machine_party.room.attendance import Attendance
from machine_party.room.clock import Clock
from machine_party.room.committer import Committed, Committer
from machine_party.room.connection import Connection
from machine_party.room.hook import Hooks
from machine_party.room.inbox import Inbox
from machine_party.room.invocation import Invocations
from machine_party.room.layers import Layers
from machine_party.room.release import CLOSE_OF_JOIN, Outcome, Release
from machine_party.room.store import RoomKey, Store

__all__ = ["Room"]

logger = logging.getLogger("machine_party.room")

STORE_RETRY_SECONDS = 1.0
"""How long a room waits after a failed write before it asks the store again."""


class Room:
    """One live room. Made by `Rooms`: `start` begins its task, `close` ends it.

    Args:
        key: its address.
        actor: its machines, as the last stored commit left them.
        epoch, version: of that commit.
        stored: whether the store has it. A room that nobody has used is never stored.
        windows: the stored dedupe windows.

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
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.key = key
        self.party = party
        self.closed = asyncio.Event()
        self.quarantined: str | None = None
        self.layers = Layers(party, resume_seconds=limits.resume_seconds)
        self.hooks = Hooks(str(key))
        self._clock = clock
        self._inbox = Inbox(clock)
        self._attendance = Attendance(clock, party.grace, self._presence_changed)
        self._invocations = Invocations(str(key), self._invoke_ended)
        self._task: asyncio.Task[None] | None = None
        self._store_lost = False
        self._ended: Callable[[Room], None] = lambda _room: None
        self._emptied: Callable[[Room], None] = lambda _room: None
        self._committer = Committer(
            key, party, actor, self.layers, store,
            epoch=epoch, version=version, stored=stored, windows=windows,
        )  # fmt: skip

    # -- what it is ------------------------------------------------------------------------

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
        """`{member id: Member}`, in joining order."""
        return self._committer.actor.roster.members

    @property
    def status(self) -> str:
        """The machine's status: `active`, `done` …"""
        return self._committer.actor.snapshot().status

    @property
    def connection_count(self) -> int:
        """How many connections are open."""
        return sum(1 for _ in self._attendance)

    def member_of(self, identity: str) -> Member | None:
        """The member that a credential belongs to, if it has a seat."""
        return self._committer.actor.roster.of_identity(identity)

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
        now, identity = self._clock.now(), grant.identity
        cause = Joined(now=now, identity=identity, role=grant.role, name=grant.name)
        self._put(Arrival(cause, attachment=attachment))
        await opened
        assert connection.member is not None
        self.hooks.call(self.party.on_join, self, connection.member, connection)
        return connection.member

    def detach(self, connection: Connection) -> None:
        """The connection is gone. Its member stays, within the grace."""
        member = connection.member
        if member is None or not self._attendance.went(connection):
            return
        if member.id in self.members:
            self._attendance.lost(member.id)
        self.hooks.call(self.party.on_leave, self, member, connection)
        if self.connection_count == 0:
            self._emptied(self)

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
                connection.sync.send(Pong(self._now_ms()))
                connection.write()
            case Hello():
                connection.close(CloseCode.ALREADY_AUTHENTICATED, "Say hello once.")

    def resync(self, connection: Connection) -> None:
        """Queue the whole document of the last released commit."""
        if connection.sync.opened:
            connection.sync.update(version=self.version)
            connection.write()

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
        return await self._ask(
            _sent_cause(_wire_form(event), self._clock.now(), member, None, child)
        )

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
        done: asyncio.Future[tuple[dict[str, Any], int, int]]
        done = asyncio.get_running_loop().create_future()
        self._check_open()
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
        for member in list(self.members.values()):
            if member.present:
                self._attendance.lost(member.id)
        self._invocations.reconcile(self._committer.actor)
        self._task = asyncio.create_task(self._run(), name=f"room {self.key}")

    async def close(
        self, code: int = CloseCode.DRAINING, reason: str = "The server is restarting."
    ) -> None:
        """Finish the batch at hand, close every connection and end all tasks of the room."""
        self._inbox.stop()
        if self._task is not None and self._task is not asyncio.current_task():
            await asyncio.gather(self._task, return_exceptions=True)
        self._end(PeerError("draining", reason, temporary=True, close_code=code))
        self._attendance.close()
        await self._invocations.close()
        await self.hooks.call_and_wait(self.party.on_dispose, self)

    # -- the loop --------------------------------------------------------------------------

    async def _run(self) -> None:
        while not self._inbox.stopping:
            await self._inbox.wait(self._committer.actor)
            self._answer_readings()
            batch = self._inbox.take(self._committer.actor)
            if batch:
                self._inbox.flush_at = self._clock.now() + self.party.patch_interval
                await self._round(batch)

    async def _round(self, batch: list[Arrival]) -> None:
        try:
            if self._store_lost:
                await self._reclaim()
            committed = await self._committer.commit(batch)
        except Fenced as error:
            logger.warning("room %s was taken over: %s", self.key, error)
            moved = "The room has moved. Come back."
            self._end(_closing("draining", moved, CloseCode.OWNER_MOVED), batch)
            self._ended(self)
        except StoreError as error:
            self._store_failed(batch, error)
        except Exception as error:
            logger.exception("room %s cannot go on", self.key)
            self._quarantine(batch, f"{type(error).__name__}: {error}")
        else:
            self._release(batch, committed)

    def _release(self, batch: list[Arrival], committed: Committed) -> None:
        if committed.given_up is not None:
            self._quarantine(batch, committed.given_up)
            return
        actor = self._committer.actor
        release = Release(
            self.party, actor, self._attendance, committed.outcomes, committed.records, self.version
        )
        for connection in release.deliver():
            self._open_layers(connection)
            release.after_update(connection)
        self._drop_kicked()
        for outcome in committed.outcomes:
            if outcome.arrival.attachment is not None:
                self._open(outcome.arrival.attachment, outcome)
        release.answer_waiting()
        self._invocations.reconcile(actor)
        self._note_watched()

    def _note_watched(self) -> None:
        shared = {(each.sync.audience, each.sections) for each in self._attendance}
        self.layers.watched(shared, self._attendance.members(), self._clock.now())

    # -- when it goes wrong ------------------------------------------------------------------

    def _store_failed(self, batch: list[Arrival], error: StoreError) -> None:
        """Back to the last stored commit. Senders are told; the room's own causes stay."""
        logger.error("room %s: the store failed: %s", self.key, error)
        self._store_lost = True
        self._committer.roll_back()
        # A timer is still in the table; it comes due again by itself.
        own = [a for a in batch if a.internal and not isinstance(a.cause, TimerFired)]
        self._inbox.put_back(own)
        self._inbox.flush_at = self._clock.now() + STORE_RETRY_SECONDS
        self._refuse(
            [arrival for arrival in batch if not arrival.internal],
            PeerError(
                "store_unavailable", "Nothing was stored. Send it again.",
                temporary=True, retry_after=STORE_RETRY_SECONDS,
                close_code=CloseCode.STORE_UNAVAILABLE,
            ),
        )  # fmt: skip

    async def _reclaim(self) -> None:
        await self._committer.reclaim()
        self._store_lost = False
        for connection in self._attendance:
            self._open_layers(connection)

    def _quarantine(self, batch: list[Arrival], why: str) -> None:
        """The room stops; what is stored is kept, and why is reported."""
        logger.error("room %s is quarantined: %s", self.key, why)
        self.quarantined = why
        stopped = "This room has stopped after an error. What it held is kept."
        self._end(_closing("not_found", stopped, CloseCode.ROOM_GONE), batch)
        self._ended(self)

    def _end(self, error: PeerError, batch: Sequence[Arrival] = ()) -> None:
        self._inbox.stop()
        self._refuse([*batch, *self._inbox.take_all()], error)
        for reading in self._inbox.take_readings():
            _fail(reading.done, error)
        for connection in self._attendance:
            connection.close(error.close_code or CloseCode.ROOM_GONE, error.reason)
        self.closed.set()

    def _refuse(self, batch: Sequence[Arrival], error: PeerError) -> None:
        for arrival in batch:
            cause = arrival.cause
            if arrival.attachment is not None:
                _fail(arrival.attachment.opened, error)
            elif arrival.receipt is not None:
                _fail(arrival.receipt, error)
            elif arrival.connection is not None and isinstance(cause, Sent):
                self._reject(arrival.connection, cause.id, error)

    def _reject(self, connection: Connection, id: str | None, error: PeerError) -> None:
        if id is not None:
            rejection = Receipt(id, "rejected", self.version, None, error.code, error.reason)
            connection.sync.send(rejection)
        else:
            told = Error(error.code, error.reason, error.temporary, error.retry_after)
            connection.sync.send(told)
        connection.write()

    # -- opening and closing connections -------------------------------------------------------

    def _open(self, attachment: Attachment, outcome: Outcome) -> None:
        """Begin to send to a connection whose member has its seat; or say why it has none."""
        member = outcome.step.member if outcome.step else None
        if outcome.answer.status != "accepted" or member is None:
            code, reason = outcome.answer.code or "error", outcome.answer.reason or ""
            close_code = CLOSE_OF_JOIN.get(code, CloseCode.UNAUTHENTICATED)
            _fail(attachment.opened, PeerError(code, reason, close_code=close_code))
            return
        if attachment.opened.done():
            self._attendance.lost(member.id)  # it went away while its join was stored
            return
        self._open_connection(attachment, self.members.get(member.id, member))
        attachment.opened.set_result(None)

    def _open_connection(self, attachment: Attachment, member: Member) -> None:
        connection, actor = attachment.connection, self._committer.actor
        connection.sync.open(
            hello=attachment.hello,
            member=member.id,
            audience=self.party.audience(member),
            epoch=self.epoch,
            version=self.version,
            now=self._now_ms(),
            shared=self.layers.shared(actor, member, connection.sections),
            own=self.layers.own(actor, member),
            token=attachment.token,
        )
        self._attendance.came(connection, member)
        connection.write()

    def _open_layers(self, connection: Connection) -> None:
        """The whole document again, from the layers that the connection's member sees now."""
        assert connection.member is not None
        member = self.members.get(connection.member.id)
        if member is None:
            return
        actor = self._committer.actor
        connection.sync.update(
            version=self.version,
            epoch=self.epoch,
            audience=self.party.audience(member),
            shared=self.layers.shared(actor, member, connection.sections),
            own=self.layers.own(actor, member),
        )
        connection.write()

    def _drop_kicked(self) -> None:
        for connection in self._attendance:
            if connection.member is not None and connection.member.id not in self.members:
                self._attendance.went(connection)
                connection.close(CloseCode.KICKED, "You were removed from this room.")

    # -- arriving ------------------------------------------------------------------------------

    def _sent(
        self, connection: Connection, event: Mapping[str, Any], id: str | None, child: str | None
    ) -> None:
        member = connection.member.id if connection.member is not None else ""
        arrival = Arrival(
            _sent_cause(event, self._clock.now(), member, id, child), connection=connection
        )
        self._put_or_refuse(arrival)

    def _put_or_refuse(self, arrival: Arrival) -> None:
        try:
            self._put(arrival)
        except PeerError as error:
            self._refuse([arrival], error)

    async def _ask(self, cause: Cause) -> Receipt:
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._put(Arrival(cause, receipt=receipt))
        return await receipt

    def _put(self, arrival: Arrival) -> None:
        self._check_open()
        self._inbox.put(arrival)

    def _presence_changed(self, cause: PresenceChanged) -> None:
        if not self._inbox.stopping:
            self._inbox.put(Arrival(cause))

    def _invoke_ended(self, path: str, invoke: str, result: Any, error: str | None) -> None:
        now = self._clock.now()
        ended = InvokeEnded(now=now, path=path, invoke=invoke, result=result, error=error)
        if not self._inbox.stopping:
            self._inbox.put(Arrival(ended))

    def _check_open(self) -> None:
        if self._inbox.stopping:
            raise _closing("draining", "This room has closed. Come back.", CloseCode.DRAINING)

    # -- reading -------------------------------------------------------------------------------

    def _answer_readings(self) -> None:
        for reading in self._inbox.take_readings():
            if reading.done.done():
                continue
            try:
                reading.done.set_result((self._read(reading), self.epoch, self.version))
            except PeerError as error:
                reading.done.set_exception(error)

    def _read(self, reading: Reading) -> dict[str, Any]:
        member = self.members.get(reading.member) if reading.member is not None else None
        if reading.member is not None and member is None:
            raise PeerError("not_found", "There is no such member.")
        default = self.party.audience(member) if member else self.party.open_roles[0]
        return self.layers.read(self._committer.actor, member, reading.audience or default)

    def _now_ms(self) -> int:
        return int(self._clock.now() * 1000)


def _wire_form(event: ClientEvent | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(event, ClientEvent):
        return {"type": event.type, **msgspec.to_builtins(event)}
    return event


def _sent_cause(
    event: Mapping[str, Any], now: float, member: str | None, id: str | None, child: str | None
) -> Sent:
    data = {key: value for key, value in event.items() if key != "type"}
    return Sent(now=now, type=str(event["type"]), data=data, member=member, id=id, child=child)


def _closing(code: str, reason: str, close_code: CloseCode) -> PeerError:
    return PeerError(code, reason, temporary=code == "draining", close_code=close_code)


def _fail(future: asyncio.Future[Any], error: PeerError) -> None:
    if not future.done():
        future.set_exception(error)
