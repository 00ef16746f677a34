"""The JavaScript façade, in a Node process that a test leads; and a wire that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DRIVER = ROOT / "tests/client_js/live/driver.js"
DEADLINE = 15.0


def require_node() -> None:
    """Skips the test where there is no Node to run it with; on CI that is an error."""
    missing = [] if shutil.which("node") else ["node"]
    missing += [] if (ROOT / "node_modules/ws").is_dir() else ["node_modules (run `npm ci`)"]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"the JavaScript client cannot be tested without {' and '.join(missing)}")
    if missing:
        pytest.skip(f"no {' and no '.join(missing)}")


class NodeClient:
    """One façade of the JavaScript client. Make it with `node_client`."""

    def __init__(self, process: Process) -> None:
        self.told: list[str] = []
        """The states of its connection and its conflicts, in order."""
        self._process = process
        self._numbers = itertools.count()
        self._answers: dict[int, asyncio.Future[Any]] = {}

    async def ask(self, call: str, argument: Any = None) -> Any:
        """What the driver's `call` gives. Raises AssertionError with what it threw."""
        async with asyncio.timeout(DEADLINE):
            return await self.start(call, argument)

    def start(self, call: str, argument: Any = None) -> asyncio.Future[Any]:
        """As `ask`, without waiting."""
        assert self._process.stdin is not None
        id = next(self._numbers)
        self._answers[id] = asyncio.get_running_loop().create_future()
        line = json.dumps({"id": id, "call": call, "with": argument})
        self._process.stdin.write(line.encode() + b"\n")
        return self._answers[id]

    async def read(self) -> None:
        """Takes in what the driver says, until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            message = json.loads(line)
            if "told" in message:
                self.told.append(message["told"])
            elif "error" in message:
                self._answers[message["id"]].set_exception(AssertionError(message["error"]))
            else:
                self._answers[message["id"]].set_result(message.get("result"))


@contextlib.asynccontextmanager
async def node_client(url: str, **options: Any) -> AsyncIterator[NodeClient]:
    """A façade of the room at `url`; its process has ended, by itself, when the block has."""
    command = ("node", str(DRIVER), url, json.dumps(options))
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=ROOT)
    client = NodeClient(process)
    reading = asyncio.create_task(client.read())
    try:
        yield client
        _ = client.start("dispose")
        async with asyncio.timeout(DEADLINE):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


class Wire:
    """A TCP proxy in front of a server, which can be cut, or go dead without a word."""

    def __init__(self, place: str) -> None:
        self._host, self._port = place.split(":")
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._dead: set[asyncio.StreamWriter] = set()
        self.connections = 0

    def cut(self) -> None:
        """Every connection breaks."""
        for writer in self._writers:
            writer.transport.abort()

    def deaden(self) -> None:
        """The connections of now stay open, and nothing passes any more."""
        self._dead |= self._writers

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carries one connection."""
        self.connections += 1
        there = await asyncio.open_connection(self._host, int(self._port))
        self._writers |= {writer, there[1]}
        for source, sink in ((reader, there[1]), (there[0], writer)):
            self._tasks.add(asyncio.create_task(self._carry(source, sink)))

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(4096):
                if sink not in self._dead:
                    sink.write(data)
            if sink not in self._dead:
                sink.close()

    async def close(self) -> None:
        """Ends every connection."""
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def wire_to(place: str) -> AsyncIterator[tuple[str, Wire]]:
    """A wire to `place`; yields its own place, and the wire."""
    wire = Wire(place)
    server = await asyncio.start_server(wire.take, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", wire
    finally:
        server.close()
        await wire.close()
