"""Seats and events over HTTP: the answers are receipts, and as good as on a connection."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from machine_party import MachineParty
from machine_party.server import ServerLimits
from machine_party.testing import VirtualClock
from tests.room.store import FaultyStore
from tests.server.asgi import connect, http
from tests.server.tally import Arranged, Invited, Tally
from tests.server.test_http import JSON, bearer, check_envelope

ROOM = "/parties/tally/room"
SECRET = "a secret of the test server"


def app_of(**settings: Any) -> MachineParty:
    return MachineParty([Tally, Invited, Arranged], **settings)


async def seat(client: httpx.AsyncClient, room: str = ROOM, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"{room}/members", json=body)
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


async def post(
    client: httpx.AsyncClient, token: str, event: dict[str, Any], **more: Any
) -> httpx.Response:
    body = {"event": event, **more}
    return await client.post(f"{ROOM}/events", json=body, headers=bearer(token))


# -- seats -----------------------------------------------------------------------------------


async def test_somebody_takes_a_seat_without_a_connection(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        made = await seat(client, name="Ann", meta={"role": "screen"})
    assert set(made) == {"member", "role", "name", "token"}
    assert (made["role"], made["name"]) == ("screen", "Ann")
    (room,) = app.rooms.list()
    assert room.members[made["member"]].present


async def test_an_empty_body_is_enough_for_a_seat(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        assert (await client.post(f"{ROOM}/members", headers=JSON)).status_code == 201


async def test_who_asks_for_a_seat_says_no_more_than_in_a_hello(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        body = {"meta": {"note": "x" * 17_000}}
        check_envelope(await client.post(f"{ROOM}/members", json=body), 413, "too_large")


async def test_the_bearers_seat_is_theirs_wherever_they_took_it(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        made = await seat(client)
        again = await client.post(f"{ROOM}/members", json={}, headers=bearer(made["token"]))
        assert again.json() == {**made, "token": None}
    socket = await connect(app)
    await socket.say({"type": "party.hello", "token": made["token"]})
    assert (await socket.hear())["member"] == made["member"]


async def test_a_creator_sits_down_as_host(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        made = (await client.post("/parties/invited", json={})).json()
        answer = await client.post(
            f"/parties/invited/{made['room']}/members", json={}, headers=bearer(made["token"])
        )
    assert (answer.json()["role"], answer.json()["token"]) == ("host", None)


async def test_a_token_is_renewed_where_it_is_used(clock: VirtualClock) -> None:
    app = app_of(limits=ServerLimits(token_seconds=60))
    async with http(app) as client:
        made = await seat(client)
        await clock.advance(40)
        again = await client.post(f"{ROOM}/members", json={}, headers=bearer(made["token"]))
    assert again.json()["token"] not in (None, made["token"])


async def test_presence_over_http_is_a_grace_from_the_last_visit(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        made = await seat(client)
        (room,) = app.rooms.list()
        await post(client, made["token"], {"type": "increment"})  # else nobody keeps the room
        for _ in range(3):
            await clock.advance(Tally.grace * 0.8)
            assert room.members[made["member"]].present
            await client.get(ROOM, headers=bearer(made["token"]))
        await clock.advance(Tally.grace * 2.1)
        assert not room.members[made["member"]].present
        await post(client, made["token"], {"type": "increment"})
        await clock.settle()
        assert room.members[made["member"]].present


# -- events ----------------------------------------------------------------------------------


async def test_an_event_is_answered_by_its_receipt(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        token = (await seat(client))["token"]
        answer = await post(client, token, {"type": "increment", "by": 2}, id="web.1")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        receipt = answer.json()
        assert list(receipt) == ["id", "status", "version", "result", "code", "reason"]
        assert (receipt["id"], receipt["status"]) == ("web.1", "accepted")
        state = (await client.get(ROOM, headers=bearer(token))).json()
    assert state["snapshot"]["context"]["mine"] == 2
    assert state["version"] == receipt["version"]


async def test_the_same_id_again_is_a_duplicate_and_counts_once(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        token = (await seat(client))["token"]
        first, second = [
            (await post(client, token, {"type": "increment"}, id="web.1")).json() for _ in (1, 2)
        ]
        assert second == {**first, "status": "duplicate"}
        without = [(await post(client, token, {"type": "increment"})).json() for _ in (1, 2)]
        assert [answer["status"] for answer in without] == ["accepted"] * 2
        assert without[0]["id"] is None
        state = (await client.get(ROOM)).json()
    assert state["snapshot"]["context"]["count"] == 3


async def test_an_id_belongs_to_one_event(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        token = (await seat(client))["token"]
        first = await post(client, token, {"type": "increment", "by": 2}, id="web.1")
        for other in ({"type": "increment", "by": 5}, {"type": "increment"}, {"type": "nothing"}):
            answer = await post(client, token, other, id="web.1")
            error = check_envelope(answer, 409, "id_reused")
            assert error["path"] == "$.id"
        again = await post(client, token, {"by": 2, "type": "increment"}, id="web.1")
        assert again.json() == {**first.json(), "status": "duplicate"}
        state = (await client.get(ROOM)).json()
    assert state["snapshot"]["context"]["count"] == 2


async def test_an_event_of_a_socket_is_a_duplicate_over_http(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        token = (await seat(client))["token"]
        socket = await connect(app)
        await socket.say({"type": "party.hello", "token": token})
        event = {"type": "increment"}
        await socket.say({"type": "party.send", "id": "web.1", "event": event})
        await socket.hear("party.receipt")
        assert (await post(client, token, event, id="web.1")).json()["status"] == "duplicate"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"type": "close"}, "not_allowed"),
        ({"type": "nothing"}, "not_allowed"),
        ({"type": "party.hello"}, "not_allowed"),
        ({"type": "increment", "by": "many"}, "bad_request"),
        ({"type": "increment", "more": 1}, "bad_request"),
    ],
)
async def test_a_refusal_is_an_answer(clock: VirtualClock, event: Any, code: str) -> None:
    async with http(app_of()) as client:
        token = (await seat(client))["token"]
        answer = await post(client, token, event, id="web.1")
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    assert answer.json()["code"] == code
    assert answer.json()["reason"]


async def test_a_child_that_is_not_there_is_a_refusal(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        token = (await seat(client))["token"]
        answer = await post(client, token, {"type": "increment"}, actorId="nobody")
    assert answer.json()["code"] == "no_such_child"


async def test_an_identity_without_a_seat_is_seated_first(clock: VirtualClock) -> None:
    app = app_of()
    token = app.token("tally", "room", "ada", role="host", name="Ada")
    async with http(app) as client:
        assert (await post(client, token, {"type": "close"})).json()["status"] == "accepted"
    (room,) = app.rooms.list()
    assert [(member.name, member.role) for member in room.members.values()] == [("Ada", "host")]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "$"),
        ({"event": {}}, "$.event"),
        ({"event": {"type": ""}}, "$.event"),
        ({"event": {"type": 3}}, "$.event"),
        ({"event": "increment"}, "$.event"),
        ({"event": None}, "$.event"),
        ({"event": {"type": "increment"}, "id": "1"}, "$.id"),
        ({"event": {"type": "increment"}, "id": "web.0"}, "$.id"),
        ({"event": {"type": "increment"}, "id": 7}, "$.id"),
        ({"event": {"type": "increment"}, "actorId": 7}, "$.actorId"),
        ({"event": {"type": "increment"}, "actor_id": "x"}, "$"),
        ({"event": {"type": "increment", "__proto__": {}}}, "$.event"),
        ({"type": "increment"}, "$"),
    ],
)
async def test_a_body_that_is_no_event_is_refused_with_its_place(
    clock: VirtualClock, body: Any, path: str
) -> None:
    app = app_of()
    async with http(app) as client:
        token = app.token("tally", "room", "ada")
        answer = await client.post(f"{ROOM}/events", json=body, headers=bearer(token))
    assert check_envelope(answer, 400, "bad_request")["path"] == path


@pytest.mark.parametrize(
    "content",
    [
        b'{"event":{"type":"note","text":"%s"}}' % (b"x" * 16_384),
        b'{"event":{"type":"note","text":%s}}' % (b"[" * 20 + b"]" * 20),
        b'{"event":{"type":"note","text":[%s0]}}' % (b"0," * 2000),
    ],
)
async def test_an_event_is_bounded_as_a_message_is(clock: VirtualClock, content: bytes) -> None:
    app = app_of()
    headers = {**JSON, **bearer(app.token("tally", "room", "ada"))}
    async with http(app) as client:
        answer = await client.post(f"{ROOM}/events", content=content, headers=headers)
    check_envelope(answer, 413, "too_large")


async def test_events_need_a_token_that_counts_here(clock: VirtualClock) -> None:
    app = app_of()
    event = {"event": {"type": "increment"}}
    async with http(app) as client:
        await seat(client)
        check_envelope(await client.post(f"{ROOM}/events", json=event), 401, "unauthenticated")
        other = bearer(app.token("tally", "other", "ada"))
        wrong = await client.post(f"{ROOM}/events", json=event, headers=other)
        check_envelope(wrong, 401, "bad_token")
        evil = {**bearer(app.token("tally", "room", "ada")), "origin": "https://evil.example"}
        check_envelope(
            await client.post(f"{ROOM}/events", json=event, headers=evil), 403, "not_allowed"
        )


async def test_a_kicked_member_does_nothing_more(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        made = await seat(client)
        (room,) = app.rooms.list()
        await room.kick(made["member"])
        check_envelope(await post(client, made["token"], {"type": "increment"}), 403, "kicked")
        again = await client.post(f"{ROOM}/members", json={}, headers=bearer(made["token"]))
        check_envelope(again, 403, "kicked")


async def test_a_room_that_is_not_there_is_not_made_by_an_event(clock: VirtualClock) -> None:
    app = app_of()
    headers = bearer(app.token("invited", "room", "ada"))
    async with http(app) as client:
        for what, body in (("members", {}), ("events", {"event": {"type": "increment"}})):
            path = f"/parties/invited/room/{what}"
            check_envelope(await client.post(path, json=body, headers=headers), 404, "not_found")


# -- how often -------------------------------------------------------------------------------


async def test_a_member_posts_as_often_as_a_connection_sends(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        ada, ben = [(await seat(client))["token"] for _ in (1, 2)]
        for _ in range(app.limits.events_burst):
            assert (await post(client, ada, {"type": "increment"})).status_code == 200
        refused = await post(client, ada, {"type": "increment"}, id="web.1")
        error = check_envelope(refused, 429, "rate_limited")
        assert error["temporary"] is True
        assert (await post(client, ben, {"type": "increment"})).status_code == 200
        await clock.advance(error["retry_after"] + 0.001)
        # It was not looked at: the same id may be sent again.
        answer = await post(client, ada, {"type": "increment"}, id="web.1")
        assert answer.json()["status"] == "accepted"


# -- the store -------------------------------------------------------------------------------


async def test_what_is_not_stored_is_not_answered_with_a_receipt(clock: VirtualClock) -> None:
    store = FaultyStore()
    app = app_of(store=store, secret=SECRET)
    async with http(app) as client:
        token = (await seat(client))["token"]
        await post(client, token, {"type": "increment"}, id="web.1")
        store.down = True
        lost = await post(client, token, {"type": "increment"}, id="web.2")
        error = check_envelope(lost, 503, "store_unavailable")
        assert error["temporary"] is True
        assert "the store is down" not in lost.text
        store.down = False
        await clock.advance(error["retry_after"] + 1)
        again = await post(client, token, {"type": "increment"}, id="web.2")
        assert again.json()["status"] == "accepted"
        state = (await client.get(ROOM)).json()
    assert state["snapshot"]["context"]["count"] == 2


async def test_what_was_stored_although_its_answer_was_lost_counts_once(
    clock: VirtualClock,
) -> None:
    store = FaultyStore()
    app = app_of(store=store, secret=SECRET)
    async with http(app) as client:
        token = (await seat(client))["token"]
        await post(client, token, {"type": "increment"}, id="web.1")
        store.faults = ["lies"]
        lost = await post(client, token, {"type": "increment", "by": 10}, id="web.2")
        error = check_envelope(lost, 503, "store_unavailable")
        assert "not known whether this was stored" in error["reason"]
        await clock.advance(error["retry_after"] + 1)
        again = await post(client, token, {"type": "increment", "by": 10}, id="web.2")
        assert again.json()["status"] == "duplicate"
        state = (await client.get(ROOM)).json()
    assert state["snapshot"]["context"]["count"] == 11


async def test_a_receipt_waits_for_the_store(clock: VirtualClock) -> None:
    store = FaultyStore()
    app = app_of(store=store, secret=SECRET)
    async with http(app) as client:
        token = (await seat(client))["token"]
        await post(client, token, {"type": "increment"})
        store.hold()
        posting = asyncio.create_task(post(client, token, {"type": "increment"}))
        await clock.settle()
        assert not posting.done()
        store.release()
        assert (await posting).json()["status"] == "accepted"


async def test_a_room_that_ends_meanwhile_is_opened_anew(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        token = (await seat(client))["token"]
        await post(client, token, {"type": "increment"}, id="web.1")
        (room,) = app.rooms.list()
        closing = asyncio.create_task(room.close())
        answer = await post(client, token, {"type": "increment"}, id="web.2")
        await closing
        assert answer.json()["status"] == "accepted"
        state = (await client.get(ROOM)).json()
    assert state["snapshot"]["context"]["count"] == 2
    assert app.rooms.list() != [room]
