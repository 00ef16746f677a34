"""Layers: resuming from rings, their lifetime, and what a commit costs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from machine_party.protocol import (
    JSON,
    MSGPACK,
    Codec,
    JsonCodec,
    MsgpackCodec,
    Send,
    SnapshotPatch,
)
from machine_party.room import layers
from tests.room.stage import Client, Stage


async def used(stage: Stage, *names: str, **options: Any) -> list[Client]:
    clients = [await stage.join(name, **options) for name in names]
    clients[0].send("add")
    await stage.rest()
    return clients


def resumed(client: Client) -> bool:
    assert client.mirror.welcome is not None
    return client.mirror.welcome.resumed


# -- resume ------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", [JSON, MSGPACK])
async def test_a_resume_brings_the_missing_patches_and_tells_once(
    stage: Stage, codec: Codec
) -> None:
    ann, bob = await used(stage, "ann", "bob", codec=codec)
    bob.drop()
    for _ in range(5):
        ann.send("add")
        await stage.rest()
    bob.writes.clear()
    told = bob.changes
    await bob.come()
    assert resumed(bob)
    assert all(isinstance(m, SnapshotPatch) for m in bob.messages[1:])
    assert bob.changes == told + 1
    await stage.rest()
    await stage.assert_in_sync()


async def test_a_resume_with_nothing_missed(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    second = await stage.join("bob")
    bob.drop()
    bob.writes.clear()
    told = bob.changes
    await bob.come()
    assert resumed(bob)
    assert len(bob.messages) == 1
    assert bob.changes == told
    assert second.connected
    assert ann.connected


async def test_a_ring_that_falls_short_is_a_whole_document(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    bob.drop()
    for _ in range(260):
        ann.send("add")
        await stage.rest()
    await bob.come()
    assert not resumed(bob)
    await stage.rest()
    await stage.assert_in_sync()


async def test_a_change_of_audience_while_away_is_a_whole_document(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    bob.drop()
    ann.send("promote", member=bob.id, role="host")
    await stage.rest()
    await bob.come()
    assert not resumed(bob)
    assert bob.context["audience"] == "host"


@pytest.mark.parametrize("field", ["epoch", "audience", "member", "shared", "own"])
async def test_a_position_of_something_else_is_not_resumed(stage: Stage, field: str) -> None:
    ann, bob = await used(stage, "ann", "bob")
    bob.drop()
    point = bob.mirror.position
    assert point is not None
    other: dict[str, Any] = {"audience": "host", "member": ann.id}
    wrong = replace(point, **{field: other.get(field, 10**9)})
    bob.mirror._mirror.point = wrong
    bob.judge.faulty = True
    await bob.come()
    assert not resumed(bob)
    await stage.rest()
    await stage.assert_in_sync()


async def test_a_position_under_other_sections_is_not_resumed(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    bob.drop()
    bob.mirror.sections = ("total",)
    ann.send("add")
    await stage.rest()
    await bob.come()
    assert not resumed(bob)
    assert set(bob.context) == {"total", "mine", "note"}


# -- lifetime ----------------------------------------------------------------------------------


async def test_a_ring_that_nobody_watches_is_dropped_after_the_time_to_resume(
    stage: Stage,
) -> None:
    ann = await stage.join("ann")
    wall = await stage.join("wall", role="screen")
    ann.send("add")
    await stage.rest()
    room = await stage.open()
    wall.drop()
    await stage.clock.advance(119)
    ann.send("add")
    await stage.rest()
    assert wall.id in room.layers._own
    assert ("screen", None) in room.layers._shared
    await stage.clock.advance(2)
    ann.send("add")
    await stage.rest()
    assert wall.id not in room.layers._own
    assert ("screen", None) not in room.layers._shared
    await wall.come()
    assert not resumed(wall)
    await stage.rest()
    await stage.assert_in_sync()


async def test_a_layer_made_anew_gives_no_seq_a_second_meaning(stage: Stage) -> None:
    """A position from before its layer was dropped is never one of the new layer's."""
    ann = await stage.join("ann")
    old = await stage.join("wall", role="screen")
    for _ in range(3):
        ann.send("add")
        await stage.rest()
    old.drop()
    await stage.clock.advance(130)
    ann.send("add", by=1000)
    await stage.rest()
    await stage.clock.advance(130)
    ann.send("add", by=1000)
    await stage.rest()
    new = await stage.join("tv", role="screen")  # the audience's layer begins anew
    for _ in range(10):
        ann.send("add")
        await stage.rest()
    await old.come()
    await stage.rest()
    assert old.context["total"] == new.context["total"] == ann.context["total"]
    await stage.assert_in_sync()


async def test_selections_of_sections_are_bounded(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "MAX_SECTIONS", 3)
    await used(stage, "ann")
    await stage.join("a", sections=("total",))
    await stage.join("b", sections=("rung",))
    with pytest.raises(Exception, match="Too many selections"):
        await stage.join("c", sections=("guesses",))
    await stage.join("d", sections=("total",))


# -- what a commit costs -----------------------------------------------------------------------


async def test_1000_members_cost_one_diff_and_one_encoding_per_codec(stage: Stage) -> None:
    encoded: list[str] = []

    class CountingJson(JsonCodec):
        def encode(self, message: Any) -> str:
            if isinstance(message, SnapshotPatch):
                encoded.append(f"json {message.layer}")
            return super().encode(message)

    class CountingMsgpack(MsgpackCodec):
        def encode(self, message: Any) -> bytes:
            if isinstance(message, SnapshotPatch):
                encoded.append(f"msgpack {message.layer}")
            return super().encode(message)

    codecs = [CountingJson(), CountingMsgpack()]
    room = await stage.open()
    clients = [stage.client(f"m{n}", codec=codecs[n % 2]) for n in range(1000)]
    for client in clients:
        client.held = True  # the mirrors are not what is measured
    await stage.wait(asyncio.gather(*(client.connect(room) for client in clients)))
    await stage.rest()
    for client in clients:
        client.wire.clear()
    encoded.clear()
    diffs = room.layers.diffs
    clients[0].receive_in_room(Send("c.1", {"type": "add"}))
    await stage.rest()
    assert room.layers.diffs == diffs + 1
    assert sorted(encoded) == ["json own", "json shared", "msgpack shared"]
    assert all(len(client.wire) >= 1 for client in clients)
