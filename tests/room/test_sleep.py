"""Rooms that leave the memory, and come back when somebody wants them or their time has come."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest

from machine_party.core import Grant
from machine_party.room.loop import SLEEP_SECONDS
from tests.room.board import WORK, Board
from tests.room.stage import Client, Stage

GONE = Board.grace + 0.2
ASLEEP = GONE + 2 * SLEEP_SECONDS


async def left(stage: Stage, **timer: Any) -> Client:
    """Ann has used the room, set a timer if any, and gone; the room sleeps."""
    ann = await stage.join("ann")
    ann.send("add")
    if timer:
        ann.send("later", **timer)
    await stage.rest()
    ann.drop()
    await stage.clock.advance(ASLEEP)
    return ann


async def context(stage: Stage) -> Any:
    room = await stage.rooms.get("board", "room")
    assert room is not None
    return room._committer.actor.snapshot().context


# -- going to sleep ------------------------------------------------------------------------------


async def test_a_room_that_nobody_is_in_sleeps_after_a_while(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await stage.rest()
    ann.drop()
    await stage.clock.advance(GONE + SLEEP_SECONDS - 1)
    (room,) = stage.rooms.list()
    await stage.clock.advance(SLEEP_SECONDS)
    assert stage.rooms.list() == []
    assert room.closed.is_set()
    assert stage.store.writes[-1] == ("sleep", room.version)
    assert stage.party.calls[-1] == ("dispose", "room")
    (record,) = await stage.store.records()
    assert record.asleep
    assert record.wake is None


async def test_a_room_with_a_connection_never_sleeps(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await stage.clock.advance(10 * SLEEP_SECONDS)
    (room,) = stage.rooms.list()
    ann.drop()
    await stage.clock.advance(ASLEEP)
    assert stage.rooms.list() == []
    assert room.asleep


@pytest.mark.parametrize("why", ["invoke", "hook", "visits", "reader"])
async def test_what_keeps_a_room_awake(stage: Stage, why: str) -> None:
    done = asyncio.Event()

    async def job(_: Any = None) -> None:
        await done.wait()

    WORK["job"] = job
    ann = await stage.join("ann")
    ann.send("add")
    if why == "invoke":
        ann.send("fetch", job="job")
    await stage.rest()
    ann.drop()
    room = await stage.open()
    waiting = None
    if why == "hook":
        room.hooks.call(job)
    elif why == "reader":
        waiting = asyncio.ensure_future(room.wait_commit(room.version + 1000))
    for _ in range(70):
        if why == "visits":
            room.visit(ann.id)
        await stage.clock.advance(Board.grace / 2)
    assert stage.rooms.list() == [room]
    done.set()
    if waiting is not None:
        waiting.cancel()
    await stage.clock.advance(ASLEEP + Board.grace)
    assert stage.rooms.list() == []


async def test_a_room_whose_timer_is_soon_due_stays_awake_for_it(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await stage.rest()
    ann.drop()
    await stage.clock.advance(GONE)
    room = await stage.open()
    await stage.wait(room.send({"type": "later", "seconds": 1.9 * SLEEP_SECONDS}))
    await stage.clock.advance(1.8 * SLEEP_SECONDS)
    assert stage.rooms.list() == [room]
    assert stage.store.claims == 1, "it never slept"


async def test_who_comes_while_a_room_falls_asleep_finds_it(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await stage.rest()
    ann.drop()
    await stage.clock.advance(GONE)
    room = await stage.open()
    epoch = room.epoch
    stage.store.hold()
    await stage.clock.advance(SLEEP_SECONDS + 1)
    joining = asyncio.ensure_future(ann.connect(room))
    sent = asyncio.ensure_future(room.send({"type": "add"}))
    await stage.clock.advance(1)
    assert not joining.done()
    stage.store.release()
    await stage.clock.advance(1)
    await joining
    assert (await sent).status == "accepted"
    assert stage.rooms.list() == [room]
    assert room.epoch == epoch + 1
    assert ann.context["total"] == 2
    (record,) = await stage.store.records()
    assert not record.asleep
    await stage.assert_in_sync()


@pytest.mark.parametrize("fault", ["fails", "lies"])
async def test_a_room_that_cannot_be_put_to_sleep_stays_and_tries_again(
    stage: Stage, fault: Any
) -> None:
    ann = await stage.join("ann")
    ann.send("later", seconds=1000)
    await stage.rest()
    ann.drop()
    await stage.clock.advance(GONE)
    stage.store.faults = [fault]
    await stage.clock.advance(SLEEP_SECONDS + 2)
    assert len(stage.rooms.list()) == 1
    await stage.clock.advance(2 * SLEEP_SECONDS)
    assert stage.rooms.list() == []
    await stage.clock.advance(1000)
    assert (await context(stage)).total == 1


async def test_200_rooms_sleep_and_wake(stage: Stage) -> None:
    for number in range(200):
        room = await stage.open(f"room{number}")
        await stage.wait(room.send({"type": "later", "seconds": 1000 + number / 10}))
    await stage.clock.advance(ASLEEP)
    assert stage.rooms.list() == []
    assert [task for task in asyncio.all_tasks() if "room" in task.get_name()] == []
    await stage.clock.advance(1000 - ASLEEP + 21)
    assert len(stage.rooms.list()) == 200
    for room in stage.rooms.list():
        ((_, at),) = room._committer.actor.snapshot().context.rung
        assert at <= stage.clock.now()
    await stage.clock.advance(ASLEEP)
    assert stage.rooms.list() == []


# -- waking --------------------------------------------------------------------------------------


async def test_a_connection_wakes_it(stage: Stage) -> None:
    ann = await left(stage)
    before = ann.id
    await ann.come()
    await stage.rest()
    assert (ann.id, ann.context["total"]) == (before, 1)
    assert "away ann" in (await context(stage)).presence, "no time was missed, nothing is told anew"
    await stage.assert_in_sync()


async def test_an_event_of_server_code_wakes_it(stage: Stage) -> None:
    await left(stage)
    room = await stage.rooms.get("board", "room")
    assert room is not None
    assert (await room.send({"type": "add"})).status == "accepted"
    assert (await context(stage)).total == 2


async def test_a_request_wakes_it(stage: Stage) -> None:
    ann = await left(stage)
    room = await stage.rooms.get("board", "room")
    assert room is not None
    member = await room.seat(Grant(identity="ann", role="player", name="ann"))
    assert member.id == ann.id
    document, _, _ = await room.document(member.id)
    assert document["context"]["total"] == 1


async def test_its_timer_wakes_it_on_time_and_once(stage: Stage) -> None:
    start = stage.clock.now()
    await left(stage, seconds=1000, by=10)
    assert stage.rooms.list() == []
    await stage.clock.advance(start + 999 - stage.clock.now())
    assert stage.rooms.list() == []
    await stage.clock.advance(1.2)
    found = await context(stage)
    assert found.total == 11
    ((_, at),) = found.rung
    assert 1000 <= at - start <= 1000.1
    await stage.clock.advance(5000)
    assert len((await context(stage)).rung) == 1


@pytest.mark.parametrize("end", ["restart", "crash"])
@pytest.mark.parametrize("policy", ["deadline", "remaining", "restart"])
async def test_its_timer_wakes_it_in_the_next_process(stage: Stage, end: str, policy: str) -> None:
    start = stage.clock.now()
    await left(stage, seconds=1000, policy=policy)
    down = stage.clock.now() - start
    await (stage.restart() if end == "restart" else stage.crash())
    await stage.clock.advance(100)
    await stage.rooms.start()
    await stage.clock.advance(3600)
    ((_, at),) = (await context(stage)).rung
    expected = {"deadline": 1000, "remaining": 1100, "restart": down + 100 + 1000}[policy]
    assert expected - 0.1 <= at - start <= expected + 1.2
    await stage.clock.advance(5000)
    assert len((await context(stage)).rung) == 1


def reminded(form: dict[str, Any]) -> dict[str, Any]:
    row = {"event": "ring", "deadline": form["now"] + 1000.0, "seconds": 1000.0, "data": {"by": 10}}
    form["timers"][str(form["next_timer"])] = row
    form["next_timer"] += 1
    return form


def untimed(form: dict[str, Any]) -> dict[str, Any]:
    form["timers"].clear()
    return form


class Reminded(Board):
    """A board to whose rooms newer code gives a timer."""

    name = "board"
    schema_version = 2
    migrations: ClassVar = {1: reminded}


class Untimed(Board):
    """A board whose rooms newer code takes their timers from."""

    name = "board"
    schema_version = 2
    migrations: ClassVar = {1: untimed}


async def upgraded(stage: Stage, party: Board) -> None:
    stage.parties = (party,)
    await stage.restart()
    await stage.rooms.start()


async def test_a_timer_that_newer_code_has_given_it_wakes_it(stage: Stage) -> None:
    start = stage.clock.now()
    await left(stage)
    await upgraded(stage, Reminded())
    await stage.open()
    await stage.clock.advance(ASLEEP)
    assert stage.rooms.list() == []
    await stage.clock.advance(1000)
    ((_, at),) = (await context(stage)).rung
    assert 1000 <= at - start <= 1000 + GONE + 0.1


async def test_a_timer_that_newer_code_has_taken_from_it_wakes_it_once_at_most(
    stage: Stage,
) -> None:
    await left(stage, seconds=1000)
    await upgraded(stage, Untimed())
    claims = stage.store.claims
    await stage.clock.advance(5000)
    assert stage.store.claims == claims + 1
    (record,) = await stage.store.records()
    assert (record.asleep, record.wake) == (True, None)


async def test_what_was_due_while_the_server_was_down_is_done_when_it_is_back(
    stage: Stage,
) -> None:
    await left(stage, seconds=1000)
    await stage.crash(5000)
    await stage.clock.advance(0.1)
    assert len(stage.rooms.list()) == 1
    assert (await context(stage)).total == 2


async def test_alone_on_its_store_a_server_waits_for_nobody(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("later", seconds=1.5)
    await stage.clock.advance(1.1)
    await stage.crash(1)
    assert len(stage.rooms.list()) == 1, "though the last one has stamped a moment ago"
    await stage.rest()
    assert (await context(stage)).total == 1


async def test_three_who_come_at_once_wake_it_once(stage: Stage) -> None:
    """By a connection, by a request, and its own timer, each in the same moment."""
    start = stage.clock.now()
    ann = await left(stage, seconds=1000)
    claims = stage.store.claims
    await stage.clock.advance(start + 1000.05 - stage.clock.now())

    async def ask() -> int:
        room = await stage.rooms.get("board", "room")
        assert room is not None
        grant = Grant(identity="bob", role="player", name="bob")
        member, receipt = await asyncio.gather(room.seat(grant), room.send({"type": "add"}))
        document, _, _ = await room.document(member.id)
        assert receipt.status == "accepted"
        total: int = document["context"]["total"]
        return total

    coming, asking = asyncio.ensure_future(ann.connect()), asyncio.ensure_future(ask())
    await stage.clock.advance(1)
    await coming
    assert await asking in (2, 3)
    assert stage.store.claims == claims + 1
    assert len(stage.rooms.list()) == 1
    assert ann.context["total"] == 3
    await stage.assert_in_sync()
