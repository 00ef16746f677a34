"""The virtual loop: time moves only when told, and a wait without end fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from machine_party.testing import Deadlock, VirtualClock, VirtualLoop


@pytest.fixture(name="loop")
def _loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


def test_time_stands_still(loop: VirtualLoop) -> None:
    async def main() -> float:
        await asyncio.sleep(0)
        return loop.time()

    assert loop.run(main()) == 0.0


def test_waiting_for_nothing_is_a_deadlock(loop: VirtualLoop) -> None:
    async def main() -> None:
        await loop.create_future()

    with pytest.raises(Deadlock, match="No timer is set"):
        loop.run(main())


def test_a_deadlock_names_the_next_timer_and_the_waiting_line(loop: VirtualLoop) -> None:
    async def main() -> None:
        await asyncio.sleep(2.5)

    with pytest.raises(Deadlock, match=r"clock.advance\(2.5\)") as caught:
        loop.run(main())
    assert "test_loop.py" in str(caught.value)


def test_a_deadlock_lets_the_test_clean_up(loop: VirtualLoop) -> None:
    cleaned = []

    async def main() -> None:
        try:
            await loop.create_future()
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)

    with pytest.raises(Deadlock):
        loop.run(main())
    assert cleaned


def test_a_deadlock_inside_the_clean_up_still_ends(loop: VirtualLoop) -> None:
    async def main() -> None:
        try:
            await loop.create_future()
        finally:
            await loop.create_future()

    with pytest.raises(Deadlock):
        loop.run(main())
    loop.cancel_all()


def test_a_cancelled_test_is_not_called_a_deadlock(loop: VirtualLoop) -> None:
    async def main() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        loop.run(main())


def test_tasks_that_wake_each_other_for_ever_are_found(
    loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("machine_party.testing.loop.RESTLESS", 1000)

    async def spin() -> None:
        while True:
            await asyncio.create_task(asyncio.sleep(0))

    with pytest.raises(Deadlock, match="without rest"):
        loop.run(spin())
    loop.cancel_all()


def test_a_thread_is_waited_for(loop: VirtualLoop) -> None:
    async def main() -> str:
        job = asyncio.ensure_future(asyncio.to_thread(time.monotonic))
        await VirtualClock(loop).settle()
        return "done" if job.done() else "pending"

    assert loop.run(main()) == "done"


def test_time_cannot_go_back(loop: VirtualLoop) -> None:
    loop.set_time(2.0)
    with pytest.raises(ValueError, match="cannot go back"):
        loop.set_time(1.0)
