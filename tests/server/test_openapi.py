"""`/openapi.json`: it is valid, and what the server answers is as it says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, ValidationError
from msgspec import Struct, defstruct
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from games.counter import Counter
from games.trivia import Trivia
from machine_party import ClientEvent, MachineParty, Snapshot
from machine_party.server.openapi import description
from machine_party.testing import VirtualClock
from tests.core.everything import Everything
from tests.server.asgi import http
from tests.server.tally import Arranged, Context, Invited, Tally
from tests.server.test_http import bearer


class QuickCounter(Counter):
    """Its commits wait for nothing: no test has to let time pass."""

    name = "counter"
    patch_interval = 0.0


class QuickTrivia(Trivia):
    name = "trivia"
    patch_interval = 0.0


PARTIES = (Counter, Trivia, Tally, Invited, Arranged)


class Said:
    """What a description says, as a check of answers."""

    def __init__(self, text: dict[str, Any]) -> None:
        self.text = text

    def operation(self, path: str, method: str) -> dict[str, Any]:
        found: dict[str, Any] = self.text["paths"][path][method]
        return found

    def check(self, answer: httpx.Response, path: str) -> Any:
        """Fails unless the answer is one of those that are described; its body."""
        operation = self.operation(path, answer.request.method.lower())
        response = operation["responses"][str(answer.status_code)]
        for name in response.get("headers", {}):
            assert name in answer.headers
        if "content" in response:
            kind = answer.headers["content-type"].partition(";")[0]
            schema = response["content"][kind]["schema"]
            self.validate(answer.json(), schema)
            return answer.json()
        return None

    def check_sent(self, body: Any, path: str) -> None:
        """Fails unless such a body may be sent there."""
        content = self.operation(path, "post")["requestBody"]["content"]
        self.validate(body, content["application/json"]["schema"])

    def validate(self, value: Any, schema: dict[str, Any]) -> None:
        whole = {**schema, "components": self.text["components"]}
        Draft202012Validator(whole).validate(value)


async def said(client: httpx.AsyncClient) -> Said:
    answer = await client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return Said(answer.json())


async def test_it_is_valid_for_every_party(clock: VirtualClock) -> None:
    async with http(MachineParty([*PARTIES, Everything])) as client:
        text = (await said(client)).text
    validate(text)
    assert text["openapi"].startswith("3.1")
    for schema in text["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_a_description_that_is_wrong_is_not_valid() -> None:
    text = description([Counter()], "")
    text["paths"]["/parties/counter/{room}"]["get"]["parameters"][0]["in"] = "nowhere"
    with pytest.raises(OpenAPIValidationError):
        validate(text)


async def test_it_has_every_address_and_method(clock: VirtualClock) -> None:
    app = MachineParty([Counter], pages=False)
    async with http(app) as client:
        text = (await said(client)).text
    described = {
        (path.replace("/counter", "/{party}", 1), method.upper())
        for path, item in text["paths"].items()
        for method in item
        if method != "parameters"
    }
    routed = {
        (route.path, method)  # type: ignore[attr-defined]
        for route in app._app.routes
        for method in getattr(route, "methods", None) or ()
        if method != "HEAD"
    }
    assert described == routed


async def test_what_the_counter_answers_is_as_described(clock: VirtualClock) -> None:
    async with http(MachineParty([QuickCounter])) as client:
        it = await said(client)
        base, room = "/parties/counter", "/parties/counter/{room}"
        it.check(await client.get(base), base)
        made = it.check(await client.post(base, json={}), base)
        here = f"{base}/{made['room']}"
        seat = it.check(await client.post(f"{here}/members", json={}), f"{room}/members")
        me = bearer(seat["token"])
        for event in (
            {"type": "increment", "by": 2},
            {"type": "increment", "by": 0},
            {"type": "x"},
        ):
            sent = await client.post(f"{here}/events", json={"event": event}, headers=me)
            it.check(sent, f"{room}/events")
        for headers in ({}, me):
            seen = await client.get(here, headers=headers)
            it.check(seen, room)
            tag = {**headers, "if-none-match": seen.headers["etag"]}
            assert (await client.get(here, headers=tag)).status_code == 304
        it.check(await client.get(f"{base}/none"), room)
        it.check(await client.get(f"{here}?wait=x"), room)
        it.check(await client.post(f"{here}/events", json={}), f"{room}/events")
        it.check(await client.post(f"{here}/members", json={"nam": 1}), f"{room}/members")
        it.check(await client.post(base, json={"room": made["room"]}), base)


async def test_a_game_of_trivia_is_as_described(clock: VirtualClock) -> None:
    async with http(MachineParty([QuickTrivia])) as client:
        it = await said(client)
        base, room = "/parties/trivia", "/parties/trivia/{room}"
        made = it.check(await client.post(base, json={"input": {"seed": 1}}), base)
        here, host = f"{base}/{made['room']}", bearer(made["token"])
        await client.post(f"{here}/members", json={}, headers=host)
        players = [
            bearer(
                it.check(await client.post(f"{here}/members", json={}), f"{room}/members")["token"]
            )
            for _ in range(2)
        ]
        await _send(it, client, here, host, {"type": "start"})
        seen = set()
        for _ in range(40):
            await clock.advance(3)
            for who in (*players, host, {}):
                document = it.check(await client.get(here, headers=who), room)["snapshot"]
                seen.add(str(document["value"]))
            question = document["context"]["question"]
            if question is not None:
                event = {"type": "answer", "question": question["id"], "text": "4"}
                await _send(it, client, here, players[0], event)
        assert len(seen) > 3, "the game did not go on"


async def _send(
    it: Said, client: httpx.AsyncClient, here: str, who: dict[str, str], event: dict[str, Any]
) -> None:
    body = {"event": event}
    it.check_sent(body, "/parties/trivia/{room}/events")
    it.check(
        await client.post(f"{here}/events", json=body, headers=who),
        "/parties/trivia/{room}/events",
    )


async def test_what_may_be_sent_is_what_is_taken(clock: VirtualClock) -> None:
    async with http(MachineParty([Counter])) as client:
        it = await said(client)
    path = "/parties/counter/{room}/events"
    it.check_sent({"event": {"type": "increment"}, "id": "web.1", "actorId": None}, path)
    wrongs: list[dict[str, Any]] = [
        {},
        {"event": {}},
        {"event": {"type": "nothing"}},
        {"event": {"type": "increment", "by": 0}},
        {"event": {"type": "increment", "to": 1}},
        {"event": {"type": "increment"}, "id": "1"},
        {"event": {"type": "increment"}, "more": 1},
    ]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            it.check_sent(wrong, path)


def test_it_says_who_may_send_what() -> None:
    schemas = description([Tally()], "")["components"]["schemas"]
    assert schemas["tally.event.close"]["x-roles"] == ["host"]
    assert schemas["tally.event.increment"]["x-roles"] == ["player", "host"]
    assert "May be sent by: host." in schemas["tally.event.close"]["description"]


def test_two_types_of_one_name_stay_two() -> None:
    first = defstruct("Reply", [("text", str)], module="one")
    second = defstruct("Reply", [("number", int)], module="other")

    class Increment(ClientEvent):
        reply = first

    class Note(ClientEvent):
        reply = second

    class Asked(Tally):
        events = (Increment, Note)  # type: ignore[assignment]

    schemas = description([Asked()], "")["components"]["schemas"]
    receipt = schemas["asked.Receipt"]["properties"]["result"]["anyOf"]
    names = [each["$ref"].rpartition("/")[2] for each in receipt if "$ref" in each]
    assert [list(schemas[name]["properties"]) for name in names] == [["text"], ["number"]]


def test_two_types_of_one_name_and_one_module_are_described_too() -> None:
    """Functions make such."""
    replies = [defstruct("Reply", [(field, int)], module="one") for field in ("one", "two")]

    class Increment(ClientEvent):
        reply = replies[0]

    class Note(ClientEvent):
        reply = replies[1]

    class Close(ClientEvent):
        reply = defstruct("Both", [("first", replies[0]), ("then", replies[1])], module="one")

    class Asked(Tally):
        events = (Increment, Note, Close)  # type: ignore[assignment]

    text = description([Asked()], "")
    validate(text)
    answers = text["components"]["schemas"]["asked.Receipt"]["properties"]["result"]
    said = Said(text)
    for right in ({"one": 1}, {"two": 2}, None):
        said.validate(right, answers)


class Room(Struct):
    """A game's own, and it is called as one of ours."""

    doors: int


class House(Struct):
    rooms: list[Room]


class Housed(Tally):
    def shared(self, snapshot: Snapshot[Context], audience: str) -> House:  # type: ignore[override]
        return House(rooms=[Room(doors=2)])


async def test_a_type_may_be_called_as_one_of_ours(clock: VirtualClock) -> None:
    async with http(MachineParty([Housed])) as client:
        it = await said(client)
        await client.post("/parties/housed/room/members", json={})
        seen = it.check(await client.get("/parties/housed/room"), "/parties/housed/{room}")
    assert seen["snapshot"]["context"] == {"rooms": [{"doors": 2}]}


async def test_it_is_made_once(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counting(parties: Any, root: str) -> dict[str, Any]:
        made.append(root)
        return description(parties, root)

    monkeypatch.setattr("machine_party.server.http.description", counting)
    async with http(MachineParty([Counter])) as client:
        first, second = [(await client.get("/openapi.json")).content for _ in (1, 2)]
    assert (first, made) == (second, [""])


def test_it_says_where_the_app_is_mounted() -> None:
    assert description([Counter()], "/games")["servers"] == [{"url": "/games"}]
    assert description([Counter()], "")["servers"] == [{"url": "/"}]
