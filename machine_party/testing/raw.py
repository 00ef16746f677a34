"""A bare WebSocket client, for tests of the protocol itself: it sends and receives, no more.

What must not be here: any idea of what an answer should be.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgpack  # type: ignore[import-untyped]

from machine_party.protocol import MSGPACK, ServerMessage, codec_for
from machine_party.testing.asgi import AsgiChannel
from machine_party.testing.clock import VirtualClock
from machine_party.testing.wiretap import Wiretap

__all__ = ["RawClient"]


class RawClient:
    """One connection, without a façade.

    Attributes:
        tap: everything that the server has sent.
    """

    def __init__(
        self, channel: AsgiChannel, subprotocol: str | None, tap: Wiretap, clock: VirtualClock
    ) -> None:
        self.channel, self.tap, self._clock = channel, tap, clock
        self._codec = codec_for(subprotocol)
        self._read = 0

    async def send(self, data: str | bytes | Mapping[str, Any] | list[Any]) -> None:
        """Sends one message, and lets the server do what it does at once.

        Args:
            data: text or bytes as they are; anything else in the form of the subprotocol.
        """
        if isinstance(data, Mapping | list):
            packed = self._codec.subprotocol == MSGPACK.subprotocol
            data = msgpack.packb(data) if packed else json.dumps(data)
        await self.channel.send(data)
        await self._clock.settle()

    @property
    def frames(self) -> list[str | bytes]:
        """Every frame that has come."""
        return self.tap.frames

    @property
    def messages(self) -> list[ServerMessage]:
        """Every message that has come."""
        return [self._codec.decode_server(frame) for frame in self._messages()]

    def new_messages(self) -> list[ServerMessage]:
        """The messages that have come since the last call."""
        messages = self.messages
        start, self._read = self._read, len(messages)
        return messages[start:]

    @property
    def closed_with(self) -> tuple[int, str] | None:
        """`(close code, reason)` once the server has closed."""
        return self.channel.closed_with

    async def drop(self) -> None:
        """The connection breaks."""
        self.channel.drop()
        await self._clock.settle()

    async def close(self) -> None:
        """Closes as a client should."""
        await self.channel.close()

    def _messages(self) -> list[str | bytes]:
        """The frames without the reason of the close, which the tap has heard, too."""
        closed = self.closed_with is not None and self.closed_with[1] != ""
        return self.frames[:-1] if closed else self.frames
