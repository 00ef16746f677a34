"""A room, one client of it, and a lossy link between the two halves of the protocol.

The room keeps every document that a layer ever had, so that at any moment it is known what the
client must hold at its position. `judge` checks every notice of the client against that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from machine_party.protocol import (
    Changed,
    ClientMessage,
    ClientSync,
    Codec,
    Conflict,
    Document,
    Emit,
    Hello,
    Layer,
    Limits,
    Mode,
    Notice,
    Operation,
    PatchRecord,
    Position,
    Receipt,
    Resolved,
    Resume,
    Send,
    SendTo,
    ServerMessage,
    ServerSync,
    SnapshotGet,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
    first_seq,
    merge,
)

Claim = Literal["true", "old", "future", "foreign member", "foreign audience", "foreign epoch"]

LIMITS = Limits(queue_patches=6, queue_bytes=4_000, unanswered_sends=1_000, sends_in_flight=3)
RING = 5
AUDIENCES = ("player", "host")
SECTIONS: tuple[tuple[str, ...] | None, ...] = (None, ("board",))
MEMBER = "m1"


class World:
    """Everything there is in one run.

    Args:
        codec: what the connection speaks.
        mode: what the client asks for.
        sections: likewise; with other sections the shared layer is another one.
    """

    def __init__(self, codec: Codec, mode: Mode | None, sections: tuple[str, ...] | None) -> None:
        self.codec, self.mode = codec, mode
        self.epoch, self.version, self.audience = 1, 0, AUDIENCES[0]
        self.history: dict[tuple[Any, ...], Document] = {}
        self.points: set[tuple[Any, ...]] = set()
        self.live_values: list[Any] = [None]
        self.receipts: dict[str, Receipt] = {}
        self.commits: dict[str, tuple[int, str, int, int]] = {}
        self.events: dict[int, str] = {}
        self.emitted = 0
        self.resolved: set[str] = set()
        self.broken = False
        self.sync: ServerSync | None = None
        self.up: list[str | bytes] = []
        self.down: list[str | bytes] = []
        self._load_layers()
        self.new_client(sections)

    # -- the room ------------------------------------------------------------------------

    def _load_layers(self) -> None:
        """Begin an epoch: new layers, nothing to replay."""
        self.layers = {
            (audience, sections): self._shared_layer(audience, sections)
            for audience in AUDIENCES
            for sections in SECTIONS
        }
        own = {"context": {"mine": [self.epoch, self.version]}}
        self.own = Layer("own", own, seq=first_seq(self.version, self.epoch, MEMBER), capacity=RING)
        self.live = Layer("live", {"live": {"at": [self.epoch, self.version]}}, capacity=RING)
        self.live_values.append(self.live.document["live"])
        self.first = {layer: layer.seq for layer in (*self.layers.values(), self.own)}
        self._remember()

    def _shared_layer(self, audience: str, sections: Any) -> Layer:
        context = {"for": f"{audience} {sections}", "n": self.version, "at": {}}
        seq = first_seq(self.version, self.epoch, audience, sections)
        return Layer("shared", {"value": "on", "context": context}, seq=seq, capacity=RING)

    def _remember(self) -> None:
        """Note the documents that the layers have now, and that this is a complete commit."""
        for (audience, sections), layer in self.layers.items():
            self.history["shared", self.epoch, audience, sections, layer.seq] = layer.document
            self.points.add((self.epoch, audience, sections, layer.seq, self.own.seq))
        self.history["own", self.epoch, self.own.seq] = self.own.document

    @property
    def shared(self) -> Layer:
        return self.layers[self.audience, self.client.sections]

    def commit(
        self, *, shared: bool, own: bool, emit: bool = False, receipts: Iterable[Receipt] = ()
    ) -> None:
        """One commit of the room, told to the connection if there is one."""
        self.version += 1
        records = {key: self._publish_shared(layer) for key, layer in self.layers.items() if shared}
        own_record = self._publish_own() if own else None
        self._remember()
        if self.sync is not None:
            self.emitted += emit
            self.sync.commit(
                version=self.version,
                own=own_record,
                shared=records.get((self.audience, self.client.sections)),
                emits=[Emit({"type": "ding", "n": self.emitted})] * emit,
                receipts=list(receipts),
            )

    def _publish_shared(self, layer: Layer) -> PatchRecord:
        context = layer.document["context"]
        at = {**context["at"], str(self.version % 3): self.version}
        operations: list[Operation] = [
            {"op": "replace", "path": "/context/n", "value": self.version},
            {"op": "add", "path": f"/context/at/{self.version % 3}", "value": self.version},
        ]
        document = {**layer.document, "context": {**context, "n": self.version, "at": at}}
        return layer.publish(operations, document, self.version)

    def _publish_own(self) -> PatchRecord:
        mine = [self.epoch, self.version]
        operation = {"op": "replace", "path": "/context/mine", "value": mine}
        return self.own.publish([operation], {"context": {"mine": mine}}, self.version)

    def move_cursor(self) -> None:
        """Change the live layer."""
        value = {"at": [self.epoch, self.live.seq + 1]}
        operation = {"op": "replace", "path": "/live/at", "value": value["at"]}
        self.live_values.append(value)
        record = self.live.publish([operation], {"live": value}, self.version)
        if self.sync is not None:
            self.sync.publish_live(record)

    def change_audience(self) -> None:
        """The member gets the other role."""
        self.audience = AUDIENCES[1 - AUDIENCES.index(self.audience)]
        if self.sync is not None:
            self.sync.update(version=self.version, audience=self.audience, shared=self.shared)

    def fail_over(self) -> None:
        """The room is loaded anew from one commit ago, and the connection stays."""
        self._load_again()
        if self.sync is not None:
            self.sync.update(
                version=self.version,
                epoch=self.epoch,
                shared=self.shared,
                own=self.own,
                live=self.live,
            )

    def take_over(self) -> None:
        """Another node loads the room: every connection is cut."""
        self._load_again()
        self.cut()

    def _load_again(self) -> None:
        self.epoch += 1
        self.version = max(0, self.version - 1)
        self._load_layers()

    def forget_layers(self) -> None:
        """Nobody watches: the room drops its layers, goes on, and makes them anew."""
        self.cut()
        self.version += 1
        self._load_layers()

    # -- the link ------------------------------------------------------------------------

    def new_client(self, sections: tuple[str, ...] | None) -> None:
        """Another façade of the same member, with nothing mirrored."""
        self.cut()
        self.client = ClientSync(mode=self.mode, sections=sections, limits=LIMITS)
        self.shown: Document | None = None
        self.shown_key: tuple[Any, ...] | None = None

    def cut(self) -> None:
        """The connection is gone, with all that is under way."""
        self.sync = None
        self.up.clear()
        self.down.clear()
        if hasattr(self, "client"):
            self.client.disconnected()
        self.faulty = self.lost = self.asked = self.welcomed = False
        self.conflicts: list[Conflict] = []
        self.until: Position | None = None

    def connect(self, claim: Claim = "true") -> None:
        """Open a connection; the hello arrives, and claims a position."""
        self.cut()
        self.client.connected()
        (hello,) = self.client.messages_to_send()
        assert isinstance(hello, Hello)
        self.sync = ServerSync(self.codec, LIMITS)
        hello = self._claimed(hello, claim)
        self.resumable = hello.mode is None and self._bridges(hello.resume)
        self._receive_hello(hello)

    def _bridges(self, point: Resume | None) -> bool:
        """Whether the rings lead from `point` to now, within what the queue can hold."""
        if point is None or point.member != MEMBER:
            return False
        missed = self.shared.seq - point.shared, self.own.seq - point.own
        known = self.shared.seq - self.first[self.shared], self.own.seq - self.first[self.own]
        return (
            (point.epoch, point.audience) == (self.epoch, self.audience)
            and all(0 <= m <= min(RING, k) for m, k in zip(missed, known, strict=True))
            and sum(missed) < LIMITS.queue_patches
        )

    def _claimed(self, hello: Hello, claim: Claim) -> Hello:
        point = hello.resume
        if point is None or claim == "true":
            return hello
        self.faulty = claim == "old"
        changed: dict[Claim, Resume] = {
            "old": replace(point, shared=max(0, point.shared - 2), own=max(0, point.own - 1)),
            "future": replace(point, shared=point.shared + 10_000),
            "foreign member": replace(point, member="m2"),
            "foreign audience": replace(point, audience="screen"),
            "foreign epoch": replace(point, epoch=point.epoch + 1),
        }
        return replace(hello, resume=changed[claim])

    def _receive_hello(self, hello: Hello) -> None:
        assert self.sync is not None
        data = self.codec.encode(hello)
        received = self.sync.receive(data)
        assert received == hello
        self.sync.open(
            hello=hello,
            member=MEMBER,
            audience=self.audience,
            epoch=self.epoch,
            version=self.version,
            now=0,
            shared=self.shared,
            own=self.own,
            live=self.live,
        )

    def drop(self, index: int) -> None:
        """Lose one message on its way down."""
        self.faulty = self.lost = True
        del self.down[index]

    def drop_up(self) -> None:
        """Lose the next message on its way up."""
        self.lost = self.faulty = True
        del self.up[0]

    def duplicate_up(self) -> None:
        """Let the next message come up twice."""
        self.up.insert(0, self.up[0])

    def duplicate(self, index: int) -> None:
        """Let one message come down twice."""
        self.faulty = True
        self.down.insert(index, self.down[index])

    def swap(self, index: int) -> None:
        """Let two messages overtake each other on their way down."""
        self.faulty = self.lost = True
        self.down[index : index + 2] = reversed(self.down[index : index + 2])

    def pump(self) -> None:
        """The server writes what waits; if it had to drop patches, it starts anew."""
        if self.sync is None:
            return
        self.down += self.sync.data_to_send()
        if self.sync.needs_update:
            self.sync.update(version=self.version)

    def flush(self) -> list[ClientMessage]:
        """The client writes what waits."""
        messages = self.client.messages_to_send()
        if self.sync is not None:
            self.up += [self.codec.encode(message) for message in messages]
        return messages

    def deliver_up(self) -> None:
        """One message reaches the server."""
        assert self.sync is not None
        message = self.sync.receive(self.up.pop(0))
        if isinstance(message, SnapshotGet):
            self.sync.update(version=self.version)
        elif isinstance(message, Send | SendTo) and message.id is not None:
            self._receive_send(message.id, message.event)

    def _receive_send(self, id: str, event: dict[str, Any]) -> None:
        assert self.events.setdefault(event["n"], id) == id, "resent under another id"
        assert self.sync is not None
        first = self.receipts.get(id)
        if first is not None:
            self.sync.send(replace(first, status="duplicate"))
            return
        receipt = self.receipts[id] = Receipt(id, "accepted", self.version + 1)
        self.commit(shared=event["shared"], own=event["own"], receipts=[receipt])
        self.commits[id] = (self.epoch, self.audience, self.shared.seq, self.own.seq)

    def deliver_down(self) -> None:
        """One message reaches the client, and what it makes of it is judged."""
        message = self.codec.decode_server(self.down.pop(0))
        self.broken = True
        self.judge(message, self.client.receive(message))
        self.broken = False

    # -- the judge -----------------------------------------------------------------------

    def judge(self, message: ServerMessage, notices: list[Notice]) -> None:
        """Check what the client has made of a message."""
        if isinstance(message, Welcome):
            self.welcomed = True
            assert message.resumed == self.resumable, "resumed wrongly"
        if isinstance(message, SnapshotUpdate) and not _conflicts_in(notices):
            self.asked = False
        for notice in notices:
            if isinstance(notice, Conflict):
                self._judge_conflict(notice)
            elif isinstance(notice, Changed):
                self._judge_change(notice)
            elif isinstance(notice, Resolved):
                self._judge_receipt(notice.receipt)
        changes = sum(isinstance(notice, Changed) for notice in notices)
        assert changes <= 1, "told twice of one message"
        if not self.faulty:
            self._judge_count(message, changes)
        self._judge_requests(notices)

    def _judge_conflict(self, conflict: Conflict) -> None:
        assert self.faulty, f"a false alarm: {conflict}"
        self.conflicts.append(conflict)
        self.asked |= conflict.reason != "stale-message"

    def _judge_change(self, change: Changed) -> None:
        point = self.client.position
        assert point is not None
        assert change.previous is self.shown
        assert change.document is self.client.document
        shown = dict(change.document)
        live = shown.pop("live", None)
        assert shown == self._expected(point), "not the document of this position"
        assert live in self.live_values
        if not self.lost:
            where = (point.epoch, point.audience, self.client.sections, point.shared, point.own)
            assert where in self.points, "half a commit was shown"
        key = (point, str(live))
        assert key != self.shown_key, "told twice of the same commit"
        self.shown, self.shown_key = change.document, key

    def _expected(self, point: Resume) -> Document | None:
        """What a mirror at this position shows; None if there never was such a position."""
        audience = point.epoch, point.audience, self.client.sections
        shared = self.history.get(("shared", *audience, point.shared))
        own = self.history.get(("own", point.epoch, point.own))
        return None if shared is None or own is None else merge(shared, own)

    def _judge_receipt(self, receipt: Receipt) -> None:
        first = self.receipts[receipt.id]
        assert receipt.id not in self.resolved, "resolved twice"
        assert not self.asked, "resolved on a document that lacks something"
        assert (receipt.version, receipt.status) in (
            (first.version, "accepted"),
            (first.version, "duplicate"),
        )
        self.resolved.add(receipt.id)
        epoch, audience, shared, own = self.commits[receipt.id]
        point = self.client.position
        if not self.lost and point is not None and point.epoch == epoch:
            assert point.own >= own, "resolved before the mirror has caught up"
            assert point.shared >= shared or point.audience != audience, "resolved too early"

    def _judge_count(self, message: ServerMessage, changes: int) -> None:
        """Without faults, each complete commit is told of at once, and a replay at its end."""
        if isinstance(message, Welcome):
            self.until = message.until
        elif isinstance(message, SnapshotUpdate):
            self.until = None
        elif isinstance(message, SnapshotPatch) and message.layer != "live":
            expected = self._reached(message) and not message.more
            assert changes == expected, "a commit is told of once, when it is complete"

    def _reached(self, message: SnapshotPatch) -> bool:
        until, point = self.until, self.client.position
        assert point is not None
        if until is None or (point.shared >= until.shared and point.own >= until.own):
            self.until = None
        return self.until is None

    def _judge_requests(self, notices: list[Notice]) -> None:
        """A snapshot is asked for exactly when a conflict says that one is needed."""
        needed = [c for c in _conflicts_in(notices) if c.reason != "stale-message"]
        requests = [m for m in self.flush() if isinstance(m, SnapshotGet)]
        assert len(requests) == len(needed), "a conflict is a report and a request"

    # -- coming to rest ------------------------------------------------------------------

    def run_dry(self) -> None:
        """Deliver everything, both ways, without further faults."""
        self.flush()
        self.pump()
        while self.up or self.down or (self.sync and self.sync.pending_bytes):
            while self.up:
                self.deliver_up()
            self.pump()
            while self.down:
                self.deliver_down()
            self.pump()
        if self.sync is not None and not self.lost:
            assert self.client.unanswered == [], "a receipt was lost"

    def settle(self) -> None:
        """Whatever was lost: the next commit tells, and the next connection brings all home."""
        if self.sync is None:
            self.connect()
        self.run_dry()
        self.commit(shared=True, own=True)
        self.move_cursor()
        self.run_dry()
        reported = self.asked if self.welcomed else self.conflicts
        assert self.at_home() or reported, "a gap was papered over"
        self.connect()
        self.run_dry()
        assert self.at_home(), "not caught up after a clean reconnect"
        assert self.client.unanswered == []
        assert set(self.receipts) <= self.resolved | self.forgotten, "never resolved"
        assert len(set(self.events.values())) == len(self.events)

    @property
    def forgotten(self) -> set[str]:
        """The sends of façades that are no more."""
        return {id for id in self.receipts if not id.startswith(self.client.client_id)}

    def at_home(self) -> bool:
        """Whether the client shows what the server has."""
        assert self.sync is not None
        point = self.client.position
        there = point is not None and (point.shared, point.own) == (self.shared.seq, self.own.seq)
        return there and self.client.ready and self.client.document == self.sync.document


def _conflicts_in(notices: Iterable[Notice]) -> list[Conflict]:
    return [notice for notice in notices if isinstance(notice, Conflict)]
