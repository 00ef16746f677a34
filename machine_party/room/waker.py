"""The waker: brings sleeping rooms back into memory when their time has come."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from machine_party.errors import PeerError, StoreError, StoreUnavailable
from machine_party.room.alarm import Alarm
from machine_party.room.clock import EARLY, Clock
from machine_party.room.downtime import STALE_SECONDS
from machine_party.room.outage import Outage
from machine_party.room.refusal import STORE_RETRY_SECONDS
from machine_party.room.store import RoomKey, Store

__all__ = ["LOOK_SECONDS", "Waker"]

logger = logging.getLogger("machine_party.room")

AT_ONCE = 100
"""Rooms that one question asks for."""

LOOK_SECONDS = 5.0
"""The longest that it does not look: another node may have died, and its rooms have timers. Less
than `SLEEP_SECONDS`, so that what goes to sleep here is seen before it is due."""


class Waker:
    """One node's, and its one task.

    Args:
        begin: called before the store is asked; gives when this node began, epoch seconds.
        wakeable: whether a room could be woken here: not if it is awake or cannot be restored.
        wake: brings a room into memory.
        alone: whether no other node uses the store: who has not stamped since this one began is
            dead.
        outage: tells the log when the store fails.

    Attributes:
        expects: whether anything sleeps that will wake.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        outage: Outage,
        *,
        begin: Callable[[], Awaitable[float]],
        wakeable: Callable[[RoomKey], bool],
        wake: Callable[[RoomKey], Awaitable[object]],
        alone: bool,
    ) -> None:
        self.expects = False
        self._store = store
        self._clock = clock
        self._outage = outage
        self._begin = begin
        self._wakeable = wakeable
        self._wake = wake
        self._alone = alone
        self._alarm = Alarm(clock)
        self._next = 0.0
        self._passed_over = 0
        self._just_slept = False
        self._dropped: set[RoomKey] = set()

    def slept(self, wake: float | None) -> None:
        """A room has gone to sleep here, until `wake` epoch seconds if it wakes by itself: later
        than the next look, or it would not have."""
        self._just_slept |= wake is not None
        self.expects |= self._just_slept

    def dropped(self, key: RoomKey) -> None:
        """A room is not in memory, and the store may take it for being here: nobody else wakes it
        while this node lives. It is loaded as soon as the store lets us."""
        self._dropped.add(key)

    async def run(self) -> None:
        """Look and wake, for ever."""
        while True:
            self._next = self._clock.now() + LOOK_SECONDS
            try:
                await self._look(await self._begin())
            except StoreError as error:
                self._outage.tell(error)
                self._next = self._clock.now() + STORE_RETRY_SECONDS
            except Exception:
                logger.exception("sleeping rooms could not be looked at")
            if self._next > self._clock.now() + EARLY:
                await self._alarm.wait(self._next)

    async def _look(self, began: float) -> None:
        """Wake what is due, and note when to look again."""
        limit, self._just_slept = AT_ONCE + self._passed_over, False
        sleeping = await self._store.wakes(limit, stale=self._stale(began))
        wakeable = [(wake, key) for wake, key in sleeping if self._wakeable(key)]
        self.expects = bool(wakeable) or self._just_slept
        known, self._passed_over = self._passed_over, len(sleeping) - len(wakeable)
        now = self._clock.now() + EARLY
        due = [key for wake, key in wakeable if wake <= now]
        woken = await self._wake_all([*due, *self._dropped])
        if wakeable[len(due) :]:
            self._next = min(self._next, wakeable[len(due)][0])
        if len(sleeping) == limit and (woken or self._passed_over > known):
            self._next = now  # there may be more

    def _stale(self, began: float) -> float:
        """A node that was last stamped before this is dead."""
        stale = self._clock.now() - STALE_SECONDS
        return max(stale, began) if self._alone else stale

    async def _wake_all(self, keys: list[RoomKey]) -> int:
        """Wake those, one after the other, so that a player's event waits for one restore and not
        for all; how many were."""
        woken = 0
        for key in keys:
            try:
                await self._wake(key)
            except StoreUnavailable:
                raise
            except StoreError:
                continue  # it is told already; another room may be whole
            except PeerError:
                pass  # it is quarantined, and told
            else:
                woken += 1
            self._dropped.discard(key)
        return woken
