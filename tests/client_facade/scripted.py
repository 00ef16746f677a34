"""A server in memory whose every message is the test's decision, on the protocol's real half.

`ScriptedTransport` is a façade's transport; `ScriptedServer` is what the test does to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from client_facade.transport import ABNORMAL, Channel, Lost
from machine_party.protocol import (
    ClientMessage,
    Codec,
    Document,
    Emit,
    Hello,
    Layer,
    Operation,
    Ping,
    Receipt,
    Send,
    SendTo,
    ServerMessage,
    ServerSync,
    codec_for,
)

NOW = 1_700_000_000_000
SHARED: Document = {"value": "counting", "tags": ["open"], "status": "active"}


class ScriptedChannel:
    """One open connection; the test is at its other end."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.received: list[ClientMessage] = []
        self.closed_with: tuple[int, str] | None = None
        self._incoming: asyncio.Queue[str | bytes | Lost] = asyncio.Queue()
        self._lost: Lost | None = None

    # What the façade calls

    async def send(self, data: str | bytes) -> None:
        if self._lost is not None:
            raise self._lost
        self.received.append(self.codec.decode_client(data))

    async def receive(self) -> str | bytes:
        item = await self._incoming.get()
        if isinstance(item, Lost):
            raise item
        return item

    async def close(self, close_code: int = 1000, reason: str = "") -> None:
        self.closed_with = self.closed_with or (close_code, reason)

    # What the test calls

    def say(self, message: ServerMessage) -> None:
        self.feed([self.codec.encode(message)])

    def feed(self, data: Sequence[str | bytes]) -> None:
        for item in data:
            self._incoming.put_nowait(item)

    def lose(self, close_code: int = ABNORMAL, reason: str = "") -> None:
        self._lost = Lost(close_code, reason)
        self._incoming.put_nowait(self._lost)

    def heard(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.received if isinstance(message, kind)]

    @property
    def sends(self) -> list[Send | SendTo]:
        return self.heard(Send) + self.heard(SendTo)


@dataclass
class ScriptedTransport:
    """Opens channels, or refuses; notes when."""

    channels: list[ScriptedChannel] = field(default_factory=list)
    opened_at: list[float] = field(default_factory=list)
    refusal: Lost | None = None

    async def open(self, url: str, subprotocol: str) -> Channel:
        self.opened_at.append(asyncio.get_running_loop().time())
        if self.refusal is not None:
            raise self.refusal
        channel = ScriptedChannel(codec_for(subprotocol))
        self.channels.append(channel)
        return channel


class ScriptedServer:
    """A counter room's wire, by hand: one audience "player", one member "m1"."""

    def __init__(self, transport: ScriptedTransport) -> None:
        self.transport = transport
        self.version = 1
        self.epoch = 1
        self.shared = Layer("shared", {**SHARED, "context": {"count": 0}, "can": {"add": True}})
        self.own = Layer("own", {"context": {"mine": 0}})
        self._sync: ServerSync | None = None

    @property
    def channel(self) -> ScriptedChannel:
        return self.transport.channels[-1]

    def welcome(self, token: str | None = None) -> None:
        """Answers the hello, with a replay if it can."""
        hello: Hello = self.channel.heard(Hello)[-1]
        self._sync = ServerSync(self.channel.codec)
        self._sync.open(
            hello=hello,
            member="m1",
            audience="player",
            epoch=self.epoch,
            version=self.version,
            now=NOW,
            shared=self.shared,
            own=self.own,
            token=token,
        )
        self.flush()

    def commit(
        self,
        *,
        count: int | None = None,
        mine: int | None = None,
        emits: Sequence[Emit] = (),
        receipts: Sequence[Receipt] = (),
        deliver: bool = True,
    ) -> None:
        """One commit that changes the counter, the member's own part, or both."""
        self.version += 1
        own = None if mine is None else _set(self.own, "mine", mine, self.version)
        shared = None if count is None else _set(self.shared, "count", count, self.version)
        if deliver and self._sync is not None:
            self._sync.commit(
                version=self.version, own=own, shared=shared, emits=emits, receipts=receipts
            )
            self.flush()

    def snapshot(self) -> None:
        """Sends the whole document."""
        assert self._sync is not None
        self._sync.update(version=self.version)
        self.flush()

    def accept(self, id: str, **changes: Any) -> None:
        """Commits and answers one send."""
        receipt = Receipt(id, "accepted", self.version + 1)
        self.commit(**changes, receipts=[receipt])

    def flush(self) -> None:
        assert self._sync is not None
        self.channel.feed(self._sync.data_to_send())


def _set(layer: Layer, key: str, value: int, version: int) -> Any:
    operation: Operation = {"op": "replace", "path": f"/context/{key}", "value": value}
    context = {**layer.document["context"], key: value}
    return layer.publish([operation], {**layer.document, "context": context}, version)


__all__ = ["NOW", "Ping", "ScriptedChannel", "ScriptedServer", "ScriptedTransport"]
