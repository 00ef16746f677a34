"""A server that begins: what slept in its store wakes on time, whoever starts it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from machine_party import MachineParty
from machine_party.room import LoopClock
from machine_party.testing import VirtualClock
from tests.room.board import Board
from tests.room.store import FaultyStore
from tests.server.asgi import http
from tests.server.test_app import lifespan

SECRET = "a secret of the tests"


def server(store: FaultyStore, clock: VirtualClock) -> MachineParty:
    shown = LoopClock(epoch=clock.now())
    return MachineParty([Board], store=store, secret=SECRET, clock=shown, alone=True)


async def with_a_timer(clock: VirtualClock) -> FaultyStore:
    """A store with a room of a server that was killed, whose timer is due."""
    store = FaultyStore()
    app = server(store, clock)
    room = await app.rooms.open("board", "room")
    await room.send({"type": "later", "seconds": 10})
    await clock.advance(1)
    app.rooms.abandon()
    await clock.advance(3600)
    return store.survivor()


async def total(app: MachineParty) -> Any:
    (room,) = app.rooms.list()
    document, _, _ = await room.document(audience="player")
    return document["context"]["total"]


async def test_a_room_wakes_before_anybody_has_come(clock: VirtualClock) -> None:
    app = server(await with_a_timer(clock), clock)
    async with lifespan(app):
        await clock.advance(0.1)
        assert await total(app) == 1


async def test_mounted_in_an_app_that_does_not_start_it_from_the_first_request_on(
    clock: VirtualClock,
) -> None:
    app = server(await with_a_timer(clock), clock)
    async with http(Starlette(routes=[Mount("/games", app=app)])) as client:
        await client.get("/games/parties/board/another")
        await clock.advance(0.1)
        assert await total(app) == 1
    await app.close()


async def test_a_store_that_is_down_does_not_hold_up_the_start(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    store = await with_a_timer(clock)
    store.down = True
    app = server(store, clock)
    async with lifespan(app):
        await clock.advance(30)
        told = [record for record in caplog.records if record.levelname == "ERROR"]
        assert len(told) == 1
        store.down = False
        await clock.advance(2)
        assert await total(app) == 1


async def test_an_end_during_an_outage_is_an_end(clock: VirtualClock) -> None:
    store = await with_a_timer(clock)
    app = server(store, clock)
    async with lifespan(app):
        await clock.advance(0.1)
        store.down = True
        await clock.advance(10)
