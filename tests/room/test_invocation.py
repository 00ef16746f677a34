"""Invokes: started once stored, cancelled on exit, started again after a restore."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Any

import pytest

from machine_party.backends.store import MemoryStore
from machine_party.room import Invocation, LoopClock, Rooms
from machine_party.room.invocation import ERROR_LENGTH
from machine_party.testing import VirtualClock
from tests.room.board import BROKEN, WORK, Board
from tests.room.shop import Shop
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
    job.given[0].data["job"] = "another"
    ann.send("add")
    await stage.rest()
    assert ann.context["total"] == 1
    await stage.crash()
    await ann.come()
    assert [given.data["job"] for given in job.given] == ["another", "job"]


async def test_nor_does_a_childs_input(clock: VirtualClock) -> None:
    stage, job = Stage(clock, Shop()), Job()
    WORK["A"] = job
    ann = await stage.join("ann")
    ann.send("order", what="A")
    await stage.rest()
    job.given[0].input.clear()
    ann.send("touch")
    await stage.rest()
    await stage.crash()
    await ann.come()
    assert job.given[1].input == {"what": "A"}
    await stage.rooms.close()


@pytest.mark.parametrize("when", ["while it runs", "when it has ended", "once it is restored"])
async def test_a_child_that_is_spawned_again_runs_its_own(clock: VirtualClock, when: str) -> None:
    """And not what the one before it under that id has begun."""
    stage, first, second = Stage(clock, Shop()), Job(), Job()
    WORK.update(A=first, B=second)
    ann = await stage.join("ann")
    ann.send("order", what="A")
    await stage.rest()
    if when == "when it has ended":
        first.result.set_result("a")
        await stage.rest()
        assert ann.context["heard"] == ["a"]
    elif when == "once it is restored":
        await stage.crash()
        await ann.come()
        await stage.rest()
    ann.send("order", what="B")
    await stage.rest()
    if when != "when it has ended":
        assert first.cancelled == len(first.given)
        first.result.set_result("a")
    second.result.set_result("b")
    await stage.clock.advance(1)
    assert ann.context["heard"][-1] == "b"
    (given,) = second.given
    assert given.key not in {each.key for each in first.given}
    await stage.rooms.close()


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


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (LookupError(os.fsdecode(b"caf\xe9")), r"LookupError: caf\udce9"),
        (ValueError("x" * 10_000), f"ValueError: {'x' * (ERROR_LENGTH - 13)}…"),
        (ValueError("x" * (ERROR_LENGTH - 12)), f"ValueError: {'x' * (ERROR_LENGTH - 12)}"),
        (Unspeakable(), "Unspeakable: its text cannot be had (RuntimeError)"),
    ],
)
async def test_any_failure_can_be_stored(stage: Stage, error: Exception, told: str) -> None:
    ann, job = await stage.join("ann"), Job()
    WORK["job"] = job
    job.result.set_exception(error)
    ann.send("fetch", job="job")
    await stage.clock.advance(1)
    assert not stage.rooms.quarantined
    assert ann.context["result"] == f"failed {told}"
    await stage.crash()
    await ann.come()
    assert ann.context["result"] == f"failed {told}"


async def test_a_failure_that_the_machine_takes_is_one_line_in_the_log(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    ann, job = await stage.join("ann"), Job()
    WORK["job"] = job
    job.result.set_exception(ValueError("no luck"))
    ann.send("fetch", job="job")
    with caplog.at_level(logging.DEBUG, "machine_party.room"):
        await stage.clock.advance(1)
    line, detail = [r for r in caplog.records if "invoke" in r.getMessage()]
    assert (line.levelname, line.exc_info) == ("WARNING", None)
    assert line.getMessage() == f"invoke {job.given[0].key} failed: ValueError: no luck"
    assert (detail.levelname, detail.exc_info is not None) == ("DEBUG", True)


async def test_a_failure_that_no_transition_takes_is_logged_with_its_traceback(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    stage, job = Stage(clock, Shop()), Job()
    WORK["A"] = job
    job.result.set_exception(ValueError("no luck"))
    ann = await stage.join("ann")
    ann.send("order", what="A")
    with caplog.at_level(logging.DEBUG, "machine_party.room"):
        await stage.clock.advance(1)
    (line,) = [r for r in caplog.records if "invoke" in r.getMessage()]
    assert (line.levelname, line.exc_info is not None) == ("WARNING", True)
    await stage.rooms.close()


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
