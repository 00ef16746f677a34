"""The room: what connections and server code ask of it, and what it tells them.

All of it goes into one inbox. What turns that into commits is `loop.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from machine_party.core import (
    Actor,
    Cause,
    ClientEvent,
    Extended,
    Grant,
    Kicked,
    Member,
    Party,
    Paused,
    Restored,
    Resumed,
    Unkicked,
)
from machine_party.errors import PeerError
from machine_party.protocol import (
    Bare,
    ClientMessage,
    CloseCode,
    Hello,
    Ping,
    Receipt,
    Send,
    SendTo,
    SnapshotGet,
)
from machine_party.room import refusal
from machine_party.room.arrival import (
    Arrival,
    Attachment,
    Reading,
    joined_cause,
    said_cause,
    sent_cause,
)
from machine_party.room.attendance import Attendance
from machine_party.room.committer import Committer
from machine_party.room.connection import Connection
from machine_party.room.gate import Gate
from machine_party.room.home import Home
from machine_party.room.hook import Hooks
from machine_party.room.inbox import Inbox
from machine_party.room.invocation import Invocations
from machine_party.room.layers import Layers
from machine_party.room.lookout import Lookout
from machine_party.room.loop import Loop
from machine_party.room.seen import Seen
from machine_party.room.store import Entry, RoomKey

__all__ = ["Room"]


class Room:
    """One live room. Made by `Rooms`: `start` begins its task, `close` ends it.

    Args:
        key: its address.
        actor: its machines, as the last stored commit left them.
        epoch, version: of that commit.
        stored: the stored form, if the store has the room. One that nobody has used is not stored.
        tail: the journal's entries since the last whole form.

    Attributes:
        closed: set when the room has ended, for whatever reason.
        quarantined: why the room stopped for good, if it did.
        asleep: whether it has ended for want of anything to do.
        dropped: whether it has ended because the store has failed for good.
    """

    def __init__(
        self,
        key: RoomKey,
        party: Party,
        actor: Actor,
        home: Home,
        *,
        epoch: int,
        version: int = 0,
        stored: dict[str, Any] | None = None,
        tail: Sequence[Entry] = (),
    ) -> None:
        self.key = key
        self.party = party
        self.closed = asyncio.Event()
        self.quarantined: str | None = None
        self.asleep = self.dropped = False
        self.layers = Layers(party, epoch=epoch, resume_seconds=home.limits.resume_seconds)
        self.hooks = Hooks(str(key))
        self._clock = clock = home.clock
        self._inbox = Inbox(clock)
        self._attendance = Attendance(clock, party.grace, self._inbox.offer)
        self._invocations = Invocations(str(key), clock, self._inbox.offer)
        self._lookout = Lookout()
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._ended: Callable[[Room], None] = lambda _room: None
        self._emptied: Callable[[Room], None] = lambda _room: None
        self._committer = Committer(
            key, party, actor, self.layers, home.store,
            epoch=epoch, version=version, node=home.node, stored=stored, tail=tail,
        )  # fmt: skip
        self._gate = Gate(
            party, self._committer, self.layers, self._attendance, clock, self._lookout, self._leave
        )
        self._loop = Loop(
            str(key), home, self._inbox, self._committer, self._gate, self._attendance,
            self._invocations, patch_interval=party.patch_interval,
            idle=self._idle, ended=self._stopped, slept=self._slept,
        )  # fmt: skip

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

    @property
    def wake(self) -> float | None:
        """When it next has something to do by itself, epoch seconds; None: never."""
        return self._committer.actor.wake()

    @property
    def visited(self) -> bool:
        """Whether somebody has a connection, or is on a visit."""
        return not self._attendance.nobody

    def member_of(self, identity: str) -> Member | None:
        """The member that a credential belongs to, if it has a seat."""
        return self._committer.member_of(identity)

    def is_kicked(self, identity: str) -> bool:
        """Whether that credential has lost its seat."""
        return self._committer.is_kicked(identity)

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
        self._put(Arrival(joined_cause(grant, self._clock.now()), attachment=attachment))
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
            case Send() | SendTo() | Bare():
                member = connection.member.id if connection.member is not None else ""
                said = said_cause(message, now=self._clock.now(), member=member)
                self._inbox.offer(said, connection)
            case SnapshotGet():
                self.resync(connection)
            case Ping():
                self._gate.pong(connection)
            case Hello():
                connection.close(CloseCode.ALREADY_AUTHENTICATED, "Say hello once.")

    def resync(self, connection: Connection) -> None:
        """Queue the whole document of the last released commit."""
        self._gate.resync(connection)

    # -- without a connection ----------------------------------------------------------------

    async def seat(self, grant: Grant) -> Member:
        """Give an identity its seat, without a connection: a visit.

        Raises:
            PeerError: kicked, full, or the room has closed.
        """
        seat: asyncio.Future[Member] = asyncio.get_running_loop().create_future()
        self._put(Arrival(joined_cause(grant, self._clock.now()), seat=seat))
        return await seat

    def visit(self, member_id: str) -> float:
        """A member was here without a connection; for how many seconds it is connected by that."""
        if member_id in self.members and not self._inbox.stopping:
            self._attendance.visited(member_id)
        return self._attendance.visit_seconds

    async def wait_commit(self, after: int) -> None:
        """Return when the version of the last released commit is above `after`.

        Raises:
            PeerError: the room has ended.
        """
        self._check_open()
        if self.version <= after:
            await self._lookout.wait(after)

    # -- server code -----------------------------------------------------------------------

    async def send(
        self,
        event: ClientEvent | Mapping[str, Any],
        *,
        member: str | None = None,
        child: str | None = None,
        id: str | None = None,
    ) -> Receipt:
        """Send an event from server code, and wait for its receipt.

        Args:
            event: a declared event, or its wire form with a `type`.
            member: on whose behalf; None: as a service, which is not bound by roles.
            child: the path of the child it is for; None: the root.
            id: `<client>.<n>` as in a `party.send`; a member's repetition gets the first answer.

        Raises:
            DefinitionError: the event cannot be stored, or the id is none.
            PeerError: the room has ended; `store_unavailable`: it is not known to be stored.
        """
        now = self._clock.now()
        return await self._ask(sent_cause(event, now=now, member=member, id=id, child=child))

    async def pause(self) -> Receipt:
        """Stop the room's timers, until `resume`."""
        return await self._ask(Paused(now=self._clock.now()))

    async def resume(self) -> Receipt:
        """Let the room's timers go on, each as its policy says."""
        return await self._ask(Resumed(now=self._clock.now()))

    async def extend(self, seconds: float, timer: str | None = None) -> Receipt:
        """Give more time.

        Args:
            seconds: how much; negative: less.
            timer: the `id` of the timers that it is for, or their event; None: all.
        """
        return await self._ask(Extended(now=self._clock.now(), seconds=seconds, timer=timer))

    async def kick(self, member_id: str) -> Receipt:
        """Take a member's seat and connections; its credential opens nothing until `unkick`."""
        return await self._ask(Kicked(now=self._clock.now(), member=member_id))

    async def unkick(self, member_id: str) -> Receipt:
        """Let a kicked member join again."""
        return await self._ask(Unkicked(now=self._clock.now(), member=member_id))

    async def see(self, member: str | None = None, audience: str | None = None) -> Seen:
        """What a member sees of the last released commit; None: what an audience does (by default
        the party's first open role). Raises PeerError `not_found`: there is no such member."""
        self._check_open()
        reading = Reading(member, audience, asyncio.get_running_loop().create_future())
        self._inbox.read(reading)
        return await reading.done

    async def document(
        self, member: str | None = None, audience: str | None = None
    ) -> tuple[dict[str, Any], int, int]:
        """`(document, epoch, version)` of what `see` gives."""
        seen = await self.see(member, audience)
        return seen.document, seen.epoch, seen.version

    def start(
        self, first: Restored | None, ended: Callable[[Room], None], emptied: Callable[[Room], None]
    ) -> None:
        """Begin: the task runs until `close`, a quarantine, or the loss of the room.

        Args:
            first: what is run before anything else, and alone.
            ended: called when it has stopped by itself; `close` is then still to be called.
            emptied: called when the last connection has gone.
        """
        self._ended, self._emptied = ended, emptied
        self._inbox.first = first
        self._attendance.expect(self.members.values())
        self._invocations.reconcile(self._committer.actor)
        self._task = asyncio.create_task(self._loop.run(), name=f"room {self.key}")

    async def close(
        self, code: int = CloseCode.DRAINING, reason: str = "The server is restarting."
    ) -> None:
        """Finish the batch at hand, close every connection and end all tasks of the room."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(code, reason), name=f"end {self.key}")
        await asyncio.shield(self._closing)

    def abandon(self) -> None:
        """Stop at once: nothing is written, nobody is told."""
        self._inbox.stop()
        if self._task is not None:
            self._task.cancel()
        self._attendance.close()
        self._invocations.abandon()
        self.hooks.abandon()

    async def _close(self, code: int, reason: str) -> None:
        self._inbox.stop()
        if self._task is not None:
            await asyncio.wait([self._task])
        self._end(refusal.ending(code, reason))
        self._attendance.close()
        await self._invocations.close()
        await self.hooks.call_and_wait(self.party.on_dispose, self)

    # -- what the loop tells -----------------------------------------------------------------

    def _idle(self) -> bool:
        busy = self._invocations.running or self.hooks.running or self._lookout or self.visited
        return not busy and not any(member.present for member in self.members.values())

    def _slept(self) -> None:
        self.asleep = True
        self._stopped(refusal.closed())

    def _stopped(self, error: PeerError, batch: Sequence[Arrival] = (), why: str = "") -> None:
        """The room has ended by itself."""
        self.quarantined, self.dropped = why or None, error.code == "store_unavailable"
        self._end(error, batch)
        self._ended(self)

    def _end(self, error: PeerError, batch: Sequence[Arrival] = ()) -> None:
        """The end. Sends that may go on elsewhere stay unanswered: they are resent there."""
        self._inbox.stop()
        self.closed.set()
        waiting = [*batch, *self._inbox.take_all()]
        self._gate.refuse(waiting, error, connections=not error.temporary)
        self._gate.close(self._inbox.take_readings(), error)
        self._lookout.end(error)

    def _leave(self, connection: Connection) -> bool:
        """A connection is no longer one of this room; whether it was one."""
        if not self._attendance.went(connection):
            return False
        self.hooks.call(self.party.on_leave, self, connection.member, connection)
        if self.connection_count == 0:
            self._emptied(self)
        return True

    async def _ask(self, cause: Cause) -> Receipt:
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._put(Arrival(cause, receipt=receipt))
        return await receipt

    def _put(self, arrival: Arrival) -> None:
        self._check_open()
        self._inbox.put(arrival)

    def _check_open(self) -> None:
        if self._inbox.stopping:
            raise refusal.closed()
