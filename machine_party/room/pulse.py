"""The pulse: a node's signs of life in the store. After a crash they say until when it lived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from machine_party.errors import StoreError
from machine_party.room.alarm import Alarm
from machine_party.room.clock import EARLY, Clock
from machine_party.room.outage import Outage
from machine_party.room.store import Store

__all__ = ["STAMP_SECONDS", "Pulse"]

logger = logging.getLogger("machine_party.room")

STAMP_SECONDS = 1.0
"""Between two stamps: by so much a timer that stood still while the server was down may be late."""


class Pulse:
    """The stamps of one node.

    Args:
        needed: whether anybody would miss them: there are rooms in memory, or something sleeps
            that will wake.
        outage: tells the log when the store fails.

    Attributes:
        began: when the node began, epoch seconds; None: it has not reached the store yet.
    """

    def __init__(
        self, store: Store, clock: Clock, node: str, outage: Outage, needed: Callable[[], bool]
    ) -> None:
        self.began: float | None = None
        self._store = store
        self._clock = clock
        self._node = node
        self._outage = outage
        self._needed = needed
        self._resting = False
        self._alarm = Alarm(clock)
        self._beginning = asyncio.Lock()

    async def begin(self) -> float:
        """Set the clock on to where time was already, and stamp for the first time, later than
        anybody before; when that was.

        A system clock that was set back while the server was down would hold every timer up.

        Raises:
            StoreError: the store is not there; call it again.
        """
        async with self._beginning:
            if self.began is None:
                latest = await self._store.latest_stamp()
                if latest is not None:
                    self._clock.forward(latest + EARLY)
                began = self._clock.now()
                await self._store.stamp(self._node, began)
                self.began = began
            return self.began

    async def run(self) -> None:
        """Stamp, for ever."""
        while True:
            try:
                await self.begin()
                await self._stamp()
            except StoreError as error:
                self._outage.tell(error)
            except Exception:
                logger.exception("the node %s could not stamp", self._node)
            await self._alarm.wait(self._clock.now() + STAMP_SECONDS)

    def quicken(self) -> None:
        """There is something to lose from now on. A node that rests would be taken for dead until
        its next stamp, and what it has for anybody's."""
        if self._resting:
            self._alarm.ring()

    async def end(self) -> None:
        """The last stamp: all rooms have been let go."""
        try:
            await self._stamp()
        except StoreError as error:
            self._outage.tell(error)

    async def _stamp(self) -> None:
        self._resting = not self._needed()
        if self.began is not None and not self._resting:
            await self._store.stamp(self._node, self._clock.now())
