"""What rooms hold of a process's memory: `python -m bench.memory awake|asleep KIND COUNT`.

Each measurement is a process of its own: what one has freed, it may not give back.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys

import uvloop

from bench.house import KINDS, house, wait_asleep
from bench.place import sqlite_place
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.room import Rooms

__all__ = ["measure_memory"]

BATCH = 1_000
"""Rooms between two looks."""
AT_ONCE = 50
"""Rooms that are made together, so that they share the disk's syncs."""
NAPS = {"awake": 600.0, "asleep": 0.5}
"""After so many seconds a room goes to sleep."""
SECONDS = 150


def measure_memory(state: str, kind: str, count: int) -> list[int]:
    """Resident bytes of a new process: with everything loaded, and after each `BATCH` rooms.

    Args:
        state: `awake`: the rooms stay in memory; `asleep`: all of them have gone to sleep at each
            look. Then the first batch leaves the memory that it needed while it was awake, for the
            next ones to use, so that it is the growth from there on that sleeping rooms hold.
    """
    command = [sys.executable, "-m", "bench.memory", state, kind, str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=SECONDS, check=True)
    looks: list[int] = json.loads(done.stdout)
    return looks


async def _measure(state: str, kind: str, count: int) -> list[int]:
    with sqlite_place() as file:
        async with house(SqliteStore(file), sleep_seconds=NAPS[state]) as rooms:
            looks = [await _look(rooms, state, kind, "first", 1)]
            for start in range(0, count, BATCH):
                number = min(BATCH, count - start)
                looks.append(await _look(rooms, state, kind, f"r{start}", number))
            rooms.abandon()  # nothing of it is needed any more
            return looks


async def _look(rooms: Rooms, state: str, kind: str, name: str, count: int) -> int:
    """Make rooms, and look."""
    await _fill(rooms, kind, name, count)
    if state == "asleep":
        await wait_asleep(rooms)
    return _resident(rooms)


async def _fill(rooms: Rooms, kind: str, name: str, count: int) -> None:
    """Make rooms, and an event in each."""
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        await asyncio.gather(*(KINDS[kind](rooms, f"{name}-{number}") for number in numbers))


def _resident(_rooms: Rooms) -> int:
    """Bytes that the process has in memory, with its rooms (`man 5 proc`)."""
    gc.collect()
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def main(state: str, kind: str, count: str) -> None:
    """Says it as JSON."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_measure(state, kind, int(count)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
