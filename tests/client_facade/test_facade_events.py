"""The façade: when `send` returns, what is sent again, and what comes besides snapshots."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from client_facade import Closed, Receipt
from machine_party.protocol import (
    Chunk,
    Emit,
    Error,
    Operation,
    QueueFull,
    SendTo,
    SnapshotGet,
    SnapshotPatch,
)
from machine_party.testing import VirtualClock
from tests.client_facade.conftest import Open
from tests.client_facade.scripted import ScriptedServer

# Sending


async def test_send_returns_when_the_mirror_has_caught_up(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    sending = asyncio.create_task(room.send("add", by=2))
    await clock.settle()
    (sent,) = server.channel.sends
    assert sent.event == {"type": "add", "by": 2}
    server.accept(str(sent.id), count=2)
    receipt = await sending
    assert receipt == Receipt(str(sent.id), "accepted", 2)
    assert room.context["count"] == 2


async def test_a_rejected_receipt_is_a_value(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    sending = asyncio.create_task(room.send({"type": "add", "by": -1}))
    await clock.settle()
    server.channel.say(
        Receipt(str(server.channel.sends[0].id), "rejected", 1, None, "bad_request", "$.by")
    )
    receipt = await sending
    assert (receipt.status, receipt.code, receipt.reason) == ("rejected", "bad_request", "$.by")


async def test_send_to_names_the_child(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    sending = asyncio.create_task(room.send_to("dice:1", "roll", times=2))
    await clock.settle()
    (sent,) = server.channel.heard(SendTo)
    assert (sent.actor_id, sent.event) == ("dice:1", {"type": "roll", "times": 2})
    server.accept(sent.id)
    assert (await sending).status == "accepted"


@pytest.mark.parametrize(
    ("event", "fields"),
    [("add", {"type": "add"}), ({"type": "add"}, {"by": 2}), ({"by": 2}, {}), ({"type": 3}, {})],
)
async def test_an_event_without_one_clear_type_is_refused(
    open_facade: Open, event: Any, fields: dict[str, Any]
) -> None:
    room = await open_facade()
    with pytest.raises(TypeError, match="type"):
        await room.send(event, **fields)


async def test_sends_wait_for_a_connection(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade(welcome=False)
    sending = [asyncio.create_task(room.send("add", by=by)) for by in (1, 2, 3)]
    await clock.settle()
    assert server.channel.sends == []
    server.welcome()
    await clock.settle()
    assert [sent.event["by"] for sent in server.channel.sends] == [1, 2, 3]
    for sent in server.channel.sends:
        server.accept(str(sent.id))
    assert [receipt.version for receipt in await asyncio.gather(*sending)] == [2, 3, 4]


async def test_the_offline_queue_is_bounded(open_facade: Open, clock: VirtualClock) -> None:
    room = await open_facade(welcome=False)
    waiting = [asyncio.create_task(room.send("add")) for _ in range(256)]
    await clock.settle()
    with pytest.raises(QueueFull, match="256 sends wait"):
        await room.send("add")
    await room.close()
    assert all(isinstance(task.exception(), Closed) for task in waiting)


async def test_unanswered_sends_are_sent_again_under_the_same_ids(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    sending = [asyncio.create_task(room.send("add", by=by)) for by in (1, 2)]
    await clock.settle()
    first = server.channel.sends
    server.commit(count=1, deliver=False)  # the first was accepted; its receipt is lost
    server.channel.lose()
    await clock.advance(0.5)
    server.welcome()
    await clock.settle()
    assert server.channel.sends == first
    server.channel.say(Receipt(str(first[0].id), "duplicate", 2))
    server.accept(str(first[1].id), count=3)
    receipts = await asyncio.gather(*sending)
    assert [receipt.status for receipt in receipts] == ["duplicate", "accepted"]
    assert room.context["count"] == 3


async def test_a_cancelled_send_leaves_nothing_behind(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    sending = asyncio.create_task(room.send("add"))
    await clock.settle()
    sending.cancel()
    await clock.settle()
    server.accept(str(server.channel.sends[0].id), count=1)
    await clock.settle()
    assert room.context["count"] == 1


@pytest.mark.parametrize("codec", ["json", "msgpack"])
@pytest.mark.parametrize(
    "value",
    [{1, 2}, object(), "\ud800", 2**80, "x" * 16_384, [1] * 2_000, json.loads("[" * 16 + "]" * 16)],
    ids=["set", "object", "surrogate", "2**80", "too long", "too many", "too deep"],
)
async def test_what_a_server_would_not_take_is_refused_when_it_is_sent(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock, codec: str, value: Any
) -> None:
    room = await open_facade(codec=codec)
    with pytest.raises((TypeError, ValueError, OverflowError)):
        await room.send("add", by=value)
    sending = asyncio.create_task(room.send("add", by=1))
    await clock.settle()
    server.accept(str(server.channel.sends[0].id), count=1)
    assert (await sending).status == "accepted"


async def test_a_send_that_was_not_stored_goes_again_and_nobody_notices(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    sending = asyncio.create_task(room.send("add"))
    await clock.settle()
    id = str(server.channel.sends[0].id)
    refusal = Receipt(id, "rejected", 1, code="store_unavailable", reason="not stored")
    server.channel.say(refusal)
    await clock.settle()
    assert len(server.channel.sends) == 1
    server.snapshot()
    await clock.settle()
    assert [send.id for send in server.channel.sends] == [id, id]
    server.accept(id, count=1)
    assert (await sending).status == "accepted"


async def test_what_is_sent_again_is_what_was_sent(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    order = [1, 2]
    sending = asyncio.create_task(room.send("sort", order=order))
    await clock.settle()
    order.append(3)
    server.channel.lose()
    await clock.advance(0.5)
    server.welcome()
    await clock.settle()
    assert server.channel.sends[0].event == {"type": "sort", "order": [1, 2]}
    sending.cancel()


# What comes besides


async def test_emits_go_to_whoever_asked_for_their_type(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    rings: list[Any] = []
    everything: list[Any] = []
    room.on("ring", rings.append)
    room.on("*", everything.append)
    for type in ("ring", "buzz"):
        server.channel.say(Emit({"type": type}))
    await clock.settle()
    assert rings == [{"type": "ring"}]
    assert everything == [{"type": "ring"}, {"type": "buzz"}]


async def test_chunks_and_errors_are_told(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    told: list[Any] = []
    room.on_chunk(lambda chunk: told.append((chunk.stream, chunk.index, chunk.data)))
    room.on_error(lambda error: told.append(error.code))
    server.channel.say(Chunk("story", 0, "Once"))
    server.channel.say(Error("rate_limited", "too fast", True, 1.0))
    await clock.settle()
    assert told == [("story", 0, "Once"), "rate_limited"]


async def test_a_gap_is_told_and_a_snapshot_asked_for_once(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    conflicts: list[str] = []
    room.on_conflict(lambda conflict: conflicts.append(conflict.reason))
    server.commit(count=1, deliver=False)
    server.commit(count=2)
    server.commit(count=3)
    await clock.settle()
    assert conflicts == ["version-gap"]
    assert server.channel.heard(SnapshotGet) == [SnapshotGet()]
    assert room.context["count"] == 0
    server.snapshot()
    await clock.settle()
    assert room.context["count"] == 3


async def test_a_patch_that_does_not_apply_is_told(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    conflicts: list[str] = []
    room.on_conflict(lambda conflict: conflicts.append(conflict.reason))
    operation: Operation = {"op": "remove", "path": "/context/nothing"}
    server.channel.say(SnapshotPatch((operation,), "shared", 1, 2))
    await clock.settle()
    assert conflicts == ["patch-apply-failed"]
    assert room.context["count"] == 0
