"""Numbers and texts that cannot be stored, in a room: the store never sees them, nor do other
members."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import pytest
from msgspec import Struct

from machine_party.core import ClientEvent, Machine, Party, Snapshot, State
from machine_party.errors import DefinitionError
from machine_party.protocol import Receipt, Send, SnapshotPatch
from machine_party.room import Invocation
from machine_party.testing import VirtualClock
from tests.room.stage import Stage


class Add(ClientEvent):
    by: float = 1.0


class Mean(ClientEvent):
    """The sum by the count: of a sum beyond all bounds, it is none."""


class Call(ClientEvent):
    """Gives it a name; `read` is one that is read from a folder."""

    name: str


class Work(ClientEvent):
    """Starts an invoke whose result is none."""


class Context(Struct):
    total: float = 0.0
    mean: float = 0.0
    told: str = ""


class Begin(Struct):
    """What a room is made with. Text, as JSON has no NaN to make it with."""

    mean: str = "0"
    name: str = ""


async def nothing(_: Invocation) -> dict[str, float]:
    return {"mean": math.nan}


class MeanMachine(Machine[Context]):
    idle = State(initial=True)
    busy = State(invoke=nothing)
    add = idle.to.itself(internal=True, on="do_add")
    mean = idle.to.itself(internal=True, on="do_mean")
    call = idle.to.itself(internal=True, on="do_call")
    work = idle.to(busy)
    error_invoke_busy = busy.to(idle, on="do_fail")
    done_invoke_busy = busy.to(idle)

    def initial(self, input: Begin) -> Context:
        return Context(mean=float(input.mean))

    def do_add(self, data: Add) -> None:
        self.context.total += data.by

    def do_mean(self) -> None:
        self.context.total += 1000
        self.context.mean = 1e308 * 10 * 0

    def do_call(self, data: Call) -> None:
        self.context.told = b"caf\xe9".decode("utf-8", "surrogateescape")
        if data.name != "read":
            self.context.told = data.name

    def do_fail(self, data: str) -> None:
        self.context.told = data


class Shared(Struct):
    total: float
    told: str


class MeanParty(Party):
    name = "mean"
    Input = Begin
    machine = MeanMachine
    events = (Add, Mean, Call, Work)
    creation: ClassVar[Literal["connect", "request", "service"]] = "connect"

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
        return Shared(total=snapshot.context.total, told=snapshot.context.told)


async def test_the_sender_is_told_nothing_and_the_others_see_nothing(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage(clock, MeanParty())
    ann, bob = await stage.join("ann"), await stage.join("bob")
    ann.send("add")
    await stage.rest()
    room, writes = await stage.open(), len(stage.store.writes)
    before = len(bob.messages)
    good, bad = bob.send("add", by=2), ann.send("mean")
    await stage.rest()
    receipt = ann.receipts[bad]
    assert (receipt.status, receipt.code) == ("rejected", "error")
    assert receipt.reason == "The game failed on this event. Nothing of it happened."
    assert bob.receipts[good].status == "accepted"
    assert ann.context == bob.context == {"total": 3.0, "told": ""}
    heard = bob.messages[before:]
    assert [type(message) for message in heard] == [SnapshotPatch, Receipt]
    assert "/actor/machine/context/mean" not in str(stage.store.record(stage.key()))
    assert "mean: /machine/context/mean became NaN or infinite" in caplog.text
    assert (room.closed.is_set(), len(stage.store.writes)) == (False, writes + 1)
    await stage.rooms.close()


async def test_a_resend_has_the_same_answer(clock: VirtualClock) -> None:
    stage = Stage(clock, MeanParty())
    ann = await stage.join("ann")
    ann.send("add")
    bad = ann.send("mean")
    await stage.rest()
    ann.receive_in_room(Send(bad, {"type": "mean"}))
    await stage.rest()
    assert (ann.receipts[bad].status, ann.receipts[bad].code) == ("duplicate", "error")
    await stage.rooms.close()


async def test_an_invoke_that_returns_one_has_failed(clock: VirtualClock) -> None:
    stage = Stage(clock, MeanParty())
    ann = await stage.join("ann")
    ann.send("work")
    await stage.rest()
    await stage.clock.advance(1)
    assert ann.context["told"].startswith("DefinitionError: what the invoke returned: /mean is NaN")
    await stage.rooms.close()


async def test_a_room_that_begins_with_one_is_not_made(clock: VirtualClock) -> None:
    stage = Stage(clock, MeanParty())
    with pytest.raises(DefinitionError, match="a new room: /machine/context/mean is NaN"):
        await stage.rooms.create("mean", "room", {"mean": "nan"})
    assert stage.rooms.list() == []
    await stage.rooms.create("mean", "room", {"mean": "1"})
    await stage.rooms.close()


async def test_server_code_that_sends_one_is_told_where(clock: VirtualClock) -> None:
    stage = Stage(clock, MeanParty())
    room = await stage.open()
    for event in (Add(by=math.nan), {"type": "add", "by": math.inf}):
        with pytest.raises(DefinitionError, match=r"the event 'add': /by is NaN or infinite"):
            await room.send(event)
    with pytest.raises(DefinitionError, match=r"the event 'call': /name is text with a lone surr"):
        await room.send(Call(name="caf\udce9"))
    await stage.rooms.close()


async def test_a_text_that_is_not_unicode_is_the_events_fault_and_not_the_rooms(
    clock: VirtualClock,
) -> None:
    stage = Stage(clock, MeanParty())
    ann = await stage.join("ann")
    ann.send("add")
    good, bad = ann.send("call", name="ann"), ann.send("call", name="read")
    await stage.rest()
    assert (ann.receipts[good].status, ann.receipts[bad].code) == ("accepted", "error")
    assert not stage.rooms.quarantined
    await stage.crash()
    await ann.come()
    assert ann.context["told"] == "ann"
    await stage.rooms.close()


async def test_a_room_that_begins_with_such_a_text_is_not_made(clock: VirtualClock) -> None:
    stage = Stage(clock, MeanParty())
    with pytest.raises(DefinitionError, match="a new room: /machine/input/name is text"):
        await stage.rooms.create("mean", "room", {"name": "caf\udce9"})
    await stage.rooms.close()
