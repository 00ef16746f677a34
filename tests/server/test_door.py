"""Coming in while something else ends: the room, the server, the one who comes."""

from __future__ import annotations

import asyncio

import pytest

from machine_party import MachineParty
from machine_party.room import Room
from machine_party.testing import VirtualClock
from tests.server.asgi import Socket, connect
from tests.server.tally import Tally

HELLO = {"type": "party.hello"}


async def joined(app: MachineParty) -> Socket:
    socket = await connect(app)
    await socket.say(HELLO)
    await socket.hear("party.snapshot.update")
    return socket


def only_room(app: MachineParty) -> Room:
    (room,) = app.rooms.list()
    return room


async def test_who_comes_while_a_room_ends_gets_the_next_one(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    first = await joined(app)
    ending = only_room(app)
    closing = asyncio.create_task(ending.close())
    await asyncio.sleep(0)
    second = await connect(app)
    await second.say(HELLO)
    assert (await first.hear_close()).code == 4202
    assert (await second.hear("party.snapshot.update"))["snapshot"]["context"]["count"] == 0
    await closing
    assert only_room(app) is not ending


async def test_who_comes_while_the_server_ends_is_sent_to_the_next_one(
    clock: VirtualClock,
) -> None:
    app = MachineParty([Tally])
    await joined(app)
    door = app.node.door
    late = await connect(app)
    await app.close()
    await late.say(HELLO)
    assert (await late.hear("party.error"))["code"] == "draining"
    assert (await late.hear_close()).code == 4202
    assert door.closing


@pytest.mark.parametrize("turns", range(12))
async def test_who_is_cancelled_while_coming_in_leaves_no_connection(
    clock: VirtualClock, turns: int
) -> None:
    app = MachineParty([Tally])
    await joined(app)
    late = await connect(app)
    await late.say(HELLO)
    for _ in range(turns):
        await asyncio.sleep(0)
    late.task.cancel()
    await asyncio.wait({late.task})
    await clock.settle()
    assert only_room(app).connection_count == 1
    assert app.node.admission.connections == 1


async def test_a_room_that_nobody_used_vanishes_and_is_made_anew(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    first = await joined(app)
    await first.leave()
    await clock.advance(1000)
    assert app.rooms.list() == []
    await joined(app)
