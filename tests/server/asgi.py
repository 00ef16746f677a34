"""An ASGI server in memory, as small as tests need: one WebSocket, or one HTTP client."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import httpx
from starlette.types import ASGIApp

from client_facade.transport import Lost
from machine_party.server.transport import EXTENSION
from machine_party.testing.asgi import AsgiChannel, Denied
from machine_party.testing.wiretap import Wiretap

__all__ = ["FAR", "NEAR", "Closed", "Denied", "Socket", "connect", "http"]

NEAR = ("127.0.0.1", 4711)
FAR = ("10.0.0.7", 4711)


class Closed(Exception):
    """The app has closed the socket."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class Socket:
    """A client's end of a WebSocket that an app serves in this event loop."""

    def __init__(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        self.scope = scope
        self._tap = Wiretap()
        self._channel = AsgiChannel(app, scope, self._tap)
        self._heard = 0
        self._ended = False

    @property
    def task(self) -> asyncio.Task[None]:
        """Serves the connection."""
        return self._channel.task

    @property
    def subprotocol(self) -> str | None:
        return self._channel.subprotocol

    @property
    def writes(self) -> list[tuple[str | bytes, ...]]:
        """What the app has sent, by the write."""
        return self._tap.writes

    @property
    def aborted(self) -> bool:
        return self._channel.aborted

    async def open(self) -> Socket:
        """Returns once the app has accepted. Raises `Denied`."""
        await self._channel.accepted()
        return self

    async def say(self, message: dict[str, Any] | str | bytes) -> None:
        """Sends one message; a dict goes as JSON text. After the end it goes nowhere."""
        data = json.dumps(message) if isinstance(message, dict) else message
        with contextlib.suppress(Lost):
            await self._channel.send(data)

    async def hear_raw(self) -> str | bytes:
        """The next message. Raises `Closed`."""
        try:
            frame = await self._channel.receive()
        except Lost as lost:
            self._ended = True
            raise Closed(lost.close_code, lost.reason) from None
        self._heard += 1
        return frame

    async def hear(self, type: str | None = None) -> dict[str, Any]:
        """The next message as an object; with `type`, the next one of that type."""
        while True:
            message: dict[str, Any] = json.loads(await self.hear_raw())
            if type is None or message["type"] == type:
                return message

    async def hear_close(self) -> Closed:
        """Waits for the close, whatever comes before it."""
        while True:
            try:
                await self.hear_raw()
            except Closed as closed:
                return closed

    def stall(self) -> None:
        """The app's writes block from now on, as with a peer that reads nothing."""
        self._channel.stall()

    def read_on(self) -> None:
        self._channel.read_on()

    async def leave(self) -> None:
        """Goes away without a word; returns when the app has finished with it."""
        self._channel.drop()
        await self.task

    def silent(self) -> bool:
        """Whether the app has sent nothing that was not heard, its close included."""
        closed = self._channel.closed_with is not None or self.aborted
        return self._heard == self._sent() and (self._ended or not closed)

    def _sent(self) -> int:
        """How many messages came; the tap has heard the reason of the close, too."""
        closed = self._channel.closed_with
        return len(self._tap.frames) - (closed is not None and closed[1] != "")


async def connect(
    app: ASGIApp,
    path: str = "/parties/tally/room",
    *,
    query: str = "",
    client: tuple[str, int] | None = FAR,
    subprotocols: tuple[str, ...] = (),
    extended: bool = True,
    **headers: str,
) -> Socket:
    """Opens a WebSocket; header names are written with underscores. Raises `Denied`."""
    extensions: dict[str, Any] = {"websocket.http.response": {}}
    if extended:
        extensions[EXTENSION] = {}
    sent = {"host": "quiz.example", **headers}
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [
            (name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()
        ],
        "subprotocols": list(subprotocols),
        "client": client,
        "server": ("quiz.example", 80),
        "extensions": extensions,
    }
    return await Socket(app, scope).open()


def http(app: ASGIApp, client: tuple[str, int] = FAR) -> httpx.AsyncClient:
    """An HTTP client of an app in memory."""
    transport = httpx.ASGITransport(app=app, client=client, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://quiz.example")
