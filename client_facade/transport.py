"""How a façade's bytes travel: the seam, and the WebSocket behind it.

A transport opens channels; a channel carries messages both ways until it is lost. Tests put
their own transport here. What must not be here: what the bytes mean (`machine_party.protocol`),
or when to connect again (`reconnect.py`).
"""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from machine_party.protocol import DEFAULT_LIMITS, CloseCode

__all__ = ["Channel", "Lost", "Transport", "WebSocketTransport"]

#: RFC 6455, 7.1.5: the connection ended without a close frame.
ABNORMAL = 1006
#: The close code that a handshake refused with this HTTP status stands for. Another 4xx means
#: that the request was wrong, and any other status that the server is not well.
REFUSALS = {
    401: CloseCode.UNAUTHENTICATED,
    403: CloseCode.UNAUTHENTICATED,
    404: CloseCode.ROOM_GONE,
    408: ABNORMAL,
    410: CloseCode.ROOM_GONE,
    429: CloseCode.RATE_LIMITED,
    503: CloseCode.CAPACITY,
}


class Lost(Exception):
    """A channel has ended, or could not be opened.

    Args:
        close_code: the WebSocket close code; 1006 when there was none.
        reason: the sentence that came with it.
    """

    def __init__(self, close_code: int, reason: str = "") -> None:
        super().__init__(close_code, reason)
        self.close_code, self.reason = close_code, reason


class Channel(Protocol):
    """One open connection."""

    async def send(self, data: str | bytes) -> None:
        """Sends one message. Raises `Lost` when the connection has ended."""

    async def receive(self) -> str | bytes:
        """The next message. Raises `Lost` when the connection has ended."""

    async def close(self, close_code: int = 1000, reason: str = "") -> None:
        """Ends the connection; does nothing if it has ended."""


class Transport(Protocol):
    """Opens channels to a room."""

    async def open(self, url: str, subprotocol: str) -> Channel:
        """Connects to `url`. Raises `Lost` when that fails."""


class WebSocketTransport:
    """The transport on the `websockets` library.

    Args:
        ping_interval: seconds between pings; a socket that died is found after this,
            `ping_timeout` and `close_timeout` at the latest.
        ping_timeout: seconds to wait for a pong.
        close_timeout: seconds to wait for the other side's goodbye.
        open_timeout: seconds that a handshake may take.
        max_size: bytes that one message of the server may have.
    """

    def __init__(
        self,
        *,
        ping_interval: float = 3.0,
        ping_timeout: float = 4.0,
        close_timeout: float = 1.0,
        open_timeout: float = 10.0,
        max_size: int = DEFAULT_LIMITS.outbound_bytes,
    ) -> None:
        self._options: dict[str, Any] = {
            "ping_interval": ping_interval,
            "ping_timeout": ping_timeout,
            "close_timeout": close_timeout,
            "open_timeout": open_timeout,
            "max_size": max_size,
            "compression": None,  # messages are small, and a window costs 64 KiB a connection
        }

    async def open(self, url: str, subprotocol: str) -> Channel:
        """Connects to `url` (ws, wss, http or https). Raises `Lost` when that fails."""
        try:
            socket = await websockets.connect(
                websocket_url(url),
                subprotocols=[Subprotocol(subprotocol)],
                **self._options,
            )
        except websockets.InvalidStatus as error:
            raise _refused(error) from error
        except websockets.InvalidURI as error:
            raise Lost(CloseCode.MALFORMED, f"{error}; write ws://host/parties/…") from error
        except (OSError, TimeoutError, websockets.InvalidHandshake) as error:
            raise Lost(ABNORMAL, f"cannot connect: {error}") from error
        return _WebSocketChannel(socket)


class _WebSocketChannel:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, data: str | bytes) -> None:
        try:
            await self._socket.send(data)
        except websockets.ConnectionClosed as closed:
            raise _lost(closed) from closed

    async def receive(self) -> str | bytes:
        try:
            return await self._socket.recv()
        except websockets.ConnectionClosed as closed:
            raise _lost(closed) from closed

    async def close(self, close_code: int = 1000, reason: str = "") -> None:
        await self._socket.close(close_code, reason)


def websocket_url(url: str) -> str:
    """`url` with the scheme of a WebSocket: http becomes ws, https becomes wss."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return urlunsplit(parts._replace(scheme=scheme))


def _lost(closed: websockets.ConnectionClosed) -> Lost:
    if closed.rcvd is None:
        return Lost(ABNORMAL, "the connection broke")
    return Lost(closed.rcvd.code, closed.rcvd.reason)


def _refused(error: websockets.InvalidStatus) -> Lost:
    status = error.response.status_code
    fallback = CloseCode.MALFORMED if 400 <= status < 500 else ABNORMAL
    return Lost(REFUSALS.get(status, fallback), f"the server answered HTTP {status}")
