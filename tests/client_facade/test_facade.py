"""The façade: what it shows, when it notifies, and how it ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from client_facade import Closed, Facade, NotReady
from client_facade.facade import connect
from client_facade.snapshot import Snapshot
from client_facade.transport import Lost
from machine_party.protocol import (
    Hello,
    Ping,
    Pong,
    Send,
)
from machine_party.testing import VirtualClock, VirtualLoop
from tests.client_facade.conftest import Open
from tests.client_facade.scripted import NOW, ScriptedServer

# What it shows


@pytest.mark.parametrize("codec", ["json", "msgpack"])
async def test_it_shows_the_machine(open_facade: Open, codec: str) -> None:
    room = await open_facade(codec=codec)
    await room.ready
    assert room.value == "counting"
    assert room.context == {"count": 0, "mine": 0}
    assert room.tags == {"open"}
    assert room.status == "active"
    assert (room.output, room.error, room.children) == (None, None, {})
    assert room.matches("counting")
    assert not room.matches("idle")
    assert room.has_tag("open")
    assert room.can("add")
    assert not room.can("reset")
    assert room.member == "m1"
    assert room.connected


async def test_nothing_is_shown_before_the_first_snapshot(open_facade: Open) -> None:
    room = await open_facade(welcome=False)
    for read in (lambda: room.snapshot, lambda: room.member, room.server_now):
        with pytest.raises(NotReady, match="ready"):
            read()
    assert not room.connected


async def test_hello_carries_what_connect_was_given(
    open_facade: Open, server: ScriptedServer
) -> None:
    await open_facade(
        token="secret", name="Ada", role="host", meta={"a": 1}, sections=["count"], mode="snapshot"
    )
    assert server.channel.received[0] == Hello(
        token="secret",
        name="Ada",
        meta={"a": 1, "role": "host"},
        sections=("count",),
        mode="snapshot",
    )


async def test_snapshot_mode_shows_the_same(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade(mode="snapshot")
    server.commit(count=4)
    await clock.settle()
    assert room.context == {"count": 4, "mine": 0}


async def test_a_commit_of_both_layers_is_one_notification(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    seen: list[Any] = []
    room.subscribe(lambda snapshot: seen.append(snapshot.context))
    server.commit(count=1, mine=1)
    server.commit(count=2)
    await clock.settle()
    assert seen == [{"count": 1, "mine": 1}, {"count": 2, "mine": 1}]


async def test_a_replay_is_one_notification(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    seen: list[Any] = []
    room.subscribe(lambda snapshot: seen.append(snapshot.context))
    server.channel.lose()
    for count in (1, 2, 3):
        server.commit(count=count, mine=count, deliver=False)
    await clock.advance(0.5)
    server.welcome()
    await clock.settle()
    assert seen == [{"count": 3, "mine": 3}]


async def test_what_did_not_change_keeps_its_identity(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    before = room.snapshot
    server.commit(count=1)
    await clock.settle()
    assert room.snapshot is not before
    assert room.snapshot.document["can"] is before.document["can"]
    server.snapshot()
    await clock.settle()
    assert room.snapshot.document["can"] is before.document["can"]


async def test_a_snapshot_that_changes_nothing_notifies_nobody(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    before = room.snapshot
    room.subscribe(lambda _: pytest.fail("nothing changed"))
    server.snapshot()
    await clock.settle()
    assert room.snapshot is before


async def test_the_snapshot_cannot_be_changed(open_facade: Open) -> None:
    room = await open_facade()
    with pytest.raises(TypeError, match="send an event"):
        room.context["count"] = 7


# Watching


async def test_watch_calls_only_when_the_selected_part_changed(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    seen: list[int] = []
    unsubscribe = room.watch(lambda snapshot: snapshot.context["count"], seen.append)
    server.commit(mine=1)
    server.commit(count=1)
    server.commit(count=1)
    server.commit(count=2)
    await clock.settle()
    unsubscribe()
    unsubscribe()
    server.commit(count=3)
    await clock.settle()
    assert seen == [1, 2]


async def test_watch_can_call_at_once(open_facade: Open) -> None:
    room = await open_facade()
    seen: list[int] = []
    room.watch(lambda snapshot: snapshot.context["count"], seen.append, immediate=True)
    assert seen == [0]


async def test_watch_before_the_first_snapshot(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade(welcome=False)
    later: list[int] = []
    first: list[int] = []
    room.watch(lambda snapshot: snapshot.context["count"], later.append)
    room.watch(lambda snapshot: snapshot.context["count"], first.append, immediate=True)
    server.welcome()
    await clock.settle()
    assert (later, first) == ([], [0])


async def test_watch_with_its_own_equality(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    seen: list[int] = []
    room.watch(
        lambda snapshot: snapshot.context["count"],
        seen.append,
        equals=lambda old, new: old // 10 == new // 10,
    )
    for count in (5, 11, 12, 20):
        server.commit(count=count)
    await clock.settle()
    assert seen == [11, 20]


async def test_select_reads_the_latest(open_facade: Open) -> None:
    room = await open_facade()
    assert room.select(lambda snapshot: snapshot.context["count"]) == 0


async def test_a_failing_listener_is_reported_and_hurts_nobody(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock, virtual_loop: VirtualLoop
) -> None:
    reported: list[dict[str, Any]] = []
    virtual_loop.set_exception_handler(lambda _, context: reported.append(context))
    room = await open_facade()
    seen: list[int] = []

    def fail(snapshot: Snapshot[Any]) -> None:
        raise RuntimeError("a bug of the program")

    room.subscribe(fail)
    room.watch(lambda snapshot: snapshot.context["count"], seen.append)
    server.commit(count=1)
    server.commit(count=2)
    await clock.settle()
    assert seen == [1, 2]
    assert [str(context["exception"]) for context in reported] == ["a bug of the program"] * 2


async def test_a_listener_that_looks_at_a_cancelled_future_ends_nothing(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    """`CancelledError` is no `Exception`; it would end the façade's own task, without a word."""
    room = await open_facade()
    reported: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reported.append(context))
    cancelled = loop.create_future()
    cancelled.cancel()
    room.subscribe(lambda _: cancelled.result())
    waiting = asyncio.create_task(
        room.wait_for(lambda s: s.context["count"] > 0 and cancelled.result())
    )
    await clock.settle()
    server.commit(count=1)
    await clock.settle()
    assert waiting.cancelled()
    assert len(reported) == 1
    server.commit(count=2)
    await clock.settle()
    assert room.context["count"] == 2


async def test_a_listener_that_is_removed_meanwhile_is_not_called(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    removals: list[Any] = []
    room.subscribe(lambda _: removals[0]())
    removals.append(room.subscribe(lambda _: pytest.fail("it was removed")))
    server.commit(count=1)
    await clock.settle()


async def test_wait_for_returns_the_snapshot_that_fits(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    waiting = asyncio.create_task(room.wait_for(lambda snapshot: snapshot.context["count"] == 2))
    for count in (1, 2, 3):
        server.commit(count=count)
    assert (await waiting).context["count"] == 2
    assert (await room.wait_for(lambda snapshot: snapshot.matches("counting"))) is room.snapshot


async def test_wait_for_gives_up_in_time(open_facade: Open, clock: VirtualClock) -> None:
    room = await open_facade()
    waiting = asyncio.create_task(room.wait_for(lambda _: False, timeout=5))
    await clock.advance(4.9)
    assert not waiting.done()
    await clock.advance(0.1)
    with pytest.raises(TimeoutError, match=r"not within 5 s; now: <Snapshot 'counting'"):
        await waiting


async def test_wait_for_raises_what_its_predicate_raises(open_facade: Open) -> None:
    room = await open_facade()
    with pytest.raises(KeyError, match="nothing"):
        await room.wait_for(lambda snapshot: bool(snapshot.context["nothing"]))


# The server's clock, and the connection


async def test_server_now_follows_the_server_clock(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade(welcome=False)
    await clock.advance(2)  # a slow welcome: the estimate may be off by a second
    server.welcome()
    await clock.settle()
    assert room.server_now() == NOW / 1000 + 1.0
    assert server.channel.heard(Ping) == [Ping()]
    await clock.advance(0.1)
    server.channel.say(Pong(NOW + 50))  # a quick pong does better
    await clock.settle()
    assert room.server_now() == pytest.approx(NOW / 1000 + 0.1)
    await clock.advance(10)
    assert room.server_now() == pytest.approx(NOW / 1000 + 10.1)


async def test_the_connection_is_told_of(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    told: list[bool] = []
    room.on_connection(told.append)
    server.channel.lose()
    await clock.settle()
    assert told == [False]
    await clock.advance(0.5)
    server.welcome()
    await clock.settle()
    assert told == [False, True]


# The end


async def test_ready_can_be_awaited_by_many_and_cancelled_by_none(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade(welcome=False)

    async def until_ready() -> str:
        await room.ready
        return room.member

    impatient, patient = asyncio.create_task(until_ready()), asyncio.create_task(until_ready())
    await clock.settle()
    impatient.cancel()
    server.welcome()
    assert await patient == "m1"


async def test_close_fails_whoever_still_waits(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    waiting = [
        asyncio.create_task(room.send("add")),
        asyncio.create_task(room.wait_for(lambda _: False)),
    ]
    await clock.settle()
    await room.close()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [Closed, Closed]
    assert server.channel.closed_with == (1000, "")
    with pytest.raises(Closed, match="closed by this side"):
        await room.send("add")
    await room.close()


async def test_async_with_waits_for_the_snapshot_and_closes(
    server: ScriptedServer, clock: VirtualClock
) -> None:
    async def play() -> Facade[Any]:
        room: Facade[Any] = connect("ws://test", transport=server.transport)
        async with room:
            assert room.context["count"] == 0
        return room

    playing = asyncio.create_task(play())
    await clock.settle()
    server.welcome()
    room = await playing
    assert room.closed is not None
    assert server.channel.heard(Send) == []


@pytest.mark.usefixtures("clock")
async def test_async_with_raises_when_it_is_refused(server: ScriptedServer) -> None:
    server.transport.refusal = Lost(4011, "the room is full")
    with pytest.raises(Closed, match="full") as caught:
        async with connect("ws://test", transport=server.transport):
            pytest.fail("it was refused")
    assert caught.value.close_code == 4011
