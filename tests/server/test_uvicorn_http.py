"""Connections that never become a request: dropped in time, and at a bounded size."""

from __future__ import annotations

import asyncio
import json

import pytest

from machine_party import MachineParty
from machine_party.server import ServerLimits
from tests.server.network import GET, connect, run, served, until
from tests.server.tally import Tally

pytestmark = pytest.mark.socket

HASTY = ServerLimits(head_seconds=0.3, head_bytes=8_000)
REQUEST = b"GET /parties/tally HTTP/1.1\r\nHost: quiz.example\r\n\r\n"


@pytest.mark.parametrize("answered", [False, True], ids=["at first", "after an answer"])
@pytest.mark.parametrize("said", [b"\r\n", b"GET / HTTP/1.1\r\nHost: quiz"])
def test_who_does_not_get_on_with_it_is_dropped(said: bytes, answered: bool) -> None:
    async def main() -> None:
        async with served(MachineParty([Tally], limits=HASTY)) as (place, server):
            reader, writer = await asyncio.open_connection(*place.split(":"))
            if answered:
                writer.write(REQUEST)
                await reader.readuntil(b"}")
            writer.write(said)
            async with asyncio.timeout(3):  # less than uvicorn keeps an idle connection
                await _end(reader)
            writer.close()
            await until(lambda: not server.server_state.connections)

    run(main())


def test_a_head_without_an_end_is_dropped() -> None:
    async def main() -> None:
        limits = ServerLimits(head_bytes=8_000)
        async with served(MachineParty([Tally], limits=limits)) as (place, server):
            reader, writer = await asyncio.open_connection(*place.split(":"))
            writer.write(b"GET / HTTP/1.1\r\nHost: quiz.example\r\n")
            writer.write(b"X-Header: endless\r\n" * 1000)
            async with asyncio.timeout(3):
                await _end(reader)
            writer.close()
            await until(lambda: not server.server_state.connections)

    run(main())


def test_who_is_in_has_all_the_time_in_the_world() -> None:
    async def main() -> None:
        app = MachineParty([Tally], limits=HASTY)
        async with served(app) as (place, _), connect(place, "/parties/tally/r") as client:
            await client.send(GET)
            await client.recv()
            # A connection that is opened later, and dropped, shows that the time is over.
            reader, writer = await asyncio.open_connection(*place.split(":"))
            await _end(reader)
            writer.close()
            await client.send(json.dumps({"type": "party.ping"}))
            assert json.loads(await client.recv())["type"] == "party.pong"

    run(main())


async def _end(reader: asyncio.StreamReader) -> None:
    """Reads until the other side is gone, whichever way it goes."""
    try:
        await reader.read()
    except ConnectionResetError:
        pass
