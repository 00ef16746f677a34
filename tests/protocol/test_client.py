"""The client's half: hello and resume, one notice per commit, gaps, sends."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from machine_party.protocol import (
    Changed,
    Chunk,
    Chunked,
    ClientSync,
    Conflict,
    Emit,
    Emitted,
    Error,
    Failed,
    Hello,
    LayerName,
    Limits,
    Pong,
    Position,
    QueueFull,
    Ready,
    Receipt,
    Resolved,
    Resume,
    Send,
    SendTo,
    SnapshotGet,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
)

WELCOME = Welcome(1, "m1", "player", 3, 0, False)
DOCUMENT = {"value": "idle", "context": {"count": 0, "mine": 0}}
UPDATE = SnapshotUpdate(DOCUMENT, 3, 50, "player", 10, 5)
EVENT = {"type": "increment"}


def patch(layer: LayerName, seq: int, value: Any, version: int = 51, **more: bool) -> SnapshotPatch:
    """A patch that sets the layer's one field."""
    paths = {"shared": "/context/count", "own": "/context/mine", "live": "/live/at"}
    operation = {"op": "replace", "path": paths[layer], "value": value}
    return SnapshotPatch((operation,), layer, seq, version, **more)


def whole_live(seq: int, value: Any) -> SnapshotPatch:
    operation = {"op": "add", "path": "/live", "value": {"at": value}}
    return SnapshotPatch((operation,), "live", seq, 51)


def fresh(**options: Any) -> ClientSync:
    """A client that has said hello on an open connection."""
    client = ClientSync(**options)
    client.connected()
    client.messages_to_send()
    return client


def caught_up(**options: Any) -> ClientSync:
    """A client with the document at (shared 10, own 5)."""
    client = fresh(**options)
    client.receive(WELCOME)
    client.receive(UPDATE)
    return client


def resuming(until: Position, **changes: Any) -> ClientSync:
    """A client that has been caught up, reconnected, and been told to expect a replay."""
    client = caught_up()
    client.disconnected()
    client.connected()
    client.messages_to_send()
    client.receive(replace(WELCOME, resumed=True, until=until, **changes))
    return client


def count(client: ClientSync) -> tuple[int, int]:
    assert client.document is not None
    return client.document["context"]["count"], client.document["context"]["mine"]


# -- the first connection ----------------------------------------------------------------


def test_the_hello_says_who_it_is() -> None:
    client = ClientSync(
        token="t", name="Ann", meta={"role": "player"}, sections=["board"], mode="snapshot"
    )

    client.connected()

    assert client.messages_to_send() == [
        Hello(None, "t", "Ann", {"role": "player"}, ("board",), "snapshot")
    ]
    assert client.messages_to_send() == []


def test_the_first_snapshot_makes_it_ready() -> None:
    client = fresh()

    assert client.receive(WELCOME) == []
    assert client.receive(UPDATE) == [Changed(None, DOCUMENT), Ready("m1", False)]
    assert (client.document, client.member, client.ready) == (DOCUMENT, "m1", True)
    assert client.position == Resume(3, "player", "m1", 10, 5)


def test_a_token_from_the_welcome_is_used_from_then_on() -> None:
    client = fresh()
    client.receive(replace(WELCOME, token="t0k3n"))
    client.receive(UPDATE)

    client.connected()

    assert client.messages_to_send() == [Hello(client.position, "t0k3n")]


def test_a_document_before_the_welcome_is_not_taken() -> None:
    client = fresh()

    assert client.receive(UPDATE) == [Conflict("stale-message", None, 50)]
    assert client.document is None


def test_a_second_welcome_is_ignored() -> None:
    client = caught_up()

    assert client.receive(WELCOME) == [Conflict("stale-message", 3, 3)]
    assert client.receive(patch("shared", 11, 1)) == [
        Changed(DOCUMENT, {"value": "idle", "context": {"count": 1, "mine": 0}})
    ]


# -- patches -----------------------------------------------------------------------------


def test_a_patch_changes_the_document_and_nothing_else() -> None:
    client = caught_up()

    (notice,) = client.receive(patch("shared", 11, 7))

    assert isinstance(notice, Changed)
    assert notice.previous == DOCUMENT
    assert notice.document is client.document
    assert count(client) == (7, 0)
    assert client.version == 51


def test_a_pair_is_told_once() -> None:
    client = caught_up()

    assert client.receive(patch("own", 6, 1, more=True)) == []
    assert count(client) == (0, 0)
    (notice,) = client.receive(patch("shared", 11, 1))

    assert isinstance(notice, Changed)
    assert count(client) == (1, 1)


@pytest.mark.parametrize(
    ("incoming", "conflict"),
    [
        (patch("shared", 10, 1, version=50), Conflict("stale-message", 10, 10)),
        (patch("own", 3, 1, version=48), Conflict("stale-message", 5, 3)),
        (patch("shared", 7, 1, version=51), Conflict("version-gap", 10, 7)),
        (patch("shared", 900, 1, version=2), Conflict("version-gap", 10, 900)),
        (patch("shared", 12, 1), Conflict("version-gap", 10, 12)),
        (patch("own", 9, 1), Conflict("version-gap", 5, 9)),
        (
            replace(patch("own", 6, 1), operations=({"op": "remove", "path": "/none"},)),
            Conflict("patch-apply-failed", 5, 6),
        ),
        (patch("live", 1, 1), Conflict("missing-snapshot", None, 1)),
        (replace(UPDATE, version=49), Conflict("stale-message", 50, 49)),
        (replace(UPDATE, epoch=2, version=90), Conflict("stale-message", 50, 90)),
    ],
)
def test_what_does_not_fit_is_reported_and_not_taken(incoming: Any, conflict: Conflict) -> None:
    client = caught_up()

    assert client.receive(incoming) == [conflict]

    asked = [] if conflict.reason == "stale-message" else [SnapshotGet()]
    assert client.messages_to_send() == asked
    assert client.document == DOCUMENT


def test_a_patch_far_behind_is_of_another_layer() -> None:
    client = fresh()
    client.receive(WELCOME)
    client.receive(replace(UPDATE, shared=40_000))

    assert client.receive(patch("shared", 39_937, 1, version=50)) == [
        Conflict("stale-message", 40_000, 39_937)
    ]
    assert client.receive(patch("shared", 39_936, 1, version=50)) == [
        Conflict("version-gap", 40_000, 39_936)
    ]


def test_a_patch_before_any_document_is_missing_snapshot() -> None:
    client = fresh()
    client.receive(WELCOME)

    assert client.receive(patch("shared", 11, 1)) == [Conflict("missing-snapshot", None, 11)]
    assert client.messages_to_send() == [SnapshotGet()]


def test_a_snapshot_is_asked_for_once_and_nothing_else_is_taken_until_it_comes() -> None:
    client = caught_up()

    client.receive(patch("shared", 12, 1))
    assert client.receive(patch("shared", 11, 1)) == []
    assert client.receive(patch("shared", 13, 1)) == []
    assert client.messages_to_send() == [SnapshotGet()]

    fresher = replace(UPDATE, snapshot={**DOCUMENT, "value": "busy"}, version=53, shared=13)
    assert client.receive(fresher) == [Changed(DOCUMENT, {**DOCUMENT, "value": "busy"})]
    assert client.receive(patch("shared", 14, 1)) != []


@pytest.mark.parametrize(
    "instead",
    [patch("own", 7, 2, version=52), patch("shared", 11, 1, version=52), patch("live", 3, 1)],
    ids=["own", "shared of another commit", "live"],
)
def test_half_a_pair_is_a_gap(instead: SnapshotPatch) -> None:
    client = fresh()
    client.receive(WELCOME)
    client.receive(replace(UPDATE, snapshot={**DOCUMENT, "live": {"at": 0}}, live=2))

    client.receive(patch("own", 6, 1, more=True))
    (notice,) = client.receive(instead)

    assert isinstance(notice, Conflict)
    assert notice.reason == "version-gap"
    assert count(client) == (0, 0)


@pytest.mark.parametrize(
    "instead",
    [Receipt("c.1", "accepted", 51), Emit({"type": "ding"}), Chunk("s", 0, 1)],
    ids=lambda message: type(message).__name__,
)
def test_a_message_within_a_pair_is_a_gap(instead: Any) -> None:
    client = caught_up()

    client.receive(patch("own", 6, 1, more=True))

    assert client.receive(instead) == [Conflict("version-gap", 10, 11)]


def test_a_pong_within_a_pair_is_none() -> None:
    client = caught_up()

    client.receive(patch("own", 6, 1, more=True))

    assert client.receive(Pong(1)) == []
    assert len(client.receive(patch("shared", 11, 1))) == 1


def test_an_equal_snapshot_changes_nothing() -> None:
    client = caught_up()
    before = client.document

    assert client.receive(replace(UPDATE, snapshot=dict(DOCUMENT), version=51)) == []
    assert client.document is before


def test_a_snapshot_keeps_the_identity_of_what_did_not_change() -> None:
    client = caught_up()
    before = client.document
    assert before is not None

    client.receive(
        replace(UPDATE, snapshot={"value": "busy", "context": {"count": 0, "mine": 0}}, version=51)
    )

    assert client.document is not None
    assert client.document["value"] == "busy"
    assert client.document["context"] is before["context"]


def test_a_change_of_audience_goes_on_from_its_update() -> None:
    client = caught_up()

    client.receive(replace(UPDATE, audience="host", version=51, shared=90))

    assert client.position == Resume(3, "host", "m1", 90, 5)
    assert client.receive(patch("shared", 91, 4)) != []
    assert count(client) == (4, 0)


# -- resume ------------------------------------------------------------------------------


def test_a_hello_resumes_from_where_the_mirror_stands() -> None:
    client = caught_up()
    client.receive(patch("own", 6, 1, more=True))

    client.connected()

    assert client.messages_to_send() == [Hello(Resume(3, "player", "m1", 10, 6))]


def test_a_replay_is_told_once_on_reaching_its_end() -> None:
    client = resuming(Position(12, 6))

    assert client.receive(patch("own", 6, 1)) == []
    assert client.receive(patch("shared", 11, 1)) == []
    assert count(client) == (0, 0)
    changed, ready = client.receive(patch("shared", 12, 2))

    assert isinstance(changed, Changed)
    assert ready == Ready("m1", True)
    assert count(client) == (2, 1)


def test_a_replay_of_nothing_is_ready_at_once() -> None:
    client = caught_up()
    client.connected()

    notices = client.receive(replace(WELCOME, resumed=True, until=Position(10, 5)))

    assert notices == [Ready("m1", True)]


def test_an_update_ends_a_replay() -> None:
    client = resuming(Position(12, 6))
    client.receive(patch("shared", 11, 1))

    changed, ready = client.receive(replace(UPDATE, version=60, shared=20, snapshot={"value": 1}))

    assert changed == Changed(DOCUMENT, {"value": 1})
    assert ready == Ready("m1", True)


def test_a_gap_in_a_replay_is_a_gap() -> None:
    client = resuming(Position(12, 6))

    assert client.receive(patch("shared", 12, 1)) == [Conflict("version-gap", 10, 12)]
    assert client.messages_to_send() == [SnapshotGet()]


def test_a_receipt_within_a_replay_is_a_gap() -> None:
    client = resuming(Position(12, 6))

    assert client.receive(Receipt("c.1", "accepted", 51)) == [Conflict("version-gap", 10, 12)]


@pytest.mark.parametrize(
    "changes",
    [{"epoch": 4}, {"audience": "host"}, {"member": "m2"}, {"until": None}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_resume_of_something_else_is_not_believed(changes: dict[str, Any]) -> None:
    client = caught_up()
    client.connected()
    client.messages_to_send()
    welcome = replace(WELCOME, resumed=True, until=Position(11, 5))

    (notice,) = client.receive(replace(welcome, **changes))

    assert isinstance(notice, Conflict)
    assert notice.reason == "missing-snapshot"
    assert client.messages_to_send() == [SnapshotGet()]


def test_a_resume_without_a_document_is_not_believed() -> None:
    client = fresh()

    (notice,) = client.receive(replace(WELCOME, resumed=True, until=Position(0, 0)))

    assert isinstance(notice, Conflict)


def test_what_is_not_resumed_waits_for_its_update_and_shows_the_old_document() -> None:
    client = caught_up()
    client.connected()
    client.receive(replace(WELCOME, epoch=4))

    assert client.document == DOCUMENT
    assert client.receive(patch("shared", 11, 1)) == [Conflict("missing-snapshot", None, 11)]


def test_a_room_that_began_anew_is_taken_although_its_version_is_lower() -> None:
    client = caught_up()
    client.connected()
    client.receive(WELCOME)

    notices = client.receive(replace(UPDATE, version=1, shared=0, own=0, snapshot={"value": "new"}))

    assert notices[0] == Changed(DOCUMENT, {"value": "new"})


def test_after_a_failed_patch_it_does_not_resume() -> None:
    client = caught_up()
    client.receive(replace(patch("own", 6, 1), operations=({"op": "remove", "path": "/none"},)))

    client.connected()

    assert client.messages_to_send() == [Hello()]


# -- the live layer ----------------------------------------------------------------------


def test_the_live_layer_is_set_whole_and_then_patched() -> None:
    client = resuming(Position(10, 5))

    (first,) = client.receive(whole_live(7, 1))
    (second,) = client.receive(patch("live", 8, 2))

    assert isinstance(first, Changed)
    assert isinstance(second, Changed)
    assert second.document["live"] == {"at": 2}
    assert client.position == Resume(3, "player", "m1", 10, 5)


def test_an_update_says_where_the_live_layer_stands() -> None:
    client = caught_up()
    client.receive(replace(UPDATE, version=51, snapshot={**DOCUMENT, "live": {"at": 0}}, live=4))

    assert client.receive(patch("live", 4, 9)) == [Conflict("stale-message", 4, 4)]
    assert client.receive(patch("live", 6, 9)) == [Conflict("version-gap", 4, 6)]


def test_a_live_patch_that_fails_is_reported() -> None:
    client = caught_up()
    bad = ({"op": "add", "path": "/live", "value": 1}, {"op": "remove", "path": "/none"})

    assert client.receive(SnapshotPatch(bad, "live", 1, 51)) == [
        Conflict("patch-apply-failed", None, 1)
    ]


# -- sends -------------------------------------------------------------------------------


def test_an_id_is_64_random_bits_and_a_number() -> None:
    client, other = caught_up(), caught_up()

    first, second = client.send(EVENT), client.send(EVENT)

    assert re.fullmatch(r"[0-9a-f]{16}\.1", first)
    assert second == first[:-1] + "2"
    assert other.send(EVENT) != first


def test_a_send_leaves_at_once_when_welcome() -> None:
    client = caught_up()

    first, second = client.send(EVENT), client.send(EVENT, "child")

    assert client.messages_to_send() == [Send(first, EVENT), SendTo("child", EVENT, second)]


def test_a_send_before_the_welcome_waits_for_it() -> None:
    client = fresh()

    id = client.send(EVENT)

    assert client.messages_to_send() == []
    client.receive(WELCOME)
    assert client.messages_to_send() == [Send(id, EVENT)]


def test_unanswered_sends_are_sent_again_in_order_with_the_same_ids() -> None:
    client = caught_up()
    ids = [client.send(EVENT) for _ in range(3)]
    client.messages_to_send()
    client.receive(Receipt(ids[1], "accepted", 51))

    client.disconnected()
    late = client.send(EVENT)
    client.connected()
    client.messages_to_send()
    client.receive(WELCOME)

    assert client.messages_to_send() == [Send(id, EVENT) for id in (ids[0], ids[2], late)]
    assert client.unanswered == [ids[0], ids[2], late]


def test_a_receipt_resolves_its_send_once() -> None:
    client = caught_up()
    receipt = Receipt(client.send(EVENT), "accepted", 51, {"points": 3})

    assert client.receive(receipt) == [Resolved(receipt)]
    assert client.receive(receipt) == []
    assert client.unanswered == []


def test_a_receipt_waits_until_the_mirror_has_caught_up() -> None:
    client = caught_up()
    receipt = Receipt(client.send(EVENT), "accepted", 53)
    client.receive(patch("shared", 12, 1))

    assert client.receive(receipt) == []
    assert client.receive(Emit({"type": "ding"})) == []
    assert client.receive(replace(UPDATE, version=53, shared=12, snapshot={})) == [
        Changed(DOCUMENT, {}),
        Resolved(receipt),
        Emitted({"type": "ding"}),
    ]


def test_a_receipt_that_waits_outlives_the_connection() -> None:
    client = caught_up()
    receipt = Receipt(client.send(EVENT), "accepted", 53)
    client.receive(patch("shared", 12, 1))
    client.receive(receipt)

    client.connected()
    notices = client.receive(replace(WELCOME, resumed=True, until=Position(10, 5)))

    assert notices == [Ready("m1", True), Resolved(receipt)]
    assert client.unanswered == []


def test_only_so_many_sends_are_on_their_way_at_once() -> None:
    client = caught_up(limits=Limits(sends_in_flight=2))
    ids = [client.send(EVENT) for _ in range(4)]

    assert client.messages_to_send() == [Send(id, EVENT) for id in ids[:2]]
    client.receive(Receipt(ids[1], "accepted", 51))
    assert client.messages_to_send() == [Send(ids[2], EVENT)]

    client.connected()
    client.messages_to_send()
    client.receive(replace(WELCOME, resumed=True, until=Position(10, 5)))
    assert client.messages_to_send() == [Send(id, EVENT) for id in (ids[0], ids[2])]
    client.receive(Receipt(ids[3], "rejected", 51))
    client.receive(Receipt(ids[0], "accepted", 51))
    assert client.messages_to_send() == []
    assert client.unanswered == [ids[2]]


def test_sends_are_bounded() -> None:
    client = caught_up(limits=Limits(unanswered_sends=2))
    first = client.send(EVENT)
    client.send(EVENT)

    with pytest.raises(QueueFull, match="2 sends wait"):
        client.send(EVENT)
    client.receive(Receipt(first, "accepted", 51))
    client.send(EVENT)


# -- the rest ----------------------------------------------------------------------------


def test_emits_chunks_and_errors_are_told() -> None:
    client = caught_up()
    error = Error("rate_limited", "slower", True)

    assert client.receive(Emit({"type": "ding"})) == [Emitted({"type": "ding"})]
    assert client.receive(Chunk("story", 0, "Once")) == [Chunked("story", 0, "Once")]
    assert client.receive(error) == [Failed(error)]
    assert client.receive(Pong(5)) == []


def test_an_error_before_the_welcome_is_told() -> None:
    error = Error("bad_token", "log in again", False)

    assert fresh().receive(error) == [Failed(error)]


def test_in_mode_snapshot_each_update_is_a_change() -> None:
    client = caught_up(mode="snapshot")

    (notice,) = client.receive(replace(UPDATE, version=51, snapshot={"value": "busy"}))

    assert notice == Changed(DOCUMENT, {"value": "busy"})
