"""The server's half of one connection: what was sent becomes messages, commits become data.

Pure: no sockets, no clock, no tasks. The caller feeds it received data, tells it of commits
and writes what `data_to_send` returns. It knows its member's document only through the layers
that it was opened with.
"""

from __future__ import annotations

from collections.abc import Sequence

from machine_party.errors import Bug

from .codec import Codec
from .document import merge
from .layer import Broadcast, Layer, PatchRecord
from .limits import DEFAULT_LIMITS, Limits
from .messages import (
    PROTOCOL,
    Chunk,
    ClientMessage,
    Document,
    Emit,
    Error,
    Hello,
    Mode,
    Pong,
    Position,
    Receipt,
    Resume,
    ServerMessage,
    SnapshotUpdate,
    Welcome,
)
from .outbox import Outbox

__all__ = ["ServerSync"]


class ServerSync:
    """The server's half of one connection.

    Args:
        codec: the codec of the connection's subprotocol.
        limits: of what is received and of what may wait to be sent.

    Call `open` once the member is known, then `commit` for each commit of the room. When
    `needs_update` is true, nothing more of the document is queued: write what is left, then
    call `update`.
    """

    __slots__ = (
        "_limits", "_live", "_outbox", "_own", "_shared",
        "audience", "codec", "epoch", "member", "mode", "opened",
    )  # fmt: skip

    def __init__(self, codec: Codec, limits: Limits = DEFAULT_LIMITS) -> None:
        self.codec = codec
        self.mode: Mode = "patch"
        self.opened = False
        self.member = ""
        self.audience = ""
        self.epoch = 0
        self._limits = limits
        self._outbox = Outbox(limits)

    @property
    def pending_bytes(self) -> int:
        """How much is queued and not taken yet, in bytes (characters, for text)."""
        return self._outbox.bytes

    @property
    def needs_update(self) -> bool:
        """Whether patches were dropped: once what is left is written, call `update`."""
        return self._outbox.overflowed

    @property
    def document(self) -> Document:
        """The member's whole document, as its layers have it now."""
        merged = merge(self._shared.document, self._own.document)
        return merged if self._live is None else {**merged, **self._live.document}

    @property
    def position(self) -> Resume:
        """Where a mirror stands that has taken everything queued so far, if nothing was dropped."""
        return Resume(self.epoch, self.audience, self.member, self._shared.seq, self._own.seq)

    def receive(self, data: str | bytes) -> ClientMessage:
        """What the client sent. Raises `MalformedMessage`; answer it and go on."""
        return self.codec.decode_client(data, self._limits)

    def data_to_send(self) -> list[str | bytes]:
        """What to write now, one item per WebSocket message, in order."""
        return self._outbox.take()

    def open(
        self,
        *,
        hello: Hello | None,
        member: str,
        audience: str,
        epoch: int,
        version: int,
        now: int,
        shared: Layer,
        own: Layer,
        live: Layer | None = None,
        token: str | None = None,
    ) -> None:
        """Begin to send: the welcome (to a hello), then a replay or the whole document.

        Args:
            hello: the client's first message, or None if it was another one.
            member, audience: who it is and whose shared layer it sees.
            epoch, version: of the room's last released commit.
            now: the server's clock in epoch milliseconds.
            shared, own, live: the layers, at that commit.
            token: a credential for a member that has no other to come back with.
        """
        if self.opened:
            raise Bug("ServerSync.open: this connection is open; a change of audience is update()")
        self._shared, self._own, self._live = shared, own, live
        self.member, self.audience, self.epoch, self.opened = member, audience, epoch, True
        self.mode = (hello.mode if hello else None) or "patch"
        replay = self._replay(hello.resume if hello else None, member)
        if hello is not None:
            until = None if replay is None else Position(shared.seq, own.seq)
            resumed = replay is not None
            welcome = Welcome(PROTOCOL, member, audience, epoch, now, resumed, until, token)
            self._outbox.add(self._encode(welcome))
        if replay is None:
            self._outbox.add_update(self._update(version))
            return
        for data in replay:
            self._outbox.add_patch(data)
        if live is not None:
            self._outbox.add_patch(live.whole(version).encode(self.codec))

    def commit(
        self,
        *,
        version: int,
        own: PatchRecord | None,
        shared: PatchRecord | None,
        emits: Sequence[Emit | Broadcast] = (),
        receipts: Sequence[Receipt] = (),
    ) -> None:
        """Queue one commit: own patch, shared patch, emits, receipts, in this order.

        `own` and `shared` are what the commit published in the layers that this connection was
        opened with, or None. In mode "snapshot" one update stands for both.
        """
        outbox, codec = self._outbox, self.codec
        if not self.opened:
            raise Bug("ServerSync.commit: open() first; nothing is sent before")
        if self.mode == "snapshot":
            if own is not None or shared is not None:
                self._add_snapshot(version)
        else:
            if own is not None:
                outbox.add_patch(own.encode(codec, shared is not None))
            if shared is not None:
                outbox.add_patch(shared.encode(codec))
        for emit in emits:
            outbox.add_passing(self._encode(emit))
        for receipt in receipts:
            outbox.add_receipt(codec.encode(receipt))

    def publish_live(self, record: PatchRecord) -> None:
        """Queue a change of the live layer."""
        if self.mode == "snapshot":
            self._add_snapshot(record.version)
        else:
            self._outbox.add_patch(record.encode(self.codec))

    def update(
        self,
        *,
        version: int,
        epoch: int | None = None,
        audience: str | None = None,
        shared: Layer | None = None,
        own: Layer | None = None,
        live: Layer | None = None,
    ) -> None:
        """Queue the whole document: a resync, a new audience, a new epoch, a drained overflow.

        What is given replaces what the connection was opened with.
        """
        if not self.opened:
            raise Bug("ServerSync.update: open() first; nothing is sent before")
        self.epoch = self.epoch if epoch is None else epoch
        self.audience = self.audience if audience is None else audience
        self._shared, self._own = shared or self._shared, own or self._own
        self._live = live or self._live
        self._outbox.add_update(self._update(version))

    def send(self, message: Receipt | Emit | Chunk | Error | Pong | Broadcast) -> None:
        """Queue one message outside of a commit. Before `open` only an error or a pong."""
        data = self._encode(message)
        if isinstance(message, Error | Pong):
            self._outbox.add(data)
        elif not self.opened:
            raise Bug(f"ServerSync.send: open() before a {type(message).__name__.lower()}")
        elif isinstance(message, Receipt):
            self._outbox.add_receipt(data)
        else:
            self._outbox.add_passing(data)

    def _encode(self, message: ServerMessage | Broadcast) -> str | bytes:
        if isinstance(message, Broadcast):
            return message.encode(self.codec)
        return self.codec.encode(message)

    def _add_snapshot(self, version: int) -> None:
        if not self.needs_update:
            self._outbox.add_patch(self._update(version))

    def _update(self, version: int) -> str | bytes:
        message = SnapshotUpdate(
            self.document,
            self.epoch,
            version,
            self.audience,
            self._shared.seq,
            self._own.seq,
            self._live.seq if self._live is not None else None,
        )
        return self.codec.encode(message)

    def _replay(self, resume: Resume | None, member: str) -> list[str | bytes] | None:
        """What bridges from the client's position to now; None if an update must."""
        if resume is None or self.mode == "snapshot":
            return None
        if (resume.epoch, resume.audience, resume.member) != (self.epoch, self.audience, member):
            return None
        own, shared = self._own.since(resume.own), self._shared.since(resume.shared)
        if own is None or shared is None:
            return None
        replay = [record.encode(self.codec) for record in (*own, *shared)]
        limits = self._limits
        fits = len(replay) < limits.queue_patches and sum(map(len, replay)) < limits.queue_bytes
        return replay if fits else None
