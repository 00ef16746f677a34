"""One connection from its join to its end, whatever carries it.

It owns the writer and whatever else lives as long as the connection, and ends them all. What is
heard from the peer is the carrier's business (`conversation.py`, `event_stream.py`); what a
message does is the room's; who may come in is `door.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

from machine_party.protocol.codes import CloseCode
from machine_party.protocol.messages import Hello
from machine_party.protocol.server import ServerSync
from machine_party.room.connection import Connection
from machine_party.room.room import Room
from machine_party.server.door import Door, Entry
from machine_party.server.handshake import Handshake
from machine_party.server.transport import Transport
from machine_party.server.writer import SlowPeer, Writer

__all__ = ["Session"]

_logger = logging.getLogger(__name__)


class Session:
    """A connection that has not joined yet.

    Args:
        door: who lets it in.
        handshake: what its request said.
        sync: the server's half of it.
        transport: to write to.
        carrier: `websocket` or `sse`: what hooks are told that it is.

    Attributes:
        writer: writes what `sync` has to send.
        room, connection: after the join.
    """

    room: Room
    connection: Connection

    def __init__(
        self,
        door: Door,
        handshake: Handshake,
        sync: ServerSync,
        transport: Transport,
        carrier: str,
    ) -> None:
        self.writer = Writer(sync, transport, door.limits, self._refresh)
        self._door = door
        self._handshake = handshake
        self._sync = sync
        self._transport = transport
        self._carrier = carrier

    async def join(self, hello: Hello | None) -> Entry:
        """Takes the seat and opens the connection: the first messages are queued.

        Raises:
            PeerError, StoreError: as `Door.enter` and `Door.attach`.
        """
        entry = await self._door.enter(self._handshake, hello)
        connection = Connection(
            self._sync,
            metadata=self._metadata(hello),
            write=self.writer.wake,
            close=self.writer.close,
        )
        self.room = await self._door.attach(entry, connection, hello)
        self.connection = connection
        return entry

    async def stay(
        self,
        entry: Entry,
        reader: Coroutine[Any, Any, None],
        *companions: Coroutine[Any, Any, None],
    ) -> None:
        """Writes until the peer or the room ends it. Raises nothing but cancellation.

        Args:
            reader: returns when the peer is gone.
            companions: what goes on meanwhile.
        """
        recheck = self._door.watch(entry, self.writer.close)
        try:
            await self._settle([reader, self.writer.run()], companions)
        finally:
            recheck.cancel()
            self.room.detach(self.connection)

    async def say_goodbye(self, code: int, reason: str) -> None:
        """Closes, after what is queued, a connection that has not joined."""
        self.writer.close(code, reason)
        await self._settle([self.writer.run()])

    @property
    def place(self) -> tuple[str, str]:
        """The party and the room of the request, for the log."""
        return self._handshake.party, self._handshake.room

    def _metadata(self, hello: Hello | None) -> Mapping[str, Any]:
        """What the hello said, under what we know: a client cannot claim another address."""
        said = (hello.meta if hello else None) or {}
        return {
            **said,
            "ip": self._handshake.address.ip,
            "user_agent": self._handshake.headers.get("user-agent", ""),
            "transport": self._carrier,
        }

    def _refresh(self) -> None:
        """Asked by the writer, once a slow peer has caught up: so it has joined."""
        self.room.resync(self.connection)

    async def _settle(
        self,
        deciding: list[Coroutine[Any, Any, None]],
        others: tuple[Coroutine[Any, Any, None], ...] = (),
    ) -> None:
        """Waits for the first that decides to end, ends the others, and looks at why."""
        first = [asyncio.create_task(each) for each in deciding]
        tasks = [*first, *map(asyncio.create_task, others)]
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            await self._end(result)

    async def _end(self, result: BaseException | None) -> None:
        if isinstance(result, SlowPeer):
            _logger.info("%s/%s: a peer reads too slowly (4102)", *self.place)
            await self._transport.abort()
        elif isinstance(result, Exception) and not isinstance(result, OSError):
            _logger.error("%s/%s: a connection failed", *self.place, exc_info=result)
            await self._close_failed()

    async def _close_failed(self) -> None:
        try:
            async with asyncio.timeout(self._door.limits.stuck_seconds):
                await self._transport.close(CloseCode.INTERNAL, "the server failed")
        except (OSError, TimeoutError):
            await self._transport.abort()
