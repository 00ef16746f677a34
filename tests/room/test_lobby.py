"""People who wait in a room that somebody has made for them, and nothing has happened in it yet."""

from __future__ import annotations

from typing import ClassVar, Literal

import pytest

from machine_party.errors import PeerError
from machine_party.testing import VirtualClock
from tests.room.board import Board
from tests.room.stage import Stage


class Lobby(Board):
    """A board that is made by request."""

    name = "lobby"
    creation: ClassVar[Literal["connect", "request", "service"]] = "request"


async def test_two_who_wait_wait_on_after_a_crash(clock: VirtualClock) -> None:
    stage = Stage(clock, Lobby())
    made = await stage.rooms.create("lobby", "room")
    ann = await stage.join("ann", made)
    assert (made.stored, stage.store.writes) == (False, [])
    bob = await stage.join("bob", made)
    assert made.stored
    await stage.crash()
    for client in (ann, bob):
        before = client.id
        await client.come()
        assert client.id == before
    await stage.rest()
    assert {name for name, _, _ in ann.context["people"].values()} == {"ann", "bob"}
    await stage.assert_in_sync()
    await stage.rooms.close()


async def test_one_alone_can_make_another(clock: VirtualClock) -> None:
    stage = Stage(clock, Lobby())
    ann = await stage.join("ann", await stage.rooms.create("lobby", "room"))
    await stage.crash()
    assert stage.store.record(stage.key()) is None
    with pytest.raises(PeerError, match="not_found"):
        await ann.come()
    await stage.rooms.close()
