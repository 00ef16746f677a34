"""Members without a connection: seats, visits, sends with an id, and waiting for a commit."""

from __future__ import annotations

import asyncio

import pytest

from machine_party.core import Grant, Party
from machine_party.errors import PeerError
from machine_party.testing import VirtualClock
from tests.room.board import Asked, Board
from tests.room.stage import Stage


def guest(name: str) -> Grant:
    return Grant(identity=name, role="player", name=name)


async def presence(stage: Stage) -> dict[str, str]:
    room = await stage.open()
    return {member.name: member.presence for member in room.members.values()}


async def used(stage: Stage) -> None:
    room = await stage.open()
    await stage.wait(room.send({"type": "add"}))
    await stage.rest()


# -- seats -----------------------------------------------------------------------------------------


async def test_a_seat_without_a_connection_is_kept(stage: Stage) -> None:
    await used(stage)
    room = await stage.open()
    member = await stage.wait(room.seat(guest("ann")))
    assert (member.name, member.role, member.presence) == ("ann", "player", "connected")
    assert (await stage.wait(room.seat(guest("ann")))).id == member.id
    assert room.connection_count == 0
    ann = await stage.join("ann")
    assert ann.id == member.id, "it is the same seat"


async def test_who_may_not_sit(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await used(stage)
    room = await stage.open()
    member = await stage.wait(room.seat(guest("ann")))
    await stage.wait(room.kick(member.id))
    with pytest.raises(PeerError) as kicked:
        await stage.wait(room.seat(guest("ann")))
    assert kicked.value.code == "kicked"
    monkeypatch.setattr(Party, "max_members", 0)
    with pytest.raises(PeerError) as full:
        await stage.wait(room.seat(guest("bob")))
    assert full.value.code == "room_full"
    await room.close()
    with pytest.raises(PeerError, match="draining"):
        await room.seat(guest("cat"))


async def test_a_seat_that_is_not_stored_is_not_given(stage: Stage) -> None:
    await used(stage)
    room = await stage.open()
    stage.store.faults = ["fails"]
    with pytest.raises(PeerError, match="store_unavailable"):
        await stage.wait(room.seat(guest("ann")))
    await stage.clock.advance(2)
    assert await presence(stage) == {}


async def test_who_stops_waiting_for_a_seat_has_none_or_leaves_it_in_time(stage: Stage) -> None:
    await used(stage)
    room = await stage.open()
    for held in (False, True):
        if held:
            stage.store.hold()
        seating = asyncio.ensure_future(room.seat(guest(f"ann {held}")))
        await stage.clock.settle()
        seating.cancel()
        stage.store.release()
        await stage.rest()
    await stage.clock.advance(2 * Board.grace + 1)
    assert set((await presence(stage)).values()) <= {"gone"}


# -- visits ----------------------------------------------------------------------------------------


async def test_a_visit_is_a_connection_that_ends_a_grace_later(stage: Stage) -> None:
    await used(stage)
    room = await stage.open()
    await stage.wait(room.seat(guest("ann")))
    await stage.clock.advance(Board.grace - 1)
    assert await presence(stage) == {"ann": "connected"}
    await stage.clock.advance(1.2)
    assert await presence(stage) == {"ann": "away"}
    await stage.clock.advance(Board.grace - 1)
    assert await presence(stage) == {"ann": "away"}
    await stage.clock.advance(1.2)
    assert await presence(stage) == {"ann": "gone"}


async def test_who_asks_time_and_again_is_connected_and_nothing_is_written_for_it(
    stage: Stage,
) -> None:
    await used(stage)
    room = await stage.open()
    member = await stage.wait(room.seat(guest("ann")))
    await stage.rest()
    version = room.version
    for _ in range(20):
        await stage.clock.advance(Board.grace / 2)
        room.visit(member.id)
    await stage.rest()
    assert await presence(stage) == {"ann": "connected"}
    assert room.version == version


@pytest.mark.parametrize("after", [1.5, 3.0])
async def test_a_visit_brings_back_who_was_away_or_gone(stage: Stage, after: float) -> None:
    await used(stage)
    room = await stage.open()
    member = await stage.wait(room.seat(guest("ann")))
    await stage.clock.advance(after * Board.grace)
    assert (await presence(stage))["ann"] != "connected"
    room.visit(member.id)
    await stage.rest()
    assert (await presence(stage))["ann"] == "connected"
    await stage.clock.advance(Board.grace - 1)
    assert (await presence(stage))["ann"] == "connected", "the old grace is void"


async def test_visits_and_connections_of_one_member(stage: Stage) -> None:
    await used(stage)
    room = await stage.open()
    ann = await stage.join("ann")
    room.visit(ann.id)
    await stage.clock.advance(10 * Board.grace)
    assert (await presence(stage))["ann"] == "connected", "the visit is over, the connection not"
    room.visit(ann.id)
    ann.drop()
    await stage.clock.advance(Board.grace - 1)
    assert (await presence(stage))["ann"] == "connected", "the connection is gone, the visit not"
    await stage.clock.advance(2)
    assert (await presence(stage))["ann"] == "away"


async def test_a_visit_of_nobody_and_of_who_was_kicked(stage: Stage) -> None:
    await used(stage)
    room = await stage.open()
    member = await stage.wait(room.seat(guest("ann")))
    await stage.wait(room.kick(member.id))
    room.visit(member.id)
    room.visit("nobody")
    await stage.clock.advance(3 * Board.grace)
    assert await presence(stage) == {}


async def test_who_was_on_a_visit_at_a_restart_is_away_until_the_next(stage: Stage) -> None:
    await used(stage)
    member = await stage.wait((await stage.open()).seat(guest("ann")))
    await stage.rest()
    await stage.crash()
    room = await stage.open()
    await stage.rest()
    assert await presence(stage) == {"ann": "away"}
    room.visit(member.id)
    await stage.rest()
    assert await presence(stage) == {"ann": "connected"}


@pytest.mark.parametrize("party", [Board, Asked])
async def test_an_unused_room_stays_while_somebody_visits(
    clock: VirtualClock, party: type[Board]
) -> None:
    stage = Stage(clock, party())
    room = await (stage.open() if party is Board else stage.rooms.create("asked", "room"))
    member = await stage.wait(room.seat(guest("ann")))
    for _ in range(100):
        await clock.advance(party.grace * 0.9)
        room.visit(member.id)
    assert stage.rooms.list() == [room]
    assert stage.store.writes == []
    await clock.advance(1300)
    assert stage.rooms.list() == []
    await stage.rooms.close()


# -- sends -----------------------------------------------------------------------------------------


async def test_a_send_with_an_id_is_done_once(stage: Stage) -> None:
    await used(stage)
    room = await stage.open()
    member = await stage.wait(room.seat(guest("ann")))
    event = {"type": "add", "by": 10}
    first = await stage.wait(room.send(event, member=member.id, id="phone.1"))
    again = await stage.wait(room.send(event, member=member.id, id="phone.1"))
    both = await stage.wait(
        asyncio.gather(*(room.send(event, member=member.id, id="phone.2") for _ in range(2)))
    )
    assert (first.id, first.status) == ("phone.1", "accepted")
    assert (again.id, again.status, again.version) == ("phone.1", "duplicate", first.version)
    assert sorted(receipt.status for receipt in both) == ["accepted", "duplicate"]
    document, _, _ = await room.document(member.id)
    assert document["context"]["mine"] == 20
    await stage.crash()
    after = await stage.wait((await stage.open()).send(event, member=member.id, id="phone.1"))
    assert (after.status, after.version) == ("duplicate", first.version)


# -- waiting ---------------------------------------------------------------------------------------


async def test_waiting_for_a_commit(stage: Stage) -> None:
    await used(stage)
    room = await stage.open()
    await room.wait_commit(room.version - 1)
    waiting = [asyncio.ensure_future(room.wait_commit(room.version + more)) for more in (0, 0, 1)]
    await stage.clock.advance(10)
    assert not any(future.done() for future in waiting)
    stage.store.hold()
    sent = asyncio.ensure_future(room.send({"type": "add"}))
    await stage.clock.advance(1)
    assert not any(future.done() for future in waiting), "nothing is told before it is stored"
    stage.store.release()
    await stage.wait(sent)
    await stage.clock.settle()
    assert [future.done() for future in waiting] == [True, True, False]
    await room.close()
    with pytest.raises(PeerError, match="draining"):
        await waiting[2]
    with pytest.raises(PeerError, match="draining"):
        await room.wait_commit(0)
