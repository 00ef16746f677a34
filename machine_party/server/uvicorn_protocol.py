"""uvicorn's WebSocket protocol with what ASGI lacks: one write for many frames, and abort.

Nothing of the game's protocol is in here, and nothing of any other server.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from machine_party.protocol.codes import CloseCode
from machine_party.server.transport import ABORT, EXTENSION, WRITE

__all__ = ["PartyWebSocketProtocol", "framed"]

_TEXT = 0x81
_BINARY = 0x82
_SHORT, _MEDIUM = 125, 0xFFFF


class PartyWebSocketProtocol(WebSocketsSansIOProtocol):
    """Adds the extension of `machine_party.server.transport`; for `uvicorn.Config(ws=…)`.

    `Config(ws_per_message_deflate=False)` is needed: frames are written as they are.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn.debug = False  # it would log every header and frame: tokens, and answers

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope: dict[str, Any] | None = getattr(self, "scope", None)
        if scope is not None and not self.conn.extensions:
            scope["extensions"][EXTENSION] = {"writable": self.writable}

    async def send(self, message: Any) -> None:
        if message["type"] == WRITE:
            await self._write_frames(message["frames"])
        elif message["type"] == ABORT:
            self.transport.abort()
        else:
            await super().send(message)
            # A refusal is an answer, too: uvicorn would log an error for each.
            self.handshake_complete |= self.close_sent

    def keepalive_timeout(self) -> None:
        """No pong. What such a peer has not taken yet would hold the connection open."""
        super().keepalive_timeout()
        if self.transport.get_write_buffer_size() > 0:
            self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        """Text that is not UTF-8 ends the connection (RFC 6455, section 8.1), and only that:
        uvicorn logs a traceback, and fails where the peer has said goodbye in the same breath."""
        if self.curr_msg_data_type == "text" and not self.close_sent and not _is_text(self.frames):
            self.frames = []
            if self.conn.state is State.OPEN:
                self.conn.send_close(CloseCode.BAD_UTF8)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def shutdown(self) -> None:
        """The server ends. A peer that has said goodbye, and not taken ours, is not told again."""
        if self.conn.state in (State.CLOSING, State.CLOSED) and not self.close_sent:
            self.stop_keepalive()
            self.transport.abort()
        else:
            super().shutdown()

    async def _write_frames(self, frames: Sequence[str | bytes]) -> None:
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise ClientDisconnected()
        self.transport.write(b"".join([framed(frame) for frame in frames]))


def _is_text(parts: Sequence[bytes]) -> bool:
    try:
        b"".join(parts).decode()
    except UnicodeDecodeError:
        return False
    return True


def framed(data: str | bytes) -> bytes:
    """One unfragmented, unmasked message (RFC 6455, section 5.2): what a server sends."""
    payload, first = (data.encode(), _TEXT) if isinstance(data, str) else (data, _BINARY)
    size = len(payload)
    if size <= _SHORT:
        return bytes((first, size)) + payload
    if size <= _MEDIUM:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload
