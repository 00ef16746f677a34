"""A short session of two halves of the protocol, as text for `protocol.md`."""

from __future__ import annotations

from machine_party.protocol import (
    JSON,
    ClientSync,
    Hello,
    Layer,
    PatchRecord,
    Receipt,
    Send,
    ServerSync,
)

__all__ = ["transcript"]

_NOW = 1_760_000_000_000


class _Session:
    """One member of one room, and what goes to and fro."""

    def __init__(self) -> None:
        self._shared = Layer("shared", {"value": "on", "context": {"count": 0}}, seq=17)
        self._own = Layer("own", {"can": {"increment": True}, "context": {"mine": 0}}, seq=4)
        self._client = ClientSync(client_id="0123456789abcdef")
        self._version = 40
        self.lines: list[str] = []

    def connect(self) -> None:
        """Open a connection, and let everything arrive."""
        self._server = ServerSync(JSON)
        self._client.connected()
        (hello,) = self._client.messages_to_send()
        assert isinstance(hello, Hello)
        self._note(">", JSON.encode(hello))
        self._server.open(
            hello=hello,
            member="m1",
            audience="player",
            epoch=3,
            version=self._version,
            now=_NOW,
            shared=self._shared,
            own=self._own,
        )
        self._exchange()

    def increment(self) -> None:
        """The client sends; the room commits; patches and the receipt come."""
        self._client.send({"type": "increment", "by": 2})
        self._exchange()

    def miss(self) -> None:
        """A commit while nobody is connected."""
        self._publish()

    def say(self, remark: str) -> None:
        self.lines.append(f"# {remark}")

    def _exchange(self) -> None:
        self._deliver()
        for message in self._client.messages_to_send():
            self._note(">", JSON.encode(message))
            if isinstance(message, Send):
                self._commit(message.id)
        self._deliver()

    def _commit(self, id: str) -> None:
        own, shared = self._publish()
        receipt = Receipt(id, "accepted", self._version)
        self._server.commit(version=self._version, own=own, shared=shared, receipts=[receipt])

    def _publish(self) -> list[PatchRecord]:
        self._version += 1
        count = self._shared.document["context"]["count"] + 2
        records = []
        for layer, key in ((self._own, "mine"), (self._shared, "count")):
            document = {**layer.document, "context": {key: count}}
            operation = {"op": "replace", "path": f"/context/{key}", "value": count}
            records.append(layer.publish([operation], document, self._version))
        return records

    def _deliver(self) -> None:
        for data in self._server.data_to_send():
            self._note("<", str(data))
            self._client.receive(JSON.decode_server(data))

    def _note(self, direction: str, text: str) -> None:
        self.lines.append(f"{direction} {text}")


def transcript() -> str:
    """The session: `>` from the client, `<` from the server."""
    session = _Session()
    session.say("the first connection")
    session.connect()
    session.say("an event; both layers change, so the own patch says that more follows")
    session.increment()
    session.say("the connection breaks, a commit is missed, and the client comes back")
    session.miss()
    session.connect()
    return "\n".join(session.lines)
