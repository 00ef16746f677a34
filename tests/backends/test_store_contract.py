"""What every store must do. An adapter joins by being added to `STORES` (conftest.py)."""

from __future__ import annotations

import asyncio
import copy
import math

import pytest

from machine_party.core import Sent
from machine_party.errors import DefinitionError, Fenced, StoreUnavailable
from machine_party.room import Entry, RoomKey, Store
from machine_party.room.committer import restored_form
from tests.backends.adapter import Adapter
from tests.backends.journal import (
    EPOCH,
    KEY,
    NODE,
    OTHER,
    append,
    claimed,
    create,
    drop_history,
    entry,
    form,
    kept,
)


async def test_what_is_created_is_found(adapter: Adapter) -> None:
    async with adapter.open() as store:
        assert await store.claim(KEY, NODE) is None
        await create(store, KEY, EPOCH, 3, form())
        found = await claimed(store)
        assert (found.version, found.form, list(found.entries)) == (3, form(), [])


async def test_what_is_appended_is_found_in_order(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        await append(store, KEY, EPOCH, [entry(2), entry(3)])
        await append(store, KEY, EPOCH, [entry(4)])
        found = await claimed(store)
        assert found.version == 4
        assert list(found.entries) == [entry(2), entry(3), entry(4)]
        assert restored_form(found)["actor"]["count"] == 4


async def test_a_claim_raises_the_epoch_and_fences_the_former_owner(
    adapter: Adapter,
) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        first = await claimed(store)
        second = await claimed(store)
        assert EPOCH < first.epoch < second.epoch
        for epoch in (EPOCH, first.epoch, second.epoch + 1):
            with pytest.raises(Fenced):
                await append(store, KEY, epoch, [entry(2)])
            with pytest.raises(Fenced):
                await drop_history(store, KEY, epoch, 1, form(9))
            with pytest.raises(Fenced):
                await store.delete(KEY, epoch)
        await append(store, KEY, second.epoch, [entry(2)])
        found = await claimed(store)
        assert (found.version, restored_form(found)["actor"]["count"]) == (2, 2)


@pytest.mark.parametrize("versions", [[1], [3], [2, 4], [2, 2], [3, 2]])
async def test_versions_are_contiguous_and_a_write_is_all_or_nothing(
    adapter: Adapter, versions: list[int]
) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        with pytest.raises(Fenced):
            await append(store, KEY, EPOCH, [entry(version, 99) for version in versions])
        await append(store, KEY, EPOCH, [entry(2)])
        found = await claimed(store)
        assert list(found.entries) == [entry(2)]


async def test_a_room_is_created_once(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form(1))
        with pytest.raises(Fenced):
            await create(store, KEY, EPOCH + 5, 1, form(2))
        assert (await claimed(store)).form == form(1)


async def test_what_is_not_kept_cannot_be_written(adapter: Adapter) -> None:
    async with adapter.open() as store:
        for write in (
            append(store, KEY, EPOCH, [entry(1)]),
            drop_history(store, KEY, EPOCH, 1, form()),
            store.delete(KEY, EPOCH),
        ):
            with pytest.raises(Fenced):
                await write
        assert await kept(store) == []


async def test_a_checkpoint_shortens_the_way_back_and_changes_nothing(
    adapter: Adapter,
) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        await append(store, KEY, EPOCH, [entry(2), entry(3)])
        await drop_history(store, KEY, EPOCH, 3, form(3))
        await append(store, KEY, EPOCH, [entry(4)])
        found = await claimed(store)
        assert (found.version, found.form, list(found.entries)) == (4, form(3), [entry(4)])
        assert restored_form(found)["actor"]["count"] == 4


async def test_a_deleted_room_is_gone_and_may_be_made_again(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        await append(store, KEY, EPOCH, [entry(2)])
        await store.delete(KEY, EPOCH)
        assert await store.claim(KEY, NODE) is None
        await create(store, KEY, EPOCH + 1, 7, form(7))
        found = await claimed(store)
        assert (found.version, list(found.entries)) == (7, [])


async def test_rooms_do_not_touch_each_other(adapter: Adapter) -> None:
    async with adapter.open() as store:
        third = RoomKey("quiz", "abc")
        for number, key in enumerate((KEY, OTHER, third)):
            await create(store, key, EPOCH, 1, form(number))
        await append(store, OTHER, EPOCH, [entry(2)])
        assert sorted(await kept(store, "board")) == [KEY, OTHER]
        assert sorted(await kept(store)) == [KEY, OTHER, third]
        assert (await claimed(store, KEY)).version == 1
        assert (await claimed(store, third)).form == form(2)


async def test_nothing_is_shared_with_the_live_room(adapter: Adapter) -> None:
    async with adapter.open() as store:
        whole, added = form(), entry(2)
        await create(store, KEY, EPOCH, 1, whole)
        await append(store, KEY, EPOCH, [added])
        whole["actor"]["rows"].append("changed afterwards")
        added.patch[0]["value"] = 99
        found = await claimed(store)
        assert (found.form, list(found.entries)) == (form(), [entry(2)])
        kept = copy.deepcopy(found.form)
        found.form["actor"]["rows"].clear()
        restored_form(found)["actor"]["count"] = -1
        again = await claimed(store)
        assert again.form == kept
        replaced = form(5)
        await drop_history(store, KEY, again.epoch, 2, replaced)
        replaced["actor"].clear()
        assert (await claimed(store)).form == form(5)


async def test_nothing_appended_is_nothing_but_the_fence(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        await append(store, KEY, EPOCH, [])
        with pytest.raises(Fenced):
            await append(store, KEY, EPOCH + 1, [])
        assert (await claimed(store)).version == 1


async def test_of_writers_of_the_same_version_one_wins(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        writes = [append(store, KEY, EPOCH, [entry(2, number)]) for number in range(20)]
        results = await asyncio.gather(*writes, return_exceptions=True)
        (winner,) = (number for number, result in enumerate(results) if result is None)
        assert sum(isinstance(result, Fenced) for result in results) == 19
        found = await claimed(store)
        assert (found.version, list(found.entries)) == (2, [entry(2, winner)])


async def test_no_two_claims_get_the_same_epoch(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        found = await asyncio.gather(*(claimed(store) for _ in range(20)))
        assert len({room.epoch for room in found}) == 20


async def test_a_claim_among_writes_finds_those_that_were_not_fenced(adapter: Adapter) -> None:
    async with adapter.open() as store:
        for attempt in range(5):
            key = RoomKey("board", f"attempt-{attempt}")
            await create(store, key, EPOCH, 1, form())

            writing = asyncio.ensure_future(versions_until_fenced(store, key))
            for _ in range(3 * attempt):
                await asyncio.sleep(0)
            found = await claimed(store, key)
            assert found.version == await writing
            assert [e.version for e in found.entries] == [*range(2, found.version + 1)]


async def test_owners_that_take_it_from_each_other_find_it_whole(adapter: Adapter) -> None:
    async def own(store: Store) -> None:
        for _ in range(15):
            found = await claimed(store)
            assert restored_form(found)["actor"]["count"] == found.version
            try:
                await append(store, KEY, found.epoch, [entry(found.version + 1)])
                await append(store, KEY, found.epoch, [entry(found.version + 2)])
            except Fenced:
                continue

    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form(1))
        await asyncio.gather(*(own(store) for _ in range(8)))


async def versions_until_fenced(store: Store, key: RoomKey) -> int:
    """Append until another has the room; the last version that was stored."""
    for version in range(2, 50):
        try:
            await append(store, key, EPOCH, [entry(version)])
        except Fenced:
            return version - 1
    return version


AWKWARD = [
    2**53 + 1, -(2**63), 2**64, 10**30, -0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2,
    "", "\x00", "\u2028", "💥", "'; DROP TABLE rooms; --", [[]], {}, {"": {"a/b~c": None}},
]  # fmt: skip


async def test_what_is_kept_comes_back_as_it_was(adapter: Adapter) -> None:
    patch = [{"op": "add", "path": "/actor/more", "value": AWKWARD}]
    added = Entry(2, patch, [(0, Sent(now=0.1, type="x", data={"all": AWKWARD}))])
    whole = {"actor": {"z": 1, "a": AWKWARD, "m": 2}, "windows": {}}
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, whole)
        await append(store, KEY, EPOCH, [added])
        found = await claimed(store)
        assert repr((found.form, list(found.entries))) == repr((whole, [added]))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
async def test_a_number_that_json_has_not_is_refused_and_nothing_is_kept(
    adapter: Adapter, number: float
) -> None:
    bad_form = {"actor": {"rows": [1.0, {"score": number}]}, "windows": {}}
    bad_patch = [{"op": "add", "path": "/actor/x", "value": number}]
    bad_cause = Sent(now=1.5, type="add", data={"by": [number]})
    async with adapter.open() as store:
        with pytest.raises(DefinitionError, match=r"board/abc: the form: /actor/rows/1/score is "):
            await create(store, KEY, EPOCH, 1, bad_form)
        assert await kept(store) == []
        await create(store, KEY, EPOCH, 1, form())
        with pytest.raises(DefinitionError, match=r"version 2: /patch/0/value is NaN or infinite"):
            await append(store, KEY, EPOCH, [Entry(2, bad_patch, [])])
        with pytest.raises(DefinitionError, match=r"/causes/0/1/data/by/0 is NaN"):
            await append(store, KEY, EPOCH, [Entry(2, [], [(0, bad_cause)])])
        with pytest.raises(DefinitionError):
            await drop_history(store, KEY, EPOCH, 1, bad_form)
        found = await claimed(store)
        assert (found.version, found.form) == (1, form())


async def test_who_stops_waiting_has_written_all_or_nothing(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        writing = asyncio.ensure_future(append(store, KEY, EPOCH, [entry(2), entry(3)]))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait([writing])
        found = await claimed(store)
        assert list(found.entries) == [entry(2), entry(3)][: found.version - 1]
        assert found.version in (1, 3)
        await append(store, KEY, found.epoch, [entry(found.version + 1)])


# -- what outlives the process -------------------------------------------------------------


async def test_what_was_acknowledged_is_there_when_it_is_opened_again(durable: Adapter) -> None:
    async with durable.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        await create(store, OTHER, EPOCH, 1, form())
        await append(store, KEY, EPOCH, [entry(2)])
        first = await claimed(store)
        await store.delete(OTHER, EPOCH)
    async with durable.open() as store:
        assert await kept(store) == [KEY]
        with pytest.raises(Fenced):
            await append(store, KEY, EPOCH, [entry(3)])
        again = await claimed(store)
        assert first.epoch < again.epoch
        assert (again.version, again.form, list(again.entries)) == (2, form(), [entry(2)])


async def test_closing_finishes_what_has_begun_and_takes_nothing_more(durable: Adapter) -> None:
    store, rooms = durable.new(), [RoomKey("board", f"room-{number}") for number in range(40)]
    for key in rooms:
        await create(store, key, EPOCH, 1, form())
    writing = asyncio.gather(*(append(store, key, EPOCH, [entry(2)]) for key in rooms))
    await asyncio.sleep(0)
    await store.close()
    await writing
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await append(store, KEY, EPOCH, [entry(3)])
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.claim(KEY, NODE)
    async with durable.open() as store:
        assert {(await claimed(store, key)).version for key in rooms} == {2}


async def test_two_that_are_open_at_once_fence_each_other(durable: Adapter) -> None:
    async with durable.open() as one, durable.open() as two:
        await create(one, KEY, EPOCH, 1, form())
        with pytest.raises(Fenced):
            await create(two, KEY, EPOCH + 1, 1, form(9))
        await append(one, KEY, EPOCH, [entry(2)])
        taken = await claimed(two)
        assert taken.version == 2
        with pytest.raises(Fenced):
            await append(one, KEY, EPOCH, [entry(3)])
        await append(two, KEY, taken.epoch, [entry(3)])
        assert (await claimed(one)).version == 3


async def test_two_that_make_the_place_at_once_make_it_once(durable: Adapter) -> None:
    async with durable.open() as one, durable.open() as two:
        await asyncio.gather(kept(one), kept(two))
        await create(one, KEY, EPOCH, 1, form())
        assert await kept(two) == [KEY]
