"""What is damaged is told, and stays as it is: who repairs it finds all that was there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from machine_party.backends.store import MemoryStore
from machine_party.errors import Damaged, RestoreError
from machine_party.room import History, Store, StoredRoom
from machine_party.testing import VirtualLoop
from tests.backends.adapter import Adapter
from tests.backends.journal import (
    EPOCH,
    KEY,
    NODE,
    OTHER,
    OTHER_NODE,
    append,
    checkpoint,
    create,
    entry,
    form,
)

LOOKS: list[Callable[[Store], Awaitable[object]]] = [
    lambda store: store.claim(KEY, OTHER_NODE),
    lambda store: store.read(KEY),
    lambda store: store.history(KEY),
]

DAMAGES = {
    "DELETE FROM {s}entries WHERE version = 2": "its journal from 1 to 3 has a gap",
    "DELETE FROM {s}entries WHERE version = 3": "its journal from 1 to 3 has a gap",
    "UPDATE {s}rooms SET version = 2": "its journal from 1 to 2 has a gap",
    "UPDATE {s}entries SET entry = form FROM {s}forms": "what is stored cannot be read: ",
    "DELETE FROM {s}forms": "it has no whole form",
    "DELETE FROM {s}entries; UPDATE {s}forms SET version = 4": "its form is of 4, and it is at 3",
}
"""What is done to the tables, and what is told."""


async def refused(store: Store, told: str) -> None:
    """Every look at it is refused, and changes nothing."""
    before = await store.records()
    for look in LOOKS:
        with pytest.raises(RestoreError, match=f"board/abc: {told}"):
            await look(store)
    assert await store.records() == before


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_room_that_is_damaged_is_told_and_stays_its_owners(
    durable: Adapter, damage: str
) -> None:
    async with durable.open() as store:
        await create(store, KEY, EPOCH, 1, form(1))
        await append(store, KEY, EPOCH, [entry(2), entry(3)], wake=7.0)
        for statement in damage.split("; "):
            await durable.meddle(statement)
        await refused(store, DAMAGES[damage])
        assert (await store.records())[0].node == NODE
        await store.delete(KEY, EPOCH)  # its epoch has not been raised


async def test_what_is_left_beside_the_damage_comes_with_it(durable: Adapter) -> None:
    async with durable.open() as store:
        await create(store, KEY, EPOCH, 1, form(1))
        for version in range(2, 7):
            await append(store, KEY, EPOCH, [entry(version)])
            if version == 4:
                await checkpoint(store, KEY, EPOCH, 4, form(4), keep_from=0)
        await durable.meddle("DELETE FROM {s}entries WHERE version = 3")
        await durable.meddle(
            "UPDATE {s}entries SET entry = form FROM {s}forms WHERE entries.version = 5"
        )
        with pytest.raises(Damaged, match="what is stored cannot be read: ") as told:
            await store.history(KEY)
    left = told.value.left
    assert left == History(EPOCH, 6, [(1, form(1)), (4, form(4))], [entry(2), entry(4), entry(6)])


async def test_a_damaged_room_hurts_no_other(durable: Adapter) -> None:
    async with durable.open() as store:
        await create(store, KEY, EPOCH, 1, form())
        await create(store, OTHER, EPOCH, 1, form())
        await append(store, KEY, EPOCH, [entry(2)])
        await durable.meddle("DELETE FROM {s}entries")
        looks = [store.claim(KEY, NODE), store.claim(OTHER, NODE), store.claim(KEY, NODE)]
        broken, found, again = await asyncio.gather(*looks, return_exceptions=True)
        assert isinstance(broken, RestoreError)
        assert isinstance(again, RestoreError)
        assert isinstance(found, StoredRoom)
        await append(store, OTHER, found.epoch, [entry(2)])


def test_in_memory_it_is_the_same(virtual_loop: VirtualLoop) -> None:
    async def main() -> None:
        store = MemoryStore()
        await create(store, KEY, EPOCH, 1, form(1))
        await append(store, KEY, EPOCH, [entry(2), entry(3)], wake=7.0)
        record = store._records[KEY]
        del record.entries[2]
        await refused(store, "its journal from 1 to 3 has a gap")
        record.entries[2] = b"{"
        await refused(store, "what is stored cannot be read: ")

    virtual_loop.run(main())
