"""Rooms over HTTP: made, listed, looked at; and one envelope around everything that goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from msgspec import Struct

from machine_party import MachineParty, Member, Snapshot
from machine_party.errors import StoreUnavailable
from machine_party.server import ServerLimits
from machine_party.testing import VirtualClock
from tests.server.asgi import connect, http
from tests.server.tally import Arranged, Context, Invited, Shared, Tally

GUESS = "/parties/invited/nobody"
JSON = {"content-type": "application/json"}


class Settings(Struct):
    rounds: int = 3


class Quiz(Invited):
    Input = Settings


def app_of(**settings: Any) -> MachineParty:
    return MachineParty([Tally, Invited, Arranged, Quiz], **settings)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def check_envelope(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Every error has this form, and these headers."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert {"code", "reason", "temporary"} <= set(error)
    assert set(error) <= {"code", "reason", "temporary", "retry_after", "path"}
    assert error["code"] == code
    assert error["reason"]
    assert ("retry_after" in error) == ("retry-after" in answer.headers)
    return error


# -- making ----------------------------------------------------------------------------------


async def test_a_room_is_made_and_its_creator_is_host(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        answer = await client.post("/parties/invited", json={})
    made = answer.json()
    assert answer.status_code == 201
    assert set(made) == {"party", "room", "role", "token", "url"}
    assert len(made["room"]) == 6
    assert made["url"] == f"http://quiz.example/parties/invited/{made['room']}"
    assert answer.headers["location"] == made["url"]
    host = await connect(app, f"/parties/invited/{made['room']}")
    await host.say({"type": "party.hello", "token": made["token"]})
    assert (await host.hear())["audience"] == "host"


async def test_a_room_gets_its_input_and_its_name(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        answer = await client.post("/parties/quiz", json={"room": "mine", "input": {"rounds": 5}})
        assert answer.json()["room"] == "mine"
        again = await client.post("/parties/quiz", json={"room": "mine"})
        error = check_envelope(again, 409, "bad_request")
        assert error["path"] == "$.room"
        wrong = await client.post("/parties/quiz", json={"input": {"rounds": "many"}})
        assert check_envelope(wrong, 400, "bad_request")["path"] == "$.input.rounds"


async def test_an_empty_body_is_enough(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        assert (await client.post("/parties/invited", headers=JSON)).status_code == 201
        assert (await client.post("/parties/invited")).status_code == 201, "of no type, too"


async def test_a_media_type_has_no_case(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        for kind in ("Application/JSON", "application/json; charset=utf-8"):
            headers = {"content-type": kind}
            made = await client.post("/parties/invited", content=b"{}", headers=headers)
            assert made.status_code == 201


async def test_an_address_makes_so_many_rooms_a_minute(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client, http(app, ("127.0.0.1", 1)) as home:
        for _ in range(5):
            assert (await client.post("/parties/invited", json={})).status_code == 201
        sixth = await client.post("/parties/invited", json={})
        error = check_envelope(sixth, 429, "rate_limited")
        assert (error["temporary"], error["retry_after"]) == (True, 60.0)
        assert sixth.headers["retry-after"] == "60"
        assert (await home.post("/parties/invited", json={})).status_code == 201


async def test_requests_that_wait_for_each_other_make_no_more_rooms(clock: VirtualClock) -> None:
    app = app_of(limits=ServerLimits(rooms_per_minute=2))
    go = asyncio.Event()
    async with http(app) as client:
        posts = [
            asyncio.create_task(
                client.post("/parties/invited", content=_Slow(go, b"{}"), headers=JSON)
            )
            for _ in range(10)
        ]
        await clock.settle()
        go.set()
        codes = sorted([(await post).status_code for post in posts])
    assert codes == [201] * 2 + [429] * 8
    assert len(app.rooms.list()) == 2


async def test_a_body_that_does_not_come_is_not_waited_for(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        posting = asyncio.create_task(
            client.post("/parties/invited", content=_Slow(asyncio.Event()), headers=JSON)
        )
        await clock.advance(29)
        assert not posting.done()
        await clock.advance(2)
        answer = await posting
    check_envelope(answer, 408, "bad_request")
    assert answer.headers["connection"] == "close"


class _Slow(httpx.AsyncByteStream):
    """A body that is sent when `go` is set."""

    def __init__(self, go: asyncio.Event, body: bytes = b"") -> None:
        self._go, self._body = go, body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await self._go.wait()
        yield self._body


async def test_an_address_has_so_many_live_rooms(clock: VirtualClock) -> None:
    app = app_of(limits=ServerLimits(rooms_per_address=2))
    async with http(app) as client:
        made = [(await client.post("/parties/invited", json={})).json() for _ in range(2)]
        check_envelope(await client.post("/parties/invited", json={}), 429, "rate_limited")
        room = await app.rooms.get("invited", made[0]["room"])
        assert room is not None
        await room.close()
        await clock.settle()
        assert (await client.post("/parties/invited", json={})).status_code == 201


async def test_some_rooms_are_made_by_the_operator_only(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        check_envelope(await client.post("/parties/arranged", json={}), 401, "unauthenticated")
        player = bearer(app.token("arranged", "room", "ada", role="host"))
        refused = await client.post("/parties/arranged", json={}, headers=player)
        check_envelope(refused, 401, "bad_token")
        operator = bearer(app.service_token("arranged"))
        for _ in range(10):
            answer = await client.post("/parties/arranged", json={}, headers=operator)
            assert answer.status_code == 201


# -- looking ---------------------------------------------------------------------------------


async def test_a_room_as_anybody_sees_it(clock: VirtualClock) -> None:
    app = app_of()
    socket = await connect(app, query="_pk=a-secret-of-its-own")
    await socket.say({"type": "increment", "by": 7})
    await socket.hear("party.snapshot.patch")
    async with http(app) as client:
        answer = await client.get("/parties/tally/room")
    state = answer.json()
    assert answer.headers["cache-control"] == "private, no-cache"
    assert set(state) == {"party", "room", "audience", "epoch", "version", "now", "snapshot"}
    assert state["now"] == int(app.node.clock.now() * 1000)
    assert state["snapshot"]["context"] == {"count": 7, "note": ""}


async def test_a_room_as_a_member_sees_it(clock: VirtualClock) -> None:
    app = app_of()
    token = app.token("tally", "room", "ada", role="screen")
    socket = await connect(app)
    await socket.say({"type": "party.hello", "token": token})
    await socket.hear("party.snapshot.update")
    async with http(app) as client:
        state = (await client.get("/parties/tally/room", headers=bearer(token))).json()
        assert state["audience"] == "screen"
        assert state["snapshot"]["context"]["role"] == "screen"
        lower = {"authorization": f"bearer {token}"}
        assert (await client.get("/parties/tally/room", headers=lower)).json() == state


class Teams(Invited):
    """Its audiences are not its roles."""

    def audience(self, member: Member) -> str:
        return f"{member.role}s"

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
        return Shared(count=0, note=f"for {audience}")


async def test_anybody_sees_what_the_party_has_for_its_first_open_role(clock: VirtualClock) -> None:
    app = MachineParty([Teams])
    await app.rooms.create("teams", "room")
    async with http(app) as client:
        state = (await client.get("/parties/teams/room")).json()
    assert state["audience"] == "players"
    assert state["snapshot"]["context"]["note"] == "for players"


async def test_looking_makes_no_room_and_takes_no_seat(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        check_envelope(await client.get("/parties/tally/room"), 404, "not_found")
        made = (await client.post("/parties/tally", json={})).json()
        await client.get(f"/parties/tally/{made['room']}", headers=bearer(made["token"]))
    (room,) = app.rooms.list()
    assert not room.members


async def test_guessing_over_http_counts_like_guessing_over_sockets(clock: VirtualClock) -> None:
    app = app_of(limits=ServerLimits(failed_joins_per_minute=2))
    async with http(app) as client:
        check_envelope(await client.get(GUESS), 404, "not_found")
        check_envelope(await client.get(GUESS, headers=bearer("x")), 401, "bad_token")
        check_envelope(await client.get(GUESS), 429, "rate_limited")
        named = await client.post("/parties/invited", json={"room": "nobody"})
        check_envelope(named, 429, "rate_limited")
    socket = await connect(app, GUESS)
    await socket.say({"type": "party.hello"})
    assert (await socket.hear_close()).code == 4103


async def test_a_party_tells_what_it_is_and_its_operator_which_rooms(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        room = (await client.post("/parties/invited", json={})).json()["room"]
        anybody = (await client.get("/parties/invited")).json()
        assert anybody == {
            "party": "invited", "creation": "request", "open_roles": ["player", "screen"],
        }  # fmt: skip
        operator = bearer(app.service_token("invited"))
        assert (await client.get("/parties/invited", headers=operator)).json()["rooms"] == [room]


# -- what goes wrong -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/nothing", {}, 404, "not_found"),
        ("GET", "/parties/nothing", {}, 404, "not_found"),
        ("GET", "/parties/nothing/room", {}, 404, "not_found"),
        ("GET", "/parties/tally/%20", {}, 404, "not_found"),
        ("GET", "/parties/nothing/room/qr.svg", {}, 404, "not_found"),
        ("GET", "/parties/nothing/room/events", {}, 404, "not_found"),
        ("GET", "/parties/tally/room/members", {}, 405, "not_allowed"),
        ("DELETE", "/parties/tally/room/events", {}, 405, "not_allowed"),
        ("POST", "/parties/nothing/room/members", {"json": {}}, 404, "not_found"),
        ("POST", "/parties/tally/room/members", {"json": {"nam": "x"}}, 400, "bad_request"),
        ("POST", "/parties/tally/room/members", {"json": {"name": ""}}, 400, "bad_request"),
        ("POST", "/parties/tally/room/members", {"json": {"meta": 1}}, 400, "bad_request"),
        (
            "POST", "/parties/tally/room/members",
            {"json": {"meta": {"role": "host"}}}, 403, "not_allowed",
        ),
        ("POST", "/parties/tally/room/members", {"content": b"{}"}, 415, "bad_request"),
        ("POST", "/parties/tally/room/events", {"json": {}}, 401, "unauthenticated"),
        ("GET", "/static/nothing.css", {}, 404, "not_found"),
        ("DELETE", "/parties/tally", {}, 405, "not_allowed"),
        ("POST", "/parties/tally/room", {}, 405, "not_allowed"),
        ("POST", "/parties/nothing", {"json": {}}, 404, "not_found"),
        ("POST", "/parties/tally", {"content": b"{}"}, 415, "bad_request"),
        ("POST", "/parties/tally", {"data": {"a": "b"}}, 415, "bad_request"),
        ("POST", "/parties/tally", {"content": b"{", "headers": JSON}, 400, "bad_request"),
        ("POST", "/parties/tally", {"json": []}, 400, "bad_request"),
        ("POST", "/parties/tally", {"json": {"rooom": "x"}}, 400, "bad_request"),
        ("POST", "/parties/tally", {"json": {"room": "a/b"}}, 400, "bad_request"),
        ("POST", "/parties/tally", {"json": {"input": {"x": 1}}}, 400, "bad_request"),
        ("POST", "/parties/tally", {"content": b'{"a":NaN}', "headers": JSON}, 400, "bad_request"),
        (
            "POST", "/parties/tally",
            {"content": b'{"room":"a","room":"b"}', "headers": JSON}, 400, "bad_request",
        ),
        ("POST", "/parties/tally", {"content": b" " * 300_000, "headers": JSON}, 413, "too_large"),
        ("POST", "/parties/tally", {"content": b"[" * 2000, "headers": JSON}, 413, "too_large"),
        (
            "POST", "/parties/tally",
            {"json": {}, "headers": {"origin": "https://evil.example"}}, 403, "not_allowed",
        ),
        (
            "GET", "/parties/tally/room/events",
            {"headers": {"sec-fetch-site": "cross-site"}}, 403, "not_allowed",
        ),
        ("HEAD", "/parties/nothing/room/events", {}, 404, None),
        (
            "HEAD", "/parties/tally/room/events",
            {"headers": {"authorization": "Bearer x.y.z"}}, 401, None,
        ),
        (
            "GET", "/parties/tally/room",
            {"headers": {"authorization": "Basic YTpi"}}, 401, "unauthenticated",
        ),
        (
            "GET", "/parties/tally/room",
            {"headers": {"authorization": "Bearer x.y.z"}}, 401, "bad_token",
        ),
    ],
)  # fmt: skip
async def test_every_error_is_in_one_envelope(
    clock: VirtualClock,
    method: str,
    path: str,
    options: dict[str, Any],
    status: int,
    code: str | None,
) -> None:
    async with http(app_of()) as client:
        answer = await client.request(method, path, **options)
    if code is None:
        assert answer.status_code == status
    else:
        check_envelope(answer, status, code)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"name": " "}, "?name"),
        ({"role": "king"}, "?role"),
        ({"sections": "zz"}, "?sections"),
        ({"mode": "zz"}, "?mode"),
    ],
)
async def test_a_refused_stream_says_where_in_the_address(
    clock: VirtualClock, query: dict[str, str], path: str
) -> None:
    async with http(app_of()) as client:
        answer = await client.get("/parties/tally/room/events", params=query)
    assert answer.json()["error"]["path"] == path


async def test_a_method_that_is_not_allowed_names_those_that_are(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        answer = await client.delete("/parties/tally/room")
    assert answer.headers["allow"] == "GET, HEAD" or answer.headers["allow"] == "HEAD, GET"


async def test_who_needs_a_token_is_told_how_to_give_it(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        answer = await client.post("/parties/arranged", json={})
    assert answer.headers["www-authenticate"] == "Bearer"


class Broken(Invited):
    def audience(self, member: Any) -> str:
        raise RuntimeError("hunter2")


class Unreachable:
    """A store that does not answer."""

    def __getattr__(self, name: str) -> Any:
        async def fail(*arguments: Any) -> None:
            raise StoreUnavailable("db.internal:5432 refused")

        return fail


async def test_our_own_failure_says_nothing_of_its_cause(clock: VirtualClock) -> None:
    app = MachineParty([Broken])
    async with http(app) as client:
        made = (await client.post("/parties/broken", json={})).json()
        room = await app.rooms.get("broken", made["room"])
        assert room is not None
        answer = await client.post("/parties/broken", content=_Bomb(), headers=JSON)
    check_envelope(answer, 500, "error")
    assert "hunter2" not in answer.text


class _Bomb(httpx.AsyncByteStream):
    """A body whose reading fails."""

    async def __aiter__(self) -> Any:
        raise RuntimeError("hunter2")
        yield b""


async def test_a_store_that_does_not_answer_is_temporary(clock: VirtualClock) -> None:
    app = app_of(store=Unreachable(), secret="a secret of the test server")
    async with http(app) as client:
        answer = await client.get("/parties/tally/room")
    error = check_envelope(answer, 503, "store_unavailable")
    assert error["temporary"] is True
    assert "db.internal" not in answer.text
    socket = await connect(app)
    await socket.say({"type": "party.hello"})
    assert (await socket.hear())["code"] == "store_unavailable"
    assert (await socket.hear_close()).code == 4104
