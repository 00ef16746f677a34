"""One WebSocket connection from its first message to its end.

It owns two tasks, its reader and its writer, and ends both. What a message does is the
room's business; who may come in is `door.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from starlette.types import Message, Receive

from machine_party.errors import MalformedMessage, PeerError, StoreError
from machine_party.protocol.codes import CloseCode
from machine_party.protocol.messages import (
    ClientMessage,
    Error,
    Hello,
    Receipt,
    Send,
    SendTo,
    SnapshotGet,
)
from machine_party.protocol.server import ServerSync
from machine_party.room.connection import Connection
from machine_party.room.room import Room
from machine_party.server.door import Door, Entry
from machine_party.server.handshake import Handshake
from machine_party.server.rate import TokenBucket
from machine_party.server.transport import Transport
from machine_party.server.writer import SlowPeer, Writer

__all__ = ["Session"]

_logger = logging.getLogger(__name__)


class Session:
    """A connection that was accepted and has not said anything yet.

    Args:
        door: who lets it in.
        handshake: what its request said.
        transport: to write to.
        receive: the ASGI receive to read from.
    """

    def __init__(
        self, door: Door, handshake: Handshake, transport: Transport, receive: Receive
    ) -> None:
        limits = door.limits
        self._door = door
        self._handshake = handshake
        self._transport = transport
        self._asgi_receive = receive
        self._sync = ServerSync(handshake.codec, limits)
        self._writer = Writer(self._sync, transport, limits, self._refresh)
        self._bucket = TokenBucket(limits.events_per_second, limits.events_burst, door.now())
        self._refusals = 0
        self._connection: Connection | None = None
        self._room: Room | None = None

    async def run(self) -> None:
        """Until the peer or the room ends it. Raises nothing but cancellation."""
        try:
            async with asyncio.timeout(self._door.limits.hello_seconds):
                first = await self._next()
        except TimeoutError:
            reason = "no message came in time; send party.hello first"
            await self._say_goodbye(CloseCode.UNAUTHENTICATED, reason)
            return
        if first is not None:
            await self._serve(first)

    # -- joining ---------------------------------------------------------------------------

    async def _serve(self, first: str | bytes) -> None:
        try:
            message = self._sync.receive(first)
            entry = await self._door.enter(self._handshake, _hello(message))
            await self._attach(entry, message)
        except PeerError as error:
            await self._turn_away(error)
        except StoreError:  # the rooms have told the log
            await self._turn_away(_store_unavailable())
        except Exception:
            _logger.exception("%s/%s: a join failed", *self._place)
            await self._turn_away(_failed())
        else:
            await self._live(entry)

    async def _attach(self, entry: Entry, message: ClientMessage) -> None:
        hello = _hello(message)
        connection = Connection(
            self._sync,
            metadata=self._metadata(hello),
            write=self._writer.wake,
            close=self._writer.close,
        )
        self._room = await self._door.attach(entry, connection, hello)
        self._connection = connection
        if hello is not None and hello.resume is not None:
            # What the client did not see answered, it sends again, all at once.
            self._bucket.credit(self._door.limits.unanswered_sends)
        elif hello is None and not isinstance(message, SnapshotGet):
            self._room.receive(connection, message)
        self._writer.wake()

    async def _turn_away(self, error: PeerError) -> None:
        """Says why, and closes: nobody who is not in stays connected."""
        self._sync.send(_error(error))
        await self._say_goodbye(error.close_code or CloseCode.MALFORMED, error.reason)

    async def _say_goodbye(self, code: int, reason: str) -> None:
        self._writer.close(code, reason)
        await self._settle({asyncio.create_task(self._writer.run())})

    def _metadata(self, hello: Hello | None) -> Mapping[str, Any]:
        """What the hello said, under what we know: a client cannot claim another address."""
        said = (hello.meta if hello else None) or {}
        return {
            **said,
            "ip": self._handshake.address.ip,
            "user_agent": self._handshake.headers.get("user-agent", ""),
            "transport": "websocket",
        }

    # -- being there -----------------------------------------------------------------------

    async def _live(self, entry: Entry) -> None:
        assert self._connection is not None
        assert self._room is not None
        recheck = self._door.watch(entry, self._writer.close)
        tasks = {asyncio.create_task(self._read()), asyncio.create_task(self._writer.run())}
        try:
            await self._settle(tasks)
        finally:
            recheck.cancel()
            self._room.detach(self._connection)

    async def _settle(self, tasks: set[asyncio.Task[None]]) -> None:
        """Waits for the first of the tasks to end, ends the others, and looks at why."""
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            await self._end(result)

    async def _end(self, result: BaseException | None) -> None:
        if isinstance(result, SlowPeer):
            _logger.info("%s/%s: a peer reads too slowly (4102)", *self._place)
            await self._transport.abort()
        elif isinstance(result, Exception) and not isinstance(result, OSError):
            _logger.error("%s/%s: a connection failed", *self._place, exc_info=result)
            await self._close_failed()

    async def _close_failed(self) -> None:
        try:
            async with asyncio.timeout(self._door.limits.stuck_seconds):
                await self._transport.close(CloseCode.INTERNAL, "the server failed")
        except (OSError, TimeoutError):
            await self._transport.abort()

    async def _read(self) -> None:
        while (data := await self._next()) is not None:
            if self._writer.closing is None:
                self._receive(data)

    async def _next(self) -> str | bytes | None:
        """The next message; None when there are no more."""
        message: Message = await self._asgi_receive()
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        return text if text is not None else message["bytes"]

    # -- messages --------------------------------------------------------------------------

    def _receive(self, data: str | bytes) -> None:
        wait = self._bucket.take(self._door.now())
        try:
            message = self._sync.receive(data)
        except MalformedMessage as error:
            if wait > 0 and error.id is not None:
                self._limited(error.id, wait)
            else:
                self._malformed(error)
            return
        if wait > 0:
            self._limited(_id(message), wait)
            return
        self._refusals = 0
        self._give(message)

    def _give(self, message: ClientMessage) -> None:
        assert self._connection is not None
        assert self._room is not None
        try:
            self._room.receive(self._connection, message)
        except PeerError as error:
            self._refused(message, error)

    def _malformed(self, error: MalformedMessage) -> None:
        """A send with an id gets its receipt and the connection goes on; else it ends."""
        if error.id is not None:
            self._answer(self._rejected(error.id, error.code, f"{error.path}: {error.reason}"))
            return
        self._answer(_error(error))
        too_large = error.code == "too_large"
        code = CloseCode.TOO_BIG if too_large else CloseCode.MALFORMED
        self._writer.close(code, f"{error.path}: {error.reason}")

    def _limited(self, id: str | None, wait: float) -> None:
        """Never a silent drop; and an end for a peer that does not listen."""
        self._refusals += 1
        if self._refusals > self._door.limits.refusals_in_a_row:
            self._writer.close(CloseCode.RATE_LIMITED, "too many messages; slow down")
            return
        wait = round(wait, 3)
        reason = f"too many messages; wait {wait} s"
        if id is not None:
            result = {"retry_after": wait}
            self._answer(self._rejected(id, "rate_limited", reason, result))
        else:
            self._answer(Error("rate_limited", reason, True, wait))

    def _refused(self, message: ClientMessage, error: PeerError) -> None:
        """The room would not even look at it."""
        id = _id(message)
        if id is not None:
            self._answer(self._rejected(id, error.code, error.reason))
        else:
            self._answer(_error(error))
        if error.close_code is not None:
            self._writer.close(error.close_code, error.reason)

    def _rejected(self, id: str, code: str, reason: str, result: Any = None) -> Receipt:
        assert self._room is not None
        version = self._room.version
        return Receipt(id, "rejected", version, result=result, code=code, reason=reason)

    def _answer(self, message: Receipt | Error) -> None:
        self._sync.send(message)
        self._writer.wake()

    def _refresh(self) -> None:
        if self._room is not None and self._connection is not None:
            self._room.resync(self._connection)

    @property
    def _place(self) -> tuple[str, str]:
        return self._handshake.party, self._handshake.room


def _hello(message: ClientMessage) -> Hello | None:
    return message if isinstance(message, Hello) else None


def _id(message: ClientMessage) -> str | None:
    """The id that a receipt for it would have."""
    return message.id if isinstance(message, Send | SendTo) else None


def _error(error: PeerError) -> Error:
    place = f"{error.path}: " if error.path not in (None, "$") else ""
    return Error(error.code, place + error.reason, error.temporary, error.retry_after)


def _failed() -> PeerError:
    return PeerError("error", "the server failed", close_code=CloseCode.INTERNAL)


def _store_unavailable() -> PeerError:
    reason = "the store does not answer; try again"
    return PeerError(
        "store_unavailable", reason, temporary=True, retry_after=1.0,
        close_code=CloseCode.STORE_UNAVAILABLE,
    )  # fmt: skip
