"""The WebSocket transport on real sockets: the server of this repository, and worse ones."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import StringIO
from random import Random
from typing import Any

import pytest
import websockets

from client_facade import Closed, Facade, Lost, WebSocketTransport, connect
from client_facade.play import play_room
from client_facade.play.terminal import PipeTerminal
from client_facade.transport import websocket_url
from games.counter import Counter
from games.trivia import Trivia
from machine_party import MachineParty, MemoryStore
from machine_party.protocol import JSON
from machine_party.server import Server, listen

pytestmark = pytest.mark.socket
SECRET = "a secret of tests, which is not one"


@asynccontextmanager
async def serving(app: MachineParty, port: int = 0) -> AsyncIterator[int]:
    """The server on a port of 127.0.0.1, until the block ends."""
    bound = listen("127.0.0.1", port)
    started = asyncio.Event()
    server = Server(app, log_level="critical", access_log=False, on_started=started.set)
    running = asyncio.create_task(server.serve(sockets=[bound]))
    await started.wait()
    try:
        yield bound.getsockname()[1]
    finally:
        server.should_exit = True
        await running
        bound.close()


class Eager(Random):
    """Reconnects do not wait."""

    def uniform(self, a: float, b: float) -> float:
        return 0.01


async def room_of(app: MachineParty, port: int, **options: Any) -> Facade[Any]:
    if await app.rooms.get("counter", "lobby") is None:
        await app.rooms.create("counter", "lobby")
    url = f"http://127.0.0.1:{port}/parties/counter/lobby"
    return connect(url, random=Eager(1), **options)


def test_both_codecs_on_a_socket() -> None:
    async def main() -> None:
        app = MachineParty([Counter], secret=SECRET)
        async with (
            serving(app) as port,
            await room_of(app, port) as ada,
            await room_of(app, port, codec="json") as bob,
        ):
            assert (await ada.send("increment", by=2)).status == "accepted"
            assert (await bob.send("increment", by=3)).status == "accepted"
            await ada.wait_for(lambda snapshot: snapshot.context["count"] == 5, timeout=5)
            assert bob.context == {"count": 5, "mine": 3}
            assert ada.member != bob.member

    asyncio.run(main())


def test_a_server_that_comes_back_finds_its_members() -> None:
    async def main() -> None:
        store = MemoryStore()
        first = MachineParty([Counter], secret=SECRET, store=store)
        async with serving(first) as port:
            room = await room_of(first, port)
            await room.ready
            await room.send("increment", by=2)
        member = room.member
        sending = asyncio.create_task(room.send("increment", by=3))
        async with serving(MachineParty([Counter], secret=SECRET, store=store), port):
            assert (await asyncio.wait_for(sending, 10)).status == "accepted"
            assert room.member == member
            assert room.context == {"count": 5, "mine": 5}
            await room.close()

    asyncio.run(main())


def test_a_room_that_is_not_there_is_final() -> None:
    async def main() -> None:
        async with serving(MachineParty([Trivia], secret=SECRET)) as port:
            with pytest.raises(Closed) as caught:
                async with connect(f"ws://127.0.0.1:{port}/parties/trivia/nowhere"):
                    pytest.fail("there is no such room")
            assert caught.value.close_code == 4010
            assert caught.value.code == "not_found"

    asyncio.run(main())


def test_a_dead_socket_is_found_within_seconds() -> None:
    async def main() -> None:
        async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            """Shakes hands, and never says a word again."""
            key = next(
                line.split(b": ")[1].strip()
                for line in (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
                if line.lower().startswith(b"sec-websocket-key")
            )
            accept = websockets.utils.accept_key(key.decode())
            writer.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept.encode() + b"\r\n\r\n"
            )
            await asyncio.sleep(60)

        transport = WebSocketTransport(ping_interval=0.05, ping_timeout=0.05, close_timeout=0.05)
        async with deaf_server(mute) as port:
            channel = await transport.open(f"ws://127.0.0.1:{port}/", JSON.subprotocol)
            with pytest.raises(Lost) as caught:
                await asyncio.wait_for(channel.receive(), 5)
            assert caught.value.close_code == 1006

    asyncio.run(main())


@pytest.mark.parametrize(
    ("status", "close_code"),
    [(400, 4001), (401, 4003), (403, 4003), (404, 4010), (429, 4101), (500, 1006), (503, 4100)],
)
def test_a_refused_handshake_means_what_its_status_means(status: int, close_code: int) -> None:
    async def main() -> None:
        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status)
            await writer.drain()

        async with deaf_server(refuse) as port:
            with pytest.raises(Lost, match=str(status)) as caught:
                await WebSocketTransport().open(f"ws://127.0.0.1:{port}/", JSON.subprotocol)
            assert caught.value.close_code == close_code

    asyncio.run(main())


def test_what_is_no_address_is_final() -> None:
    async def main() -> None:
        with pytest.raises(Closed, match="ws://host") as caught:
            async with connect("nonsense"):
                pytest.fail("there is nothing to connect to")
        assert caught.value.close_code == 4001

    asyncio.run(main())


def test_nobody_there_is_a_loss_that_may_pass() -> None:
    async def main() -> None:
        bound = listen("127.0.0.1", 0)
        port = bound.getsockname()[1]
        bound.close()
        with pytest.raises(Lost, match="cannot connect") as caught:
            await WebSocketTransport().open(f"ws://127.0.0.1:{port}/", JSON.subprotocol)
        assert caught.value.close_code == 1006

    asyncio.run(main())


def test_a_script_plays_through_a_pipe() -> None:
    async def main() -> str:
        app = MachineParty([Counter], secret=SECRET)
        reading, writing = os.pipe()
        os.write(writing, b"increment by=4\nincrement by=0\n")
        os.close(writing)
        out = StringIO()
        async with serving(app) as port:
            await app.rooms.create("counter", "lobby")
            url = f"http://127.0.0.1:{port}/parties/counter/lobby"
            await play_room(url, name="Ada", where=PipeTerminal(reading, out))
        os.close(reading)
        return out.getvalue()

    printed = asyncio.run(main())
    assert "counter / lobby" in printed
    assert "increment: accepted" in printed
    assert "count = 4" in printed
    assert "increment: bad_request" in printed


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("http://a/b?c", "ws://a/b?c"),
        ("https://a:1/b", "wss://a:1/b"),
        ("ws://a", "ws://a"),
        ("wss://a", "wss://a"),
    ],
)
def test_a_web_address_is_a_rooms_address(given: str, wanted: str) -> None:
    assert websocket_url(given) == wanted


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def deaf_server(handle: Handler) -> AsyncIterator[int]:
    """A TCP server that does as it likes; its connections end with the block."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handle(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
