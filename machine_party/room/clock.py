"""The room's clock: one place that knows what time it is, and wakes who waits for it.

It goes with the event loop's monotonic time, so that a step of the wall clock neither holds nor
hastens a timer. On a loop whose time is virtual, the clock is virtual too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["EARLY", "Clock", "Handle", "LoopClock"]

EARLY = 1e-6
"""A deadline within a microsecond has come: epoch seconds as a float are no finer than this."""


class Handle(Protocol):
    """What `call_at` gives back."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """What a room needs to know of time."""

    def now(self) -> float:
        """Epoch seconds. Never goes back."""
        ...

    def forward(self, to: float) -> None:
        """From now on it shows `to` epoch seconds or more: it was that late already. Whoever waits
        goes on waiting as long as before, so call it before anybody does."""
        ...

    def call_at(self, when: float, callback: Callable[[], None]) -> Handle:
        """Call `callback` once, at `when` epoch seconds or as soon after as possible."""
        ...


class LoopClock:
    """The running event loop's time, as epoch seconds.

    Args:
        epoch: what time it is now; the system's clock by default.
    """

    def __init__(self, epoch: float | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._offset = (time.time() if epoch is None else epoch) - self._loop.time()

    def now(self) -> float:
        return self._offset + self._loop.time()

    def forward(self, to: float) -> None:
        self._offset = max(self._offset, to - self._loop.time())

    def call_at(self, when: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        return self._loop.call_at(when - self._offset, callback)
