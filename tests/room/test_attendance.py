"""Presence: who is connected, away or gone, whatever the order in which it happens."""

from __future__ import annotations

import asyncio

import pytest

from machine_party.protocol import Hello
from machine_party.testing import VirtualClock
from tests.room.stage import Client, Stage


def presence(client: Client) -> dict[str, str]:
    return {name: presence for name, _, presence in client.context["people"].values()}


async def history(stage: Stage) -> list[str]:
    """The presence events that the machine has had."""
    actor = (await stage.open())._committer.actor
    return list(actor.snapshot().context.presence)


async def used(stage: Stage, *names: str) -> list[Client]:
    clients = [await stage.join(name) for name in names]
    clients[0].send("add")
    await stage.rest()
    return clients


async def test_connected_away_gone(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    bob.drop()
    await stage.rest()
    assert presence(ann) == {"ann": "connected", "bob": "away"}
    await stage.clock.advance(14.8)
    assert presence(ann)["bob"] == "away"
    await stage.clock.advance(0.3)
    assert presence(ann)["bob"] == "gone"
    await bob.come()
    await stage.rest()
    assert presence(ann)["bob"] == "connected"
    assert (await history(stage))[2:] == ["away bob", "gone bob", "connected bob"]


async def test_a_member_with_two_connections_goes_with_the_last(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    second = await stage.join("bob")
    assert second.id == bob.id
    bob.drop()
    await stage.clock.advance(60)
    assert presence(ann)["bob"] == "connected"
    second.drop()
    await stage.clock.advance(60)
    assert presence(ann)["bob"] == "gone"


async def test_back_within_the_grace_is_never_gone(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    for _ in range(3):
        bob.drop()
        await stage.clock.advance(14)
        await bob.come()
        await stage.clock.advance(14)
    assert presence(ann)["bob"] == "connected"
    assert not any("gone" in event for event in await history(stage))


@pytest.mark.parametrize("when", ["before the batch", "while it is stored", "in the same instant"])
async def test_a_reload_whose_new_connection_comes_first_ends_connected(
    stage: Stage, when: str
) -> None:
    """The new connection's join is on its way when the old connection goes."""
    ann, bob = await used(stage, "ann", "bob")
    second = stage.client("bob")
    if when == "while it is stored":
        stage.store.hold()
    ann.send("touch")
    await stage.clock.settle()
    joining = asyncio.ensure_future(second.connect())
    await stage.clock.advance(0 if when == "in the same instant" else 0.01)
    bob.drop()
    await stage.clock.advance(0.2)
    if when == "while it is stored":
        stage.store.release()
    await stage.clock.advance(1)
    await joining
    assert presence(ann)["bob"] == "connected"
    await stage.clock.advance(60)
    assert presence(ann)["bob"] == "connected"
    await stage.assert_in_sync()


async def test_who_goes_away_while_its_join_is_stored_is_away(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    bob = stage.client("bob")
    stage.store.hold()
    joining = asyncio.ensure_future(bob.connect())
    await stage.clock.advance(1)
    joining.cancel()
    await stage.clock.settle()
    stage.store.release()
    await stage.clock.advance(1)
    assert presence(ann) == {"ann": "connected", "bob": "away"}
    assert (await stage.open()).connection_count == 1
    await stage.clock.advance(15)
    assert presence(ann)["bob"] == "gone"


async def test_who_comes_back_within_the_grace_and_goes_while_that_is_stored_is_away(
    stage: Stage,
) -> None:
    ann, bob = await used(stage, "ann", "bob")
    bob.drop()
    await stage.clock.advance(5)
    stage.store.hold()
    joining = asyncio.ensure_future(bob.connect())
    await stage.clock.advance(1)
    joining.cancel()
    await stage.clock.settle()
    stage.store.release()
    await stage.clock.advance(1)
    assert presence(ann)["bob"] == "away"
    await stage.clock.advance(12.5)
    assert presence(ann)["bob"] == "away", "a full grace since it was here last"
    await stage.clock.advance(2)
    assert presence(ann)["bob"] == "gone"


async def test_who_goes_away_before_its_join_is_run_was_never_here(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    ann.send("touch")
    await stage.clock.settle()
    joining = asyncio.ensure_future(stage.client("bob").connect())
    await stage.clock.settle()
    joining.cancel()
    await stage.clock.advance(1)
    assert presence(ann) == {"ann": "connected"}


async def test_who_goes_away_in_the_instant_in_which_it_is_let_in_is_away(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    bob = stage.client("bob")
    room = await stage.open()
    opened = asyncio.Event()
    came = room._attendance.came

    def noticed(*arguments: object) -> None:
        came(*arguments)  # type: ignore[arg-type]
        opened.set()

    room._attendance.came = noticed  # type: ignore[method-assign, assignment]
    joining = asyncio.ensure_future(bob.connect())
    await opened.wait()
    joining.cancel()
    await stage.clock.advance(1)
    assert joining.cancelled()
    assert presence(ann) == {"ann": "connected", "bob": "away"}


@pytest.mark.parametrize("way", ["restart", "crash"])
async def test_after_a_restore_everyone_present_is_away_with_full_grace(
    stage: Stage, way: str
) -> None:
    ann, bob = await used(stage, "ann", "bob")
    cat = await stage.join("cat")
    cat.drop()
    await stage.clock.advance(20)
    bob.drop()
    await stage.clock.advance(10)
    await (stage.restart() if way == "restart" else stage.crash())
    await stage.clock.advance(100)
    await ann.come()
    await stage.rest()
    assert presence(ann) == {"ann": "connected", "bob": "away", "cat": "gone"}
    await stage.clock.advance(14.5)
    assert presence(ann)["bob"] == "away"
    await stage.clock.advance(1)
    assert presence(ann)["bob"] == "gone"


async def test_a_presence_change_that_raises_is_told_later(stage: Stage) -> None:
    from tests.room.board import BROKEN

    ann, bob = await used(stage, "ann", "bob")
    BROKEN.add("member_away")
    bob.drop()
    await stage.rest()
    assert presence(ann)["bob"] == "away", "it is so, whatever the machine makes of it"
    BROKEN.clear()
    await stage.clock.advance(2)
    assert "away bob" in await history(stage)


async def test_resuming_on_another_connection_changes_no_presence(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    await stage.wait(stage.client("bob").join(Hello()))
    await stage.rest()
    assert [event for event in await history(stage) if "bob" in event] == ["joined bob"]
    assert presence(ann)["bob"] == "connected"
    assert bob.connected


@pytest.mark.parametrize("here", ["a connection", "a visit"])
async def test_who_is_here_is_connected_though_another_node_had_the_room_meanwhile(
    clock: VirtualClock, here: str
) -> None:
    stage = Stage(clock, alone=False)
    ann, bob = await used(stage, "ann", "bob")
    room, other = await stage.open(), stage.neighbour()
    if here == "a visit":
        ann.drop()
    stage.store.down = True
    bob.send("add")
    await stage.clock.advance(0.5)
    await other.open()
    for _ in range(6):  # there they are gone by then
        await stage.clock.advance(10)
        room.visit(ann.id)
    stage.store.down = False
    await stage.clock.advance(5)
    assert presence(bob) == {"ann": "connected", "bob": "connected"}
    assert room is await stage.open()
    await stage.clock.advance(600)
    assert presence(bob) == {
        "ann": "gone" if here == "a visit" else "connected",
        "bob": "connected",
    }
    await other.rooms.close()
    await stage.rooms.close()


async def test_who_was_awaited_on_another_node_is_awaited_here(clock: VirtualClock) -> None:
    stage = Stage(clock, alone=False)
    (ann,) = await used(stage, "ann")
    other = stage.neighbour()
    stage.store.down = True
    ann.send("add")
    await stage.clock.advance(0.5)
    cat = await other.join("cat")
    cat.drop()
    await stage.clock.advance(1)
    stage.store.down = False
    await stage.clock.advance(3)
    assert presence(ann) == {"ann": "connected", "cat": "away"}
    await stage.clock.advance(15)
    assert presence(ann) == {"ann": "connected", "cat": "gone"}
    await other.rooms.close()
    await stage.rooms.close()
