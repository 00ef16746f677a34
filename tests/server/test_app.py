"""The app as a part of others, and what it refuses to be made of."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from machine_party import MachineParty
from machine_party.backends.store import MemoryStore
from machine_party.errors import Bug
from machine_party.testing import VirtualClock
from tests.room.store import FaultyStore
from tests.server.asgi import Denied, connect, http
from tests.server.tally import Tally
from tests.server.test_http import check_envelope


def in_starlette(app: MachineParty) -> Any:
    return Starlette(routes=[Mount("/games", app=app)])


def in_fastapi(app: MachineParty) -> Any:
    parent = FastAPI()
    parent.mount("/games", app)
    return parent


PARENTS = pytest.mark.parametrize("parent", [in_starlette, in_fastapi])


@PARENTS
async def test_a_mounted_app_works_without_its_lifespan(clock: VirtualClock, parent: Any) -> None:
    app = MachineParty([Tally])
    outer = parent(app)
    async with http(outer) as client:
        made = (await client.post("/games/parties/tally", json={})).json()
        assert made["url"] == f"http://quiz.example/games/parties/tally/{made['room']}"
        check_envelope(await client.get("/games/parties/tally/nope"), 404, "not_found")
        check_envelope(await client.get("/games/nope"), 404, "not_found")
        check_envelope(await client.put("/games/parties/tally"), 405, "not_allowed")
        page = (await client.get("/games/")).text
        sheet = re.search('href="(/games/static/[^"]+/site/party.css)"', page)
        assert sheet
        assert (await client.get(sheet[1])).status_code == 200
        svg = await client.get(f"/games/parties/tally/{made['room']}/qr.svg")
        assert made["url"] in svg.text
    socket = await connect(outer, f"/games/parties/tally/{made['room']}")
    await socket.say({"type": "party.hello", "token": made["token"]})
    assert (await socket.hear())["audience"] == "host"
    await app.close()
    assert (await socket.hear_close()).code == 4202


@PARENTS
async def test_a_mounted_app_denies_foreign_pages(clock: VirtualClock, parent: Any) -> None:
    outer = parent(MachineParty([Tally]))
    with pytest.raises(Denied) as denied:
        await connect(outer, "/games/parties/tally/room", origin="https://evil.example")
    assert denied.value.status == 403


async def test_the_lifespan_closes_the_rooms(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    async with lifespan(app):
        socket = await connect(app)
        await socket.say({"type": "party.hello"})
        await socket.hear("party.snapshot.update")
    assert (await socket.hear_close()).code == 4202


@contextlib.asynccontextmanager
async def lifespan(app: MachineParty) -> AsyncIterator[None]:
    """What a server does around an app's life."""
    to_app: asyncio.Queue[Any] = asyncio.Queue()
    from_app: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.create_task(app(scope, to_app.get, from_app.put))
    to_app.put_nowait({"type": "lifespan.startup"})
    assert (await from_app.get())["type"] == "lifespan.startup.complete"
    yield
    to_app.put_nowait({"type": "lifespan.shutdown"})
    assert (await from_app.get())["type"] == "lifespan.shutdown.complete"
    await task


async def test_tokens_are_made_in_any_thread(clock: VirtualClock) -> None:
    """Where a web framework runs what is not async."""
    app = MachineParty([Tally])
    for _ in range(2):
        token = await asyncio.to_thread(app.token, "tally", "room", "ada")
        socket = await connect(app)
        await socket.say({"type": "party.hello", "token": token})
        assert (await socket.hear())["type"] == "party.welcome"


def test_another_event_loop_is_told_so_and_does_not_wait_for_ever() -> None:
    """What a test client does that makes a loop for each request."""
    app = MachineParty([Tally])

    async def make() -> str:
        async with http(app) as client:
            room: str = (await client.post("/parties/tally", json={})).json()["room"]
            return room

    with asyncio.Runner() as first, asyncio.Runner() as second:
        room = first.run(make())
        with pytest.raises(Bug, match="TestClient"):
            second.run(_look(app, room))
        first.run(app.close())


async def _look(app: MachineParty, room: str) -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://quiz.example") as client:
        await client.get(f"/parties/tally/{room}")


async def test_two_apps_in_one_process_share_nothing(clock: VirtualClock) -> None:
    one, two = MachineParty([Tally]), MachineParty([Tally])
    outer = Starlette(routes=[Mount("/one", app=one), Mount("/two", app=two)])
    async with http(outer) as client:
        made = (await client.post("/one/parties/tally", json={"room": "r"})).json()
        check_envelope(await client.get("/two/parties/tally/r"), 404, "not_found")
    socket = await connect(outer, "/two/parties/tally/r")
    await socket.say({"type": "party.hello", "token": made["token"]})
    assert (await socket.hear())["code"] == "bad_token"
    await one.close()
    await two.close()


async def test_guests_may_be_told_apart_by_a_tests_own_names(clock: VirtualClock) -> None:
    names = iter(["g:first", "g:second"])
    app = MachineParty([Tally], stranger=lambda: next(names))
    await connect(app)
    assert app.node.auth.credential("tally", "room", token=None).identity == "g:first"
    assert app.node.auth.credential("tally", "room", token=None).identity == "g:second"


async def test_an_app_that_nobody_used_lets_go_of_its_store_too(clock: VirtualClock) -> None:
    store = FaultyStore()
    async with lifespan(MachineParty([Tally], store=store, secret="a secret of the tests")):
        pass
    assert store.closed


def test_only_a_store_that_outlives_the_process_needs_a_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    MachineParty([Tally], store=MemoryStore())
    assert caplog.text == ""
    MachineParty([Tally], store=FaultyStore())
    assert "nobody can come back" in caplog.text


def test_parties_need_names_of_their_own() -> None:
    with pytest.raises(ValueError, match="same name"):
        MachineParty([Tally, Tally()])


def test_a_server_needs_a_party() -> None:
    with pytest.raises(ValueError, match="at least one party"):
        MachineParty([])


def test_wrong_settings_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="is not an origin"):
        MachineParty([Tally], allowed_origins=["quiz.example"])
    with pytest.raises(ValueError, match="at least 16"):
        MachineParty([Tally], secret="short")


async def test_the_same_seed_makes_the_same_rooms(clock: VirtualClock) -> None:
    members = []
    for _ in range(2):
        socket = await connect(MachineParty([Tally], seed="s"))
        await socket.say({"type": "party.hello"})
        members.append((await socket.hear())["member"])
    assert members[0] == members[1]
