"""A room's events over HTTP: the protocol's messages as server-sent events, one way.

It is a connection like a WebSocket's, through the same door, with the same writer and the same
patience; what its client wants to say, it posts. The form of the events is `sse.py`'s.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from machine_party.errors import PeerError
from machine_party.protocol.codes import CloseCode, Reconnect, reconnect_after
from machine_party.protocol.messages import MODES, Error, Hello, Mode
from machine_party.server.accept import quality
from machine_party.server.body import bearer_of
from machine_party.server.caller import Caller
from machine_party.server.codecs import EVENT_STREAM
from machine_party.server.handshake import Handshake, asked
from machine_party.server.node import Node
from machine_party.server.session import Session
from machine_party.server.sse import EventSync, position_of

__all__ = ["KEEP_ALIVE_SECONDS", "EventStream", "wants_events"]

MEDIA_TYPE: Final = "text/event-stream"

KEEP_ALIVE_SECONDS: Final = 15.0
"""Between comments: the HTML standard (section 9.2.7) advises "every 15 seconds or so", for
proxies that drop what is silent."""

_HEADERS: Final = {
    "Content-Type": f"{MEDIA_TYPE}; charset=utf-8",
    "Cache-Control": "no-store",
    "Vary": "Accept, Authorization",
    "X-Accel-Buffering": "no",  # nginx would collect the events first
}

_RETURN_SECONDS: Final = 5.0
"""Over how many seconds the listeners of a server that ends are spread when they come back."""

_QUERY: Final[Mapping[str, str]] = {
    "$.name": "?name", "$.meta.role": "?role", "$.sections": "?sections",
}  # fmt: skip
"""Where in the request the parts of the hello stand."""

_MODES: Final[Mapping[str, Mode]] = {mode: mode for mode in MODES}

_CODES: Final[Mapping[int, str]] = {
    CloseCode.BAD_TOKEN: "bad_token",
    CloseCode.KICKED: "kicked",
    CloseCode.ROOM_GONE: "not_found",
    CloseCode.STORE_UNAVAILABLE: "store_unavailable",
    CloseCode.OWNER_MOVED: "draining",
    CloseCode.RESTART: "draining",
    CloseCode.DRAINING: "draining",
}
"""What a stream's end is called, that has no close codes of its own; `error` for any other."""


def wants_events(request: Request) -> bool:
    """Whether the request takes an event stream."""
    return quality(request.headers.get("accept"), MEDIA_TYPE) > 0


class EventStream(Response):
    """The answer that goes on until somebody ends it. Called as an ASGI app, it joins.

    Args:
        node: the working parts.
        request: for the stream.
    """

    def __init__(self, node: Node, request: Request) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]  # nobody knows
        self._node = node
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises PeerError or StoreError before anything is sent, and nothing after that."""
        handshake, hello = asked(self._request, self._node.origins), _hello(self._request)
        if scope["method"] == "HEAD":
            await self._node.door.enter(handshake, hello)
            await super().__call__(scope, receive, send)
            return
        caller = Caller(scope, receive)
        with self._node.admission.connected(handshake.address):
            transport = _StreamTransport(self.raw_headers, send, caller)
            await _Listening(self._node, handshake, transport, caller).run(hello)


class _Listening:
    """One client that listens.

    Args:
        node: the working parts.
        handshake: what its request said.
        transport: to write to.
        caller: whoever has sent the request.
    """

    def __init__(
        self, node: Node, handshake: Handshake, transport: _StreamTransport, caller: Caller
    ) -> None:
        self._caller = caller
        self._sync = EventSync(handshake.codec, node.limits)
        self._session = Session(node.door, handshake, self._sync, transport, "sse")

    async def run(self, hello: Hello) -> None:
        """Until the client or the room ends it."""
        try:
            entry = await self._session.join(hello)
        except PeerError as error:
            error.path = _QUERY.get(error.path or "", error.path)
            raise
        await self._session.stay(entry, self._caller.gone(), self._keep())

    async def _keep(self) -> None:
        """Comments every so often, until the server wants to end."""
        while not await _within(KEEP_ALIVE_SECONDS, self._caller.draining):
            self._sync.keep_alive()
            self._session.writer.wake()
        self._session.writer.close(CloseCode.RESTART, "The server is restarting.")


class _StreamTransport:
    """Sends events. The response begins with the first of them.

    Args:
        headers: of the response.
        send: the ASGI send.
        caller: whoever listens.
    """

    writable = False
    """It is not known without asking."""

    def __init__(self, headers: list[tuple[bytes, bytes]], send: Send, caller: Caller) -> None:
        self._headers = headers
        self._send = send
        self._caller = caller
        self._begun = False

    async def write(self, frames: Sequence[str | bytes]) -> None:
        await self._write("".join(str(frame) for frame in frames), more=True)

    async def close(self, code: int, reason: str) -> None:
        await self._write(_farewell(code, reason), more=False)

    async def abort(self) -> None:
        await self._caller.abort()

    async def _write(self, text: str, *, more: bool) -> None:
        if not self._begun:
            self._begun = True
            start = {"type": "http.response.start", "status": 200, "headers": self._headers}
            await self._send(start)
        await self._send({"type": "http.response.body", "body": text.encode(), "more_body": more})


def _farewell(code: int, reason: str) -> str:
    """The last event: why it ends. Who may come back is told when, each another time."""
    back = reconnect_after(code)
    known = _CODES.get(code, "error")
    if back is Reconnect.NEVER:
        return EVENT_STREAM.encode(Error(known, reason, False))
    least = 0.0 if back is Reconnect.NOW else 1.0
    wait = round(least + random.uniform(0, _RETURN_SECONDS), 3)
    told = Error(known, reason, True, wait)
    return f"retry: {int(wait * 1000)}\n{EVENT_STREAM.encode(told)}"


def _hello(request: Request) -> Hello:
    """What a WebSocket's client would say first."""
    query = request.query_params
    return Hello(
        resume=position_of(request.headers.get("last-event-id")),
        token=bearer_of(request),
        name=query.get("name"),
        meta={"role": query["role"]} if "role" in query else None,
        sections=_sections(query.get("sections")),
        mode=_mode(query.get("mode")),
    )


def _sections(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part for part in text.split(",") if part)


def _mode(text: str | None) -> Mode | None:
    if text is None:
        return None
    if text not in _MODES:
        raise PeerError("bad_request", f"mode is {' or '.join(_MODES)}", path="?mode")
    return _MODES[text]


async def _within(seconds: float, event: asyncio.Event) -> bool:
    """Whether it is set before so many seconds have passed."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
