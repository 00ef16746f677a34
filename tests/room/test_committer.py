"""Commits and the store: what is kept, what a failed write leaves, what a restore brings back."""

from __future__ import annotations

import asyncio
import traceback
from typing import Any

import pytest

from machine_party.core import Presence
from machine_party.errors import PeerError, RestoreError
from machine_party.protocol import CloseCode, Receipt, SnapshotUpdate
from machine_party.room import Entry, StoredRoom, committer
from machine_party.room.committer import restored_form
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


async def test_a_room_that_the_store_no_longer_has_ends(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    stage.store.inner = type(stage.store.inner)()
    stage.store.faults = ["fails"]
    ann.send("add")
    await stage.clock.advance(2)
    assert ann.closed is not None
    assert ann.closed[0] == CloseCode.OWNER_MOVED


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


# -- restore -----------------------------------------------------------------------------------


async def test_a_restored_room_is_what_it_was(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    ann.send("note", text="mine")
    ann.send("promote", member=bob.id, role="host")
    ann.send("pose", seconds=100)
    ann.send("guess", value=5)
    await stage.rest()
    room = await stage.open()
    before, epoch, version = ann.document, room.epoch, room.version
    await stage.crash()
    await ann.come()
    await bob.come()
    await stage.rest()
    room = await stage.open()
    assert room.epoch > epoch
    assert room.version >= version
    assert ann.document == before
    assert bob.context["audience"] == "host"
    await stage.clock.advance(100)
    assert ann.document["value"]["board"]["work"] == "idle"
    await stage.assert_in_sync()


@pytest.mark.parametrize("faults", [[], ["fails"], ["lies"]])
async def test_a_form_of_older_code_is_written_anew_before_any_patch(
    stage: Stage, faults: list[Fault]
) -> None:
    (ann,) = await used(stage, "ann")
    await stage.restart()
    found = await stage.store.inner.claim(stage.key(), "older")
    assert found is not None
    form = restored_form(found)
    del form["actor"]["machine"]["context"]["fetched"]  # a field that is new since
    await stage.store.inner.checkpoint(
        stage.key(), found.epoch, found.version, form, keep_from=found.version
    )
    stage.store.writes.clear()
    stage.store.faults = [*faults]
    room = await stage.open()
    await stage.clock.advance(3)
    assert stage.store.writes[0] == ("checkpoint", found.version), "though nobody has come"
    await ann.come(room)
    await stage.rest()
    ann.send("add")
    await stage.rest()
    await stage.restart()
    await ann.come()
    await stage.rest()
    assert ann.context["total"] == 2
    await stage.assert_in_sync()


@pytest.mark.parametrize(
    "entry",
    [
        {"op": "remove", "path": "/actor/nothing"},
        {"op": "replace", "path": "/no/such/place", "value": 1},
        {"op": "add", "path": "/actor/list/9", "value": 1},
        {"op": "nonsense", "path": ""},
        {"path": "/x"},
    ],
)
def test_a_journal_that_does_not_fit_is_one_kind_of_error(entry: dict[str, Any]) -> None:
    form: dict[str, Any] = {"actor": {"context": {}, "seed": "opensesame"}, "windows": {}}
    with pytest.raises(RestoreError, match="the journal's version 7") as caught:
        restored_form(StoredRoom(1, 7, form, [Entry(7, [entry], [])]))
    assert "opensesame" not in "".join(traceback.format_exception(caught.value)), "it is logged"


def test_a_form_that_is_none() -> None:
    with pytest.raises(RestoreError, match="no actor or no windows"):
        restored_form(StoredRoom(1, 1, {"actor": {}}, []))


@pytest.mark.parametrize("damage", ["form", "windows", "configuration", "invoke"])
async def test_a_room_that_cannot_be_restored_is_quarantined_and_loses_nothing(
    stage: Stage, damage: str
) -> None:
    (ann,) = await used(stage, "ann")
    await stage.restart()
    key, inner = stage.key(), stage.store.inner
    found = await inner.claim(key, "another")
    assert found is not None
    form = restored_form(found)
    machine = form["actor"]["machine"]
    if damage == "form":
        form["actor"]["seed"] = 5
    elif damage == "windows":
        form["windows"] = {"a": {"b": "c"}}
    elif damage == "configuration":
        machine["configuration"] = ["no_such_state"]
    else:
        machine["invokes"] = {"gone.1": {"state": "gone", "index": 0}}
    await inner.checkpoint(key, found.epoch, found.version, form, keep_from=found.version)
    kept = stage.store.record(key)
    for _ in range(2):
        with pytest.raises(PeerError, match="stopped after an error"):
            await ann.come()
    assert stage.rooms.quarantined[key]
    assert stage.rooms.list() == []
    assert stage.store.record(key)["forms"] == kept["forms"]
