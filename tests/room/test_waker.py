"""The waker and the pulse: who wakes a room, which are not woken, and a node's signs of life."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from machine_party.errors import PeerError, RestoreError, StoreError, StoreUnavailable
from machine_party.room import Room, StoredRoom
from machine_party.room.downtime import STALE_SECONDS
from machine_party.room.pulse import STAMP_SECONDS
from machine_party.room.waker import LOOK_SECONDS
from tests.room.board import WORK
from tests.room.stage import Stage
from tests.room.test_sleep import ASLEEP, context, left

# -- who wakes it ----------------------------------------------------------------------------------


async def test_no_node_takes_a_room_that_lives_on_another(stage: Stage) -> None:
    """Not even one that has something to do now, and all the time."""

    async def job(_: Any) -> None:
        await asyncio.get_running_loop().create_future()

    WORK["job"] = job
    ann = await stage.join("ann")
    ann.send("fetch", job="job")
    await stage.rest()
    other = stage.neighbour()
    await other.rooms.start()
    room, epoch = await stage.open(), (await stage.open()).epoch
    await stage.clock.advance(300)
    assert other.rooms.list() == []
    assert (await stage.open(), room.epoch) == (room, epoch)
    await other.rooms.close()


async def test_a_node_takes_the_rooms_of_a_dead_one_that_have_something_to_do(
    stage: Stage,
) -> None:
    start = stage.clock.now()
    ann = await stage.join("ann")
    ann.send("later", seconds=30)
    await stage.rest()
    quiet = await stage.open("quiet")
    await stage.wait(quiet.send({"type": "add"}))
    other = stage.neighbour()
    await other.rooms.start()
    await stage.clock.advance(10)
    stage.rooms.abandon()
    await stage.clock.advance(25)
    (taken,) = other.rooms.list()
    assert taken.key == stage.key()
    ((_, at),) = taken._committer.actor.snapshot().context.rung
    assert 30 <= at - start <= 30 + LOOK_SECONDS
    await other.rooms.close()


async def test_a_node_takes_what_sleeps_whoever_put_it_to_sleep(stage: Stage) -> None:
    start = stage.clock.now()
    await left(stage, seconds=1000)
    other = stage.neighbour()
    await other.rooms.start()
    stage.rooms.abandon()
    await stage.clock.advance(start + 1001 - stage.clock.now())
    (taken,) = other.rooms.list()
    ((_, at),) = taken._committer.actor.snapshot().context.rung
    assert 1000 <= at - start <= 1000.1
    await other.rooms.close()


async def test_the_next_process_on_a_shared_store_waits_until_the_last_one_is_surely_dead(
    stage: Stage,
) -> None:
    ann = await stage.join("ann")
    ann.send("later", seconds=2)
    await stage.rest()
    await stage.crash()
    other = stage.neighbour()
    await other.rooms.start()
    await stage.clock.advance(STALE_SECONDS - 1)
    assert other.rooms.list() == []
    await stage.clock.advance(LOOK_SECONDS + 2)
    assert len(other.rooms.list()) == 1
    await other.rooms.close()


async def test_alone_on_its_store_a_server_wakes_all_that_is_due_however_many(
    stage: Stage,
) -> None:
    for number in range(250):
        room = await stage.open(f"room{number:03}")
        await stage.wait(room.send({"type": "later", "seconds": 1.5}))
    await stage.clock.advance(1.0)
    await stage.crash(1)
    assert len(stage.rooms.list()) == 250, "though the last one has stamped a moment ago"


async def test_no_node_takes_a_new_room_of_one_that_had_nothing_to_do_before(stage: Stage) -> None:
    """An idle node does not stamp; from its first room on it does."""

    async def job(_: Any) -> None:
        await asyncio.get_running_loop().create_future()

    WORK["job"] = job
    await stage.rooms.start()
    await stage.clock.advance(STAMP_SECONDS / 2)
    other = stage.neighbour()
    await other.rooms.start()
    await stage.clock.advance(20 * LOOK_SECONDS - 0.2)
    ann = await stage.join("ann")
    ann.send("fetch", job="job")
    await stage.rest()
    await stage.clock.advance(1)
    assert other.rooms.list() == []
    await other.rooms.close()


@pytest.mark.parametrize("who", ["waker", "player", "cancelled"])
async def test_a_room_that_was_claimed_in_vain_has_its_timer_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """The store has made it ours and awake, and we do not know: nobody else would wake it."""
    start = stage.clock.now()
    await left(stage, seconds=1000)
    real = stage.store.inner.claim

    async def unanswered(key: Any, node: str) -> StoredRoom | None:
        monkeypatch.setattr(stage.store.inner, "claim", real)
        await real(key, node)
        if who == "cancelled":
            raise asyncio.CancelledError
        raise StoreUnavailable("the answer was lost")

    monkeypatch.setattr(stage.store.inner, "claim", unanswered)
    if who == "player":
        with pytest.raises(StoreUnavailable):
            await stage.open()
    elif who == "cancelled":
        with pytest.raises(asyncio.CancelledError):
            await stage.open()
    await stage.clock.advance(start + 1002 - stage.clock.now())
    ((_, at),) = (await context(stage)).rung
    assert 1000 <= at - start <= 1001.1


# -- what cannot be woken ----------------------------------------------------------------------


async def test_a_room_that_cannot_be_restored_is_not_tried_again_and_holds_up_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(150):
        room = await stage.open(f"room{number:03}")
        await stage.wait(room.send({"type": "later", "seconds": 1000 + number}))
    await stage.clock.advance(ASLEEP)
    assert stage.rooms.list() == []
    real, claims = stage.store.inner.claim, 0

    async def damaged(key: Any, node: str) -> StoredRoom | None:
        nonlocal claims
        if key.room < "room120":
            claims += 1
            raise RestoreError("a byte has rotten")
        return await real(key, node)

    monkeypatch.setattr(stage.store.inner, "claim", damaged)
    await stage.clock.advance(1200)
    assert len(stage.rooms.quarantined) == 120
    assert claims == 120
    waiting = [record.wake for record in await stage.store.records() if record.wake is not None]
    assert len(waiting) == 120


async def test_rooms_of_a_game_that_is_not_here_hold_up_nobody(stage: Stage) -> None:
    for number in range(250):
        key = type(stage.key())("removed", f"room{number}")
        await stage.store.inner.create(key, 1, 1, {"a": 1}, node="old", wake=1.0)
    start = stage.clock.now()
    await left(stage, seconds=1000)
    await stage.clock.advance(start + 1001 - stage.clock.now())
    assert len(stage.rooms.list()) == 1


async def test_a_store_that_is_down_at_the_start(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await left(stage, seconds=1000)
    await stage.crash()
    stage.store.down = True
    await stage.rooms.start()
    await stage.clock.advance(2000)
    with pytest.raises(StoreUnavailable):
        await stage.open()
    told = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 1, "once, and not with every attempt"
    stage.store.down = False
    await stage.clock.advance(2)
    assert len(stage.rooms.list()) == 1
    assert (await context(stage)).total == 2


async def test_a_room_that_a_damaged_store_threw_out_has_its_timer_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await stage.join("ann")
    ann.send("later", seconds=100)
    await stage.rest()

    async def broken(*_: Any, **__: Any) -> Any:
        raise StoreError("the file is damaged")

    with monkeypatch.context() as damaged:
        damaged.setattr(stage.store.inner, "append", broken)
        damaged.setattr(stage.store.inner, "claim", broken)
        ann.send("add")
        await stage.clock.advance(10)
        assert stage.rooms.list() == []
    await stage.clock.advance(LOOK_SECONDS)
    assert len(stage.rooms.list()) == 1
    await stage.clock.advance(100)
    assert (await context(stage)).total == 1


# -- stamps ----------------------------------------------------------------------------------------


async def test_a_node_stamps_while_it_has_something_to_lose(stage: Stage) -> None:
    await stage.rooms.start()
    await stage.clock.advance(100)
    assert len(stage.store.stamps) == 1, "it has begun"
    ann = await stage.join("ann")
    ann.send("add")
    await stage.clock.advance(10)
    assert 10 <= len(stage.store.stamps) <= 12
    ann.drop()
    await stage.clock.advance(ASLEEP)
    made = len(stage.store.stamps)
    await stage.clock.advance(100)
    assert len(stage.store.stamps) == made, "all sleep, and nothing will wake"
    room = await stage.open()
    await stage.wait(room.send({"type": "later", "seconds": 1000}))
    await stage.clock.advance(ASLEEP + 100)
    assert stage.rooms.list() == []
    later = stage.store.stamps[made:]
    gaps = [after - before for before, after in pairwise(later)]
    assert max(gaps) <= STAMP_SECONDS + 0.01, "something sleeps that will wake"
    assert stage.clock.now() - later[-1] <= STAMP_SECONDS + 0.01


async def test_a_store_that_raises_what_it_should_not_stops_no_stamps(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await stage.clock.advance(5)

    async def buggy(*_: Any) -> None:
        raise ValueError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(stage.store.inner, "stamp", buggy)
        await stage.clock.advance(5)
    await stage.clock.advance(2)
    assert await stage.store.latest_stamp() == pytest.approx(stage.clock.now(), abs=STAMP_SECONDS)


async def test_the_last_stamp_is_made_at_the_end(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await stage.clock.advance(3.7)
    await stage.rooms.close()
    assert stage.store.stamps[-1] == stage.clock.now()
    made = len(stage.store.stamps)
    await stage.rooms.close()
    await stage.clock.advance(10)
    assert len(stage.store.stamps) == made


async def test_an_abandoned_room_says_nothing(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await stage.rest()
    room: Room = await stage.open()
    calls, writes = list(stage.party.calls), list(stage.store.writes)
    stage.rooms.abandon()
    ann.closed = None
    ann.drop()
    with pytest.raises(PeerError, match="draining"):
        await room.send({"type": "add"})
    await stage.clock.advance(100)
    assert stage.party.calls == calls
    assert stage.store.writes == writes
