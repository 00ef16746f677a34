"""Commits and the store: what is kept, and what a failed write leaves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from machine_party.core import Presence
from machine_party.errors import PeerError
from machine_party.protocol import CloseCode, Receipt, Send, SnapshotUpdate
from machine_party.room import committer
from tests.room.board import WORK
from tests.room.stage import Client, Stage
from tests.room.store import Fault


async def used(stage: Stage, *names: str) -> list[Client]:
    clients = [await stage.join(name) for name in names]
    clients[0].send("add")
    await stage.rest()
    for client in clients:
        client.writes.clear()
    return clients


def presence_of(client: Client) -> dict[str, Presence]:
    return {name: presence for name, _, presence in client.context["people"].values()}


def updates(client: Client) -> list[SnapshotUpdate]:
    return [message for message in client.messages if isinstance(message, SnapshotUpdate)]


# -- a failed write ----------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["create", "append"])
async def test_after_a_failed_write_it_never_happened(stage: Stage, where: str) -> None:
    ann, bob = await stage.join("ann"), await stage.join("bob")
    if where == "append":
        ann.send("add")
        await stage.rest()
    room = await stage.open()
    total, version, epoch = ann.context["total"], room.version, room.epoch
    for client in (ann, bob):
        client.writes.clear()
    stage.store.faults = ["fails"]
    asked = asyncio.ensure_future(room.send({"type": "add", "by": 70}))
    joining = asyncio.ensure_future(stage.client("cat").connect())
    await asyncio.sleep(0)
    id = ann.send("add", by=50)
    bob.say("add", by=60)
    await stage.clock.settle()
    assert ann.receipts[id].code == "store_unavailable"
    assert [error.code for error in bob.errors] == ["store_unavailable"]
    for future in (asked, joining):
        with pytest.raises(PeerError, match="store_unavailable"):
            await future
    assert updates(ann) == updates(bob) == []
    assert (room.version, ann.context["total"]) == (version, total)
    await stage.clock.advance(1)
    await stage.rest()
    assert len(updates(ann)) == len(updates(bob)) == 1
    update = updates(bob)[0]
    assert (update.epoch, update.version) == (room.epoch, version) == (epoch + 1, version)
    assert ann.receipts[id].status == "accepted", "it was sent again, by itself"
    assert (room.version, ann.context["total"]) == (version + 1, total + 50)
    await stage.assert_in_sync()


@pytest.mark.parametrize("where", ["create", "append"])
async def test_a_write_whose_answer_was_lost_did_happen(stage: Stage, where: str) -> None:
    ann, bob = await stage.join("ann"), await stage.join("bob")
    if where == "append":
        ann.send("add")
        await stage.rest()
    room = await stage.open()
    total, version, epoch = ann.context["total"], room.version, room.epoch
    stage.store.faults = ["lies"]
    id = ann.send("add", by=50)
    await stage.clock.settle()
    assert ann.receipts[id].code == "store_unavailable"
    assert ann.context["total"] == bob.context["total"] == total
    await stage.clock.advance(1)
    await stage.rest()
    assert room.epoch == epoch + 1
    assert ann.receipts[id] == Receipt(id, "duplicate", version + 1), "it was sent again, by itself"
    assert room.version == version + 1
    assert ann.context["total"] == bob.context["total"] == total + 50
    await stage.assert_in_sync()


async def test_while_the_store_is_down_everyone_is_told_and_nothing_is_lost(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    room = await stage.open()
    epoch = room.epoch
    stage.store.down = True
    for _ in range(5):
        id = ann.send("add", by=100)
        await stage.clock.advance(1)
        assert ann.receipts[id].code == "store_unavailable"
    bob.drop()
    await stage.clock.advance(20)
    assert room.epoch == epoch
    document, _, _ = await room.document(ann.id)
    assert document["context"]["people"][bob.id][2] == "connected", "the last released commit"
    stage.store.down = False
    await stage.clock.advance(1.1)
    assert room.epoch == epoch + 1
    assert ann.context["people"][bob.id][2] == "gone", "what the room itself knows is not lost"
    id = ann.send("add")
    await stage.rest()
    assert (ann.receipts[id].status, ann.context["total"]) == ("accepted", 502)
    await stage.assert_in_sync()


async def test_a_timer_whose_commit_failed_fires_once_all_the_same(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    ann.send("later", seconds=3, by=10)
    await stage.rest()
    stage.store.faults = ["fails", "fails"]
    await stage.clock.advance(3)
    assert ann.context["total"] == 1
    await stage.clock.advance(3)
    assert ann.context["total"] == 11
    await stage.clock.advance(30)
    assert ann.context["total"] == 11


async def test_a_timer_whose_commit_was_stored_unknowingly_fires_once(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    ann.send("later", seconds=3, by=10)
    await stage.rest()
    stage.store.faults = ["lies"]
    await stage.clock.advance(30)
    assert ann.context["total"] == 11


@pytest.mark.parametrize("fault", ["fails", "lies"])
async def test_an_invoke_result_whose_commit_failed_arrives_once(
    stage: Stage, fault: Fault
) -> None:
    (ann,) = await used(stage, "ann")
    done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    runs = 0

    async def job(_: Any) -> str:
        nonlocal runs
        runs += 1
        return await done

    WORK["job"] = job
    ann.send("fetch", job="job")
    await stage.rest()
    stage.store.faults = [fault]
    done.set_result("fresh")
    await stage.clock.advance(5)
    assert (ann.context["result"], runs) == ("done fresh", 1)
    assert ann.document["value"]["board"]["work"] == "idle"


async def test_what_an_unknowingly_stored_commit_started_is_started(stage: Stage) -> None:
    """Timers and invokes of a commit whose answer was lost, without anybody sending again."""
    (ann,) = await used(stage, "ann")

    async def job(_: Any) -> str:
        return "ran"

    WORK["job"] = job
    stage.store.faults = ["lies"]
    ann.send("later", seconds=4, by=10)
    ann.send("fetch", job="job")
    await stage.clock.advance(10)
    assert (ann.context["total"], ann.context["result"]) == (11, "done ran")


async def test_a_join_that_was_stored_unknowingly_is_away(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    stage.store.faults = ["lies"]
    with pytest.raises(PeerError, match="store_unavailable"):
        await stage.join("bob")
    await stage.clock.advance(2)
    assert presence_of(ann) == {"ann": "connected", "bob": "away"}
    await stage.clock.advance(15)
    assert presence_of(ann) == {"ann": "connected", "bob": "gone"}


async def test_a_room_that_was_taken_over_says_no_further_word(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    room = await stage.open()
    await stage.store.inner.claim(stage.key(), "another")  # by another owner
    id = ann.send("add", by=50)
    bob.say("add", by=900)
    asked = asyncio.ensure_future(room.send({"type": "add", "by": 900}))
    await stage.clock.advance(60)
    assert room.closed.is_set()
    assert stage.rooms.list() == []
    for client in (ann, bob):
        assert client.closed is not None
        assert client.closed[0] == CloseCode.OWNER_MOVED
        assert client.messages == []
    with pytest.raises(PeerError, match="draining"):
        await asked
    assert ann.mirror.unanswered == [id]
    for client in (ann, bob):
        client.drop()
        await client.come()
    await stage.rest()
    assert ann.receipts[id].status == "accepted"
    assert ann.context["total"] == 1 + 50, "sent again by itself, to the new owner"
    await stage.assert_in_sync()


async def test_a_room_that_the_store_no_longer_has_ends(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    (ann,) = await used(stage, "ann")
    stage.store.inner = type(stage.store.inner)()
    stage.store.faults = ["fails"]
    ann.send("add")
    await stage.clock.advance(2)
    assert ann.closed is not None
    assert ann.closed[0] == CloseCode.OWNER_MOVED
    assert "was taken over or deleted" in caplog.text


@pytest.mark.parametrize(
    ("limit", "commits"), [("CHECKPOINT_ENTRIES", 5), ("CHECKPOINT_OPERATIONS", 1)]
)
async def test_a_checkpoint_is_due_when_the_tail_is_long(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, limit: str, commits: int
) -> None:
    monkeypatch.setattr(committer, limit, commits)
    (ann,) = await used(stage, "ann")
    for number in range(commits * 2):
        assert [name for name, _ in stage.store.writes].count("checkpoint") == number // commits
        ann.send("add")
        await stage.rest()
    history = await stage.store.history(stage.key())
    assert history is not None
    assert len(history.forms) == 3, "history stays"
    assert len(history.entries) == commits * 2


async def test_a_checkpoint_is_due_when_much_waits_for_the_next_commit(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers to sends that have changed nothing are remembered, and written with what does."""
    (ann,) = await used(stage, "ann")
    monkeypatch.setattr(committer, "CHECKPOINT_OPERATIONS", 20)
    stage.store.writes.clear()
    room = await stage.open()
    ids = []
    for _ in range(30):
        ids.append(ann.send("decline"))
        await stage.rest()
        assert len(room._committer._unsaved) < 20
    assert [name for name, _ in stage.store.writes] == ["checkpoint"] * len(stage.store.writes)
    assert 3 <= len(stage.store.writes) <= 5
    await stage.crash()
    await ann.come()
    ann.receive_in_room(Send(ids[0], {"type": "decline"}))
    await stage.rest()
    assert ann.receipts[ids[0]].status == "duplicate"
    await stage.assert_in_sync()


async def test_history_older_than_so_many_versions_goes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer, "CHECKPOINT_ENTRIES", 2)
    monkeypatch.setattr(committer, "KEEP_VERSIONS", 5)
    (ann,) = await used(stage, "ann")
    for _ in range(20):
        ann.send("add")
        await stage.rest()
    history = await stage.store.history(stage.key())
    assert history is not None
    oldest = history.forms[0][0]
    assert history.version - 7 <= oldest <= history.version - 5
    assert history.entries[0].version == oldest + 1


async def test_a_checkpoint_that_cannot_be_written_holds_nobody_up_and_is_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer, "CHECKPOINT_ENTRIES", 5)
    (ann,) = await used(stage, "ann")
    for _ in range(4):
        ann.send("add")
        await stage.rest()
    epoch = (await stage.open()).epoch
    stage.store.faults = ["passes", "fails"]
    id = ann.send("add")
    await stage.rest()
    assert stage.store.faults == []
    assert ann.receipts[id].status == "accepted"
    ann.send("add")
    await stage.rest()
    assert [name for name, _ in stage.store.writes].count("checkpoint") == 1
    assert (await stage.open()).epoch == epoch
    await stage.restart()
    await ann.come()
    await stage.rest()
    assert ann.context["total"] == 7
