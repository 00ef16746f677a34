"""Time: timers and events in the order of time, and rooms that wait for nothing but their own."""

from __future__ import annotations

import asyncio

import pytest

from machine_party.testing import VirtualClock
from tests.room.stage import Stage


async def test_200_rooms_with_a_timer_each_fire_on_time(stage: Stage, clock: VirtualClock) -> None:
    rooms = [await stage.open(f"r{number}") for number in range(200)]
    for room in rooms:
        sent = asyncio.ensure_future(room.send({"type": "later", "seconds": 1}))
        await clock.settle()
        assert sent.done()
    started = clock.now()
    await clock.advance(0.999)
    assert all(room._committer.actor.snapshot().context.rung == [] for room in rooms)
    await clock.advance(0.002)
    for room in rooms:
        ((by, at),) = room._committer.actor.snapshot().context.rung
        assert by == 1
        assert at == pytest.approx(started + 1, abs=1e-5)


async def test_a_pending_delay_blocks_nothing(stage: Stage, clock: VirtualClock) -> None:
    ann = await stage.join("ann")
    ann.send("later", seconds=3600, by=1000)
    await stage.rest()
    for number in range(1, 4):
        ann.send("add")
        await stage.rest()
        assert ann.context["total"] == number
    await clock.advance(3600)
    assert ann.context["total"] == 1003


@pytest.mark.parametrize(("seconds", "counts"), [(9.99, True), (10.0, False), (10.01, False)])
async def test_an_answer_counts_if_it_arrived_before_the_deadline(
    stage: Stage, clock: VirtualClock, seconds: float, counts: bool
) -> None:
    """Whatever the batch is in which the room gets to it."""
    ann = await stage.join("ann")
    ann.send("pose", seconds=10)
    await clock.advance(9.97)
    ann.send("touch")  # so that the room is busy until after the deadline
    await clock.advance(seconds - 9.97)
    id = ann.send("guess", value=1)
    await clock.advance(1)
    assert ann.receipts[id].code == (None if counts else "not_handled")
    assert ann.context["guesses"] == ([1] if counts else [])
    assert ann.document["value"]["board"]["work"] == "idle"


async def test_an_answer_counts_although_the_store_was_slow(
    stage: Stage, clock: VirtualClock
) -> None:
    ann = await stage.join("ann")
    ann.send("pose", seconds=10)
    await clock.advance(9)
    stage.store.hold()
    ann.send("touch")
    await clock.advance(0.5)
    early = ann.send("guess", value=1)
    await clock.advance(1)
    late = ann.send("guess", value=2)
    await clock.advance(5)
    stage.store.release()
    await clock.advance(1)
    assert (ann.receipts[early].status, ann.receipts[late].code) == ("accepted", "not_handled")


async def test_timers_fire_in_the_order_of_their_deadlines(
    stage: Stage, clock: VirtualClock
) -> None:
    ann = await stage.join("ann")
    for by in (3, 1, 2):
        ann.send("later", seconds=1 + by / 1000, by=by)
    await clock.advance(2)
    assert [by for by, _ in ann.context["rung"]] == [1, 2, 3]


@pytest.mark.parametrize("down", [5.0, 100.0])
async def test_a_timer_with_the_deadline_policy_goes_on_through_a_restore(
    stage: Stage, clock: VirtualClock, down: float
) -> None:
    ann = await stage.join("ann")
    ann.send("later", seconds=10, by=7, policy="deadline")
    await stage.rest()
    started = clock.now()
    await stage.restart()
    await clock.advance(down)
    await ann.come()
    await clock.advance(0.1)
    assert ann.context["total"] == (0 if down < 10 else 7)
    await clock.advance(10)
    ((by, at),) = ann.context["rung"]
    assert by == 7
    assert at == pytest.approx(started + max(10, down), abs=0.1)


async def test_a_timer_is_cancelled_by_leaving_its_state_also_after_a_restore(
    stage: Stage, clock: VirtualClock
) -> None:
    ann = await stage.join("ann")
    ann.send("pose", seconds=10)
    await stage.rest()
    await stage.crash()
    await ann.come()
    await clock.advance(9)
    assert ann.document["value"]["board"]["work"] == "asking"
    await clock.advance(2)
    assert ann.document["value"]["board"]["work"] == "idle"
