"""What waits to be written to one connection, and what gives way when it reads too slowly.

A patch or an update that was not sent in time is worthless once a fresh update follows; so is
an emit. A receipt never is: it is held back until the update that it must follow.
"""

from __future__ import annotations

from .limits import Limits

__all__ = ["Outbox"]

_Data = str | bytes


class Outbox:
    """The queue of one connection, bounded in bytes and in patches.

    Args:
        limits: `queue_bytes` and `queue_patches`.
    """

    __slots__ = ("_held", "_kept", "_limits", "_queue", "_state", "bytes", "overflowed", "patches")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._queue: list[_Data] = []
        self._state: list[int] = []  # positions in the queue of what a fresh update makes void
        self._kept: list[int] = []  # positions in the queue of receipts
        self._held: list[_Data] = []
        self.bytes = 0
        self.patches = 0
        self.overflowed = False

    def add(self, data: _Data) -> None:
        """Queue what neither depends on the document nor may be lost: welcome, error, pong."""
        self._queue.append(data)
        self.bytes += len(data)

    def add_patch(self, data: _Data) -> None:
        """Queue a patch, or overflow."""
        if self.overflowed:
            return
        limits = self._limits
        if self.patches >= limits.queue_patches or self.bytes + len(data) > limits.queue_bytes:
            self._overflow()
            return
        self.patches += 1
        self._add_state(data)

    def add_passing(self, data: _Data) -> None:
        """Queue an emit or a chunk, if the connection keeps up; what does not fit is dropped."""
        if not self.overflowed and self.bytes + len(data) <= self._limits.queue_bytes:
            self._add_state(data)

    def add_receipt(self, data: _Data) -> None:
        """Queue a receipt: after an overflow it waits for the update that it must follow."""
        if self.overflowed:
            self._held.append(data)
        else:
            self._kept.append(len(self._queue))
            self.add(data)

    def add_update(self, data: _Data) -> None:
        """Queue a whole document; it ends an overflow, and the receipts held so far follow it."""
        self.overflowed = False
        self._add_state(data)
        held, self._held = self._held, []
        for receipt in held:
            self.add_receipt(receipt)

    def _add_state(self, data: _Data) -> None:
        self._state.append(len(self._queue))
        self.add(data)

    def take(self) -> list[_Data]:
        """Everything that may be written now, in order; it is the caller's from here on."""
        taken, self._queue = self._queue, []
        self._state.clear()
        self._kept.clear()
        self.bytes = self.patches = 0
        return taken

    def _overflow(self) -> None:
        self.overflowed = True
        void, kept = set(self._state), set(self._kept)
        self._held = [self._queue[position] for position in self._kept]
        queue = [data for at, data in enumerate(self._queue) if at not in void and at not in kept]
        self.take()
        self._queue = queue
        self.bytes = sum(map(len, queue))
