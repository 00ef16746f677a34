"""A room's form and its commits, for tests of stores."""

from __future__ import annotations

from typing import Any

from machine_party.core import Sent, TimerFired
from machine_party.room import Entry, RoomKey, Store, StoredRoom

__all__ = ["EPOCH", "KEY", "OTHER", "claimed", "entry", "form"]

KEY, OTHER = RoomKey("board", "abc"), RoomKey("board", "xyz")
EPOCH = 1_700_000_000_000


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
