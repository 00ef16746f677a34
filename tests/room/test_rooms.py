"""The rooms of a node: made, found, loaded, and let go; and their hooks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec import Struct

from machine_party.backends.store import MemoryStore
from machine_party.core import Machine, Party, Snapshot, State
from machine_party.errors import PeerError, RestoreError, StoreUnavailable
from machine_party.protocol import CloseCode
from machine_party.room import LoopClock, RoomKey, Rooms, new_room_id
from machine_party.room.rooms import UNUSED_SECONDS
from machine_party.testing import VirtualClock, VirtualLoop
from tests.room.board import Asked, Board
from tests.room.stage import Stage


async def test_a_room_that_nobody_has_used_is_never_stored_and_vanishes(stage: Stage) -> None:
    ann = await stage.join("ann")
    room = await stage.open()
    ann.send("decline")
    ann.drop()
    await stage.clock.advance(14.9)
    assert stage.rooms.list() == [room]
    await stage.clock.advance(0.2)
    assert stage.rooms.list() == []
    assert room.closed.is_set()
    assert stage.store.writes == []
    assert stage.party.calls[-1] == ("dispose", "room")
    assert await stage.rooms.get("board", "room") is None


async def test_who_is_back_within_the_grace_finds_the_unused_room(stage: Stage) -> None:
    ann = await stage.join("ann")
    room = await stage.open()
    for _ in range(4):
        ann.drop()
        await stage.clock.advance(10)
        await ann.come()
        await stage.clock.advance(1)
    assert await stage.open() is room
    await stage.clock.advance(100)
    assert await stage.open() is room, "somebody is here"


async def test_a_used_room_stays(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await stage.rest()
    ann.drop()
    await stage.clock.advance(3600)
    assert (await stage.open()).version > 0
    assert stage.party.calls.count(("create", "room", None)) == 1


async def test_a_room_made_by_request_waits_for_people(clock: VirtualClock) -> None:
    stage = Stage(clock, Asked())
    with pytest.raises(PeerError, match="no such room"):
        await stage.open()
    room = await stage.rooms.create("asked", "room")
    await clock.advance(UNUSED_SECONDS - 1)
    assert await stage.open() is room
    ann = await stage.join("ann")
    ann.drop()
    await clock.advance(UNUSED_SECONDS - 1)
    assert await stage.open() is room
    await clock.advance(2)
    with pytest.raises(PeerError, match="no such room"):
        await stage.open()
    await stage.rooms.close()


async def test_concurrent_opens_make_one_room(stage: Stage) -> None:
    rooms = await asyncio.gather(*(stage.open() for _ in range(20)))
    assert len({id(room) for room in rooms}) == 1
    assert [call[0] for call in stage.party.calls] == ["create"]


async def test_concurrent_opens_load_a_room_once(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await stage.rest()
    await stage.restart()
    claims = stage.store.claims
    rooms = await asyncio.gather(*(stage.rooms.get("board", "room") for _ in range(20)))
    assert len({id(room) for room in rooms}) == 1
    assert stage.store.claims == claims + 1
    assert stage.party.calls.count(("create", "room", None)) == 1, "a load is no creation"


@pytest.mark.parametrize("where", ["memory", "store"])
async def test_a_code_that_is_taken(stage: Stage, where: str) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await stage.rest()
    if where == "store":
        await stage.restart()
    with pytest.raises(PeerError) as refused:
        await stage.rooms.create("board", "room")
    assert refused.value.code == "bad_request"


async def test_an_input_that_is_not_wanted(stage: Stage) -> None:
    with pytest.raises(PeerError, match="takes no input"):
        await stage.rooms.create("board", "room", {"x": 1})


class Day(Struct):
    day: str


class Diary(Machine[Day]):
    open = State(initial=True, final=False)
    turn = open.to.itself(internal=True)

    def initial(self, input: Day) -> Day:
        if input.day == "monday":
            self.refuse("closed_today")
        return input


class Choosy(Party):
    machine = Diary
    Input = Day
    refusals = {"closed_today": "Not on a Monday."}

    def shared(self, snapshot: Snapshot[Day], audience: str) -> Day:
        return snapshot.context


async def test_an_input_that_the_game_refuses(clock: VirtualClock) -> None:
    rooms = Rooms([Choosy()], store=MemoryStore(), clock=LoopClock(clock.now()))
    with pytest.raises(PeerError, match="Not on a Monday") as raised:
        await rooms.create("choosy", "room", {"day": "monday"})
    assert (raised.value.code, raised.value.path) == ("closed_today", "$.input")
    assert rooms.list() == []
    assert (await rooms.create("choosy", "room", {"day": "sunday"})).status == "active"
    await rooms.close()


async def test_no_such_party(stage: Stage) -> None:
    assert await stage.rooms.get("nothing", "room") is None
    with pytest.raises(PeerError, match="no such room"):
        await stage.rooms.open("nothing", "room")


async def test_a_store_that_is_down_while_loading_is_told_and_tried_again(stage: Stage) -> None:
    stage.store.down = True
    with pytest.raises(StoreUnavailable):
        await stage.open()
    stage.store.down = False
    assert await stage.open() in stage.rooms.list()
    assert not stage.rooms.quarantined


async def test_what_the_store_cannot_read_is_quarantined(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def damaged(key: RoomKey, node: str) -> None:
        raise RestoreError(f"{key}: the form is not JSON")

    monkeypatch.setattr(stage.store, "claim", damaged)
    for _ in range(2):
        with pytest.raises(PeerError, match="stopped after an error"):
            await stage.open()
    assert "the form is not JSON" in stage.rooms.quarantined[stage.key()]


async def test_a_room_of_the_same_name_never_matches_an_old_resume(stage: Stage) -> None:
    epochs = []
    ann = stage.client("ann")
    for _ in range(5):
        await ann.come()
        await stage.rest()
        assert ann.mirror.welcome is not None
        assert not ann.mirror.welcome.resumed
        epochs.append(ann.mirror.welcome.epoch)
        stage.store.faults = ["fails"]
        ann.send("add")
        await stage.clock.advance(0.5)
        ann.drop()
        room = await stage.open()
        stage.rooms._ended(room)
        await stage.clock.settle()
    assert len(set(epochs)) == 5
    assert epochs == sorted(epochs)


async def test_closing_the_node_closes_rooms_and_lets_go_of_the_store(stage: Stage) -> None:
    ann = await stage.join("ann")
    await stage.open("other")
    await stage.rooms.close()
    assert ann.closed is not None
    assert ann.closed[0] == CloseCode.DRAINING
    assert stage.store.closed
    assert {call for call in stage.party.calls if call[0] == "dispose"} == {
        ("dispose", "room"), ("dispose", "other"),
    }  # fmt: skip
    await stage.clock.advance(3600)


def test_room_codes_are_easy_to_read_out() -> None:
    codes = {new_room_id() for _ in range(100)}
    assert len(codes) > 95
    assert all(len(code) == 6 and not set(code) & set("ilo01") for code in codes)


# -- hooks -------------------------------------------------------------------------------------


async def test_hooks_are_called_with_what_is_known(stage: Stage) -> None:
    ann = await stage.join("ann")
    ann.send("add")
    await stage.rest()
    ann.drop()
    await stage.restart()
    assert stage.party.calls == [
        ("create", "room", None),
        ("join", "ann", "ip of ann"),
        ("leave", "ann", "ip of ann"),
        ("dispose", "room"),
    ]


async def test_everyone_has_left_before_a_room_is_disposed_of(stage: Stage) -> None:
    await stage.join("ann")
    await stage.rooms.close()
    assert stage.party.calls[-2:] == [("leave", "ann", "ip of ann"), ("dispose", "room")]


class Rude(Board):
    """Every hook raises, at once or later, or takes for ever."""

    name = "rude"

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way

    def _hook(self) -> Any:
        if self.way == "raises":
            raise RuntimeError("rude")
        return self._slow()

    async def _slow(self) -> None:
        await asyncio.sleep(1e9 if self.way == "hangs" else 1)
        raise RuntimeError("rude, and slow")

    def on_create(self, room: Any, input: Any) -> Any:
        return self._hook()

    def on_join(self, room: Any, member: Any, connection: Any) -> Any:
        return self._hook()

    def on_leave(self, room: Any, member: Any, connection: Any) -> Any:
        return self._hook()

    def on_dispose(self, room: Any) -> Any:
        return self._hook()


@pytest.mark.parametrize("way", ["raises", "raises later", "hangs"])
async def test_a_rude_hook_harms_nobody(
    clock: VirtualClock, virtual_loop: VirtualLoop, way: str
) -> None:
    stage = Stage(clock, Rude(way))
    ann, bob = await stage.join("ann"), await stage.join("bob")
    ann.send("add")
    await stage.rest()
    bob.drop()
    await stage.rest()
    assert ann.context["total"] == 1
    await clock.until(stage.rooms.close(), within=60)
    assert [task for task in asyncio.all_tasks(virtual_loop) if "hook" in task.get_name()] == []
