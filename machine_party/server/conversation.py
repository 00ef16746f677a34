"""What a WebSocket's client says: its first message, then any others, each answered or refused.

How the connection is joined, written and ended is `session.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
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
from machine_party.server.door import Door
from machine_party.server.error import store_unavailable
from machine_party.server.handshake import Handshake
from machine_party.server.rate import TokenBucket
from machine_party.server.session import Session
from machine_party.server.transport import Transport

__all__ = ["Conversation"]

_logger = logging.getLogger(__name__)


class Conversation:
    """With a client whose WebSocket was accepted and who has not said anything yet.

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
        self._asgi_receive = receive
        self._sync = ServerSync(handshake.codec, limits)
        self._session = Session(door, handshake, self._sync, transport, "websocket")
        self._bucket = TokenBucket(limits.events_per_second, limits.events_burst, door.now())
        self._refusals = 0

    async def run(self) -> None:
        """Until the peer or the room ends it. Raises nothing but cancellation."""
        try:
            async with asyncio.timeout(self._door.limits.hello_seconds):
                first = await self._next()
        except TimeoutError:
            reason = "no message came in time; send party.hello first"
            await self._session.say_goodbye(CloseCode.UNAUTHENTICATED, reason)
            return
        if first is not None:
            await self._serve(first)

    # -- joining ---------------------------------------------------------------------------

    async def _serve(self, first: str | bytes) -> None:
        try:
            message = self._sync.receive(first)
            entry = await self._session.join(_hello(message))
        except PeerError as error:
            await self._turn_away(error)
        except StoreError:  # the rooms have told the log
            await self._turn_away(store_unavailable())
        except Exception:
            _logger.exception("%s/%s: a join failed", *self._session.place)
            await self._turn_away(_failed())
        else:
            await self._session.stay(entry, self._talk(message))

    async def _turn_away(self, error: PeerError) -> None:
        """Says why, and closes: nobody who is not in stays connected."""
        self._sync.send(_error(error))
        await self._session.say_goodbye(error.close_code or CloseCode.MALFORMED, error.reason)

    # -- reading ---------------------------------------------------------------------------

    async def _talk(self, first: ClientMessage) -> None:
        self._begin(first)
        while (data := await self._next()) is not None:
            if self._session.writer.closing is None:
                self._receive(data)

    def _begin(self, message: ClientMessage) -> None:
        hello = _hello(message)
        if hello is not None and hello.resume is not None:
            # What the client did not see answered, it sends again, all at once.
            self._bucket.credit(self._door.limits.unanswered_sends)
        elif hello is None and not isinstance(message, SnapshotGet):
            self._give(message)
        self._session.writer.wake()

    async def _next(self) -> str | bytes | None:
        """The next message; None when there are no more."""
        message: Message = await self._asgi_receive()
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        return text if text is not None else message["bytes"]

    def _receive(self, data: str | bytes) -> None:
        self._bucket.credit(self._session.connection.take_unanswered())
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
        try:
            self._session.room.receive(self._session.connection, message)
        except PeerError as error:
            self._refused(message, error)

    # -- refusing --------------------------------------------------------------------------

    def _malformed(self, error: MalformedMessage) -> None:
        """A send with an id gets its receipt and the connection goes on; else it ends."""
        if error.id is not None:
            self._answer(self._rejected(error.id, error.code, f"{error.path}: {error.reason}"))
            return
        self._answer(_error(error))
        too_large = error.code == "too_large"
        code = CloseCode.TOO_BIG if too_large else CloseCode.MALFORMED
        self._session.writer.close(code, f"{error.path}: {error.reason}")

    def _limited(self, id: str | None, wait: float) -> None:
        """Never a silent drop; and an end for a peer that does not listen."""
        self._refusals += 1
        if self._refusals > self._door.limits.refusals_in_a_row:
            self._session.writer.close(CloseCode.RATE_LIMITED, "too many messages; slow down")
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
            self._session.writer.close(error.close_code, error.reason)

    def _rejected(self, id: str, code: str, reason: str, result: Any = None) -> Receipt:
        version = self._session.room.version
        return Receipt(id, "rejected", version, result=result, code=code, reason=reason)

    def _answer(self, message: Receipt | Error) -> None:
        self._sync.send(message)
        self._session.writer.wake()


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
