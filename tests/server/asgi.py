"""An ASGI server in memory, as small as tests need: one WebSocket, or one HTTP client."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
from starlette.types import ASGIApp

from machine_party.server.transport import ABORT, EXTENSION, WRITE

NEAR = ("127.0.0.1", 4711)
FAR = ("10.0.0.7", 4711)


class Closed(Exception):
    """The app has closed the socket."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class Denied(Exception):
    """The app has refused the handshake."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status, body)
        self.status, self.body = status, body


class Socket:
    """A client's end of a WebSocket that an app serves in this event loop.

    Set `reading` to False, and the app's writes block, as with a peer that reads nothing.
    """

    def __init__(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        self.scope = scope
        self.writes: list[list[str | bytes]] = []
        self.aborted = False
        self.reading = asyncio.Event()
        self.reading.set()
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._frames: list[str | bytes] = []
        if EXTENSION in scope["extensions"]:
            scope["extensions"][EXTENSION]["writable"] = self.reading
        serving: Any = app(scope, self._to_app.get, self._send)
        self.task: asyncio.Task[None] = asyncio.create_task(serving)

    async def open(self) -> Socket:
        """Returns once the app has accepted. Raises `Denied`."""
        self._to_app.put_nowait({"type": "websocket.connect"})
        answer = await self._from_app.get()
        if answer["type"] == "websocket.close":
            raise Denied(403, None)
        if answer["type"] == "websocket.http.response.start":
            body = await self._from_app.get()
            raise Denied(answer["status"], json.loads(body["body"]))
        self.subprotocol = answer["subprotocol"]
        return self

    async def say(self, message: dict[str, Any] | str | bytes) -> None:
        """Sends one message; a dict goes as JSON text."""
        data = json.dumps(message) if isinstance(message, dict) else message
        kind = "text" if isinstance(data, str) else "bytes"
        self._to_app.put_nowait({"type": "websocket.receive", kind: data})

    async def hear_raw(self) -> str | bytes:
        """The next message. Raises `Closed`."""
        while not self._frames:
            event = await self._from_app.get()
            if event["type"] == "websocket.close":
                raise Closed(event["code"], event["reason"])
            self._frames += event["frames"] if event["type"] == WRITE else [_data(event)]
        return self._frames.pop(0)

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

    async def leave(self) -> None:
        """Goes away without a word; returns when the app has finished with it."""
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await self.task

    def silent(self) -> bool:
        """Whether the app has sent nothing that was not heard."""
        return not self._frames and self._from_app.empty()

    async def _send(self, event: Any) -> None:
        if event["type"] == ABORT:
            self.aborted = True
            self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1006})
            return
        await self.reading.wait()
        if event["type"] == WRITE:
            self.writes.append(list(event["frames"]))
        self._from_app.put_nowait(event)


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


def _data(event: dict[str, Any]) -> str | bytes:
    text: str | None = event.get("text")
    return text if text is not None else event["bytes"]
