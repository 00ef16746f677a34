"""The time that a room has missed, and what its timers make of it."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from machine_party.core import Restored
from machine_party.errors import PeerError
from machine_party.room import StoredRoom
from machine_party.room.downtime import STALE_SECONDS, downtime
from machine_party.room.pulse import STAMP_SECONDS
from tests.room.board import WORK
from tests.room.stage import Client, Stage
from tests.room.store import Fault

LATE = STAMP_SECONDS + 0.1
"""A stamp tells to the second until when a node lived."""


def found(node: str | None, alive_at: float | None) -> StoredRoom:
    return StoredRoom(1, 1, {}, [], node=node, alive_at=alive_at)


@pytest.mark.parametrize(
    ("owner", "alive_at", "last", "began", "now", "missed"),
    [
        ("me", 10.0, 5.0, 0.0, 100.0, None),  # it slept here
        ("other", 10.0, 5.0, 90.0, 100.0, (10.0, 90.0)),  # down until the server was back
        ("other", 10.0, 12.0, 90.0, 100.0, (12.0, 90.0)),  # it has written since its stamp
        ("other", None, 7.0, 90.0, 100.0, (7.0, 90.0)),
        (None, None, 7.0, 90.0, 100.0, (7.0, 90.0)),
        ("other", 10.0, 5.0, 0.0, 12.0, (10.0, 12.0)),  # taken over by one that lived already
        ("other", 10.0, 5.0, 0.0, 100.0, (10.0, 10.0 + STALE_SECONDS)),
        ("other", 10.0, 5.0, 0.0, 10.0, None),
    ],
)
def test_down_is_while_no_server_could_have_had_it(
    owner: str | None,
    alive_at: float | None,
    last: float,
    began: float,
    now: float,
    missed: tuple[float, float] | None,
) -> None:
    cause = downtime(found(owner, alive_at), last, node="me", began=began, now=now)
    expected = None if missed is None else Restored(since=missed[0], now=missed[1])
    assert cause == expected


async def playing(stage: Stage, policy: str, seconds: float = 20.0) -> Client:
    """Ann, and a timer of so many seconds."""
    ann = await stage.join("ann")
    ann.send("later", seconds=seconds, policy=policy)
    await stage.rest()
    return ann


def rung(client: Client) -> list[float]:
    return [at for _, at in client.context["rung"]]


@pytest.mark.parametrize("policy", ["deadline", "remaining", "restart"])
@pytest.mark.parametrize("back", [10.0, 1000.0])
async def test_a_timer_after_downtime(stage: Stage, policy: str, back: float) -> None:
    start = stage.clock.now()
    ann = await playing(stage, policy)
    await stage.clock.advance(5 - stage.party.patch_interval * 2)
    await stage.crash(back - 5)
    await ann.come()
    await stage.clock.advance(60)
    left = {"deadline": max(0.0, 20 - back), "remaining": 15.0, "restart": 20.0}[policy]
    (at,) = rung(ann)
    assert back + left - 0.2 <= at - start <= back + left + LATE
    await stage.clock.advance(3600)
    assert len(rung(ann)) == 1
    await stage.assert_in_sync()


@pytest.mark.parametrize("policy", ["deadline", "remaining", "restart"])
async def test_down_again_right_after_the_restore(stage: Stage, policy: str) -> None:
    """No shift is lost, and none is made twice."""
    start = stage.clock.now()
    ann = await playing(stage, policy)
    await stage.clock.advance(4.9)
    await stage.crash(1000)
    await ann.come()
    await stage.clock.advance(5)
    await stage.crash(1000)
    await ann.come()
    await stage.clock.advance(60)
    expected = {"deadline": 1005.0, "remaining": 2020.0, "restart": 2030.0}[policy]
    (at,) = rung(ann)
    assert expected - 0.2 <= at - start <= expected + 2 * LATE


@pytest.mark.parametrize("policy", ["remaining", "restart"])
async def test_down_again_before_anybody_came(stage: Stage, policy: str) -> None:
    """Nobody had the room in memory between the two, but a server was there: its time went on."""
    start = stage.clock.now()
    ann = await playing(stage, policy, 500)
    await stage.clock.advance(100)
    await stage.crash(50)
    await ann.come()
    ann.drop()
    await stage.clock.advance(100)
    assert stage.rooms.list() == [], "it sleeps"
    await stage.crash(50)
    await stage.clock.advance(600)
    await ann.come()
    expected = {"remaining": 600.0, "restart": 300.0 + 500.0}[policy]
    (at,) = rung(ann)
    assert expected - 0.2 <= at - start <= expected + 2 * LATE + 1


@pytest.mark.parametrize("fault", ["fails", "lies"])
async def test_the_missed_time_is_told_once_and_first_though_the_store_fails(
    stage: Stage, fault: Fault
) -> None:
    start = stage.clock.now()
    ann = await playing(stage, "remaining")
    bob = await stage.join("bob")
    bob.send("later", seconds=1, by=100, policy="restart")
    await stage.clock.advance(4.7)
    await stage.crash()
    await stage.clock.advance(995)
    stage.store.faults = [fault]
    with pytest.raises(PeerError, match="store_unavailable"):
        await ann.come()
    await stage.clock.advance(60)
    (at,) = [at for by, at in (await state(stage)).rung if by == 1]
    assert 1015 - 0.2 <= at - start <= 1015 + LATE


@pytest.mark.parametrize("code", ["same", "new"])
async def test_down_again_before_the_missed_time_was_stored(stage: Stage, code: str) -> None:
    """Two processes claim the room and die before its first commit. With new code they have
    written the whole form anew before that."""
    start = stage.clock.now()
    ann = await playing(stage, "remaining", 5000)
    await stage.clock.advance(4.9)
    for down in (400, 300):
        await stage.crash(down)
        if code == "new":
            make_older(stage)
        stage.store.faults = ["passes", "fails"] if code == "new" else ["fails"]
        await stage.open()
        await stage.clock.advance(0.5)
        assert stage.store.faults == []
    await stage.crash(295)
    await ann.come()
    await stage.clock.advance(5060)
    (at,) = rung(ann)
    assert 1000 + 4995 - 0.2 <= at - start <= 1001 + 4995 + LATE


def make_older(stage: Stage) -> None:
    """The room's form is as of code that did not know all that today's knows."""
    forms = stage.store.inner._records[stage.key()].forms
    version = max(forms)
    whole = msgspec.json.decode(forms[version])
    del whole["actor"]["party_schema"]
    forms[version] = msgspec.json.encode(whole)


async def state(stage: Stage) -> Any:
    room = await stage.open()
    return room._committer.actor.snapshot().context


async def test_the_missed_time_is_alone_in_the_first_commit(stage: Stage) -> None:
    ann = await playing(stage, "restart")
    ann.send("later", seconds=1, by=5)
    await stage.rest()
    await stage.crash(1000)
    await ann.come()
    await stage.rest()
    history = await stage.store.history(stage.key())
    assert history is not None
    causes = [[type(cause).__name__ for _, cause in entry.causes] for entry in history.entries]
    first = causes.index(["Restored"])
    assert "TimerFired" in causes[first + 1]
    assert [causes.count(batch) for batch in causes if "Restored" in batch] == [1]


@pytest.mark.parametrize("off", [-3600.0, 3600.0])
async def test_a_clock_that_was_set_while_the_server_was_down(stage: Stage, off: float) -> None:
    ann = await playing(stage, "deadline")
    later = stage.clock.now() + 18
    await stage.crash(2, off=off)
    await ann.come()
    await stage.clock.advance(0.1)
    if off > 0:
        assert len(rung(ann)) == 1, "by that clock it is over"
    else:
        assert rung(ann) == []
        await stage.clock.advance(later - stage.clock.now() + 2 + 2 * LATE)
        assert len(rung(ann)) == 1, "a clock that goes back freezes nothing"
    await stage.crash(2, off=-off)
    await ann.come()
    await stage.clock.advance(30)
    assert len(rung(ann)) == 1


async def test_a_pending_invoke_starts_again_with_the_same_key(stage: Stage) -> None:
    keys: list[str] = []

    async def job(invocation: Any) -> str:
        keys.append(invocation.key)
        if len(keys) < 3:
            await asyncio.get_running_loop().create_future()
        return "paid"

    WORK["pay"] = job
    ann = await stage.join("ann")
    ann.send("fetch", job="pay")
    await stage.rest()
    await stage.restart()
    await ann.come()
    await stage.rest()
    await stage.crash(30)
    await ann.come()
    await stage.rest()
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert ann.context["result"] == "done paid"


async def test_a_pending_invoke_starts_again_without_anybody_coming(stage: Stage) -> None:
    runs = 0

    async def job(_: Any) -> str:
        nonlocal runs
        runs += 1
        if runs == 1:
            await asyncio.get_running_loop().create_future()
        return "paid"

    WORK["pay"] = job
    ann = await stage.join("ann")
    ann.send("fetch", job="pay")
    await stage.rest()
    await stage.crash(30)
    assert runs == 2
    await stage.rest()
    assert (await state(stage)).result == "done paid"


async def test_a_pause_covers_the_downtime(stage: Stage) -> None:
    start = stage.clock.now()
    ann = await playing(stage, "remaining")
    await stage.clock.advance(4.9)
    room = await stage.open()
    assert (await stage.wait(room.pause())).status == "accepted"
    await stage.clock.advance(100)
    await stage.crash(1000)
    await ann.come()
    await stage.clock.advance(100)
    assert rung(ann) == []
    room = await stage.open()
    back = stage.clock.now() - start
    assert (await stage.wait(room.resume())).status == "accepted"
    await stage.clock.advance(60)
    (at,) = rung(ann)
    assert back + 15 - 0.1 <= at - start <= back + 15.2


async def test_time_is_extended(stage: Stage) -> None:
    start = stage.clock.now()
    ann = await playing(stage, "deadline")
    room = await stage.open()
    assert (await stage.wait(room.extend(30, "ring"))).status == "accepted"
    await stage.rest()
    assert (await stage.wait(room.extend(1, "nothing"))).status == "rejected"
    await stage.clock.advance(60)
    (at,) = rung(ann)
    assert 50 <= at - start <= 50.2
