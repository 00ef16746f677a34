"""An outage of the store, as the log tells it: once, not with every attempt of every room."""

from __future__ import annotations

import logging

from machine_party.errors import StoreError
from machine_party.room.clock import Clock

__all__ = ["QUIET_SECONDS", "Outage"]

logger = logging.getLogger("machine_party.room")

QUIET_SECONDS = 60.0
"""After so long without it, the same failure is another outage. Longer than any client waits before
it tries again."""


class Outage:
    """What the log has been told of one node's store."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[str, float] = {}

    def tell(self, error: StoreError) -> None:
        """The store failed, for some room; the text says where and what to do."""
        now, text = self._clock.now(), str(error)
        self._told = {known: until for known, until in self._told.items() if until > now}
        if text not in self._told:
            logger.error("the store failed, nothing is kept until that is over: %s", text)
        self._told[text] = now + QUIET_SECONDS
