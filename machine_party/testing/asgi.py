"""WebSockets in memory, straight into an ASGI app: no sockets, no ports, no real time.

`AsgiNetwork` is one member's way to the server. It is a transport for a façade, and it can fail
like one: the connection drops, the network is down, the member reads nothing.
What must not be here: what the messages mean, or who the member is (`room.py`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from client_facade.transport import ABNORMAL, REFUSALS, Lost
from machine_party.server.transport import ABORT, EXTENSION, WRITE
from machine_party.testing.wiretap import Wiretap

__all__ = ["AsgiApp", "AsgiChannel", "AsgiNetwork", "Denied"]

Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]

#: How long a server may take to end a connection whose client is gone, in virtual seconds.
END_SECONDS = 30.0


class Denied(Lost):
    """The server has refused the handshake with an HTTP answer.

    Args:
        status: of that answer.
        body: its bytes.
    """

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(REFUSALS.get(status, ABNORMAL), f"the server answered HTTP {status}")
        self.status, self.body = status, body

    @property
    def error(self) -> dict[str, Any]:
        """What is in the envelope of the answer."""
        error: dict[str, Any] = json.loads(self.body)["error"]
        return error


class AsgiChannel:
    """One WebSocket into an ASGI app. Made by `AsgiNetwork.open`.

    Args:
        app: serves it, in a task of this event loop.
        scope: of the connection; a server that offers our extension tells there when it takes
            more, and so does this.
        tap: hears everything that the server sends.

    Attributes:
        subprotocol: what the server has chosen, or None.
        closed_with: `(close code, reason)` once the server has closed.
        aborted: whether the server has dropped the connection.
        task: serves the connection.
    """

    def __init__(self, app: AsgiApp, scope: Message, tap: Wiretap) -> None:
        self.subprotocol: str | None = None
        self.closed_with: tuple[int, str] | None = None
        self.aborted = False
        self._app, self._scope, self._tap = app, scope, tap
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._to_client: asyncio.Queue[str | bytes | Lost] = asyncio.Queue()
        self._reads = asyncio.Event()
        self._reads.set()
        if EXTENSION in scope["extensions"]:
            scope["extensions"][EXTENSION] = {"writable": self._reads}
        self._gone = False
        self._denied = 0
        self._accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._to_app.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(self._serve(), name="connection in memory")

    # The client's end ------------------------------------------------------------------------

    async def accepted(self) -> None:
        """Waits for the server's answer to the handshake. Raises `Lost` if it refuses."""
        await self._accepted

    async def send(self, data: str | bytes) -> None:
        """Sends one message. Raises `Lost` when the connection has ended."""
        if self._gone:
            raise Lost(*(self.closed_with or (ABNORMAL, "")))
        kind = "text" if isinstance(data, str) else "bytes"
        self._to_app.put_nowait({"type": "websocket.receive", kind: data})

    async def receive(self) -> str | bytes:
        """The next message. Raises `Lost` when the connection has ended."""
        item = await self._to_client.get()
        if isinstance(item, Lost):
            self._to_client.put_nowait(item)
            raise item
        return item

    async def close(self, close_code: int = 1000, reason: str = "") -> None:
        """Closes, and waits until the server has let go of the connection."""
        self._hang_up(close_code, reason)
        async with asyncio.timeout(END_SECONDS):
            await asyncio.shield(self.task)

    def drop(self) -> None:
        """The connection breaks, without a word to either side."""
        self._to_client.put_nowait(Lost(ABNORMAL, "dropped by the test"))
        self._hang_up(ABNORMAL, "")

    def stall(self) -> None:
        """The client stops reading: what the server sends gets stuck."""
        self._reads.clear()

    def read_on(self) -> None:
        """The client reads again."""
        self._reads.set()

    def _hang_up(self, code: int, reason: str) -> None:
        if not self._gone:
            self._gone = True
            self._reads.set()
            self._to_app.put_nowait(
                {"type": "websocket.disconnect", "code": code, "reason": reason}
            )

    # The server's end ------------------------------------------------------------------------

    async def _serve(self) -> None:
        try:
            await self._app(self._scope, self._to_app.get, self._take)
        finally:
            self._end(Lost(ABNORMAL, "the server ended the connection without a word"))

    async def _take(self, message: Message) -> None:
        """The ASGI `send`."""
        kind = message["type"]
        if kind == "websocket.accept":
            self.subprotocol = message.get("subprotocol")
            self._accepted.set_result(None)
        elif kind == "websocket.close":
            self._close(message.get("code", 1000), message.get("reason") or "")
        elif kind == "websocket.http.response.start":
            self._denied = message["status"]
        elif kind == "websocket.http.response.body":
            self._end(Denied(self._denied, message["body"]))
        elif kind == ABORT:
            self.aborted = True
            self._end(Lost(ABNORMAL, "aborted by the server"))
        elif kind == WRITE:
            await self._deliver(list(message["frames"]))
        else:
            text = message.get("text")
            await self._deliver([message["bytes"] if text is None else text])

    async def _deliver(self, frames: list[str | bytes]) -> None:
        await self._reads.wait()
        if self._gone:
            raise OSError("the client is gone")  # as ASGI 2.4 has it
        self._tap.write(frames)
        for frame in frames:
            self._to_client.put_nowait(frame)

    def _close(self, code: int, reason: str) -> None:
        if self._gone:
            raise OSError("the client is gone")
        if reason:
            self._tap.write([reason])
        self.closed_with = (code, reason)
        self._end(Lost(code, reason))

    def _end(self, lost: Lost) -> None:
        if not self._accepted.done():
            self._accepted.set_exception(lost)
        if not self._gone:
            self._to_client.put_nowait(lost)
            self._hang_up(lost.close_code, lost.reason)


class AsgiNetwork:
    """One member's way to an ASGI app: a façade's transport that a test can break.

    Args:
        app: gives the app; called at each connection, so that a server can be replaced.
        tap: hears everything that the server sends this way.
        headers: of the handshake, besides `Host`.
    """

    def __init__(
        self,
        app: Callable[[], AsgiApp],
        tap: Wiretap,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.channels: list[AsgiChannel] = []
        self._app, self._tap, self._headers = app, tap, headers or {}
        self._up = asyncio.Event()
        self._up.set()

    @property
    def channel(self) -> AsgiChannel:
        """The latest connection."""
        return self.channels[-1]

    async def open(self, url: str, subprotocol: str | None) -> AsgiChannel:
        """Connects; while the network is down, this waits. Raises `Lost` if it is refused."""
        await self._up.wait()
        channel = AsgiChannel(self._app(), self._scope(url, subprotocol), self._tap)
        self.channels.append(channel)
        try:
            await channel.accepted()
        except asyncio.CancelledError:
            channel.drop()
            raise
        return channel

    def drop(self) -> None:
        """The network goes down, and breaks the connection that is open."""
        self._up.clear()
        if self.channels:
            self.channel.drop()

    def restore(self) -> None:
        """The network is there again."""
        self._up.set()

    def _scope(self, url: str, subprotocol: str | None) -> Message:
        parts = urlsplit(url)
        host = parts.netloc.encode()
        headers = [(name.lower().encode(), text.encode()) for name, text in self._headers.items()]
        return {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "root_path": "",
            "query_string": parts.query.encode(),
            "headers": [(b"host", host), *headers],
            "client": None,
            "server": (parts.hostname or "", parts.port or 80),
            "subprotocols": [] if subprotocol is None else [subprotocol],
            "state": {},
            "extensions": {EXTENSION: {}},
        }
