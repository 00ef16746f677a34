"""A server under strace, its clients, and what is left of both: a recording of one run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from machine_party.room import RoomKey
from tests.faults import strace
from tests.faults.syscall import TRACED, Call, read_calls
from tests.faults.wire import Message, said

__all__ = ["DATABASE", "PARTY", "Client", "Recording", "TracedServer", "record"]

ROOT = Path(__file__).parents[2]
PARTY = "tally"
DATABASE = "rooms.sqlite"
AGAIN = 0.02
"""Seconds until somebody sends anew what was not kept."""
SECONDS = 60
"""That a run may take; it takes a few."""


@dataclass
class Recording:
    """What is known of a run once it is over.

    Attributes:
        folder: where its files were.
        rooms: `{a client's port: its room}`.
        heard: what each client was told, `{port: messages}`.
        log: what the server has printed.
    """

    folder: Path
    rooms: dict[int, RoomKey] = field(default_factory=dict)
    heard: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    log: str = ""

    def room(self, message: Message) -> RoomKey:
        return self.rooms[message.peer]


class Client:
    """One connection to a room, which asks and waits for the answer.

    Attributes:
        port: its own.
        receipts: all that it was given.
    """

    def __init__(self, socket: ClientConnection, heard: list[dict[str, Any]]) -> None:
        self.port: int = socket.local_address[1]
        self.receipts: list[dict[str, Any]] = []
        self._socket, self._heard = socket, heard
        self._sent = 0

    async def say(self, **message: Any) -> None:
        await self._socket.send(json.dumps(message))

    async def hear(self, kind: str) -> dict[str, Any]:
        """The next message of that type."""
        while True:
            message: dict[str, Any] = json.loads(await self._socket.recv())
            self._heard.append(message)
            if message["type"] == f"party.{kind}":
                return message

    async def add(self, by: int, id: str | None = None) -> dict[str, Any]:
        """Count up by so much; the receipt."""
        self._sent += 1
        id = id or f"{self.port:016x}.{self._sent}"
        await self.say(type="party.send", id=id, event={"type": "increment", "by": by})
        receipt = await self.hear("receipt")
        assert receipt["id"] == id
        self.receipts.append(receipt)
        return receipt

    async def look(self) -> None:
        """Ask for the whole document."""
        await self.say(type="party.snapshot.get")
        await self.hear("snapshot.update")

    async def add_surely(self, by: int, id: str | None = None) -> None:
        """Count up by so much: the same event again until it is kept."""
        receipt = await self.add(by, id)
        while receipt["status"] == "rejected":
            assert receipt["code"] == "store_unavailable", receipt
            await asyncio.sleep(AGAIN)
            receipt = await self.add(by, receipt["id"])


class Visitor:
    """Somebody without a connection to a room: one HTTP request after the other."""

    def __init__(self, client: httpx.AsyncClient, url: str, port: int) -> None:
        self._client, self._url, self._name = client, f"{url}/events", f"{port:016x}"
        self._sent = 0

    async def add(self, by: int) -> None:
        """Count up by so much."""
        self._sent += 1
        event = {"type": "increment", "by": by}
        body = {"id": f"{self._name}.{self._sent}", "event": event}
        answer = await self._client.post(self._url, json=body)
        assert answer.raise_for_status().json()["status"] == "accepted"


class TracedServer:
    """A running server (`tests/faults/server.py`) under strace."""

    def __init__(self, process: Process, port: int, pid: int, recording: Recording) -> None:
        self.port, self.pid = port, pid
        self.recording = recording
        self._process = process

    @asynccontextmanager
    async def join(self, room: str) -> AsyncIterator[Client]:
        """A client in a room."""
        url = f"ws://127.0.0.1:{self.port}/parties/{PARTY}/{room}"
        protocols: Any = ["machine-party.v1+json"]
        async with connect(url, subprotocols=protocols, compression=None) as socket:
            port = socket.local_address[1]
            self.recording.rooms[port] = RoomKey(PARTY, room)
            client = Client(socket, self.recording.heard.setdefault(port, []))
            await client.say(type="party.hello")
            await client.hear("snapshot.update")
            yield client

    @asynccontextmanager
    async def visit(self, room: str) -> AsyncIterator[Visitor]:
        """Somebody who comes by HTTP."""
        url = f"http://127.0.0.1:{self.port}/parties/{PARTY}/{room}"
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            seated = await client.post(f"{url}/members", json={})
            port: int = seated.extensions["network_stream"].get_extra_info("client_addr")[1]
            self.recording.rooms[port] = RoomKey(PARTY, room)
            client.headers["authorization"] = f"Bearer {seated.raise_for_status().json()['token']}"
            yield Visitor(client, url, port)

    async def stop(self) -> None:
        """As an operator stops it; waits for its end."""
        os.kill(self.pid, signal.SIGTERM)
        assert await self._process.wait() == 0, self.recording.log


def record(
    folder: Path,
    kind: str,
    play: Callable[[TracedServer], Awaitable[None]],
    *options: str,
) -> Recording:
    """Run a server and what is to happen with it, and read what it has asked of the system.

    Args:
        folder: empty; the database's folder is made in it.
        kind: of `tests.faults.server.KINDS`.
        options: strace's, to inject faults.
    """
    tracer = strace.require()
    recording = Recording(folder / "disk")
    recording.folder.mkdir(exist_ok=True)
    log = folder / "strace.log"
    command = [tracer, *_TRACING, "-o", str(log), *options, *_server(kind, recording.folder)]
    asyncio.run(asyncio.wait_for(_run(command, recording, play), SECONDS))
    with log.open(encoding="ascii") as lines:
        recording.calls = read_calls(lines)
    log.unlink()
    recording.messages = said(recording.calls)
    return recording


_TRACING = [
    *("-f", "-qq", "-yy", "-xx", "-s", "100000000", "--seccomp-bpf"),
    *("-e", f"trace={TRACED}", "-e", "signal=none"),
]


def _server(kind: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "tests.faults.server", kind, str(folder / DATABASE)]


async def _run(
    command: list[str], recording: Recording, play: Callable[[TracedServer], Awaitable[None]]
) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=PIPE, stderr=PIPE, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    reading = asyncio.create_task(process.stderr.read())
    try:
        ready = await process.stdout.readline()
        if not ready:
            raise AssertionError(f"it has not started: {(await reading).decode()}")
        port, pid = map(int, ready.split())
        server = TracedServer(process, port, pid, recording)
        await play(server)
        await server.stop()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        recording.log = (await reading).decode()
