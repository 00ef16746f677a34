"""The cable does what a test says that it does: bytes travel, wait, or their connection dies."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.browser.cable import Cable, plugged_in
from tests.browser.theatre import Stage
from tests.server.network import until

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def cable_to_an_echo() -> AsyncIterator[Cable]:
    """A cable to a server that says everything back, upper case."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1000):
                writer.write(data.upper())
        writer.transport.abort()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server, plugged_in(f"{host}:{port}") as cable:
        yield cable


@contextlib.asynccontextmanager
async def connected(cable: Cable) -> AsyncIterator[Ends]:
    ends = await asyncio.open_connection(*cable.place.split(":"))
    try:
        yield ends
    finally:
        ends[1].transport.abort()


async def said(ends: Ends, data: bytes) -> bytes:
    """What is answered; nothing if the connection ends."""
    try:
        ends[1].write(data)
        async with asyncio.timeout(5):
            return await ends[0].read(1000)
    except ConnectionError:
        return b""


async def test_it_carries_bytes_both_ways(runner: asyncio.Runner) -> None:
    async with cable_to_an_echo() as cable, connected(cable) as ends:
        assert await said(ends, b"hello") == b"HELLO"
        assert cable.connections == 1
        ends[1].write_eof()
        assert await ends[0].read() == b""
        await until(lambda: cable.connections == 0)


async def test_a_cut_is_noticed_at_once_and_holds_until_it_is_mended(
    runner: asyncio.Runner,
) -> None:
    async with cable_to_an_echo() as cable:
        async with connected(cable) as ends:
            assert await said(ends, b"hello") == b"HELLO"
            cable.cut()
            assert await said(ends, b"x") == b""
        async with connected(cable) as ends:
            assert await said(ends, b"x") == b""
        cable.mend()
        async with connected(cable) as ends:
            assert await said(ends, b"hello") == b"HELLO"


async def test_what_is_frozen_travels_when_it_is_mended(runner: asyncio.Runner) -> None:
    async with cable_to_an_echo() as cable, connected(cable) as ends:
        assert await said(ends, b"hello") == b"HELLO"
        cable.freeze()
        late = asyncio.create_task(said(ends, b"x"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(late), 0.1)
        cable.mend()
        assert await late == b"X"


async def test_who_is_stranded_stays_so_and_others_are_served(runner: asyncio.Runner) -> None:
    async with cable_to_an_echo() as cable, connected(cable) as ends:
        assert await said(ends, b"hello") == b"HELLO"
        cable.strand()
        late = asyncio.create_task(said(ends, b"x"))
        async with connected(cable) as others:
            assert await said(others, b"hello") == b"HELLO"
        assert not late.done()
        cable.cut()
        assert await late == b""


async def test_a_page_behind_a_cable(stage: Stage) -> None:
    cable = await stage.cable()
    phone = await stage.phone(through=cable)
    page = await phone.open("/")
    works = "async () => { try { return (await fetch('/')).status } catch { return 'dead' } }"

    assert await page.evaluate(works) == 200
    cable.cut()
    assert await page.evaluate(works) == "dead"
    cable.mend()
    assert await page.evaluate(works) == 200


async def test_a_server_that_comes_back_has_its_place_of_before(stage: Stage) -> None:
    cable = await stage.cable()
    page = await (await stage.phone(through=cable)).open("/")
    place = stage.place

    await stage.stop()
    await stage.start()

    assert stage.place == place
    await page.reload()
