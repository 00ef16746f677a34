"""The loop's clock: epoch seconds that go with the loop's time."""

from __future__ import annotations

import asyncio
import time

from machine_party.room import LoopClock
from machine_party.testing import EPOCH, VirtualClock


async def test_it_goes_with_the_loop(clock: VirtualClock) -> None:
    ours = LoopClock(epoch=EPOCH)
    assert ours.now() == EPOCH
    await clock.advance(1.5)
    assert ours.now() == EPOCH + 1.5


async def test_it_calls_once_at_its_time_unless_cancelled(clock: VirtualClock) -> None:
    ours, called = LoopClock(epoch=EPOCH), list[float]()
    ours.call_at(EPOCH + 1, lambda: called.append(ours.now()))
    ours.call_at(EPOCH + 2, lambda: called.append(ours.now())).cancel()
    ours.call_at(EPOCH - 1, lambda: called.append(ours.now()))
    await clock.advance(5)
    assert called == [EPOCH, EPOCH + 1]


def test_it_begins_at_the_system_s_time() -> None:
    async def main() -> float:
        return LoopClock().now()

    before = time.time()
    assert before - 1 <= asyncio.run(main()) <= time.time() + 1


async def test_it_never_shows_less_than_what_it_was_set_on_to(clock: VirtualClock) -> None:
    shown = LoopClock(epoch=1000.0)
    shown.forward(900.0)
    assert shown.now() == 1000.0
    shown.forward(1500.0)
    assert shown.now() == 1500.0
    called: list[float] = []
    shown.call_at(1510.0, lambda: called.append(shown.now()))
    await clock.advance(10)
    assert called == [1510.0]
