"""What every store must do. An adapter joins by being added to `STORES`."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from machine_party.backends.store import MemoryStore
from machine_party.core import Sent, TimerFired
from machine_party.errors import Fenced
from machine_party.room import Entry, RoomKey, Store, StoredRoom
from machine_party.room.committer import restored_form
from machine_party.testing import VirtualClock


@asynccontextmanager
async def memory() -> AsyncIterator[Store]:
    store = MemoryStore()
    yield store
    await store.close()


STORES: dict[str, Callable[[], Any]] = {"memory": memory}
KEY, OTHER = RoomKey("board", "abc"), RoomKey("board", "xyz")
EPOCH = 1_700_000_000_000


@pytest.fixture(params=STORES)
def adapter(request: pytest.FixtureRequest, clock: VirtualClock) -> Callable[[], Any]:
    """Opens the store under test, within the test's loop."""
    return STORES[request.param]


def form(count: int = 0) -> dict[str, Any]:
    return {"actor": {"count": count, "text": "héllo ✓", "rows": [1.5, None, True]}, "windows": {}}


def entry(version: int, count: int | None = None) -> Entry:
    value = version if count is None else count
    patch = [{"op": "replace", "path": "/actor/count", "value": value}]
    sent = Sent(now=1.5, type="add", data={"by": 1}, member="m", id=f"c.{version}")
    return Entry(version, patch, [(0, sent), (1, TimerFired(now=2.5, timer="7"))])


async def claimed(store: Store, key: RoomKey = KEY) -> StoredRoom:
    found = await store.claim(key)
    assert found is not None
    return found


async def test_what_is_created_is_found(adapter: Callable[[], Any]) -> None:
    async with adapter() as store:
        assert await store.claim(KEY) is None
        await store.create(KEY, EPOCH, 3, form())
        found = await claimed(store)
        assert (found.version, found.form, list(found.entries)) == (3, form(), [])


async def test_what_is_appended_is_found_in_order(adapter: Callable[[], Any]) -> None:
    async with adapter() as store:
        await store.create(KEY, EPOCH, 1, form())
        await store.append(KEY, EPOCH, [entry(2), entry(3)])
        await store.append(KEY, EPOCH, [entry(4)])
        found = await claimed(store)
        assert found.version == 4
        assert list(found.entries) == [entry(2), entry(3), entry(4)]
        assert restored_form(found)["actor"]["count"] == 4


async def test_a_claim_raises_the_epoch_and_fences_the_former_owner(
    adapter: Callable[[], Any],
) -> None:
    async with adapter() as store:
        await store.create(KEY, EPOCH, 1, form())
        first = await claimed(store)
        second = await claimed(store)
        assert EPOCH < first.epoch < second.epoch
        for epoch in (EPOCH, first.epoch, second.epoch + 1):
            with pytest.raises(Fenced):
                await store.append(KEY, epoch, [entry(2)])
            with pytest.raises(Fenced):
                await store.compact(KEY, epoch, 1, form(9))
            with pytest.raises(Fenced):
                await store.delete(KEY, epoch)
        await store.append(KEY, second.epoch, [entry(2)])
        found = await claimed(store)
        assert (found.version, restored_form(found)["actor"]["count"]) == (2, 2)


@pytest.mark.parametrize("versions", [[1], [3], [2, 4], [2, 2], [3, 2]])
async def test_versions_are_contiguous_and_a_write_is_all_or_nothing(
    adapter: Callable[[], Any], versions: list[int]
) -> None:
    async with adapter() as store:
        await store.create(KEY, EPOCH, 1, form())
        with pytest.raises(Fenced):
            await store.append(KEY, EPOCH, [entry(version, 99) for version in versions])
        await store.append(KEY, EPOCH, [entry(2)])
        found = await claimed(store)
        assert list(found.entries) == [entry(2)]


async def test_a_room_is_created_once(adapter: Callable[[], Any]) -> None:
    async with adapter() as store:
        await store.create(KEY, EPOCH, 1, form(1))
        with pytest.raises(Fenced):
            await store.create(KEY, EPOCH + 5, 1, form(2))
        assert (await claimed(store)).form == form(1)


async def test_what_is_not_kept_cannot_be_written(adapter: Callable[[], Any]) -> None:
    async with adapter() as store:
        for write in (
            store.append(KEY, EPOCH, [entry(1)]),
            store.compact(KEY, EPOCH, 1, form()),
            store.delete(KEY, EPOCH),
        ):
            with pytest.raises(Fenced):
                await write
        assert await store.keys() == []


async def test_a_compaction_shortens_the_way_back_and_changes_nothing(
    adapter: Callable[[], Any],
) -> None:
    async with adapter() as store:
        await store.create(KEY, EPOCH, 1, form())
        await store.append(KEY, EPOCH, [entry(2), entry(3)])
        await store.compact(KEY, EPOCH, 3, form(3))
        await store.append(KEY, EPOCH, [entry(4)])
        found = await claimed(store)
        assert (found.version, found.form, list(found.entries)) == (4, form(3), [entry(4)])
        assert restored_form(found)["actor"]["count"] == 4


async def test_a_deleted_room_is_gone_and_may_be_made_again(adapter: Callable[[], Any]) -> None:
    async with adapter() as store:
        await store.create(KEY, EPOCH, 1, form())
        await store.append(KEY, EPOCH, [entry(2)])
        await store.delete(KEY, EPOCH)
        assert await store.claim(KEY) is None
        await store.create(KEY, EPOCH + 1, 7, form(7))
        found = await claimed(store)
        assert (found.version, list(found.entries)) == (7, [])


async def test_rooms_do_not_touch_each_other(adapter: Callable[[], Any]) -> None:
    async with adapter() as store:
        third = RoomKey("quiz", "abc")
        for number, key in enumerate((KEY, OTHER, third)):
            await store.create(key, EPOCH, 1, form(number))
        await store.append(OTHER, EPOCH, [entry(2)])
        assert sorted(await store.keys("board")) == [KEY, OTHER]
        assert sorted(await store.keys()) == [KEY, OTHER, third]
        assert (await claimed(store, KEY)).version == 1
        assert (await claimed(store, third)).form == form(2)


async def test_nothing_is_shared_with_the_live_room(adapter: Callable[[], Any]) -> None:
    async with adapter() as store:
        whole, added = form(), entry(2)
        await store.create(KEY, EPOCH, 1, whole)
        await store.append(KEY, EPOCH, [added])
        whole["actor"]["rows"].append("changed afterwards")
        added.patch[0]["value"] = 99
        found = await claimed(store)
        assert (found.form, list(found.entries)) == (form(), [entry(2)])
        kept = copy.deepcopy(found.form)
        found.form["actor"]["rows"].clear()
        restored_form(found)["actor"]["count"] = -1
        again = await claimed(store)
        assert again.form == kept
        compacted = form(5)
        await store.compact(KEY, again.epoch, 2, compacted)
        compacted["actor"].clear()
        assert (await claimed(store)).form == form(5)
