"""Many at once on a real server: who comes and goes, and who never reads, beside who plays."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
from dataclasses import replace
from typing import Any

import pytest

from machine_party import MachineParty
from machine_party.server import ServerLimits
from tests.server.network import (
    GET,
    connect,
    heard,
    never_reading,
    run,
    served,
    until,
    write_note,
)
from tests.server.tally import Tally

pytestmark = [pytest.mark.socket, pytest.mark.slow]

ROOM = "/parties/tally/room"
BUSY = ServerLimits(events_per_second=1e5, events_burst=100_000)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_three_hundred_come_and_go_and_leave_nothing() -> None:
    async def main() -> None:
        app = MachineParty([Tally], limits=BUSY)
        async with served(app) as (place, server), connect(place, ROOM) as stays:
            await stays.send(GET)
            await heard(stays, "party.snapshot.update")
            gc.collect()
            files, tasks = open_files(), len(asyncio.all_tasks())
            for _ in range(6):
                await asyncio.gather(*(visit(place, number) for number in range(50)))
            await until(lambda: app.node.admission.connections == 1)
            await until(lambda: len(server.server_state.connections) == 1)
            await until(lambda: len(asyncio.all_tasks()) <= tasks)
            await until(lambda: open_files() <= files)
            await write_note(stays, 1)

    run(main())


async def visit(place: str, number: int) -> None:
    """Leaves at once, without a word; after a hello; or as one should."""
    client = await connect(place, ROOM)
    if number % 3:
        await client.send(GET if number % 2 else json.dumps({"type": "party.hello"}))
    if number % 4 == 0:
        client.transport.abort()
    await client.close()


def test_a_hundred_who_never_read_delay_nobody() -> None:
    limits = replace(BUSY, stuck_seconds=1.0, queue_bytes=50_000, send_buffer_bytes=8192)

    async def main() -> None:
        app = MachineParty([Tally], limits=limits)
        async with served(app) as (place, server), contextlib.AsyncExitStack() as stack:
            normal = [await stack.enter_async_context(connect(place, ROOM)) for _ in range(20)]
            for client in normal:
                await client.send(GET)
                await heard(client, "party.snapshot.update")
            stuck = [await never_reading(place, ROOM) for _ in range(100)]
            await until(lambda: connections(app) == 120)
            for number in range(1, 2_000):
                await write_note(normal[0], number)  # it has its receipt within a second
                if connections(app) == 20:
                    break
            await until(lambda: connections(app) == 20)
            await until(lambda: len(server.server_state.connections) == 20)
            last = await last_notes(normal[1:], f"{number}" * 3000)
            assert last == [f"{number}" * 3000] * 19
            for raw in stuck:
                raw.close()

    run(main())


def connections(app: MachineParty) -> int:
    return sum(room.connection_count for room in app.rooms.list())


async def last_notes(clients: list[Any], wanted: str) -> list[str]:
    """What each has in the end; waits for `wanted`."""
    return await asyncio.gather(*(_note(client, wanted) for client in clients))


async def _note(client: Any, wanted: str) -> str:
    async with asyncio.timeout(10):
        while True:
            message = json.loads(await client.recv())
            update = message["type"] == "party.snapshot.update"
            note = message["snapshot"]["context"]["note"] if update else _patched(message)
            if note == wanted:
                return wanted


def _patched(message: dict[str, Any]) -> str | None:
    operations = {each["path"]: each.get("value") for each in message.get("operations", [])}
    return operations.get("/context/note")
