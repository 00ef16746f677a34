"""An alarm: one task sleeps until a time, or until somebody has something for it."""

from __future__ import annotations

import asyncio

from machine_party.room.clock import Clock

__all__ = ["Alarm"]


class Alarm:
    """Wakes one task."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake it now. One that does not sleep yet is not to be told: it looks before it does."""
        self._rung.set()

    async def wait(self, until: float | None) -> None:
        """Return at `until` epoch seconds, or when it rings; None: only when it rings."""
        self._rung.clear()
        handle = self._clock.call_at(until, self._rung.set) if until is not None else None
        try:
            await self._rung.wait()
        finally:
            if handle is not None:
                handle.cancel()
