"""The JavaScript façade against the real server, beside the Python one: both see the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from client_facade import Facade, connect
from games.counter import Counter
from games.trivia import Trivia
from machine_party import MachineParty
from tests.integration.node import DEADLINE, ROOT, node_client, require_node, wire_to
from tests.room.store import Fault, FaultyStore
from tests.server.network import run, serving, until

pytestmark = [pytest.mark.socket, pytest.mark.slow]

CODECS = pytest.mark.parametrize("codec", ["msgpack", "json"])


@pytest.fixture(autouse=True)
def _node() -> None:
    require_node()


def new_app() -> MachineParty:
    return MachineParty([Counter, Trivia], secret="a secret of the tests")


@CODECS
def test_both_clients_see_the_same_counter(codec: str) -> None:
    async def main() -> None:
        async with serving(new_app()) as place:
            url = f"http://{place}/parties/counter/room"
            async with connect(url) as ada, node_client(url, codec=codec, name="Bob") as bob:
                assert await bob.ask("ready") not in (None, ada.member)
                receipt = await bob.ask("send", {"type": "increment", "by": 2})
                assert receipt["status"] == "accepted"
                assert (await bob.ask("show"))["context"] == {"count": 2, "mine": 2}
                await ada.send("increment", by=3)
                await bob.ask("until", {"context": {"count": 5, "mine": 2}})
                await ada.wait_for(lambda snapshot: snapshot.context["count"] == 5, 5)
                refused = await bob.ask("send", {"type": "increment", "by": 1000})
                assert (refused["status"], refused["code"]) == ("rejected", "bad_request")
                assert abs(await bob.ask("serverNow") - time.time() * 1000) < 1000

    run(main())


@CODECS
def test_both_clients_see_the_same_trivia(codec: str) -> None:
    async def main() -> None:
        app = new_app()
        async with serving(app) as place:
            await app.rooms.create("trivia", "quiz")
            url = f"http://{place}/parties/trivia/quiz"
            async with (
                connect(url, name="Ada") as ada,
                node_client(url, codec=codec, name="Bob") as bob,
            ):
                await bob.ask("ready")
                await bob.ask("send", {"type": "ready"})
                await ada.send("ready")
                await bob.ask("until", {"value": "countdown"})
                await ada.wait_for(lambda snapshot: snapshot.matches("countdown"), 5)
                shown = await bob.ask("show")
                assert shared_of(shown["context"]) == shared_of(ada.context)
                assert set(shown["context"]) == set(ada.context)
                assert [shown["tags"], shown["status"]] == [sorted(ada.tags), ada.status]
                assert set(shown["can"]) == set(ada.snapshot.events)

    run(main())


def shared_of(context: Any) -> dict[str, Any]:
    """The parts that are the same for every member."""
    return {key: context[key] for key in ("players", "step") if key in context}


@CODECS
def test_a_cut_wire_is_resumed_and_nothing_counts_twice(codec: str) -> None:
    async def main() -> None:
        async with serving(new_app()) as place, wire_to(place) as (through, wire):
            path = "/parties/counter/room"
            async with (
                connect(f"http://{place}{path}") as ada,
                node_client(f"ws://{through}{path}", codec=codec) as bob,
            ):
                member = await bob.ask("ready")
                sends = []
                for _ in range(5):
                    sends += [bob.start("send", {"type": "increment"}) for _ in range(3)]
                    await ada.send("increment")
                    wire.cut()
                    before = wire.connections
                    sends += [bob.start("send", {"type": "increment"})]
                    await until(lambda before=before: wire.connections > before)  # type: ignore[misc]
                answers = await asyncio.wait_for(asyncio.gather(*sends), 20)
                assert {answer["status"] for answer in answers} <= {"accepted", "duplicate"}
                await bob.ask("until", {"context": {"count": 25, "mine": 20}})
                assert await bob.ask("ready") == member
                await ada.wait_for(lambda snapshot: snapshot.context["count"] == 25, 5)
                assert set(bob.told) == {"connected", "reconnecting"}  # and no conflicts

    run(main())


@pytest.mark.parametrize("fault", ["fails", "lies"])
def test_an_event_counts_once_whatever_the_store_said(fault: Fault) -> None:
    async def main() -> None:
        store = FaultyStore()
        app = MachineParty([Counter], store=store, secret="a secret of the tests")
        async with serving(app) as place:
            url = f"http://{place}/parties/counter/room"
            async with connect(url) as ada, node_client(url) as bob:
                await bob.ask("ready")
                for client in (lambda: bob.ask("send", {"type": "increment"}), increment(ada)):
                    await client()
                    store.faults = [fault]
                    await client()
                await bob.ask("until", {"context": {"count": 4, "mine": 2}})
                await ada.wait_for(lambda snapshot: snapshot.context == {"count": 4, "mine": 2}, 5)

    run(main())


def increment(facade: Facade[Any]) -> Callable[[], Awaitable[Any]]:
    return lambda: facade.send("increment")


@CODECS
def test_an_event_that_is_too_large_is_refused_and_no_end(codec: str) -> None:
    async def main() -> None:
        async with (
            serving(new_app()) as place,
            node_client(f"ws://{place}/parties/counter/room", codec=codec) as bob,
        ):
            await bob.ask("ready")
            with pytest.raises(AssertionError, match="TypeError: event"):
                await bob.ask("send", {"type": "increment", "by": "x" * 20_000})
            assert (await bob.ask("send", {"type": "increment"}))["status"] == "accepted"
            assert bob.told == ["connected"]

    run(main())


def test_a_dead_wire_is_found_within_seconds() -> None:
    async def main() -> None:
        async with (
            serving(new_app()) as place,
            wire_to(place) as (through, wire),
            node_client(f"ws://{through}/parties/counter/room") as bob,
        ):
            await bob.ask("ready")
            wire.deaden()
            before = time.monotonic()
            receipt = await bob.ask("send", {"type": "increment"})
            assert receipt["status"] == "accepted"
            assert 5.5 < time.monotonic() - before < 9
            assert wire.connections == 2

    run(main())


@CODECS
def test_who_is_removed_is_told_and_does_not_come_back(codec: str) -> None:
    async def main() -> None:
        app = new_app()
        async with serving(app) as place:
            await app.rooms.create("trivia", "quiz")
            url = f"http://{place}/parties/trivia/quiz"
            token = app.token("trivia", "quiz", "the-host", role="host", name="Ada")
            host: Facade[Any] = connect(url, token=token)
            async with host, node_client(url, codec=codec, name="Bob") as bob:
                member = await bob.ask("ready")
                closed = bob.start("closed")
                assert (await host.send("remove", member=member)).status == "accepted"
                error = await asyncio.wait_for(closed, 5)
                assert (error["name"], error["closeCode"]) == ("Closed", 4006)
                assert "removed" in error["reason"]
                assert bob.told == ["connected", "closed"]

    run(main())


def test_a_room_that_is_not_there_is_final() -> None:
    async def main() -> None:
        async with (
            serving(new_app()) as place,
            node_client(f"ws://{place}/parties/trivia/nowhere") as bob,
        ):
            error = await bob.ask("closed")
            assert (error["code"], error["closeCode"]) == ("not_found", 4010)

    run(main())


def test_the_examples_of_its_readme_run() -> None:
    async def main() -> None:
        async with serving(new_app()) as place:
            script = str(ROOT / "tests/client_js/live/readme.js")
            process = await asyncio.create_subprocess_exec("node", script, place, cwd=ROOT)
            try:
                assert await asyncio.wait_for(process.wait(), DEADLINE) == 0
            finally:
                if process.returncode is None:
                    process.kill()

    run(main())
