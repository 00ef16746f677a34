"""A room's form and its commits, for tests of stores; and what most of them ask of a store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from machine_party.core import Sent, TimerFired
from machine_party.room import Entry, RoomKey, Store, StoredRoom

__all__ = [
    "EPOCH",
    "KEY",
    "NODE",
    "OTHER",
    "OTHER_NODE",
    "append",
    "checkpoint",
    "claimed",
    "create",
    "drop_history",
    "entry",
    "form",
    "kept",
]

KEY, OTHER = RoomKey("board", "abc"), RoomKey("board", "xyz")
EPOCH = 1_700_000_000_000
NODE, OTHER_NODE = "00000000000000aa", "00000000000000bb"


def form(count: int = 0) -> dict[str, Any]:
    return {"actor": {"count": count, "text": "héllo ✓", "rows": [1.5, None, True]}, "windows": {}}


def entry(version: int, count: int | None = None) -> Entry:
    value = version if count is None else count
    patch = [{"op": "replace", "path": "/actor/count", "value": value}]
    sent = Sent(now=1.5, type="add", data={"by": 1}, member="m", id=f"c.{version}")
    return Entry(version, patch, [(0, sent), (1, TimerFired(now=2.5, timer="7"))])


async def create(
    store: Store,
    key: RoomKey,
    epoch: int,
    version: int,
    form: dict[str, Any],
    *,
    node: str = NODE,
    wake: float | None = None,
) -> None:
    """A room of `NODE` that waits for nothing."""
    await store.create(key, epoch, version, form, node=node, wake=wake)


async def append(
    store: Store, key: RoomKey, epoch: int, entries: Sequence[Entry], *, wake: float | None = None
) -> None:
    """Commits after which the room waits for nothing."""
    await store.append(key, epoch, entries, wake=wake)


async def checkpoint(
    store: Store,
    key: RoomKey,
    epoch: int,
    version: int,
    form: dict[str, Any],
    *,
    keep_from: int,
    wake: float | None = None,
    asleep: bool = False,
) -> None:
    """The form of a room that waits for nothing."""
    await store.checkpoint(key, epoch, version, form, keep_from=keep_from, wake=wake, asleep=asleep)


async def drop_history(
    store: Store, key: RoomKey, epoch: int, version: int, form: dict[str, Any]
) -> None:
    """A checkpoint that keeps nothing of before."""
    await checkpoint(store, key, epoch, version, form, keep_from=version)


async def claimed(store: Store, key: RoomKey = KEY, node: str = NODE) -> StoredRoom:
    found = await store.claim(key, node)
    assert found is not None
    return found


async def kept(store: Store, party: str | None = None) -> list[RoomKey]:
    """The rooms that are there."""
    return [record.key for record in await store.records(party)]
