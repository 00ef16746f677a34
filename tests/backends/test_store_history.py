"""What every store must do: whole forms, the history since the oldest, and looks at both."""

from __future__ import annotations

import asyncio
import copy

import jsonpatch
import pytest

from machine_party.errors import Fenced
from machine_party.room import History, RoomKey, Store
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


async def history_of(store: Store, key: RoomKey = KEY) -> History:
    found = await store.history(key)
    assert found is not None
    return found


async def shape_of(store: Store, key: RoomKey = KEY) -> tuple[list[int], list[int]]:
    """The versions of its forms, and of its entries."""
    found = await history_of(store, key)
    return [version for version, _ in found.forms], [entry.version for entry in found.entries]


async def made(store: Store, *, checkpoints: tuple[int, ...] = (), last: int = 6) -> None:
    """A room with versions 1 to `last`, and a whole form at 1 and at each checkpoint."""
    await create(store, KEY, EPOCH, 1, form(1))
    for version in range(2, last + 1):
        await append(store, KEY, EPOCH, [entry(version)])
        if version in checkpoints:
            await checkpoint(store, KEY, EPOCH, version, form(version), keep_from=0)


# -- checkpoints -------------------------------------------------------------------------------


async def test_a_restore_begins_at_the_last_form_and_history_stays(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await made(store, checkpoints=(3, 5))
        found = await claimed(store)
        assert (found.version, found.form, list(found.entries)) == (6, form(5), [entry(6)])
        assert await history_of(store) == History(
            found.epoch,
            6,
            [(1, form(1)), (3, form(3)), (5, form(5))],
            [entry(version) for version in range(2, 7)],
        )


@pytest.mark.parametrize(
    ("keep_from", "forms", "entries"),
    [
        (0, [1, 3, 5, 6], [2, 3, 4, 5, 6]),  # older than the oldest: all of it
        (1, [1, 3, 5, 6], [2, 3, 4, 5, 6]),
        (2, [1, 3, 5, 6], [2, 3, 4, 5, 6]),  # at 2, it is the form at 1 and what follows
        (3, [3, 5, 6], [4, 5, 6]),
        (4, [3, 5, 6], [4, 5, 6]),
        (5, [5, 6], [6]),
        (6, [6], []),
        (99, [6], []),
    ],
)
async def test_history_is_kept_from_where_it_is_said(
    adapter: Adapter, keep_from: int, forms: list[int], entries: list[int]
) -> None:
    async with adapter.open() as store:
        await made(store, checkpoints=(3, 5))
        await create(store, OTHER, EPOCH, 1, form())
        await checkpoint(store, KEY, EPOCH, 6, form(6), keep_from=keep_from)
        assert await shape_of(store) == (forms, entries)
        assert await shape_of(store, OTHER) == ([1], [])
        await append(store, KEY, EPOCH, [entry(7)])
        found = await claimed(store)
        assert (found.version, found.form, list(found.entries)) == (7, form(6), [entry(7)])


@pytest.mark.parametrize("keep_from", [0, 3])
async def test_a_form_for_the_same_version_is_replaced(adapter: Adapter, keep_from: int) -> None:
    async with adapter.open() as store:
        await made(store, checkpoints=(3,), last=3)
        await checkpoint(store, KEY, EPOCH, 3, form(33), keep_from=keep_from)
        assert (await claimed(store)).form == form(33)
        assert (await history_of(store)).forms[-1] == (3, form(33))


@pytest.mark.parametrize("version", [-1, 1, 5, 7])
async def test_a_form_is_whole_at_the_last_version_or_not_kept(
    adapter: Adapter, version: int
) -> None:
    async with adapter.open() as store:
        await made(store)
        with pytest.raises(Fenced):
            await checkpoint(store, KEY, EPOCH, version, form(99), keep_from=version, asleep=True)
        assert await shape_of(store) == ([1], [2, 3, 4, 5, 6])
        assert not (await store.records())[0].asleep


async def test_a_fenced_checkpoint_drops_nothing(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await made(store)
        await claimed(store)
        with pytest.raises(Fenced):
            await checkpoint(store, KEY, EPOCH, 6, form(99), keep_from=6, asleep=True)
        assert await shape_of(store) == ([1], [2, 3, 4, 5, 6])
        assert not (await store.records())[0].asleep


async def test_a_deleted_room_leaves_no_history_to_the_next_of_its_name(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await made(store, checkpoints=(3, 5))
        await store.delete(KEY, EPOCH)
        assert await store.history(KEY) is None
        assert await store.read(KEY) is None
        await create(store, KEY, EPOCH + 1, 4, form(4))
        assert await shape_of(store) == ([4], [])


async def test_every_version_can_be_made_from_its_history(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await made(store, checkpoints=(3, 5))
        found = await history_of(store)
        assert found.forms[0][0] == 1
        for version in range(1, 7):
            newest = max(at for at, _ in found.forms if at <= version)
            made_of = copy.deepcopy(dict(found.forms)[newest])
            for commit in found.entries:
                if newest < commit.version <= version:
                    made_of = jsonpatch.apply_patch(made_of, commit.patch)
            assert made_of == form(version)


# -- looks ---------------------------------------------------------------------------------------


async def test_a_look_finds_what_a_claim_finds_and_changes_nothing(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await made(store, checkpoints=(3,))
        await store.stamp(NODE, 50.0)
        await checkpoint(store, KEY, EPOCH, 6, form(6), keep_from=0, asleep=True)
        await append(store, KEY, EPOCH, [entry(7)], wake=70.0)
        before = await store.records()
        looked = await store.read(KEY)
        assert looked == await store.read(KEY)
        assert looked is not None
        assert (looked.epoch, looked.node, looked.alive_at) == (EPOCH, NODE, 50.0)
        await history_of(store)
        assert await store.records() == before
        await append(store, KEY, EPOCH, [entry(8)])  # its owner has not been fenced
        found = await claimed(store)
        assert (found.form, list(found.entries)) == (looked.form, [*looked.entries, entry(8)])


async def test_there_is_nothing_to_look_at(adapter: Adapter) -> None:
    async with adapter.open() as store:
        assert await store.read(KEY) is None
        assert await store.history(KEY) is None
        assert await store.records() == []
        assert await kept(store) == []


async def test_a_look_shares_nothing_with_the_next(adapter: Adapter) -> None:
    async with adapter.open() as store:
        await made(store)
        looked = await history_of(store)
        looked.forms[0][1].clear()
        looked.entries[0].patch.clear()
        assert (await history_of(store)).forms[0] == (1, form(1))
        assert (await history_of(store)).entries[0] == entry(2)


async def test_a_look_among_writes_is_of_one_instant(adapter: Adapter) -> None:
    async def write(store: Store) -> None:
        for version in range(2, 30):
            await append(store, KEY, EPOCH, [entry(version)])
            if version % 3 == 0:
                whole = form(version)
                await checkpoint(store, KEY, EPOCH, version, whole, keep_from=version - 4)

    async def look(store: Store, writing: asyncio.Future[None]) -> None:
        while not writing.done():
            found = await history_of(store)  # which raises where its entries have a gap
            assert found.forms[0][0] <= found.version
            await store.read(KEY)
            await asyncio.sleep(0)

    async with adapter.open() as store:
        await create(store, KEY, EPOCH, 1, form(1))
        writing = asyncio.ensure_future(write(store))
        await asyncio.gather(*(look(store, writing) for _ in range(3)))
        await writing


# -- what outlives the process -----------------------------------------------------------------


async def test_history_is_there_when_it_is_opened_again(durable: Adapter) -> None:
    async with durable.open() as store:
        await made(store, checkpoints=(3, 5))
        before = await store.history(KEY)
    async with durable.open() as store:
        assert await store.history(KEY) == before
        taken = await claimed(store, KEY, OTHER_NODE)
        assert taken.node == NODE


async def test_one_that_is_open_looks_at_what_another_has_just_written(durable: Adapter) -> None:
    async with durable.open() as one, durable.open() as two:
        await create(one, KEY, EPOCH, 1, form())
        for version in range(2, 10):
            await append(one, KEY, EPOCH, [entry(version)])
            looked = await two.read(KEY)
            assert looked is not None
            assert looked.version == version
