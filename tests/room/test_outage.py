"""A store that fails for good: who is told what, and that it can be repaired while we run."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from machine_party.errors import PeerError, StoreError, StoreUnavailable
from machine_party.protocol import CloseCode
from machine_party.room import LoopClock
from machine_party.room.outage import QUIET_SECONDS, Outage
from tests.room.stage import Client, Stage

DAMAGED = "/data/rooms.sqlite: database disk image is malformed. Restore a backup."


def damage(stage: Stage, monkeypatch: pytest.MonkeyPatch, *methods: str) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise StoreError(DAMAGED)

    for method in methods:
        monkeypatch.setattr(stage.store.inner, method, fails)


async def used(stage: Stage, *names: str) -> list[Client]:
    clients = [await stage.join(name) for name in names]
    clients[0].send("add")
    await stage.rest()
    return clients


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]


async def test_everybody_is_told_at_once_and_the_log_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ann, bob = await used(stage, "ann", "bob")
    room = await stage.open()
    damage(stage, monkeypatch, "append", "claim")
    asked = asyncio.ensure_future(room.send({"type": "add", "by": 70}))
    await asyncio.sleep(0)
    id = ann.send("add", by=50)
    await stage.clock.settle()
    with pytest.raises(PeerError, match="store_unavailable"):
        await asked
    for client in (ann, bob):
        assert client.closed is not None
        assert client.closed[0] == CloseCode.STORE_UNAVAILABLE
    assert ann.mirror.unanswered == [id], "to be sent again"
    assert room.closed.is_set()
    for _ in range(20):
        await stage.clock.advance(5)
        with pytest.raises(StoreError):
            await stage.open()
    (told,) = errors(caplog)
    assert DAMAGED in told
    assert "Traceback" not in caplog.text
    assert stage.rooms.quarantined == {}


async def test_when_the_store_is_repaired_the_room_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ann,) = await used(stage, "ann")
    with monkeypatch.context() as damaged:
        damage(stage, damaged, "append", "claim")
        id = ann.send("add", by=50)
        await stage.clock.settle()
    ann.drop()
    await ann.come()
    await stage.rest()
    assert (ann.receipts[id].status, ann.context["total"]) == ("accepted", 51)
    await stage.assert_in_sync()


async def test_a_passing_failure_is_told_once_and_not_with_every_attempt(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    (ann,) = await used(stage, "ann")
    stage.store.down = True
    ann.send("add")
    await stage.clock.advance(300)
    assert len(errors(caplog)) == 1
    stage.store.down = False
    await stage.clock.advance(QUIET_SECONDS + 2)
    assert ann.context["total"] == 2
    stage.store.faults = ["fails"]
    ann.send("add")
    await stage.clock.advance(2)
    assert len(errors(caplog)) == 2


async def test_the_same_failure_is_another_outage_after_a_while(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    outage = Outage(LoopClock())
    for seconds in (0, QUIET_SECONDS - 1, QUIET_SECONDS - 1, QUIET_SECONDS + 1):
        await stage.clock.advance(seconds)
        outage.tell(StoreUnavailable("the disk is full"))
        outage.tell(StoreUnavailable("the disk is gone"))
    told = errors(caplog)
    assert [text.rpartition(" ")[2] for text in told] == ["full", "gone", "full", "gone"]
