"""Short ways to open a `ServerSync` and to read what it sends, for the tests."""

from __future__ import annotations

from typing import Any

from machine_party.protocol import (
    JSON,
    Codec,
    Hello,
    Layer,
    Limits,
    PatchRecord,
    ServerMessage,
    ServerSync,
)

EPOCH, VERSION, NOW = 3, 50, 1_760_000_000_000


class Room:
    """The layers of one member, and one connection of it."""

    def __init__(self, codec: Codec = JSON, *, live: bool = False, **limits: Any) -> None:
        self.version = VERSION
        self.shared = Layer("shared", {"value": "idle", "context": {"count": 0}}, seq=10)
        self.own = Layer("own", {"context": {"mine": 0}}, seq=5)
        self.live = Layer("live", {"live": {"at": 0}}, seq=2) if live else None
        self.codec = codec
        self.limits = Limits(**limits)
        self.sync = ServerSync(codec, self.limits)

    def open(self, hello: Hello | None = None, **changes: Any) -> None:
        arguments: dict[str, Any] = {
            "member": "m1",
            "audience": "player",
            "epoch": EPOCH,
            "version": self.version,
            "now": NOW,
            "shared": self.shared,
            "own": self.own,
            "live": self.live,
        }
        self.sync.open(hello=hello, **{**arguments, **changes})

    def reconnect(self, hello: Hello | None, **changes: Any) -> None:
        self.sync = ServerSync(self.codec, self.limits)
        self.open(hello, **changes)

    def change(self, layer: Layer, value: int) -> PatchRecord:
        """Publish a new value in one layer, as the next commit."""
        self.version += 1
        return self._publish(layer, value)

    def change_both(self, value: int) -> tuple[PatchRecord, PatchRecord]:
        """Publish a new value in both layers, as one commit."""
        self.version += 1
        return self._publish(self.own, value), self._publish(self.shared, value)

    def _publish(self, layer: Layer, value: int) -> PatchRecord:
        if layer.name == "live":
            operations = [{"op": "replace", "path": "/live/at", "value": value}]
            return layer.publish(operations, {"live": {"at": value}}, self.version)
        key = "mine" if layer.name == "own" else "count"
        operations = [{"op": "replace", "path": f"/context/{key}", "value": value}]
        document = {**layer.document, "context": {key: value}}
        return layer.publish(operations, document, self.version)

    def sent(self) -> list[ServerMessage]:
        """What the connection has to send, decoded."""
        return [self.codec.decode_server(data) for data in self.sync.data_to_send()]
