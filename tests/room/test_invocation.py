"""Invokes: started once stored, cancelled on exit, started again after a restore."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from machine_party.backends.store import MemoryStore
from machine_party.room import Invocation, LoopClock, Rooms
from tests.room.board import BROKEN, WORK, Board
from tests.room.stage import Stage


class Job:
    """An invoke that says when it runs, and ends when told."""

    def __init__(self) -> None:
        self.given: list[Invocation] = []
        self.cancelled = 0
        self.result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def __call__(self, invocation: Invocation) -> Any:
        self.given.append(invocation)
        try:
            return await asyncio.shield(self.result)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def test_it_starts_when_its_commit_is_stored(stage: Stage) -> None:
    ann, job = await stage.join("ann"), Job()
    WORK["job"] = job
    stage.store.hold()
    ann.send("fetch", job="job")
    await stage.clock.advance(5)
    assert job.given == []
    stage.store.release()
    await stage.clock.advance(1)
    (given,) = job.given
    assert (given.state, given.data["job"], given.context.total) == ("fetching", "job", 0)
    job.result.set_result({"answer": 42})
    await stage.rest()
    assert ann.context["result"] == "done {'answer': 42}"


async def test_it_does_not_start_before_its_commit_is_stored(stage: Stage) -> None:
    ann, job = await stage.join("ann"), Job()
    WORK["job"] = job
    stage.store.faults = ["fails"]
    ann.send("fetch", job="job")
    await stage.clock.advance(0.9)
    assert job.given == []
    assert ann.document["value"]["board"]["work"] == "idle"
    await stage.clock.advance(5)  # ann has sent it again, by itself
    assert len(job.given) == 1


async def test_what_it_is_given_shares_nothing_with_the_room(stage: Stage) -> None:
    ann, job = await stage.join("ann"), Job()
    WORK["job"] = job
    ann.send("fetch", job="job")
    await stage.rest()
    job.given[0].context.total = 99
    ann.send("add")
    await stage.rest()
    assert ann.context["total"] == 1


@pytest.mark.parametrize(
    ("fails", "told"),
    [
        (lambda: ValueError("no luck"), "failed ValueError: no luck"),
        (asyncio.CancelledError, "failed CancelledError"),
    ],
)
async def test_its_failure_arrives(
    stage: Stage, fails: Callable[[], BaseException], told: str
) -> None:
    ann = await stage.join("ann")

    async def job(_: Invocation) -> None:
        raise fails()

    WORK["job"] = job
    ann.send("fetch", job="job")
    await stage.clock.advance(1)
    assert ann.context["result"].startswith(told)


@pytest.mark.parametrize("result", [object(), "\ud800", {"a": {1, object()}}])
async def test_a_result_that_cannot_be_stored_is_a_failure(stage: Stage, result: Any) -> None:
    ann, job = await stage.join("ann"), Job()
    WORK["job"] = job
    job.result.set_result(result)
    ann.send("fetch", job="job")
    await stage.clock.advance(1)
    assert ann.context["result"].startswith("failed ")
    assert not stage.rooms.quarantined


async def test_leaving_its_state_cancels_it(stage: Stage) -> None:
    ann, job = await stage.join("ann"), Job()
    WORK["job"] = job
    ann.send("fetch", job="job")
    await stage.rest()
    ann.send("stop")
    await stage.rest()
    assert job.cancelled == 1
    job.result.set_result("late")
    await stage.clock.advance(1)
    assert ann.context["result"] is None


@pytest.mark.parametrize("way", ["restart", "crash"])
async def test_after_a_restore_it_runs_again_with_the_same_key(stage: Stage, way: str) -> None:
    ann, job = await stage.join("ann"), Job()
    WORK["job"] = job
    ann.send("fetch", job="job")
    await stage.rest()
    await (stage.restart() if way == "restart" else stage.crash())
    assert len(job.given) == 1
    await ann.come()
    await stage.rest()
    first, second = job.given
    assert first.key == second.key
    job.result.set_result("again")
    await stage.clock.advance(1)
    assert ann.context["result"] == "done again"


async def test_a_result_that_the_machine_cannot_take_is_retried_then_quarantined(
    stage: Stage,
) -> None:
    ann, job = await stage.join("ann"), Job()
    WORK["job"] = job
    ann.send("fetch", job="job")
    await stage.rest()
    BROKEN.add("done")
    job.result.set_result("x")
    await stage.clock.advance(1.5)
    BROKEN.clear()
    await stage.clock.advance(4)
    assert ann.context["result"] == "done x"
    assert not stage.rooms.quarantined


def test_a_plain_function_runs_in_a_thread() -> None:
    async def main() -> str:
        rooms = Rooms([Board()], store=MemoryStore(), clock=LoopClock())
        room = await rooms.open("board", "room")
        await room.send({"type": "compute"})
        result = None
        async with asyncio.timeout(10):
            for task in room._invocations._tasks.values():
                await task
            while result is None:  # each read waits for the room's own turn
                result = (await room.document())[0]["context"]["result"]
        await rooms.close()
        return str(result)

    assert asyncio.run(main()) == "done {'thread': True}"
