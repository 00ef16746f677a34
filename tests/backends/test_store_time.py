"""What every store must do: when rooms wake, who lives, and what is known of a room unread."""

from __future__ import annotations

import pytest

from machine_party.errors import Fenced
from machine_party.room import RoomKey, RoomRecord, Store
from tests.backends.adapter import Adapter
from tests.backends.journal import (
    EPOCH,
    KEY,
    NODE,
    OTHER,
    OTHER_NODE,
    append,
    checkpoint,
    claimed,
    create,
    entry,
    form,
    kept,
)

NOW = 1_700_000_000.25
"""A time with a fraction: seconds are no whole numbers."""


async def record_of(store: Store, key: RoomKey = KEY) -> RoomRecord:
    (found,) = (record for record in await store.records() if record.key == key)
    return found


async def sleep(
    store: Store, key: RoomKey = KEY, version: int = 1, *, wake: float | None = None
) -> None:
    await store.checkpoint(key, EPOCH, version, form(), keep_from=0, wake=wake, asleep=True)


# -- stamps --------------------------------------------------------------------------------------


async def test_the_latest_stamp_is_of_any_node_and_never_goes_back(adapter: Adapter) -> None:
    async with adapter.open() as store:
        assert await store.latest_stamp() is None
        for node, now, latest in (
            (NODE, NOW, NOW),
            (OTHER_NODE, NOW - 1, NOW),
            (NODE, NOW - 5, NOW),
            (OTHER_NODE, NOW + 2, NOW + 2),
        ):
            await store.stamp(node, now)
            assert await store.latest_stamp() == latest


async def test_a_claim_says_who_made_the_last_commit_and_when_that_one_lived_last(
    adapter: Adapter,
) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        first = await claimed(store, KEY, OTHER_NODE)
        assert (first.node, first.alive_at) == (NODE, None)
        await store.stamp(OTHER_NODE, NOW)
        await store.stamp(NODE, NOW + 9)
        second = await claimed(store, KEY, "a third")
        assert (second.node, second.alive_at) == (NODE, NOW + 9), "who only claims it wrote nothing"
        await append(store, KEY, second.epoch, [entry(2)])
        await store.stamp("a third", NOW + 20)
        third = await claimed(store, KEY, OTHER_NODE)
        assert (third.node, third.alive_at) == ("a third", NOW + 20)
        looked = await store.read(KEY)
        assert looked is not None
        assert (looked.node, looked.alive_at) == ("a third", NOW + 20)


async def test_a_form_written_anew_is_no_commit(adapter: Adapter) -> None:
    """Who claims a room may write its form in today's schema before it tells it what it missed."""
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        found = await claimed(store, KEY, OTHER_NODE)
        await checkpoint(store, KEY, found.epoch, 1, form(1), keep_from=0)
        assert (await claimed(store, KEY, OTHER_NODE)).node == NODE
        await append(store, KEY, found.epoch + 1, [])
        assert (await claimed(store, KEY, NODE)).node == OTHER_NODE


async def test_stamps_of_those_that_wrote_last_or_live_are_never_forgotten(
    adapter: Adapter,
) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        await store.stamp(NODE, NOW)
        await store.stamp("an idle one", NOW)
        await claimed(store, KEY, OTHER_NODE)
        for days in range(1, 5):
            await store.stamp(f"{days}", NOW + days * 86_400.0)
        assert (await claimed(store)).alive_at == NOW
        assert await store.latest_stamp() == NOW + 4 * 86_400.0


# -- records -----------------------------------------------------------------------------------


async def test_what_is_known_of_a_room_unread(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form(), wake=NOW)
        await create(store, OTHER, EPOCH + 1, 4, form())
        await store.stamp(NODE, NOW - 1)
        one, two = await store.records()
        assert (one.key, one.epoch, one.version, one.wake) == (KEY, EPOCH, 1, NOW)
        assert (one.asleep, one.node, one.alive_at) == (False, NODE, NOW - 1)
        assert (two.key, two.epoch, two.version, two.wake) == (OTHER, EPOCH + 1, 4, None)
        assert one.bytes == two.bytes > 50


async def test_bytes_are_of_all_forms_and_entries(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        whole = (await record_of(store)).bytes
        await append(store, KEY, EPOCH, [entry(2)])
        one_entry = (await record_of(store)).bytes - whole
        assert one_entry > 50
        await append(store, KEY, EPOCH, [entry(3), entry(4)])
        assert (await record_of(store)).bytes == whole + 3 * one_entry
        await checkpoint(store, KEY, EPOCH, 4, form(), keep_from=0)
        assert (await record_of(store)).bytes == 2 * whole + 3 * one_entry
        await checkpoint(store, KEY, EPOCH, 4, form(), keep_from=4)
        assert (await record_of(store)).bytes == whole


async def test_records_are_of_one_party_or_all_in_the_order_they_were_made(
    adapter: Adapter,
) -> None:
    rooms = [RoomKey("quiz", "z"), KEY, RoomKey("quiz", "a"), OTHER]
    async with adapter.open() as store:
        for key in rooms:
            await create(store, key, EPOCH, 1, form())
        await append(store, KEY, EPOCH, [entry(2)])
        assert await kept(store) == rooms
        assert await kept(store, "quiz") == [rooms[0], rooms[2]]
        assert await kept(store, "") == []
        await store.delete(OTHER, EPOCH)
        await create(store, OTHER, EPOCH, 1, form())
        assert await kept(store) == rooms


# -- sleep -----------------------------------------------------------------------------------------


async def test_a_room_sleeps_by_its_checkpoint_and_is_awake_by_claim_or_commit(
    adapter: Adapter,
) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form(), wake=NOW)
        assert not (await record_of(store)).asleep
        await sleep(store)
        assert (await record_of(store)).asleep
        await append(store, KEY, EPOCH, [entry(2)], wake=NOW)  # its owner has it all the same
        assert not (await record_of(store)).asleep
        await sleep(store, version=2)
        await checkpoint(store, KEY, EPOCH, 2, form(), keep_from=0)
        assert not (await record_of(store)).asleep
        await sleep(store, version=2)
        await claimed(store)
        assert not (await record_of(store)).asleep


async def test_who_is_fenced_makes_nobody_sleep_or_wake(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form(), wake=NOW)
        await sleep(store, wake=NOW)
        with pytest.raises(Fenced):
            await append(store, KEY, EPOCH - 1, [entry(2)], wake=1.0)
        with pytest.raises(Fenced):
            await checkpoint(store, KEY, EPOCH - 1, 1, form(), keep_from=0, wake=1.0)
        with pytest.raises(Fenced):
            await create(store, KEY, EPOCH - 1, 1, form(), wake=1.0, node=OTHER_NODE)
        found = await record_of(store)
        assert (found.asleep, found.wake, found.node) == (True, NOW, NODE)


# -- wakes -----------------------------------------------------------------------------------------


async def test_a_room_wakes_when_its_last_commit_said(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form(), wake=NOW)
        assert await store.wakes(9, stale=NOW) == [(NOW, KEY)]
        await append(store, KEY, EPOCH, [entry(2)], wake=NOW + 7.5)
        assert await store.wakes(9, stale=NOW) == [(NOW + 7.5, KEY)]
        await append(store, KEY, EPOCH, [entry(3)], wake=None)
        assert await store.wakes(9, stale=NOW) == []
        await append(store, KEY, EPOCH, [], wake=NOW + 1)
        assert await store.wakes(9, stale=NOW) == [(NOW + 1, KEY)]


async def test_a_form_written_anew_may_have_another_wake(adapter: Adapter) -> None:
    """Newer code has given the room a timer, or taken one away: no commit tells of that."""
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form(), wake=NOW)
        await checkpoint(store, KEY, EPOCH, 1, form(), keep_from=0, wake=NOW + 7.5)
        assert await store.wakes(9, stale=NOW) == [(NOW + 7.5, KEY)]
        await sleep(store, wake=NOW + 1)
        assert await store.wakes(9, stale=0.0) == [(NOW + 1, KEY)]
        await sleep(store)
        assert await store.wakes(9, stale=NOW) == []


async def test_what_a_node_has_in_memory_is_its_own_as_long_as_it_lives(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form(), wake=5.0)
        assert await store.wakes(9, stale=NOW) == [(5.0, KEY)]  # it was never stamped
        await store.stamp(NODE, NOW)
        assert await store.wakes(9, stale=NOW) == []
        assert await store.wakes(9, stale=NOW + 0.5) == [(5.0, KEY)]
        await claimed(store, KEY, OTHER_NODE)
        assert await store.wakes(9, stale=NOW) == [(5.0, KEY)]
        await store.stamp(OTHER_NODE, NOW + 1)
        assert await store.wakes(9, stale=NOW + 0.5) == []


async def test_a_sleeping_room_is_nobodys_although_its_node_lives(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form(), wake=NOW + 100)
        await store.stamp(NODE, NOW)
        assert await store.wakes(9, stale=0.0) == []
        await sleep(store, wake=NOW + 100)
        assert await store.wakes(9, stale=0.0) == [(NOW + 100, KEY)]
        await claimed(store)
        assert await store.wakes(9, stale=0.0) == []


async def test_the_earliest_wake_first_and_so_many_at_most(adapter: Adapter) -> None:
    times = [30.0, 10.5, 20.0, 10.0, 10.5, None, 40.0]
    rooms = [RoomKey("board", f"room-{number}") for number in range(len(times))]
    async with adapter.open() as store:
        for key, wake in zip(rooms, times, strict=True):
            await create(store, key, EPOCH, 1, form(), wake=wake)
        await store.stamp(OTHER_NODE, NOW)
        await create(store, KEY, EPOCH, 1, form(), wake=1.0, node=OTHER_NODE)  # in memory
        found = [(10.0, 3), (10.5, 1), (10.5, 4), (20.0, 2), (30.0, 0), (40.0, 6)]
        expected = [(wake, rooms[number]) for wake, number in found]
        for limit in (0, 1, 3, 6, 100):
            assert await store.wakes(limit, stale=NOW) == expected[:limit]


async def test_a_room_that_is_gone_wakes_no_more(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form(), wake=1.0)
        await store.delete(KEY, EPOCH)
        assert await store.wakes(9, stale=NOW) == []


# -- what outlives the process -----------------------------------------------------------------


async def test_time_is_there_when_it_is_opened_again(durable: Adapter) -> None:
    async with durable.open() as store:
        await create(store, KEY, EPOCH, 1, form(), wake=NOW + 5)
        await create(store, OTHER, EPOCH, 1, form(), wake=NOW + 6)
        await store.stamp(NODE, NOW)
        await sleep(store, OTHER, wake=NOW + 6)
    async with durable.open() as store:
        assert await store.latest_stamp() == NOW
        assert await store.wakes(9, stale=NOW) == [(NOW + 6, OTHER)]
        assert await store.wakes(9, stale=NOW + 1) == [(NOW + 5, KEY), (NOW + 6, OTHER)]
        found = await claimed(store, KEY, OTHER_NODE)
        assert (found.node, found.alive_at) == (NODE, NOW)
    async with durable.open() as store:
        assert (await record_of(store)).node == OTHER_NODE
        again = await claimed(store, KEY, OTHER_NODE)
        assert (again.node, again.alive_at) == (NODE, NOW)
