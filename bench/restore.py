"""How long a room takes to come back from a SQLite file: by its journal, and from its sleep."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import msgspec

from bench.house import KINDS, house, wait_asleep
from bench.place import sqlite_place
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.room import RoomKey, Rooms
from machine_party.room.committer import CHECKPOINT_ENTRIES

__all__ = ["Restore", "measure_restores", "measure_waking"]

LENGTHS = (0, 100, CHECKPOINT_ENTRIES - 10)
"""Events after the last whole form: up to about the longest tail that a room leaves."""
TIMES = 5
ROOMS = 100


@dataclass(frozen=True)
class Restore:
    """One room's way back.

    Attributes:
        entries: of its journal after its last whole form, as they really were.
        form_bytes: of that form.
        seconds: until its document can be read; the median of `TIMES`.
    """

    kind: str
    entries: int
    form_bytes: int
    seconds: float


async def measure_restores(lengths: tuple[int, ...] = LENGTHS) -> list[Restore]:
    """A row for each kind of room and length."""
    return [await _restore(kind, length) for kind in KINDS for length in lengths]


async def measure_waking(kind: str, count: int = ROOMS) -> list[float]:
    """Seconds until a sleeping room has answered, of each of so many."""
    with sqlite_place() as file:
        async with house(SqliteStore(file), sleep_seconds=0.2) as rooms:
            keys = [(await KINDS[kind](rooms, f"room-{n}"))[0].key for n in range(count)]
            await wait_asleep(rooms)
            return [await _seconds_until_read(rooms, key) for key in keys]


async def _restore(kind: str, length: int) -> Restore:
    with sqlite_place() as file:
        key = await _play(file, kind, length)
        seconds = [await _seconds_of_another_node(file, key) for _ in range(TIMES)]
        entries, form_bytes = await _look(file, key)
        return Restore(kind, entries, form_bytes, median(seconds))


async def _play(file: Path, kind: str, length: int) -> RoomKey:
    """Make a room and play in it, until its journal has so many entries after its form."""
    async with house(SqliteStore(file)) as rooms:
        room, play = await KINDS[kind](rooms, "room")
        await room._committer.checkpoint()
        for _ in range(length):
            await play()
        rooms.abandon()  # as if it was killed: nothing more is written
        return room.key


async def _look(file: Path, key: RoomKey) -> tuple[int, int]:
    store = SqliteStore(file)
    found = await store.read(key)
    await store.close()
    assert found is not None
    return len(found.entries), len(msgspec.json.encode(found.form))


async def _seconds_of_another_node(file: Path, key: RoomKey) -> float:
    """It has just begun, on a copy: what it writes is none of the next one's."""
    copy = Path(shutil.copy(file, file.with_name("copy.sqlite")))
    async with house(SqliteStore(copy)) as rooms:
        assert await rooms.get(key.party, "another") is None  # the file is open, the code is warm
        seconds = await _seconds_until_read(rooms, key)
        rooms.abandon()
        return seconds


async def _seconds_until_read(rooms: Rooms, key: RoomKey) -> float:
    started = perf_counter()
    room = await rooms.get(*key)
    assert room is not None
    await room.document()
    return perf_counter() - started
