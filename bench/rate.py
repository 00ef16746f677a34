"""Commits per second, and how long each takes, on a store that is asked by so many at once.

Each writer has a room of its own and waits for a commit before its next one, so what many writers
gain is what a store makes of those that wait together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from bench.house import KINDS, Player, house
from bench.place import Opener
from machine_party.core import Sent
from machine_party.room import Entry, RoomKey, Store

__all__ = ["WRITERS", "Rate", "percentile", "rate_of_rooms", "rate_of_store"]

WRITERS = (1, 10, 100)
SECONDS = 2.0
"""Of each measurement, after a quarter of that for warming up."""


@dataclass(frozen=True)
class Rate:
    """Seconds that each commit took, and all of them together."""

    writers: int
    each: Sequence[float]
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.each) / self.seconds


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of them do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]


async def rate_of_store(opener: Opener, writers: int, seconds: float = SECONDS) -> Rate:
    """Of the store alone: an entry of a common size, appended."""
    store = opener()
    try:
        plays = [await _appender(store, f"store-{writers}-{n}") for n in range(writers)]
        return await _rate(plays, seconds)
    finally:
        await store.close()


async def rate_of_rooms(opener: Opener, writers: int, seconds: float = SECONDS) -> Rate:
    """Of whole rooms of a counter: checked, run, projected, stored, answered."""
    async with house(opener()) as rooms:
        names = [f"room-{writers}-{n}" for n in range(writers)]
        plays = [(await KINDS["counter"](rooms, name))[1] for name in names]
        return await _rate(plays, seconds)


async def _appender(store: Store, name: str) -> Player:
    key, version = RoomKey("bench", name), 1
    await store.create(key, 1, version, {"actor": {}, "windows": {}}, node="0" * 16, wake=None)

    async def append() -> None:
        nonlocal version
        version += 1
        await store.append(key, 1, [_entry(version)], wake=None)

    return append


def _entry(version: int) -> Entry:
    """About 570 bytes, as an answer in a quiz."""
    answer: dict[str, Any] = {"question": "q7", "choice": "b", "text": "x" * 150}
    sent = Sent(now=1.5, type="answer", data=answer, member="m1", id=f"0123456789abcdef.{version}")
    at = "/actor/machine/context/rounds/6/answers/m1"
    patch = [{"op": "replace", "path": at, "value": answer}]
    return Entry(version, patch, [(0, sent)])


async def _rate(plays: Sequence[Callable[[], Awaitable[object]]], seconds: float) -> Rate:
    await _play_for(plays, seconds / 4)
    started = perf_counter()
    each = await _play_for(plays, seconds)
    return Rate(len(plays), each, perf_counter() - started)


async def _play_for(
    plays: Sequence[Callable[[], Awaitable[object]]], seconds: float
) -> list[float]:
    """Everybody plays for so long; the seconds of each play."""
    each: list[float] = []
    over = perf_counter() + seconds

    async def play_on(play: Callable[[], Awaitable[object]]) -> None:
        before = perf_counter()
        while before < over:
            await play()
            now = perf_counter()
            each.append(now - before)
            before = now

    await asyncio.gather(*(play_on(play) for play in plays))
    return each
