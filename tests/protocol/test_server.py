"""The server's half of a connection: order, resume, modes, overflow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from machine_party.errors import Bug
from machine_party.protocol import (
    DEFAULT_LIMITS,
    JSON,
    MSGPACK,
    Broadcast,
    Chunk,
    Codec,
    Emit,
    Error,
    Hello,
    MalformedMessage,
    Ping,
    Pong,
    Position,
    Receipt,
    Resume,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
)
from machine_party.protocol.outbox import Outbox
from tests.protocol.wire import EPOCH, NOW, VERSION, Room

RECEIPT = Receipt("0123456789abcdef.1", "accepted", 51)
POINT = Resume(EPOCH, "player", "m1", 10, 5)
WELCOME = Welcome(1, "m1", "player", EPOCH, NOW, False)
WHOLE = {"value": "idle", "context": {"count": 0, "mine": 0}}


# -- opening -----------------------------------------------------------------------------


@pytest.mark.parametrize("codec", [JSON, MSGPACK], ids=lambda codec: codec.subprotocol)
def test_a_hello_gets_a_welcome_and_the_whole_document(codec: Codec) -> None:
    room = Room(codec)

    room.open(Hello())

    assert room.sent() == [
        WELCOME,
        SnapshotUpdate(WHOLE, EPOCH, VERSION, "player", 10, 5),
    ]


def test_a_bare_client_gets_the_whole_document_only() -> None:
    room = Room()

    room.open(None)

    assert [type(message) for message in room.sent()] == [SnapshotUpdate]


def test_a_token_travels_in_the_welcome() -> None:
    room = Room()

    room.open(Hello(), token="t0k3n")

    assert room.sent()[0] == replace(WELCOME, token="t0k3n")


def test_nothing_of_the_document_is_sent_before_open() -> None:
    room = Room()
    record = room.change(room.shared, 1)

    with pytest.raises(Bug, match="open"):
        room.sync.commit(version=51, own=None, shared=record)
    with pytest.raises(Bug, match="open"):
        room.sync.update(version=51)
    with pytest.raises(Bug, match="open"):
        room.sync.send(RECEIPT)
    assert room.sync.data_to_send() == []


def test_an_error_and_a_pong_may_be_sent_before_open() -> None:
    room = Room()
    error, pong = Error("bad_token", "log in again", False), Pong(NOW)

    room.sync.send(error)
    room.sync.send(pong)

    assert room.sent() == [error, pong]


def test_a_connection_is_opened_once() -> None:
    room = Room()
    room.open(Hello())

    with pytest.raises(Bug, match="update"):
        room.open(Hello())


# -- resume ------------------------------------------------------------------------------


def test_a_resume_replays_what_was_missed() -> None:
    room = Room()
    own, shared = room.change_both(1)
    last = room.change(room.shared, 2)

    room.open(Hello(POINT))

    assert room.sent() == [
        replace(WELCOME, resumed=True, until=Position(12, 6)),
        own.message,
        shared.message,
        last.message,
    ]


def test_a_resume_at_the_present_replays_nothing() -> None:
    room = Room()

    room.open(Hello(POINT))

    assert room.sent() == [replace(WELCOME, resumed=True, until=Position(10, 5))]


@pytest.mark.parametrize(
    "point",
    [
        replace(POINT, epoch=EPOCH - 1),
        replace(POINT, epoch=EPOCH + 1),
        replace(POINT, audience="host"),
        replace(POINT, member="m2"),
        replace(POINT, shared=11),
        replace(POINT, own=6),
        replace(POINT, shared=9),
        replace(POINT, own=4),
    ],
    ids=["old epoch", "new epoch", "audience", "member", "future shared", "future own",
         "shared ring too short", "own ring too short"],
)  # fmt: skip
def test_a_position_that_cannot_be_bridged_gets_the_whole_document(point: Resume) -> None:
    room = Room()

    room.open(Hello(point))

    assert [type(message) for message in room.sent()] == [Welcome, SnapshotUpdate]


def test_a_replay_longer_than_the_queue_is_no_replay() -> None:
    room = Room(queue_patches=4)
    for value in range(4):
        room.change(room.shared, value)

    room.open(Hello(POINT))

    assert [type(message) for message in room.sent()] == [Welcome, SnapshotUpdate]
    assert not room.sync.needs_update


def test_in_mode_snapshot_a_resume_point_is_not_looked_at() -> None:
    room = Room()

    room.open(Hello(POINT, mode="snapshot"))

    assert [type(message) for message in room.sent()] == [Welcome, SnapshotUpdate]


# -- commits -----------------------------------------------------------------------------


def test_a_commit_is_own_shared_emits_receipts() -> None:
    room = Room()
    room.open(Hello())
    room.sent()
    own, shared = room.change_both(1)
    emit, broadcast = Emit({"type": "ding"}), Broadcast(Emit({"type": "dong"}))

    room.sync.commit(
        version=51, own=own, shared=shared, emits=[emit, broadcast], receipts=[RECEIPT]
    )

    assert room.sent() == [
        replace(own.message, more=True),
        shared.message,
        emit,
        broadcast.message,
        RECEIPT,
    ]


def test_an_own_patch_alone_promises_no_more() -> None:
    room = Room()
    room.open(Hello())
    room.sent()
    own = room.change(room.own, 1)

    room.sync.commit(version=51, own=own, shared=None)

    assert room.sent() == [own.message]


def test_the_shared_patch_is_the_same_object_for_everyone() -> None:
    room, other = Room(), Room()
    for each in (room, other):
        each.open(Hello())
        each.sent()
    record = room.change(room.shared, 1)

    room.sync.commit(version=51, own=None, shared=record)
    other.sync.commit(version=51, own=None, shared=record)

    assert room.sync.data_to_send()[0] is other.sync.data_to_send()[0]


def test_in_mode_snapshot_a_commit_is_one_update() -> None:
    room = Room()
    room.open(Hello(mode="snapshot"))
    room.sent()
    own, shared = room.change_both(7)

    room.sync.commit(version=51, own=own, shared=shared, receipts=[RECEIPT])
    room.sync.commit(version=52, own=None, shared=None, receipts=[RECEIPT])

    whole = {"value": "idle", "context": {"count": 7, "mine": 7}}
    assert room.sent() == [
        SnapshotUpdate(whole, EPOCH, 51, "player", 11, 6),
        RECEIPT,
        RECEIPT,
    ]


def test_an_update_takes_a_new_audience_and_epoch() -> None:
    room = Room()
    room.open(Hello())
    room.sent()
    host = Room().shared

    room.sync.update(version=60, epoch=4, audience="host", shared=host)

    assert room.sent() == [SnapshotUpdate(WHOLE, 4, 60, "host", 10, 5)]
    assert (room.sync.epoch, room.sync.audience) == (4, "host")


def test_chunks_pass_between_commits() -> None:
    room = Room()
    room.open(Hello())
    room.sent()
    chunk = Chunk("story", 0, "Once")

    room.sync.send(chunk)

    assert room.sent() == [chunk]


# -- the live layer ----------------------------------------------------------------------


def test_the_live_layer_comes_with_an_update() -> None:
    room = Room(live=True)

    room.open(None)

    (update,) = room.sent()
    assert update == SnapshotUpdate(
        {**WHOLE, "live": {"at": 0}}, EPOCH, VERSION, "player", 10, 5, live=2
    )


def test_the_live_layer_comes_whole_after_a_replay() -> None:
    room = Room(live=True)
    shared = room.change(room.shared, 1)

    room.open(Hello(POINT))

    whole = SnapshotPatch(({"op": "add", "path": "/live", "value": {"at": 0}},), "live", 2, 51)
    assert room.sent()[1:] == [shared.message, whole]


@pytest.mark.parametrize("mode", ["patch", "snapshot"])
def test_the_live_layer_changes_between_commits(mode: str) -> None:
    room = Room(live=True)
    room.open(Hello(mode="snapshot" if mode == "snapshot" else None))
    room.sent()
    assert room.live is not None

    record = room.change(room.live, 9)
    room.sync.publish_live(record)

    (message,) = room.sent()
    if mode == "patch":
        assert message == record.message
    else:
        assert isinstance(message, SnapshotUpdate)
        assert message.snapshot["live"] == {"at": 9}


# -- a slow reader -----------------------------------------------------------------------


def flooded(**limits: Any) -> Room:
    """A room whose connection has not read for a while: patches, an emit and a receipt."""
    room = Room(**limits)
    room.open(Hello())
    room.sent()
    record = room.change(room.shared, 0)
    emits = [Emit({"type": "ding"})]
    room.sync.commit(version=51, own=None, shared=record, emits=emits, receipts=[RECEIPT])
    for value in range(1, 10):
        record = room.change(room.shared, value)
        room.sync.commit(version=room.version, own=None, shared=record)
    return room


@pytest.mark.parametrize("limits", [{"queue_patches": 4}, {"queue_bytes": 700}], ids=str)
def test_past_the_bound_patches_give_way_to_one_update(limits: dict[str, Any]) -> None:
    room = flooded(**limits)

    assert room.sync.needs_update
    assert room.sent() == []
    room.sync.update(version=room.version)

    update, receipt = room.sent()
    assert isinstance(update, SnapshotUpdate)
    assert (update.snapshot["context"]["count"], update.shared) == (9, room.shared.seq)
    assert receipt == RECEIPT
    assert not room.sync.needs_update


def test_the_bytes_that_wait_are_bounded() -> None:
    room = Room(queue_bytes=1_000)
    room.open(Hello())
    room.sent()

    for value in range(1_000):
        record = room.change(room.shared, value)
        room.sync.commit(
            version=room.version, own=None, shared=record, emits=[Emit({"type": "ding"})]
        )
        assert room.sync.pending_bytes <= 1_100


def test_receipts_errors_and_pongs_outlive_an_overflow() -> None:
    room = flooded(queue_patches=4)
    late = replace(RECEIPT, id="0123456789abcdef.2")
    error = Error("rate_limited", "slower", True, 1.5)

    room.sync.commit(version=61, own=None, shared=None, receipts=[late])
    room.sync.send(error)

    assert room.sent() == [error]
    room.sync.update(version=61)
    assert room.sent()[1:] == [RECEIPT, late]


def test_after_the_update_patches_flow_again() -> None:
    room = flooded(queue_patches=4)
    room.sync.update(version=room.version)
    room.sent()
    record = room.change(room.shared, 1)

    room.sync.commit(version=room.version, own=None, shared=record)

    assert room.sent() == [record.message]


def test_a_pair_is_dropped_whole() -> None:
    room = Room(queue_patches=1)
    room.open(Hello())
    room.sent()
    own, shared = room.change_both(1)

    room.sync.commit(version=51, own=own, shared=shared)

    assert room.sent() == []
    assert room.sync.needs_update


def test_what_was_taken_no_longer_counts() -> None:
    room = Room(queue_patches=2)
    room.open(Hello())
    for value in range(10):
        record = room.change(room.shared, value)
        room.sync.commit(version=room.version, own=None, shared=record)
        assert room.sync.pending_bytes > 0
        room.sent()
        assert room.sync.pending_bytes == 0

    assert not room.sync.needs_update


def test_in_mode_snapshot_too_many_updates_become_one() -> None:
    room = Room(queue_patches=3)
    room.open(Hello(mode="snapshot"))
    room.sent()

    for value in range(10):
        record = room.change(room.shared, value)
        room.sync.commit(version=room.version, own=None, shared=record)

    assert room.sync.needs_update
    room.sync.update(version=room.version)
    (update,) = room.sent()
    assert isinstance(update, SnapshotUpdate)
    assert update.snapshot["context"]["count"] == 9


# -- receiving ---------------------------------------------------------------------------


def test_receive_decodes_within_the_limits() -> None:
    room = Room(message_bytes=30)

    assert room.sync.receive('{"type":"party.ping"}') == Ping()
    with pytest.raises(MalformedMessage):
        room.sync.receive('{"type":"x","a":"' + "b" * 30 + '"}')


def test_emits_of_a_slow_connection_are_bounded() -> None:
    outbox = Outbox(DEFAULT_LIMITS)
    for _ in range(3_000):
        outbox.add_passing("x" * 1_000)
    assert DEFAULT_LIMITS.queue_bytes - 1_000 <= outbox.bytes <= DEFAULT_LIMITS.queue_bytes
    assert not outbox.overflowed
