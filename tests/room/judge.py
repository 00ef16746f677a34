"""What must hold of everything that a room sends to one connection.

`wire_faults` looks at the writes of a whole connection, `Judge` at each message as the mirror
takes it. `test_judge.py` shows that each of them can find something.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from machine_party.protocol import (
    Changed,
    ClientSync,
    Conflict,
    Emit,
    Notice,
    Receipt,
    Resolved,
    ServerMessage,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
)

__all__ = ["Judge", "wire_faults"]

RANKS = {SnapshotPatch: 0, SnapshotUpdate: 0, Emit: 1, Receipt: 2}


def wire_faults(writes: Sequence[Sequence[ServerMessage]]) -> list[str]:
    """What is wrong with the order in which a room has written to a client."""
    return [*_order_faults(writes), *_pair_faults(writes), *_receipt_faults(writes)]


def _order_faults(writes: Sequence[Sequence[ServerMessage]]) -> Iterator[str]:
    """Within a write: documents and patches, then emits, then receipts."""
    for write in writes:
        ranks = [RANKS[type(message)] for message in write if type(message) in RANKS]
        if ranks != sorted(ranks):
            yield f"out of order: {write}"


def _pair_faults(writes: Sequence[Sequence[ServerMessage]]) -> Iterator[str]:
    """`more` on an own patch exactly if the shared one of its commit is the next message."""
    for write in writes:
        replay = any(isinstance(message, Welcome) for message in write)
        for message, following in zip(write, [*write[1:], None], strict=True):
            if not isinstance(message, SnapshotPatch) or replay:
                continue
            pair = (
                message.layer == "own"
                and isinstance(following, SnapshotPatch)
                and following.layer == "shared"
                and following.version == message.version
            )
            if message.more != pair:
                yield f"more={message.more} on {message}, before {following}"


def _receipt_faults(writes: Sequence[Sequence[ServerMessage]]) -> Iterator[str]:
    """A receipt comes after every patch of its version or of an older one, before the newer."""
    told, seen = 0, 0
    for message in (message for write in writes for message in write):
        if isinstance(message, Welcome | SnapshotUpdate):
            told = seen = 0
        elif isinstance(message, SnapshotPatch):
            seen = max(seen, message.version)
            if message.version <= told:
                yield f"{message} comes after a receipt of version {told}"
        elif isinstance(message, Receipt) and message.status != "duplicate":
            told = max(told, message.version)
            if message.version < seen:
                yield f"{message} comes after a patch of version {seen}"


class Judge:
    """Follows one client, whose network loses nothing while `faulty` is false."""

    def __init__(self) -> None:
        self.faulty = False
        self.resolved: set[str] = set()
        self._replaying = False

    def connected(self) -> None:
        """A new connection begins."""
        self.faulty = self._replaying = False

    def receive(self, mirror: ClientSync, message: ServerMessage) -> list[Notice]:
        """Hand a message to the mirror; what the mirror makes of it is judged."""
        before = mirror.position
        notices = mirror.receive(message)
        changes = sum(isinstance(notice, Changed) for notice in notices)
        assert changes <= 1, "told twice of one message"
        for notice in notices:
            if isinstance(notice, Resolved):
                assert notice.receipt.id not in self.resolved, "resolved twice"
                self.resolved.add(notice.receipt.id)
            assert self.faulty or not isinstance(notice, Conflict), f"a false alarm: {notice}"
        if isinstance(message, Welcome):
            self._replaying = message.resumed and before is not None
        elif isinstance(message, SnapshotPatch) and not self.faulty:
            self._judge_patch(mirror, message, changes)
        return notices

    def _judge_patch(self, mirror: ClientSync, message: SnapshotPatch, changes: int) -> None:
        """Told once per commit: not at its first half; of a replay, at its end."""
        self._replaying = self._replaying and not mirror.ready
        if not self._replaying and mirror.ready:
            ended_replay = changes == 1
            assert ended_replay or message.more, f"not told of {message}"
        assert not (message.more and changes), f"told of half a commit: {message}"
