"""Nothing leaves before it is stored, and then to whom it is for."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from machine_party.core import Grant
from machine_party.errors import PeerError
from machine_party.protocol import (
    CloseCode,
    Hello,
    ServerSync,
    SnapshotGet,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
)
from machine_party.room import Connection
from machine_party.testing import VirtualClock
from tests.room.stage import JSON, Client, Stage


async def used(stage: Stage, *names: str) -> list[Client]:
    """Clients in a room that is stored already."""
    clients = [await stage.join(name) for name in names]
    clients[0].send("add")
    await stage.rest()
    return clients


# -- the output gate -------------------------------------------------------------------------


@pytest.mark.parametrize("stored", [False, True])
async def test_nothing_of_a_commit_leaves_before_it_is_stored(stage: Stage, stored: bool) -> None:
    ann, bob = await stage.join("ann"), await stage.join("bob")
    if stored:
        ann.send("touch")
        await stage.rest()
    room = await stage.open()
    old = (room.version, room.status, dict(room.members))
    seen = ann.document
    for client in (ann, bob):
        client.writes.clear()
    stage.store.hold()
    id = ann.send("add", by=7)
    ann.send("eject", member=bob.id)
    joining = asyncio.ensure_future(stage.client("cat").connect())
    asked = asyncio.ensure_future(room.send({"type": "add"}))
    await stage.clock.advance(5)
    reading = asyncio.ensure_future(room.document(ann.id))
    ann.receive_in_room(SnapshotGet())
    await stage.clock.advance(5)
    (again,) = ann.messages
    assert isinstance(again, SnapshotUpdate), "what is asked for meanwhile is the last commit"
    assert again.snapshot == seen
    assert bob.messages == []
    assert bob.closed is None
    assert not joining.done()
    assert not asked.done()
    assert (room.version, room.status, dict(room.members)) == old
    assert room.member_of("cat") is None
    stage.store.release()
    await stage.clock.advance(1)
    assert ann.receipts[id].status == "accepted"
    assert bob.closed is not None
    assert (await reading)[0]["context"]["total"] == 7
    assert ann.context["total"] == 8
    await joining
    assert (await asked).status == "accepted"
    await stage.assert_in_sync()


async def test_a_reading_between_two_commits_is_of_the_first(
    stage: Stage, clock: VirtualClock
) -> None:
    (ann,) = await used(stage, "ann")
    room = await stage.open()
    ann.send("add", by=10)
    await clock.settle()
    ann.send("add", by=100)  # waits for the interval
    document, _, version = await room.document(ann.id)
    assert (document["context"]["total"], version) == (11, room.version)


# -- who gets what ---------------------------------------------------------------------------


async def test_emits_go_to_their_audience_only(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    wall = await stage.join("wall", role="screen")
    for to, text in [
        (None, "me"),
        (bob.id, "bob"),
        ("screen", "wall"),
        ("*", "all"),
        ("x", "none"),
    ]:
        ann.send("shout", to=to, text=text)
    await stage.rest()
    assert ann.emitted[1:] == ["me", "all"]
    assert bob.emitted[1:] == ["bob", "all"]
    assert wall.emitted[1:] == ["wall", "all"]


async def test_whoever_joins_hears_what_its_join_emits(stage: Stage) -> None:
    ann = await stage.join("ann")
    assert ann.emitted == ["welcome ann"]
    again = await stage.join("ann")
    assert again.emitted == []


async def test_who_lost_its_role_in_a_batch_hears_nothing_of_that_role(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    ann.send("promote", member=bob.id, role="host")
    await stage.rest()
    ann.send("promote", member=bob.id, role="player")
    ann.send("shout", to="host", text="for hosts")
    await stage.rest()
    assert "for hosts" not in bob.emitted


async def test_who_gains_a_role_in_a_batch_hears_of_it(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    ann.send("promote", member=bob.id, role="host")
    ann.send("shout", to="host", text="for hosts")
    bob.writes.clear()
    await stage.rest()
    assert "for hosts" in bob.emitted
    assert [type(message).__name__ for message in bob.messages] == ["SnapshotUpdate", "Emit"]


async def test_an_emit_is_encoded_once_for_everyone(stage: Stage) -> None:
    count = 0

    class Counting(type(JSON)):  # type: ignore[misc]
        def encode(self, message: object) -> str:
            nonlocal count
            count += type(message).__name__ == "Emit"
            return str(super().encode(message))

    codec = Counting()
    clients = [await stage.join(f"m{number}", codec=codec) for number in range(5)]
    count = 0
    clients[0].send("shout", to="*")
    await stage.rest()
    assert count == 1
    assert all(client.emitted[-1] == "hey" for client in clients)


async def test_a_change_of_audience_is_a_whole_document(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    bob.writes.clear()
    ann.send("promote", member=bob.id, role="host")
    await stage.rest()
    (update,) = bob.messages
    assert isinstance(update, SnapshotUpdate)
    assert (update.audience, bob.context["audience"]) == ("host", "host")
    assert "finish" in bob.document["can"]
    ann.send("add")
    await stage.rest()
    assert isinstance(bob.messages[-1], SnapshotPatch)
    await stage.assert_in_sync()


async def test_sections_are_a_layer_of_their_own(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    bob = await stage.join("bob", sections=("total",))
    assert set(bob.context) == {"total", "mine", "note"}
    bob.writes.clear()
    ann.send("pose", seconds=60)
    ann.send("guess", value=1)
    await stage.rest()
    paths = [
        operation["path"]
        for message in bob.messages
        if isinstance(message, SnapshotPatch)
        for operation in message.operations
    ]
    assert paths
    assert not [path for path in paths if path.startswith("/context/guesses")]
    ann.send("add", by=5)
    await stage.rest()
    assert bob.context["total"] == ann.context["total"] == 6
    with pytest.raises(PeerError, match="There are these sections: audience, "):
        await stage.join("cat", sections=("secrets",))


async def test_snapshot_mode_gets_whole_documents(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    cat = await stage.join("cat", mode="snapshot")
    cat.writes.clear()
    ann.send("add")
    id = cat.send("note", text="hm")
    await stage.rest()
    assert [type(m).__name__ for m in cat.messages] == ["SnapshotUpdate", "Receipt"]
    assert cat.receipts[id].status == "accepted"
    await stage.assert_in_sync()
    assert bob.changes > 0


async def test_a_bare_client_is_served(stage: Stage) -> None:
    """One that says no hello: it gets a document without a welcome, then patches."""
    (ann,) = await used(stage, "ann")
    bare = stage.client("bare", codec=JSON)
    await stage.wait(bare.join(None))
    ann.send("add")
    await stage.rest()
    assert [type(m).__name__ for m in bare.messages[:1]] == ["SnapshotUpdate"]
    assert not any(isinstance(m, Welcome) for m in bare.messages)
    assert isinstance(bare.messages[-1], SnapshotPatch)


async def test_a_slow_reader_gets_one_document_when_it_is_back(stage: Stage) -> None:
    stage.limits = replace(stage.limits, queue_patches=3)
    (ann,) = await used(stage, "ann")
    room = await stage.open()
    sync = ServerSync(JSON, stage.limits)
    slow = Connection(sync, metadata={}, write=lambda: None, close=lambda _code, _reason: None)
    await room.attach(slow, Hello(), Grant(identity="slow", role="player"))
    sync.data_to_send()
    for _ in range(10):
        ann.send("add")
        await stage.rest()
    assert sync.needs_update
    assert len(sync.data_to_send()) <= 4
    room.resync(slow)
    (frame,) = sync.data_to_send()
    update = JSON.decode_server(frame)
    assert isinstance(update, SnapshotUpdate)
    assert update.snapshot == (await room.document(room.member_of("slow").id))[0]  # type: ignore[union-attr]


# -- the kick --------------------------------------------------------------------------------


async def test_a_kick_takes_everything(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    twin = await stage.join("bob")
    room = await stage.open()
    ann.send("eject", member=bob.id)
    await stage.rest()
    for client in (bob, twin):
        assert client.closed is not None
        assert client.closed[0] == CloseCode.KICKED
        client.drop()
    assert bob.id not in room.members
    assert [call for call in stage.party.calls if call[0] == "leave"] == [
        ("leave", "bob", "ip of bob")
    ] * 2
    with pytest.raises(PeerError) as refused:
        await bob.come()
    assert (refused.value.code, refused.value.close_code) == ("kicked", CloseCode.KICKED)
    await stage.wait(room.unkick(bob.id))
    await stage.rest()
    former = bob.mirror.position
    await bob.come()
    await stage.rest()
    assert bob.mirror.welcome is not None
    assert not bob.mirror.welcome.resumed, "no right to resume is left"
    assert former is not None
    assert former.member != bob.id
    await stage.assert_in_sync()


async def test_who_is_kicked_in_the_batch_of_its_join_is_not_let_in(stage: Stage) -> None:
    (ann, bob) = await used(stage, "ann", "bob")
    bob.drop()
    await stage.rest()
    ann.send("touch")
    await stage.clock.settle()
    joining = asyncio.ensure_future(bob.connect())
    await stage.clock.settle()
    room = await stage.open()
    kicking = asyncio.ensure_future(room.kick(bob.id))
    await stage.rest()
    await kicking
    with pytest.raises(PeerError, match="kicked"):
        await joining
    assert room.connection_count == 1


async def test_a_full_room_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(stage.party), "max_members", 1)
    await used(stage, "ann")
    with pytest.raises(PeerError) as refused:
        await stage.join("bob")
    assert (refused.value.code, refused.value.close_code) == ("room_full", CloseCode.ROOM_FULL)
    await stage.join("ann")
