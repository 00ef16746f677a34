"""The virtual clock: timers run in order, each at its own moment, and nothing is skipped."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_party.testing import EPOCH, Deadlock, VirtualClock, VirtualLoop


@pytest.fixture(name="loop")
def _loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


def run_once(main: Coroutine[Any, Any, Any], loop: VirtualLoop) -> Any:
    try:
        return loop.run(main)
    finally:
        loop.close()


def test_the_clock_shows_a_fixed_epoch(loop: VirtualLoop) -> None:
    clock = VirtualClock(loop)
    assert clock.now() == EPOCH
    loop.run(clock.advance(1.5))
    assert clock.now() == EPOCH + 1.5


MOMENTS = st.integers(0, 100_000).map(lambda milliseconds: milliseconds / 1000)


@given(st.lists(MOMENTS, max_size=20), MOMENTS)
def test_every_due_timer_runs_at_its_own_moment_in_order(
    delays: list[float], seconds: float
) -> None:
    loop = VirtualLoop()
    ran: list[tuple[float, float]] = []

    def note(due: float) -> None:
        ran.append((due, loop.time()))

    async def main() -> None:
        for delay in delays:
            loop.call_at(delay, note, delay)
        await VirtualClock(loop).advance(seconds)

    run_once(main(), loop)
    assert [due for due, _ in ran] == sorted(delay for delay in delays if delay <= seconds)
    assert all(due == at for due, at in ran)


def test_what_a_timer_causes_happens_before_the_next_timer(loop: VirtualLoop) -> None:
    order: list[str] = []

    async def first() -> None:
        await asyncio.sleep(1.0)
        order.append("first")
        await asyncio.sleep(0)
        order.append("caused by the first")

    async def second() -> None:
        await asyncio.sleep(1.0000001)
        order.append("second")

    async def main() -> None:
        tasks = [asyncio.create_task(second()), asyncio.create_task(first())]
        await VirtualClock(loop).advance(2)
        await asyncio.gather(*tasks)

    loop.run(main())
    assert order == ["first", "caused by the first", "second"]


def test_a_timer_set_while_advancing_runs_too(loop: VirtualLoop) -> None:
    ticks: list[float] = []

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.25)
            ticks.append(loop.time())

    async def main() -> None:
        ticker = asyncio.create_task(tick())
        await VirtualClock(loop).advance(1)
        ticker.cancel()

    loop.run(main())
    assert ticks == [0.25, 0.5, 0.75, 1.0]


def test_a_cancelled_timer_is_no_step(loop: VirtualLoop) -> None:
    async def main() -> float | None:
        loop.call_later(1, print).cancel()
        return loop.next_deadline()

    assert loop.run(main()) is None


def test_settle_lets_chains_of_tasks_finish(loop: VirtualLoop) -> None:
    done: list[int] = []

    async def chain(depth: int) -> None:
        await asyncio.sleep(0)
        done.append(depth)
        if depth:
            await asyncio.create_task(chain(depth - 1))

    async def main() -> None:
        task = asyncio.create_task(chain(10))
        await VirtualClock(loop).settle()
        assert task.done()

    loop.run(main())
    assert len(done) == 11


def test_until_lets_just_enough_time_pass(loop: VirtualLoop) -> None:
    async def answer() -> int:
        await asyncio.sleep(3)
        return 42

    async def main() -> tuple[int, float]:
        result = await VirtualClock(loop).until(answer(), within=10)
        return result, loop.time()

    assert loop.run(main()) == (42, 3.0)


@pytest.mark.parametrize("delay", [None, 11.0])
def test_until_gives_up_after_its_limit(loop: VirtualLoop, delay: float | None) -> None:
    async def wait() -> None:
        await (loop.create_future() if delay is None else asyncio.sleep(delay))

    async def main() -> None:
        await VirtualClock(loop).until(wait(), within=10)

    with pytest.raises(Deadlock, match="within 10 virtual seconds"):
        loop.run(main())


def test_two_tasks_that_let_time_pass_skip_nothing(loop: VirtualLoop) -> None:
    ran: list[tuple[float, float]] = []

    def note(due: float) -> None:
        ran.append((due, loop.time()))

    async def main() -> None:
        for due in (1.0, 2.0, 3.0):
            loop.call_at(due, note, due)
        clock = VirtualClock(loop)
        await asyncio.gather(
            clock.until(asyncio.sleep(3), within=5), clock.until(asyncio.sleep(3), within=5)
        )

    loop.run(main())
    assert ran == [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]


def test_wait_looks_whenever_the_loop_rests(loop: VirtualLoop) -> None:
    async def main() -> float:
        ticker = asyncio.create_task(asyncio.sleep(4))
        loop.call_later(2, print)
        await VirtualClock(loop).wait(lambda: loop.time() >= 2, within=10)
        ticker.cancel()
        return loop.time()

    assert loop.run(main()) == 2.0


def test_until_raises_what_was_raised(loop: VirtualLoop) -> None:
    async def fail() -> None:
        await asyncio.sleep(1)
        raise LookupError("no")

    async def main() -> None:
        await VirtualClock(loop).until(fail(), within=10)

    with pytest.raises(LookupError, match="no"):
        loop.run(main())


def test_a_negative_advance_is_refused(loop: VirtualLoop) -> None:
    async def main() -> None:
        await VirtualClock(loop).advance(-1)

    with pytest.raises(ValueError, match="cannot go back"):
        loop.run(main())
