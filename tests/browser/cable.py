"""A cable between a browser and the server that a test can pull: a TCP proxy on the loopback.

What must not be here: anything of HTTP or the protocol. A cable only carries bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

__all__ = ["Cable", "plugged_in"]

CHUNK = 65_536
"""Bytes that one direction of a connection holds at most, beside the system's buffers."""


@dataclass(eq=False)
class _Line:
    """One connection: both its ends, and whether its bytes travel."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def abort(self) -> None:
        self.open.set()  # who waits for it finds the end
        for end in (self.near, self.far):
            end.transport.abort()


class Cable:
    """Carries connections to a server, for as long as it is whole.

    Args:
        place: the server's `host:port`.

    `cut` and `freeze` hold for what comes later, too, until `mend`.
    """

    def __init__(self, place: str) -> None:
        self._server_at = place
        self._lines: set[_Line] = set()
        self._cut = False
        self._frozen = False
        self.place = ""

    @property
    def url(self) -> str:
        """What a page opens to reach the server through this cable."""
        return f"http://{self.place}"

    @property
    def connections(self) -> int:
        """How many it carries, frozen ones too."""
        return len(self._lines)

    def cut(self) -> None:
        """Every connection dies at once, as both ends notice; new ones die as they are made."""
        self._cut = True
        for line in self._lines:
            line.abort()

    def freeze(self) -> None:
        """Nothing travels any more, and nobody is told: the sockets stay open."""
        self._frozen = True
        for line in self._lines:
            line.open.clear()

    def mend(self) -> None:
        """All is well again; what was frozen travels now, late."""
        self._cut = self._frozen = False
        for line in self._lines:
            line.open.set()

    def strand(self) -> None:
        """New connections work; those of before stay open and dead for ever, as the sockets of a
        phone that has gone from one network to another."""
        self.freeze()
        self._cut = self._frozen = False

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its beginning to its end."""
        if self._cut:
            writer.transport.abort()
            return
        try:
            host, port = self._server_at.split(":")
            far_reader, far = await asyncio.open_connection(host, port, limit=CHUNK)
        except OSError:  # the server is down
            writer.transport.abort()
            return
        line = _Line(writer, far)
        self._lines.add(line)
        if self._cut:  # pulled while connecting
            line.abort()
        if not self._frozen:
            line.open.set()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, far, line))
                group.create_task(_pump(far_reader, writer, line))
        finally:
            self._lines.discard(line)
            line.abort()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, line: _Line) -> None:
    """One direction, until its source ends; that end is passed on, too."""
    try:
        while (data := await _read(source, line)) and not sink.is_closing():
            sink.write(data)
            await sink.drain()
        if not sink.is_closing():
            sink.write_eof()
    except OSError:
        line.abort()


async def _read(source: asyncio.StreamReader, line: _Line) -> bytes:
    """What comes next, once it may travel."""
    await line.open.wait()
    data = await source.read(CHUNK)
    await line.open.wait()
    return data


@contextlib.asynccontextmanager
async def plugged_in(place: str) -> AsyncIterator[Cable]:
    """A cable to the server at `host:port`, until the block ends."""
    cable = Cable(place)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(cable.carry(reader, writer)))

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, limit=CHUNK)
    host, port = listener.sockets[0].getsockname()
    cable.place = f"{host}:{port}"
    try:
        yield cable
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        for end in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(end, Exception):
                raise end
