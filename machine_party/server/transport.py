"""The ways out of a connection, each as the one writer sees it. Nothing here knows messages.

A WebSocket has two: plain ASGI, and ours with its extension. The extension
(`uvicorn_protocol.py` provides it) writes several frames in one go and can abort; plain ASGI
sends them one by one and can only close. That of an event stream is in `event_stream.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from starlette.types import Scope, Send

__all__ = ["ABORT", "EXTENSION", "WRITE", "SocketTransport", "Transport"]

EXTENSION = "machine_party.websocket"
"""The ASGI extension's name, in `scope["extensions"]`. Its value is `{"writable": asyncio.Event}`:
while the event is set, a write returns at once."""

WRITE = "machine_party.websocket.write"
"""`{"type": WRITE, "frames": [str | bytes, …]}`: those messages, in one transport write."""

ABORT = "machine_party.websocket.abort"
"""`{"type": ABORT}`: the connection is gone at once, unsent bytes are dropped."""


class Transport(Protocol):
    """Sends on one connection. One task at a time may send."""

    @property
    def writable(self) -> bool:
        """Whether it is certain that a write does not have to wait."""

    async def write(self, frames: Sequence[str | bytes]) -> None:
        """Sends what a sync has encoded, in order; returns when the transport takes more.

        Raises:
            OSError: the connection is gone.
        """

    async def close(self, code: int, reason: str) -> None:
        """Says why (a WebSocket close code) and ends, after everything that was written."""

    async def abort(self) -> None:
        """Drops the connection without a word; on plain ASGI the caller must just return."""


class SocketTransport:
    """Sends on one accepted WebSocket.

    Args:
        scope: the connection's ASGI scope.
        send: its ASGI send.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        extension = (scope.get("extensions") or {}).get(EXTENSION)
        self._extended = extension is not None
        self._writable: asyncio.Event | None = extension["writable"] if extension else None

    @property
    def writable(self) -> bool:
        return self._writable is not None and self._writable.is_set()

    async def write(self, frames: Sequence[str | bytes]) -> None:
        if self._extended:
            await self._send({"type": WRITE, "frames": frames})
            return
        for frame in frames:
            kind = "text" if isinstance(frame, str) else "bytes"
            await self._send({"type": "websocket.send", kind: frame})

    async def close(self, code: int, reason: str) -> None:
        await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def abort(self) -> None:
        if self._extended:
            await self._send({"type": ABORT})
