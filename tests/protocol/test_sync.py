"""Both halves of the protocol against each other, over a link that loses, doubles and swaps.

The rules do what a network, a room and a member can do; `world.py` judges. At the bottom,
mutants show that each thing it judges can go wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from machine_party.protocol import (
    JSON,
    MSGPACK,
    ClientSync,
    Codec,
    Conflict,
    Layer,
    Mode,
    Receipt,
    Resolved,
    Resume,
    ServerSync,
    SnapshotGet,
    SnapshotPatch,
)
from machine_party.protocol.mirror import Mirror
from machine_party.protocol.outbox import Outbox
from tests.protocol.world import RING, SECTIONS, Claim, World

sections = st.sampled_from(SECTIONS)
claims: st.SearchStrategy[Claim] = st.sampled_from(
    [*["true"] * 6, "old", "future", "foreign member", "foreign audience", "foreign epoch"]
)
NIGHTLY = settings().max_examples > 1_000


class Link(RuleBasedStateMachine):
    """What may happen to a room, its member and the link between them, in any order."""

    world: World

    @initialize(
        codec=st.sampled_from([JSON, MSGPACK]),
        mode=st.sampled_from([None, None, None, "snapshot"]),
        sections=sections,
    )
    def begin(self, codec: Codec, mode: Mode | None, sections: Any) -> None:
        self.world = World(codec, mode, sections)
        self.number = 0
        self.world.connect()
        self.world.run_dry()

    # -- what happens all the time

    @rule(shared=st.booleans(), own=st.booleans(), emit=st.booleans(), count=st.integers(1, 3))
    def commit(self, shared: bool, own: bool, emit: bool, count: int) -> None:
        for _ in range(count):
            self.world.commit(shared=shared, own=own, emit=emit)
            self.world.pump()

    @rule(shared=st.booleans(), own=st.booleans(), child=st.sampled_from([None, "child"]))
    def send(self, shared: bool, own: bool, child: str | None) -> None:
        self.number += 1
        event = {"type": "x", "n": self.number, "shared": shared, "own": own}
        self.world.client.send(event, child)
        self.world.flush()

    @precondition(lambda self: self.world.up)
    @rule(pump=st.booleans())
    def deliver_up(self, pump: bool) -> None:
        self.world.deliver_up()
        if pump:
            self.world.pump()

    @precondition(lambda self: self.world.down)
    @rule(count=st.integers(1, 4))
    def deliver_down(self, count: int) -> None:
        for _ in range(min(count, len(self.world.down))):
            self.world.deliver_down()

    @precondition(lambda self: self.world.down)
    @rule(data=st.data(), fault=st.sampled_from(["drop", "drop", "duplicate", "swap"]))
    def fault(self, data: st.DataObject, fault: str) -> None:
        index = data.draw(st.integers(0, len(self.world.down) - 1))
        getattr(self.world, fault)(index)

    @precondition(lambda self: self.world.up)
    @rule(twice=st.booleans())
    def lose_or_double_up(self, twice: bool) -> None:
        (self.world.duplicate_up if twice else self.world.drop_up)()

    # -- what happens now and then

    @rule(missed=st.integers(0, 3) | st.just(RING + 1), own=st.booleans(), claim=claims)
    def come_back(self, missed: int, own: bool, claim: Claim) -> None:
        """Lose the connection, miss a few commits, and connect again."""
        self.world.cut()
        for _ in range(missed):
            self.world.commit(shared=True, own=own)
        self.world.connect(claim)
        self.world.pump()

    @rule(count=st.integers(1, 12))
    def stall(self, count: int) -> None:
        """The connection reads nothing while the room goes on."""
        while self.world.up:
            self.world.deliver_up()
        for _ in range(count):
            self.world.commit(shared=True, own=False)

    @rule(
        what=st.sampled_from(
            ["move_cursor", "change_audience", "fail_over", "take_over", "forget_layers", "cut"]
        )
    )
    def disturb(self, what: str) -> None:
        getattr(self.world, what)()
        self.world.pump()

    @rule(sections=sections)
    def new_client(self, sections: Any) -> None:
        self.world.new_client(sections)
        self.world.connect()

    @rule()
    def run_dry(self) -> None:
        self.world.run_dry()

    @rule()
    def settle(self) -> None:
        self.world.settle()

    def teardown(self) -> None:
        if hasattr(self, "world") and not self.world.broken:
            self.world.settle()


TestLink = Link.TestCase
TestLink.settings = settings(
    max_examples=5_000 if NIGHTLY else 300, stateful_step_count=100 if NIGHTLY else 50
)


# -- the same, with less chance ----------------------------------------------------------


def test_an_overflow_ends_in_an_update_and_loses_no_receipt() -> None:
    world = World(MSGPACK, None, None)
    world.connect()
    world.run_dry()
    ids = [world.client.send({"type": "x", "n": n, "shared": True, "own": True}) for n in range(9)]
    world.flush()

    while world.up:
        world.deliver_up()
    world.commit(shared=True, own=True)
    assert world.sync is not None
    assert world.sync.needs_update
    world.run_dry()

    assert world.at_home()
    assert world.resolved == set(ids)
    assert world.conflicts == []


@pytest.mark.parametrize("codec", [JSON, MSGPACK], ids=lambda codec: codec.subprotocol)
def test_a_resume_after_a_cut_is_a_replay(codec: Codec) -> None:
    world = World(codec, None, None)
    world.connect()
    world.run_dry()
    for _ in range(3):
        world.commit(shared=True, own=True)
    world.pump()
    world.deliver_down()
    world.connect()
    assert world.sync is not None

    world.run_dry()

    assert world.client.welcome is not None
    assert world.client.welcome.resumed
    assert world.at_home()


# -- mutants: what the judge sees when a check is missing --------------------------------


def _no_gap_check(self: Mirror, patch: SnapshotPatch) -> Any:
    point = self.point
    if point is None or patch.layer == "live":
        return _RECEIVE_PATCH(self, patch)
    current = patch.seq - 1
    if patch.seq > (point.own if patch.layer == "own" else point.shared) + 1:
        self.point = _moved(point, patch.layer, current)
    return _RECEIVE_PATCH(self, patch)


def _moved(point: Resume, layer: str, seq: int) -> Resume:
    return replace(point, own=seq) if layer == "own" else replace(point, shared=seq)


def _takes_stale_patches(self: Mirror, patch: SnapshotPatch) -> Any:
    point = self.point
    if point is not None and patch.layer != "live":
        self.point = _moved(point, patch.layer, patch.seq - 1)
    return _RECEIVE_PATCH(self, patch)


def _tells_half_a_commit(self: Mirror, patch: SnapshotPatch) -> Any:
    return _RECEIVE_PATCH(self, replace(patch, more=False))


def _asks_for_nothing(self: ClientSync) -> Any:
    return [m for m in _MESSAGES_TO_SEND(self) if not isinstance(m, SnapshotGet)]


def _reports_nothing(self: ClientSync, message: Any) -> Any:
    return [n for n in _RECEIVE(self, message) if not isinstance(n, Conflict)]


def _tells_receipts_at_once(self: ClientSync, message: Any) -> Any:
    held_back = isinstance(message, Receipt) and message.id in self.unanswered
    notices = _RECEIVE(self, message)
    if held_back and not any(isinstance(n, Resolved) for n in notices):
        self._held.clear()
        notices.append(Resolved(message))
    return notices


def _resends_under_new_ids(self: ClientSync) -> None:
    _CONNECTED(self)
    for message in list(self._unanswered.values()):
        del self._unanswered[message.id or ""]
        self.send(message.event)


def _forgets_unanswered(self: ClientSync) -> None:
    _DISCONNECTED(self)
    self._unanswered.clear()


def _resumes_anything(self: ServerSync, resume: Any, member: str) -> Any:
    if resume is not None:
        resume = replace(resume, epoch=self.epoch, audience=self.audience, member=member)
    return _REPLAY(self, resume, member)


def _bridges_what_it_has(self: Layer, seq: int) -> Any:
    return [record for record in self._ring if record.seq > seq]


def _drops_receipts(self: Outbox) -> None:
    _OVERFLOW(self)
    self._held.clear()


def _drops_patches_silently(self: Outbox) -> None:
    _OVERFLOW(self)
    self.overflowed = False


def _sends_shared_first(self: ServerSync, *, own: Any, shared: Any, **rest: Any) -> None:
    _COMMIT(self, own=None, shared=shared, **{**rest, "emits": (), "receipts": ()})
    _COMMIT(self, own=own, shared=None, **rest)


def _sends_receipts_first(self: ServerSync, *, receipts: Any = (), **rest: Any) -> None:
    for receipt in receipts:
        self.send(receipt)
    _COMMIT(self, **rest)


_RECEIVE_PATCH = Mirror.receive_patch
_MESSAGES_TO_SEND = ClientSync.messages_to_send
_RECEIVE = ClientSync.receive
_CONNECTED = ClientSync.connected
_DISCONNECTED = ClientSync.disconnected
_REPLAY = ServerSync._replay
_OVERFLOW = Outbox._overflow
_COMMIT = ServerSync.commit

MUTANTS: dict[str, tuple[type, str, Callable[..., Any], str]] = {
    "skips the gap check": (
        Mirror,
        "receive_patch",
        _no_gap_check,
        "not the document|papered over",
    ),
    "takes stale patches": (
        Mirror,
        "receive_patch",
        _takes_stale_patches,
        "not the document|told twice",
    ),
    "tells of half a commit": (
        Mirror,
        "receive_patch",
        _tells_half_a_commit,
        "half a commit|told of once",
    ),
    "never asks for a snapshot": (
        ClientSync,
        "messages_to_send",
        _asks_for_nothing,
        "a report and a request",
    ),
    "reports no conflict": (
        ClientSync,
        "receive",
        _reports_nothing,
        "a report and a request|papered over",
    ),
    "tells of receipts at once": (
        ClientSync,
        "receive",
        _tells_receipts_at_once,
        "resolved on a document|before the mirror",
    ),
    "resends under new ids": (ClientSync, "connected", _resends_under_new_ids, "under another id"),
    "forgets unanswered sends": (ClientSync, "disconnected", _forgets_unanswered, "never resolved"),
    "resumes any position": (ServerSync, "_replay", _resumes_anything, "resumed wrongly"),
    "replays what the ring has": (Layer, "since", _bridges_what_it_has, "resumed wrongly"),
    "drops receipts": (Outbox, "_overflow", _drops_receipts, "a receipt was lost"),
    "drops patches silently": (
        Outbox,
        "_overflow",
        _drops_patches_silently,
        "false alarm|papered over",
    ),
    "sends the shared patch first": (
        ServerSync,
        "commit",
        _sends_shared_first,
        "half a commit|told of once",
    ),
    "sends receipts before patches": (
        ServerSync,
        "commit",
        _sends_receipts_first,
        "before the mirror|too early",
    ),
}
"""What is broken, where, with what, and what the judge then says."""


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_judge_goes_red(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name, replacement, verdict = MUTANTS[mutant]
    monkeypatch.setattr(owner, name, replacement)
    search = settings(
        max_examples=3_000,
        stateful_step_count=50,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        report_multiple_bugs=False,
    )

    with pytest.raises(AssertionError, match=verdict):
        run_state_machine_as_test(Link, settings=search)
