"""What a restore brings back, and what it makes of a form that does not fit."""

from __future__ import annotations

import traceback
from typing import Any, ClassVar, Literal

import pytest
from msgspec import Struct

from machine_party.core import ClientEvent, Machine, Party, Snapshot, State
from machine_party.errors import PeerError, RestoreError
from machine_party.room import Entry, StoredRoom
from machine_party.room.committer import restored_form
from machine_party.testing import VirtualClock
from tests.room.stage import Client, Stage
from tests.room.store import Fault


async def used(stage: Stage, *names: str) -> list[Client]:
    clients = [await stage.join(name) for name in names]
    clients[0].send("add")
    await stage.rest()
    return clients


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


async def make_older(stage: Stage) -> StoredRoom:
    """A node with older code has the room for a moment."""
    found = await stage.store.inner.claim(stage.key(), "older")
    assert found is not None
    form = restored_form(found)
    del form["actor"]["machine"]["context"]["fetched"]  # a field that is new since
    await stage.store.inner.checkpoint(
        stage.key(), found.epoch, found.version, form, keep_from=found.version, wake=None
    )
    return found


@pytest.mark.parametrize("faults", [[], ["fails"], ["lies"]])
async def test_a_form_of_older_code_is_written_anew_before_any_patch(
    stage: Stage, faults: list[Fault]
) -> None:
    (ann,) = await used(stage, "ann")
    await stage.restart()
    found = await make_older(stage)
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


async def test_so_is_one_that_an_older_node_has_left_while_the_store_was_not_there(
    stage: Stage,
) -> None:
    (ann,) = await used(stage, "ann")
    stage.store.down = True
    ann.send("add")
    await stage.clock.advance(0.5)
    found = await make_older(stage)
    stage.store.down = False
    stage.store.writes.clear()
    await stage.clock.advance(3)
    assert stage.store.writes[:2] == [("checkpoint", found.version), ("append", found.version + 1)]
    await stage.restart()
    await ann.come()
    assert ann.context["total"] == 2


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
    await inner.checkpoint(
        key, found.epoch, found.version, form, keep_from=found.version, wake=None
    )
    kept = stage.store.record(key)
    for _ in range(2):
        with pytest.raises(PeerError, match="stopped after an error"):
            await ann.come()
    assert stage.rooms.quarantined[key]
    assert stage.rooms.list() == []
    assert stage.store.record(key)["forms"] == kept["forms"]


class Add(ClientEvent):
    """One more."""


class Spoil(ClientEvent):
    """Puts a text where a number belongs."""


class Context(Struct):
    number: int = 0
    place: tuple[int, int] = (0, 0)


class PlaceMachine(Machine[Context]):
    here = State(initial=True)
    add = here.to.itself(internal=True, on="do_add")
    spoil = here.to.itself(internal=True, on="do_spoil")

    def do_add(self) -> None:
        self.context.place = (self.context.place[0] + 1, 0)

    def do_spoil(self) -> None:
        self.context.number = "two"  # type: ignore[assignment]


class Shared(Struct):
    place: tuple[int, int]


class PlaceParty(Party):
    name = "place"
    machine = PlaceMachine
    events = (Add, Spoil)
    creation: ClassVar[Literal["connect", "request", "service"]] = "connect"

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
        return Shared(place=snapshot.context.place)


async def test_a_tuple_that_comes_back_as_a_list_is_the_same_form(clock: VirtualClock) -> None:
    stage = Stage(clock, PlaceParty())
    (ann,) = await used(stage, "ann")
    for _ in range(2):
        await stage.crash()
        stage.store.writes.clear()
        await ann.come()
        ann.send("add")
        await stage.clock.advance(1)
        assert {name for name, _ in stage.store.writes} == {"append"}
    assert ann.context["place"] == [3, 0]
    await stage.rooms.close()


async def test_nobody_waits_for_a_room_that_cannot_go_back_to_what_it_was(
    clock: VirtualClock,
) -> None:
    """Its last commit is kept, but does not fit the game's own declaration."""
    stage = Stage(clock, PlaceParty())
    ann = await stage.join("ann")
    ann.send("spoil")
    await stage.rest()
    room = await stage.open()
    stage.store.faults = ["fails"]
    with pytest.raises(PeerError, match="stopped after an error"):
        await stage.wait(room.send({"type": "add"}))
    await stage.rest()
    assert room.closed.is_set()
    assert ann.closed is not None
    assert "$.number" in stage.rooms.quarantined[stage.key()]
    await stage.rooms.close()
