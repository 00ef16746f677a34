"""The loop: when a batch is run, what its senders are told, and how a room ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from machine_party.errors import PeerError
from machine_party.protocol import (
    CloseCode,
    Hello,
    Ping,
    Pong,
    Receipt,
    SendTo,
    SnapshotGet,
    SnapshotPatch,
    SnapshotUpdate,
)
from machine_party.testing import VirtualClock
from tests.room.board import BROKEN, Add
from tests.room.stage import JSON, Client, Stage


def patches(client: Client, layer: str | None = None) -> list[SnapshotPatch]:
    return [
        message
        for message in client.messages
        if isinstance(message, SnapshotPatch) and layer in (None, message.layer)
    ]


def kinds(client: Client) -> list[list[str]]:
    return [[type(message).__name__ for message in write] for write in client.writes]


# -- when ------------------------------------------------------------------------------------


async def test_an_idle_room_commits_at_once(stage: Stage, clock: VirtualClock) -> None:
    ann = await stage.join("ann")
    id = ann.send("add")
    await clock.settle()
    assert ann.receipts[id].status == "accepted"


async def test_under_load_one_commit_per_patch_interval(stage: Stage, clock: VirtualClock) -> None:
    ann = await stage.join("ann")
    room = await stage.open()
    before = room.version
    for _ in range(100):
        ann.send("add")
        await clock.advance(0.01)
    await stage.rest()
    # The first at once, then one each 50 ms for a second, and what came in the last interval.
    assert room.version - before in (20, 21)
    assert ann.context["total"] == 100


async def test_500_events_in_one_interval_are_one_commit_and_one_shared_diff(stage: Stage) -> None:
    clients = [await stage.join(f"m{number}") for number in range(50)]
    room = await stage.open()
    clients[0].send("add")
    await asyncio.sleep(0)
    await stage.clock.settle()
    version, diffs, seen = room.version, room.layers.diffs, len(patches(clients[0], "shared"))
    for client in clients:
        for _ in range(10):
            client.send("add")
    await stage.rest()
    assert room.version == version + 1
    assert room.layers.diffs == diffs + 1
    assert len(patches(clients[0], "shared")) == seen + 1
    assert all(client.context["total"] == 501 for client in clients)
    await stage.assert_in_sync()


async def test_the_room_is_idle_again_after_an_interval(stage: Stage, clock: VirtualClock) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await clock.advance(0.05)
    id = ann.send("add")
    await clock.settle()
    assert ann.receipts[id].version == 3


# -- what the wire holds -----------------------------------------------------------------------


async def test_a_commit_is_one_write_in_order(stage: Stage) -> None:
    ann, bob = await stage.join("ann", codec=JSON), await stage.join("bob")
    for client in (ann, bob):
        client.writes.clear()
    sent = [ann.send("shout", to="*"), ann.send("add"), ann.send("note", text="mine")]
    bob.send("touch")
    await stage.rest()
    assert kinds(ann) == [["SnapshotPatch", "SnapshotPatch", "Emit", *["Receipt"] * 3]]
    assert [(m.layer, m.more) for m in patches(ann)] == [("own", True), ("shared", False)]
    assert kinds(bob) == [["SnapshotPatch", "Emit", "Receipt"]]
    assert list(ann.receipts) == sent


async def test_what_changes_nothing_visible_travels_as_a_receipt_only(stage: Stage) -> None:
    ann, bob = await stage.join("ann"), await stage.join("bob")
    version = (await stage.open()).version
    ann.writes.clear()
    bob.writes.clear()
    id = ann.send("touch")
    await stage.rest()
    assert ann.writes == [[Receipt(id, "accepted", version + 1)]]
    assert bob.writes == []


async def test_a_reply_comes_in_the_receipt(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("add", by=7)
    id = ann.send("ask")
    await stage.rest()
    assert ann.receipts[id].result == {"total": 7}


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"type": "add", "by": "much"}, "bad_request"),
        ({"type": "finish"}, "not_allowed"),
        ({"type": "ring", "by": 1}, "not_allowed"),
        ({"type": "no_such"}, "not_allowed"),
        ({"type": "guess", "value": 1}, "not_handled"),
        ({"type": "decline"}, "no"),
        ({"type": "spoil"}, "error"),
    ],
)
async def test_a_refusal_is_a_rejected_receipt_or_one_error(
    stage: Stage, event: dict[str, Any], code: str
) -> None:
    ann, bob = await stage.join("ann"), await stage.join("bob")
    version = (await stage.open()).version
    for client in (ann, bob):
        client.writes.clear()
    fields = {key: value for key, value in event.items() if key != "type"}
    id = ann.send(event["type"], **fields)
    await stage.rest()
    (write,) = ann.writes
    (receipt,) = write
    assert isinstance(receipt, Receipt)
    assert (receipt.id, receipt.status, receipt.code, receipt.version) == (
        id, "rejected", code, version,
    )  # fmt: skip
    ann.writes.clear()
    ann.say(event["type"], **fields)
    await stage.rest()
    assert [error.code for error in ann.errors] == [code]
    assert len(ann.messages) == 1, "an error message, and nothing else"
    assert bob.writes == []
    assert (await stage.open()).version == version


async def test_a_bare_event_that_is_accepted_is_not_answered(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.writes.clear()
    ann.say("add")
    await stage.rest()
    assert [type(message) for message in ann.messages] == [SnapshotPatch, SnapshotPatch]


async def test_to_a_child_that_is_not_there(stage: Stage) -> None:
    ann = await stage.join("ann")
    id = ann.send("add", child="nobody")
    await stage.rest()
    assert ann.receipts[id].code == "no_such_child"
    ann.receive_in_room(SendTo("nobody", {"type": "add"}))
    await stage.rest()
    assert [error.code for error in ann.errors] == ["no_such_child"]


async def test_ping_and_snapshot_and_a_second_hello(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.writes.clear()
    ann.receive_in_room(Ping())
    ann.receive_in_room(SnapshotGet())
    pong, update = ann.messages
    assert pong == Pong(int(stage.clock.now() * 1000))
    assert isinstance(update, SnapshotUpdate)
    assert update.snapshot == ann.document
    ann.receive_in_room(Hello())
    assert ann.closed is not None
    assert ann.closed[0] == CloseCode.ALREADY_AUTHENTICATED


async def test_server_code_sends_and_is_answered(stage: Stage) -> None:
    ann = await stage.join("ann")
    room = await stage.open()
    receipt = await room.send(Add(by=5))
    assert (receipt.status, receipt.version) == ("accepted", room.version)
    assert ann.context["total"] == 5
    await stage.clock.advance(1)
    as_ann = await room.send({"type": "add", "by": 2}, member=ann.id)
    assert as_ann.status == "accepted"
    assert ann.context["mine"] == 2
    await stage.clock.advance(1)
    assert (await room.send({"type": "finish"})).status == "accepted", "no role binds a service"
    assert room.status == "done"
    assert (await stage.clock.until(room.send({"type": "add"}), within=1)).code == "not_handled"


async def test_a_document_of_a_member_and_of_an_audience(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("add", by=3)
    await stage.rest()
    room = await stage.open()
    document, epoch, version = await room.document(ann.id)
    assert (document, epoch, version) == (ann.document, room.epoch, room.version)
    shared, _, _ = await room.document(audience="screen")
    assert (shared["context"]["audience"], "mine" in shared["context"]) == ("screen", False)
    with pytest.raises(PeerError, match="no such member"):
        await room.document("nobody")


# -- all or nothing ----------------------------------------------------------------------------


async def test_a_raise_in_a_batch_changes_nothing_for_anyone_and_loses_nothing(
    stage: Stage,
) -> None:
    ann, bob = await stage.join("ann"), await stage.join("bob")
    ann.send("touch")
    await stage.clock.settle()
    for client in (ann, bob):
        client.writes.clear()
    version = (await stage.open()).version
    good = [ann.send("add", by=1), bob.send("note", text="kept"), bob.send("later", seconds=9)]
    spoilt = [ann.send("spoil"), bob.send("spoil")]
    good += [bob.send("add", by=10), ann.send("add", by=100)]
    await stage.rest()
    receipts = ann.receipts | bob.receipts
    assert [receipts[id].status for id in good] == ["accepted"] * 5
    assert [receipts[id].code for id in spoilt] == ["error", "error"]
    assert {receipts[id].version for id in (*good, *spoilt)} == {version + 1}
    assert "spoilt" not in repr(ann.messages + bob.messages)
    assert ann.context["total"] == 111
    assert bob.context["note"] == "kept"
    assert (ann.emitted, bob.emitted) == (["welcome ann"], ["welcome bob"])
    await stage.assert_in_sync()
    await stage.clock.advance(10)
    assert ann.context["total"] == 112, "one timer of the good event, none of the spoilt ones"


# -- the end -----------------------------------------------------------------------------------


async def test_a_closing_room_closes_everyone_and_leaves_what_waits_to_the_next(
    stage: Stage,
) -> None:
    ann = await stage.join("ann")
    room = await stage.open()
    ann.send("add")
    await stage.clock.settle()
    waiting = ann.send("add")
    await room.close()
    assert waiting in ann.mirror.unanswered
    assert ann.closed is not None
    assert ann.closed[0] == CloseCode.DRAINING
    assert room.closed.is_set()
    with pytest.raises(PeerError, match="draining"):
        await room.send({"type": "add"})
    with pytest.raises(PeerError, match="draining"):
        await room.document()
    ann.closed = None  # as if what the client says had been on its way
    late = ann.send("add")
    await stage.rest()
    assert ann.mirror.unanswered == [waiting, late]
    await stage.restart()
    await ann.come()
    await stage.rest()
    assert ann.mirror.unanswered == []
    assert ann.context["total"] == 3


async def test_closing_twice_is_closing_once(stage: Stage) -> None:
    await stage.join("ann")
    room = await stage.open()
    await asyncio.gather(room.close(), room.close())
    assert stage.party.calls.count(("dispose", "room")) == 1


# -- quarantine --------------------------------------------------------------------------------


async def test_a_timer_that_raises_four_times_stops_its_room_and_no_other(stage: Stage) -> None:
    ann = await stage.join("ann")
    other = await stage.join("bob", await stage.open("other"))
    BROKEN.add("explode")
    ann.send("add", by=3)
    ann.send("arm")
    await stage.clock.advance(1 + 1 + 2 + 3.5)
    assert ann.closed is None, "1 s, then again after 1, 2 and 4 s"
    assert ann.context["total"] == 3
    await stage.clock.advance(1)
    assert ann.closed is not None
    assert ann.closed[0] == CloseCode.ROOM_GONE
    assert "explode" in stage.rooms.quarantined[stage.key()]
    other.send("add")
    await stage.rest()
    assert other.context["total"] == 1
    for attempt in (
        stage.open(),
        stage.rooms.get("board", "room"),
        stage.rooms.create("board", "room"),
    ):
        with pytest.raises(PeerError, match="stopped after an error"):
            await attempt
    assert stage.store.record(stage.key()) is not None


async def test_a_timer_that_recovers_does_its_work_once(stage: Stage) -> None:
    ann = await stage.join("ann")
    BROKEN.add("ring")
    ann.send("later", seconds=1, by=5)
    await stage.clock.advance(2.5)
    assert ann.context["total"] == 0
    BROKEN.clear()
    await stage.clock.advance(10)
    assert ann.context["total"] == 5
    assert not stage.rooms.quarantined


async def test_client_events_never_count_towards_a_quarantine(stage: Stage) -> None:
    ann = await stage.join("ann")
    for _ in range(20):
        ann.send("spoil")
        await stage.rest()
    ann.send("add")
    await stage.rest()
    assert ann.context["total"] == 1


@pytest.mark.parametrize("where", ["commit", "release", "turn"])
async def test_a_bug_of_ours_stops_one_room_with_an_answer_to_everyone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    ann = await stage.join("ann")
    other = await stage.join("bob", await stage.open("other"))
    room = await stage.open()

    def bug(*_: Any) -> Any:
        raise ZeroDivisionError("a bug")

    places = {
        "commit": (room._committer, "commit"),
        "release": (room._gate, "release"),
        "turn": (room._inbox, "take"),
    }
    monkeypatch.setattr(*places[where], bug)
    asked = asyncio.ensure_future(room.send({"type": "add"}))
    await stage.clock.settle()
    assert asked.done()
    with pytest.raises(PeerError, match="stopped after an error"):
        await asked
    assert ann.closed is not None
    assert "ZeroDivisionError" in stage.rooms.quarantined[stage.key()]
    other.send("add")
    await stage.rest()
    assert other.context["total"] == 1


async def test_a_document_that_cannot_be_read_fails_its_reader_only(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await stage.join("ann")
    room = await stage.open()
    with monkeypatch.context() as patched:
        patched.setattr(room.layers, "see", lambda *_: 1 / 0)
        with pytest.raises(PeerError, match="cannot be shown"):
            await room.document(ann.id)
    await stage.assert_in_sync()


async def test_a_view_that_raises_leaves_its_layer_until_it_succeeds(stage: Stage) -> None:
    ann = await stage.join("ann")
    BROKEN.add("shared")
    id = ann.send("add", by=4)
    await stage.rest()
    assert ann.receipts[id].status == "accepted"
    assert (ann.context["total"], ann.context["mine"]) == (0, 4)
    bob = await stage.join("bob", role="screen")
    assert bob.document["error"] == "view_failed"
    assert (bob.document["value"], bob.document["tags"]) == ({}, [])  # it might have hidden them
    BROKEN.clear()
    ann.send("touch")
    await stage.rest()
    assert ann.context["total"] == bob.context["total"] == 4
    await stage.assert_in_sync()
