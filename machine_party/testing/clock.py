"""The test's hand on the time: it steps a `VirtualLoop` from timer to timer.

What must not be here: the loop itself (`loop.py`), rooms, pytest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from machine_party.testing.loop import Deadlock, VirtualLoop, describe_tasks

__all__ = ["EPOCH", "VirtualClock"]

T = TypeVar("T")

#: A deadline so close to the end of an advance is part of it: it was computed in epoch seconds,
#: which as a float are no finer (see `machine_party.room.clock`).
FINEST = 1e-6
#: What a room's clock shows when the loop starts, in epoch seconds (2023-11-14T22:13:20Z).
EPOCH = 1_700_000_000.0


class VirtualClock:
    """Moves a virtual loop's time and lets everything happen that the time brings.

    Args:
        loop: the loop to move.
        epoch: epoch seconds at the loop's zero.
    """

    def __init__(self, loop: VirtualLoop, epoch: float = EPOCH) -> None:
        self._loop = loop
        self._stepping = asyncio.Lock()
        self.epoch = epoch

    def now(self) -> float:
        """The time in epoch seconds, as a room on this loop sees it."""
        return self.epoch + self._loop.time()

    async def settle(self) -> None:
        """Returns once everything that can happen without more time has happened."""
        await self._loop.settled()

    def stopped(self) -> AbstractAsyncContextManager[None]:
        """`async with clock.stopped():` other tasks cannot let time pass meanwhile."""
        return self._stepping

    async def advance(self, seconds: float) -> None:
        """Lets `seconds` pass: every due timer runs, in order, each at its own moment.

        Between two timers the loop comes to rest, so what the first one causes happens before
        the second one runs. Returns when the loop rests at the new time.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError(f"time cannot go back: advance({seconds})")
        target = self._loop.time() + seconds
        while await self._step(target):
            pass
        self._loop.set_time(max(target, self._loop.time()))
        await self.settle()

    async def wait(self, condition: Callable[[], bool], *, within: float) -> None:
        """Lets as much time pass as it takes until `condition()`, timer by timer.

        Args:
            condition: looked at whenever the loop rests.
            within: how many virtual seconds may pass at most.

        Raises:
            Deadlock: it is not so after `within` seconds, or no timer is left to change it.
        """
        limit = self._loop.time() + within
        await self.settle()
        while not condition():
            if not await self._step(limit, condition):
                raise Deadlock(
                    f"not done within {within:g} virtual seconds; no timer is due in them that "
                    f"could do it.\n{describe_tasks(self._loop)}"
                )

    async def until(self, awaitable: Awaitable[T], *, within: float) -> T:
        """Awaits something, letting as much time pass as it takes: `wait` for an awaitable.

        Returns:
            What `awaitable` returns.

        Raises:
            Deadlock: as `wait` does; `awaitable` is cancelled.
        """
        future = asyncio.ensure_future(awaitable)
        try:
            await self.wait(future.done, within=within)
        except BaseException:
            future.cancel()
            raise
        return await future

    async def _step(self, limit: float, done: Callable[[], bool] = lambda: False) -> bool:
        """Goes on to the next timer, if one is due by `limit`, and lets it do what it does.

        One at a time: of two tasks that both let time pass, neither may skip what is due.
        """
        async with self._stepping:
            await self.settle()
            if done():
                return True
            deadline = self._loop.next_deadline()
            if deadline is None or deadline > limit + FINEST:
                return False
            self._loop.set_time(deadline)
            await self.settle()
            return True
