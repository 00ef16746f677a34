"""The connection: what a close code means, how long it waits, what it reports."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_facade import Channel, Closed, Facade, Lost, connect
from client_facade.reconnect import Backoff
from machine_party.protocol import Error, Hello
from machine_party.testing import VirtualClock, VirtualLoop
from tests.client_facade.conftest import Open
from tests.client_facade.scripted import ScriptedServer


@pytest.mark.parametrize("close_code", [1000, 1007, 1009, 4000, 4003, 4006, 4011, 4099])
async def test_a_final_close_code_ends_the_facade(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock, close_code: int
) -> None:
    room = await open_facade()
    waiting = asyncio.create_task(room.wait_for(lambda _: False))
    await clock.settle()
    server.channel.lose(close_code, "because")
    await clock.advance(120)
    with pytest.raises(Closed, match="because") as caught:
        await waiting
    assert caught.value.close_code == close_code
    assert len(server.transport.channels) == 1
    assert room.closed is caught.value


async def test_the_error_that_came_before_the_close_is_told(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade(welcome=False)
    server.channel.say(Error("kicked", "removed by the host", False))
    server.channel.lose(4006)
    with pytest.raises(Closed, match="removed by the host") as caught:
        await room.ready
    assert (caught.value.code, caught.value.close_code) == ("kicked", 4006)


@pytest.mark.parametrize(
    ("close_code", "least", "most"),
    [
        *((code, 0.0, 0.5) for code in (1001, 1006, 1012, 4200, 4299)),
        *((code, 1.0, 1.5) for code in (1011, 1013, 4100, 4102, 4199)),
    ],
)
async def test_other_codes_come_back_jittered(
    open_facade: Open,
    server: ScriptedServer,
    clock: VirtualClock,
    virtual_loop: VirtualLoop,
    close_code: int,
    least: float,
    most: float,
) -> None:
    room = await open_facade()
    server.channel.lose(close_code)
    await clock.settle()
    assert not room.connected
    await clock.advance(least)
    await clock.advance(most - least)
    (delay,) = server.transport.opened_at[1:]
    assert least < delay < most
    server.welcome()
    await clock.settle()
    assert room.connected


async def test_the_servers_retry_after_is_respected(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    await open_facade()
    server.channel.say(Error("rate_limited", "too fast", True, 7.0))
    server.channel.lose(4101)
    await clock.advance(7)
    assert len(server.transport.channels) == 1
    await clock.advance(0.5)
    assert len(server.transport.channels) == 2


async def test_the_second_hello_resumes(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    await open_facade(token="secret")
    server.commit(count=1, mine=1)
    await clock.settle()
    server.channel.lose()
    await clock.advance(0.5)
    (hello,) = server.channel.heard(Hello)
    assert hello.token == "secret"
    assert (hello.resume.epoch, hello.resume.audience, hello.resume.member) == (1, "player", "m1")
    assert (hello.resume.shared, hello.resume.own) == (1, 1)


async def test_a_token_of_the_server_is_used_to_come_back(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade(welcome=False)
    server.welcome(token="issued")
    await clock.settle()
    assert room.token == "issued"
    server.channel.lose()
    await clock.advance(0.5)
    assert server.channel.heard(Hello)[0].token == "issued"


async def test_failures_double_the_bound_up_to_the_cap(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    await open_facade()
    server.transport.refusal = Lost(1006, "cannot connect")
    server.channel.lose()
    await clock.advance(300)
    times = server.transport.opened_at[1:]
    delays = [later - earlier for earlier, later in zip([0.0, *times], times, strict=False)]
    bounds = [min(10.0, 0.5 * 2**n) for n in range(len(delays))]
    assert all(0 <= delay <= bound for delay, bound in zip(delays, bounds, strict=True))
    assert max(delays) > 8


async def test_a_connection_that_held_starts_the_delays_anew(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    await open_facade()
    for _ in range(8):
        server.channel.lose()
        await clock.advance(0.5)
        server.welcome()
        await clock.advance(5)
    server.channel.lose()
    await clock.advance(0.5)
    assert len(server.transport.channels) == 10


async def test_a_flapping_server_is_not_hammered(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    await open_facade()
    for _ in range(40):
        await clock.advance(1.5)
        if server.channel.closed_with is None:
            server.welcome()
            server.channel.lose()
    assert len(server.transport.channels) < 20


async def test_a_server_that_says_nothing_is_left(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    await open_facade(welcome=False)
    await clock.advance(9.9)
    assert len(server.transport.channels) == 1
    await clock.advance(0.6)
    assert server.transport.channels[0].closed_with is not None
    assert len(server.transport.channels) == 2


async def test_a_silent_room_is_not_left(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    await clock.advance(3600)
    assert room.connected
    assert len(server.transport.channels) == 1


async def test_garbage_is_reported_and_the_connection_made_anew(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock, virtual_loop: VirtualLoop
) -> None:
    reported: list[dict[str, Any]] = []
    virtual_loop.set_exception_handler(lambda _, context: reported.append(context))
    room = await open_facade(codec="json")
    server.channel.feed(['{"type":"party.nonsense"}'])
    await clock.advance(0.5)
    assert "not a message" in reported[0]["message"]
    server.welcome()
    await clock.settle()
    assert room.connected


async def test_a_transport_that_fails_ends_the_facade_and_is_reported(
    clock: VirtualClock, virtual_loop: VirtualLoop
) -> None:
    class Broken:
        async def open(self, url: str, subprotocol: str) -> Channel:
            raise RuntimeError("a bug of the transport")

    reported: list[dict[str, Any]] = []
    virtual_loop.set_exception_handler(lambda _, context: reported.append(context))
    room: Facade[Any] = connect("ws://test", transport=Broken())
    with pytest.raises(Closed, match="a bug of the transport"):
        await room.ready
    assert "the façade failed" in reported[0]["message"]


async def test_a_write_that_fails_is_reported_and_the_connection_made_anew(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock, virtual_loop: VirtualLoop
) -> None:
    reported: list[dict[str, Any]] = []
    virtual_loop.set_exception_handler(lambda _, context: reported.append(context))
    room = await open_facade()

    async def fail(data: str | bytes) -> None:
        raise RuntimeError("cannot write")

    server.channel.send = fail  # type: ignore[method-assign]
    sending = asyncio.create_task(room.send("add"))
    await clock.settle()
    assert "could not be sent" in reported[0]["message"]
    assert server.channel.closed_with is not None
    server.channel.lose()  # as a closed channel does
    await clock.advance(0.5)
    server.welcome()
    await clock.settle()
    server.accept(str(server.channel.sends[0].id))
    assert (await sending).status == "accepted"


async def test_no_task_is_left_behind(
    open_facade: Open, server: ScriptedServer, clock: VirtualClock
) -> None:
    room = await open_facade()
    server.channel.lose()
    await clock.advance(1)
    await room.close()
    assert {task.get_name() for task in asyncio.all_tasks()} == {"test"}


@given(st.integers(0, 2**32), st.lists(st.sampled_from([1006, 4100, 4200]), max_size=40))
def test_any_delay_is_within_its_bounds(seed: int, codes: list[int]) -> None:
    backoff = Backoff(Random(seed))
    for failures, code in enumerate(codes):
        delay = backoff.delay(code)
        floor = 1.0 if code == 4100 else 0.0
        assert delay is not None
        assert floor <= delay <= floor + min(30.0, 0.5 * 2**failures)
