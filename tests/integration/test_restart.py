"""Façades through restarts of a real server: nothing counts twice, nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import pytest

from client_facade import Facade, connect
from machine_party import MachineParty
from machine_party.backends.store import MemoryStore
from machine_party.server import ServerLimits
from tests.server.network import run, served, until
from tests.server.tally import Tally

pytestmark = [pytest.mark.socket, pytest.mark.slow]

PLAYERS, EVENTS, RESTARTS = 4, 60, 3
QUICK = ServerLimits(events_per_second=1e5, events_burst=100_000)


def new_app(store: MemoryStore) -> MachineParty:
    return MachineParty([Tally], store=store, secret="a secret of the tests", limits=QUICK)


def player(port: str, number: int) -> Facade[dict[str, int]]:
    url = f"http://127.0.0.1:{port}/parties/tally/room?_pk=player-number-{number}-secret"
    facade: Facade[dict[str, int]] = connect(url)
    return facade


def test_every_event_counts_once_whenever_the_server_ends() -> None:
    async def main() -> None:
        store = MemoryStore()
        async with contextlib.AsyncExitStack() as stack:
            running = await stack.enter_async_context(contextlib.AsyncExitStack())
            place, _ = await running.enter_async_context(served(new_app(store)))
            port = place.split(":")[1]
            players = [player(port, number) for number in range(PLAYERS)]
            for one in players:
                stack.push_async_callback(one.close)
                await one.ready
            playing = [asyncio.create_task(increments(one)) for one in players]
            for turn in range(1, RESTARTS + 1):
                goal = PLAYERS * EVENTS * turn // (RESTARTS + 1)
                await players[0].wait_for(lambda s, goal=goal: s.context["count"] >= goal, 10)  # type: ignore[misc]
                await running.aclose()
                await running.enter_async_context(served(new_app(store), port=int(port)))
            answers = [answer for task in playing for answer in await task]
            assert set(answers) <= {"accepted", "duplicate"}
            total = PLAYERS * EVENTS
            assert len(answers) == total
            await players[0].wait_for(lambda snapshot: snapshot.context["count"] >= total, 10)
            assert players[0].context["count"] == total
            assert [one.context["mine"] for one in players] == [EVENTS] * PLAYERS

    run(main())


async def increments(facade: Facade[dict[str, int]]) -> list[str]:
    return [(await facade.send("increment")).status for _ in range(EVENTS)]


def test_a_server_that_is_gone_is_looked_for_until_the_facade_is_closed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        told: list[bool] = []
        before = asyncio.all_tasks()
        async with served(new_app(MemoryStore())) as (place, _):
            facade = player(place.split(":")[1], 1)
            facade.on_connection(told.append)
            await facade.ready
        await until(lambda: told == [True, False])
        sending = asyncio.create_task(facade.send("increment"))
        await until(lambda: facade._connection._backoff._failures >= 2)
        assert not sending.done()
        await facade.close()
        assert isinstance((await asyncio.gather(sending, return_exceptions=True))[0], Exception)
        assert asyncio.all_tasks() == before

    run(main())
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []
