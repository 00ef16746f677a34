"""The gate: the one place through which anything leaves a room for its connections.

What leaves is what a released commit left: welcomes, documents, commits, refusals. Nothing is
run, stored or awaited here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from machine_party.core import Member, Party, Sent, stranger
from machine_party.errors import PeerError
from machine_party.protocol import CloseCode, Error, Hello, Pong, Receipt
from machine_party.room import refusal
from machine_party.room.arrival import Arrival, Attachment, Reading
from machine_party.room.attendance import Attendance
from machine_party.room.clock import Clock
from machine_party.room.committer import Committed, Committer
from machine_party.room.connection import Connection
from machine_party.room.layers import Layers
from machine_party.room.lookout import Lookout
from machine_party.room.position import Positions
from machine_party.room.release import CLOSE_OF_JOIN, Outcome, Release
from machine_party.room.seen import Seen

__all__ = ["Gate"]

logger = logging.getLogger("machine_party.room")


class Gate:
    """The open connections of one room, and what they are sent.

    Args:
        committer: knows what was released last.
        layers, attendance: of the room.
        lookout: who waits for a commit without a connection.
        leave: called with a connection whose member has lost its seat.
    """

    def __init__(
        self,
        party: Party,
        committer: Committer,
        layers: Layers,
        attendance: Attendance,
        clock: Clock,
        lookout: Lookout,
        leave: Callable[[Connection], Any],
    ) -> None:
        self._party = party
        self._committer = committer
        self._layers = layers
        self._attendance = attendance
        self._clock = clock
        self._lookout = lookout
        self._leave = leave
        self._positions = Positions(party)

    # -- commits ---------------------------------------------------------------------------

    def release(self, committed: Committed) -> None:
        """Let a stored batch out: documents and patches, emits, receipts; then the kicked go."""
        fresh = self._open_joined(committed.outcomes)
        committer = self._committer
        release = Release(
            self._party, committer.actor, self._attendance,
            committed.outcomes, committed.records, committer.version, fresh,
        )  # fmt: skip
        self._positions.keep(committer.members)
        for connection in release.deliver():
            self.renew(connection)
            release.after_update(connection)
        self._drop_kicked()
        release.answer_waiting()
        self._lookout.released(committer.version)
        self._note_watched()

    def renew(self, connection: Connection) -> None:
        """Send the whole document, from the layers that the connection's member sees now."""
        assert connection.member is not None
        committer, member = self._committer, self._committer.members.get(connection.member.id)
        if member is None:
            return
        actor, version = committer.actor, committer.version
        shared = self._layers.shared(actor, version, member, connection.sections)
        connection.sync.update(
            version=version,
            epoch=committer.epoch,
            audience=self._party.audience(member),
            shared=shared,
            own=self._layers.own(actor, version, member),
        )
        self._positions.shown(member, connection.sections, shared.seq)
        connection.write()

    def renew_all(self) -> None:
        """A new epoch has begun: everyone gets the whole document."""
        self._positions.reset()
        for connection in self._attendance:
            self.renew(connection)

    # -- single connections ------------------------------------------------------------------

    def resync(self, connection: Connection) -> None:
        """Send the whole document, from the layers that the connection has."""
        if connection.sync.opened:
            connection.sync.update(version=self._committer.version)
            connection.write()

    def pong(self, connection: Connection) -> None:
        """Answer a ping."""
        connection.sync.send(Pong(self._now_ms()))
        connection.write()

    def refuse(
        self, batch: Sequence[Arrival], error: PeerError, *, connections: bool = True
    ) -> None:
        """Tell everyone who waits for one of these that it has not happened.

        Args:
            connections: whether senders on connections are told too; else their sends stay
                unanswered, and are sent again to whoever has the room next.
        """
        for arrival in batch:
            arrival.fail(error)
            if connections and arrival.connection and isinstance(arrival.cause, Sent):
                self._reject(arrival.connection, arrival.cause.id, error)

    def answer(self, readings: Sequence[Reading]) -> None:
        """Give each its document of the last released commit."""
        for reading in readings:
            if reading.done.done():
                continue
            try:
                seen = self._read(reading)
            except PeerError as error:
                reading.done.set_exception(error)
            except Exception:
                logger.exception("room %s: a document could not be read", self._committer.key)
                reading.done.set_exception(PeerError("error", "This cannot be shown."))
            else:
                reading.done.set_result(seen)

    def close(self, readings: Sequence[Reading], error: PeerError) -> None:
        """The room has ended: close every connection, answer nobody any more."""
        for reading in readings:
            if not reading.done.done():
                reading.done.set_exception(error)
        for connection in self._attendance:
            connection.close(error.close_code or CloseCode.ROOM_GONE, error.reason)
            self._leave(connection)

    # -- within ------------------------------------------------------------------------------

    def _open_joined(self, outcomes: Sequence[Outcome]) -> set[Connection]:
        """Open the connections whose members have their seats; tell the others why not."""
        fresh = set()
        for outcome in outcomes:
            arrival = outcome.arrival
            if arrival.attachment is None and arrival.seat is None:
                continue
            try:
                member = self._seated(outcome)
            except PeerError as error:
                arrival.fail(error)
                continue
            if arrival.seat is not None:
                self._seat(arrival.seat, member)
            elif arrival.attachment and self._open(arrival.attachment, member, arrival.cause.now):
                fresh.add(arrival.attachment.connection)
        return fresh

    def _seated(self, outcome: Outcome) -> Member:
        """Who has got the seat that was asked for.

        Raises:
            PeerError: nobody.
        """
        seated = outcome.step.member if outcome.step else None
        if outcome.answer.status != "accepted" or seated is None:
            raise _turned_away(outcome.answer.code, outcome.answer.reason)
        member = self._committer.members.get(seated.id)
        if member is None:
            raise refusal.kicked()
        return member

    def _seat(self, seat: asyncio.Future[Member], member: Member) -> None:
        self._attendance.visited(member.id)
        if not seat.done():
            seat.set_result(member)

    def _open(self, attachment: Attachment, member: Member, joined: float) -> bool:
        if attachment.opened.done():
            self._attendance.lost(member.id)  # it went away while its join was stored
            return False
        self._open_connection(attachment, member, joined)
        attachment.opened.set_result(None)
        return True

    def _open_connection(self, attachment: Attachment, member: Member, joined: float) -> None:
        connection, committer = attachment.connection, self._committer
        actor, version = committer.actor, committer.version
        shared = self._layers.shared(actor, version, member, connection.sections)
        connection.sync.open(
            hello=self._resumable(attachment.hello, member, connection),
            member=member.id,
            audience=self._party.audience(member),
            epoch=committer.epoch,
            version=version,
            now=self._now_ms(),
            shared=shared,
            own=self._layers.own(actor, version, member),
            token=attachment.token,
        )
        self._positions.shown(member, connection.sections, shared.seq)
        self._attendance.came(connection, member, joined)
        connection.write()

    def _resumable(
        self, hello: Hello | None, member: Member, connection: Connection
    ) -> Hello | None:
        """The hello, without a resume point that its member was never given."""
        if hello is None or hello.resume is None:
            return hello
        if self._positions.allows(member, connection.sections, hello.resume):
            return hello
        return replace(hello, resume=None)

    def _drop_kicked(self) -> None:
        for connection in self._attendance:
            if (
                connection.member is not None
                and connection.member.id not in self._committer.members
            ):
                connection.close(CloseCode.KICKED, refusal.kicked().reason)
                self._leave(connection)

    def _note_watched(self) -> None:
        shared = {(each.sync.audience, each.sections) for each in self._attendance}
        self._layers.watched(shared, self._attendance.members(), self._clock.now())

    def _reject(self, connection: Connection, id: str | None, error: PeerError) -> None:
        if id is not None:
            version = self._committer.version
            connection.sync.send(Receipt(id, "rejected", version, None, error.code, error.reason))
            connection.unanswered()
        else:
            told = Error(error.code, error.reason, error.temporary, error.retry_after)
            connection.sync.send(told)
        connection.write()

    def _read(self, reading: Reading) -> Seen:
        """Who sees what is decided here, where the document is made: a role may have been lost, or
        a seat, since it was asked for."""
        committer = self._committer
        member = self._reader(reading.member)
        audience = reading.audience or self._party.audience(member or self._anybody())
        halves = self._layers.see(committer.actor, member, audience)
        return Seen(audience, *halves, committer.epoch, committer.version)

    def _reader(self, member_id: str | None) -> Member | None:
        if member_id is None:
            return None
        committer = self._committer
        if member_id in committer.members:
            return committer.members[member_id]
        if member_id in committer.actor.roster.kicked:
            raise refusal.kicked()
        raise PeerError("not_found", "There is no such member.")

    def _anybody(self) -> Member:
        """Whoever has no seat: to ask the party for the audience."""
        if not self._party.open_roles:
            raise PeerError("unauthenticated", "Only members see this room.")
        return stranger(self._party.open_roles[0])

    def _now_ms(self) -> int:
        return int(self._clock.now() * 1000)


def _turned_away(code: str | None, reason: str | None) -> PeerError:
    close_code = CLOSE_OF_JOIN.get(code or "error", CloseCode.UNAUTHENTICATED)
    return PeerError(code or "error", reason or "", close_code=close_code)
