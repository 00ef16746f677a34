"""What a commit costs for a room of N members, with its shared patch encoded once or N times.

The design stands on two ratios. Encoded once, a commit is far cheaper than encoded for each
member; and its cost grows with the members and the change, not with their product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.timing import Clock, side_by_side
from machine_party.protocol import MSGPACK, Layer, PatchRecord, ServerSync

__all__ = ["SIZES", "Room", "Row", "measure"]

SIZES = (15, 100, 1000)
"""A party, a classroom, a company event (and the default most of a room)."""


class Room:
    """N connections that see one shared layer: everyone's points, which each commit changes.

    `write` takes what a connection has to send.
    """

    def __init__(self, members: int) -> None:
        self.write: Callable[[ServerSync], object] = ServerSync.data_to_send
        self.version = 0
        self.members = [f"m{number}" for number in range(members)]
        self.shared = Layer("shared", self._document())
        self.connections = [self._connect(member) for member in self.members]

    def _document(self) -> dict[str, Any]:
        points = dict.fromkeys(self.members, self.version)
        return {"value": "reveal", "context": {"points": points}, "can": {}, "children": {}}

    def _connect(self, member: str) -> ServerSync:
        sync = ServerSync(MSGPACK)
        own = Layer("own", {"context": {}, "can": {}, "children": {}})
        sync.open(
            hello=None,
            member=member,
            audience="player",
            epoch=1,
            version=0,
            now=0,
            shared=self.shared,
            own=own,
        )
        sync.data_to_send()
        return sync

    def _publish(self) -> PatchRecord:
        self.version += 1
        operations = [
            {"op": "replace", "path": f"/context/points/{member}", "value": self.version}
            for member in self.members
        ]
        return self.shared.publish(operations, self._document(), self.version)

    def commit_encoded_once(self) -> None:
        """As the server does it: all connections are handed the same record."""
        record = self._publish()
        for sync in self.connections:
            self._send(sync, record)

    def commit_encoded_per_member(self) -> None:
        """As it would be without the layers: a record, and so an encoding, for each one."""
        message = self._publish().message
        for sync in self.connections:
            self._send(sync, PatchRecord(message))

    def _send(self, sync: ServerSync, record: PatchRecord) -> None:
        sync.commit(version=self.version, own=None, shared=record)
        self.write(sync)


@dataclass(frozen=True)
class Row:
    """One size's figures, in seconds for a commit."""

    members: int
    once: float
    per_member: float

    @property
    def gain(self) -> float:
        """How many times cheaper encoding once is."""
        return self.per_member / self.once


def measure(sizes: tuple[int, ...] = SIZES, clock: Clock = side_by_side) -> list[Row]:
    """One row per size."""
    return [_row(members, clock) for members in sizes]


def _row(members: int, clock: Clock) -> Row:
    room = Room(members)
    return Row(members, *clock(room.commit_encoded_once, room.commit_encoded_per_member))
