"""The real server on 127.0.0.1, in the test's own loop, and clients of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, NamedTuple

import uvloop
import websockets
from websockets.asyncio.client import ClientConnection

from machine_party import MachineParty
from machine_party.server import Server, listen

GET = json.dumps({"type": "party.snapshot.get"})
DEADLINE = 10.0


def run(main: Coroutine[Any, Any, None]) -> None:
    """Runs a test's coroutine on the server's kind of loop; it may take 30 seconds."""
    with _loggers_as_before():
        uvloop.run(asyncio.wait_for(main, 30))


class Served(NamedTuple):
    """A running server: `127.0.0.1:port`, and the server itself."""

    place: str
    server: Server


@contextlib.asynccontextmanager
async def serving(app: MachineParty) -> AsyncIterator[str]:
    """The app on a free port, in this loop; yields `127.0.0.1:port`."""
    async with served(app) as it:
        yield it.place


@contextlib.asynccontextmanager
async def served(
    app: MachineParty, *, port: int = 0, log_level: str = "info"
) -> AsyncIterator[Served]:
    """The app and its server; both have ended when the block has."""
    bound = listen("127.0.0.1", port, app.limits)
    started = asyncio.Event()
    server = Server(app, limits=app.limits, log_level=log_level, on_started=started.set)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    await started.wait()
    try:
        yield Served(f"127.0.0.1:{bound.getsockname()[1]}", server)
    finally:
        server.should_exit = True
        await task


def connect(place: str, path: str, **options: Any) -> Any:
    return websockets.connect(f"ws://{place}{path}", proxy=None, **options)


async def heard(client: ClientConnection, type: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = json.loads(await client.recv())
        if message["type"] == type:
            return message


async def until(condition: Callable[[], bool]) -> None:
    """Returns once it holds; fails after `DEADLINE` seconds."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110  what is waited for belongs to others
            await asyncio.sleep(0.01)


async def write_note(client: ClientConnection, number: int) -> None:
    """Sends a long text; it is accepted at once, whoever else does not read."""
    event = {"type": "note", "text": f"{number}" * 3000}
    send = {"type": "party.send", "id": f"0123456789abcdef.{number}", "event": event}
    await client.send(json.dumps(send))
    async with asyncio.timeout(1):
        assert (await heard(client, "party.receipt"))["status"] == "accepted"


async def never_reading(place: str, path: str) -> socket.socket:
    """A socket that joins and never reads again."""
    host, port = place.split(":")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, (host, int(port)))
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {place}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await loop.sock_sendall(raw, request.encode())
    while b"\r\n\r\n" not in await loop.sock_recv(raw, 4096):
        pass
    masked = b"\x81" + bytes([0x80 | len(GET)]) + b"\0\0\0\0" + GET.encode()
    await loop.sock_sendall(raw, masked)
    return raw


@contextlib.contextmanager
def _loggers_as_before() -> Iterator[None]:
    """uvicorn configures the loggers of the whole process."""
    names = ("uvicorn", "uvicorn.error", "uvicorn.access")
    before = {name: logging.getLogger(name).__dict__.copy() for name in names}
    try:
        yield
    finally:
        for name, state in before.items():
            logging.getLogger(name).__dict__.update(state)
