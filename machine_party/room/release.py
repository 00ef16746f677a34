"""A release: what leaves once a batch is stored, and to whom, in the wire's order.

For each connection: own patch, shared patch, emits, receipts. Then newcomers are opened and
those without a seat are closed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from typing import Any

from machine_party.core import Actor, Emission, Member, Party, Sent, Step
from machine_party.protocol import Broadcast, CloseCode, Emit, Error, PatchRecord, Receipt
from machine_party.room.arrival import Arrival, answer_of, receipt_of
from machine_party.room.attendance import Attendance
from machine_party.room.connection import Connection
from machine_party.room.window import Answer, Windows, reused

__all__ = ["CLOSE_OF_JOIN", "Outcome", "Release", "outcomes_of", "remember"]


@dataclass(slots=True)
class Outcome:
    """An arrival and what became of it. `step` is None for a repetition."""

    arrival: Arrival
    answer: Answer
    step: Step | None


@dataclass(slots=True)
class Outgoing:
    """What one connection gets besides patches."""

    emits: list[Broadcast]
    receipts: list[Receipt]


_NOTHING = Outgoing([], [])


class Release:
    """The leaving messages of one batch.

    Args:
        outcomes: in the order of the batch.
        records: `{layer key: record}` of what the commit published.
        fresh: the connections opened with this commit: they have its document already.
    """

    def __init__(
        self,
        party: Party,
        actor: Actor,
        attendance: Attendance,
        outcomes: Sequence[Outcome],
        records: dict[Any, PatchRecord],
        version: int,
        fresh: Collection[Connection] = (),
    ) -> None:
        self._party = party
        self._actor = actor
        self._attendance = attendance
        self._outcomes = outcomes
        self._records = records
        self._version = version
        self._fresh = fresh
        self._outgoing: dict[Connection, Outgoing] = defaultdict(lambda: Outgoing([], []))

    def deliver(self) -> list[Connection]:
        """Queue everything on the connections.

        Returns those whose member sees another audience now: they need a whole document.
        """
        for outcome in self._outcomes:
            self._address(outcome)
        return [connection for connection in self._attendance if self._deliver_to(connection)]

    def answer_waiting(self) -> None:
        """Tell server code that waits for its receipt."""
        for outcome in self._outcomes:
            arrival, waiting = outcome.arrival, outcome.arrival.receipt
            if waiting is not None and not waiting.done():
                id = arrival.cause.id if isinstance(arrival.cause, Sent) else None
                repeated = arrival.answer is not None
                waiting.set_result(receipt_of(id or "", outcome.answer, duplicate=repeated))

    def _deliver_to(self, connection: Connection) -> bool:
        assert connection.member is not None
        member = self._actor.roster.members.get(connection.member.id)
        if member is None or connection in self._fresh:
            self._write(connection, None, None)
            return False
        moved = member is not connection.member and self._moved(connection, member)
        connection.member = member
        if not moved:
            shared = self._records.get((connection.sync.audience, connection.sections))
            self._write(connection, self._records.get(member.id), shared)
        return moved

    def _write(
        self, connection: Connection, own: PatchRecord | None, shared: PatchRecord | None
    ) -> None:
        outgoing = self._outgoing.get(connection, _NOTHING)
        if own is None and shared is None and outgoing is _NOTHING:
            return
        connection.sync.commit(
            version=self._version,
            own=own,
            shared=shared,
            emits=outgoing.emits,
            receipts=outgoing.receipts,
        )
        connection.write()

    def after_update(self, connection: Connection) -> None:
        """Emits and receipts for a connection that got a whole document instead of patches."""
        self._write(connection, None, None)

    def _moved(self, connection: Connection, member: Member) -> bool:
        return self._party.audience(member) != connection.sync.audience

    def _address(self, outcome: Outcome) -> None:
        """Sort an outcome's messages by the connections that they are for."""
        for emission in outcome.step.emits if outcome.step else ():
            broadcast = Broadcast(Emit(emission.event))
            for connection in self._receivers(emission):
                self._outgoing[connection].emits.append(broadcast)
        arrival = outcome.arrival
        if arrival.connection is None or not isinstance(arrival.cause, Sent):
            return
        if arrival.cause.id is not None:
            receipt = receipt_of(
                arrival.cause.id, outcome.answer, duplicate=arrival.answer is not None
            )
            self._outgoing[arrival.connection].receipts.append(receipt)
        elif outcome.answer.code is not None:
            _tell_refusal(arrival.connection, outcome.answer)

    def _receivers(self, emission: Emission) -> list[Connection]:
        """Who gets it: by what the members are after the commit, so that none gets it who lost
        the role, or the seat, in the same batch."""
        if emission.to in self._actor.roster.members:
            return self._attendance.of(emission.to)
        return [
            connection
            for connection in self._attendance
            if (audience := self._audience_of(connection)) is not None
            and emission.to in ("*", audience)
        ]

    def _audience_of(self, connection: Connection) -> str | None:
        assert connection.member is not None
        member = self._actor.roster.members.get(connection.member.id)
        return self._party.audience(member) if member is not None else None


def outcomes_of(
    batch: Sequence[Arrival], ran: Sequence[Arrival], steps: Sequence[Step], version: int
) -> list[Outcome]:
    """What became of each arrival: run, answered from a window, a repeat within the batch, or under
    the id of another event."""
    by_arrival = {id(arrival): step for arrival, step in zip(ran, steps, strict=True)}
    first: dict[tuple[str | None, str], Answer] = {}
    outcomes = []
    for arrival in batch:
        step = by_arrival.get(id(arrival))
        sent = arrival.cause if isinstance(arrival.cause, Sent) else None
        key = (sent.member, sent.id) if sent is not None and sent.id is not None else None
        if step is not None:
            answer = answer_of(step, version, arrival.mark)
            if key is not None:
                first[key] = answer
        elif arrival.reused:
            answer = reused(version)
        else:
            answer = arrival.answer = arrival.answer or first[key]  # type: ignore[index]
        outcomes.append(Outcome(arrival, answer, step))
    return outcomes


def remember(
    outcomes: Sequence[Outcome], windows: Windows, members: Container[str]
) -> list[dict[str, Any]]:
    """Put the answers of new sends in their windows; the operations on the stored form.

    Args:
        members: the ids of those who have a seat: whoever has none is told anew each time.
    """
    operations: list[dict[str, Any]] = []
    for outcome in outcomes:
        cause = outcome.arrival.cause
        if outcome.step is None or not isinstance(cause, Sent):
            continue
        if cause.id and cause.member and cause.member in members:
            operations += windows.record(cause.member, cause.id, outcome.answer)
    return operations


def _tell_refusal(connection: Connection, answer: Answer) -> None:
    """A bare event has no receipt: its refusal is an error message."""
    connection.sync.send(Error(answer.code or "error", answer.reason or "", False))
    connection.write()


CLOSE_OF_JOIN = {
    "kicked": CloseCode.KICKED,
    "room_full": CloseCode.ROOM_FULL,
    "error": CloseCode.INTERNAL,
}
"""How a connection is closed whose join was refused."""
