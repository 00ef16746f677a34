"""`docs/http.md` says what the server does. That its tables are fresh is tested with all others."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from docs import generate
from machine_party import MachineParty
from machine_party.server import ServerLimits
from machine_party.server.error import ANSWERED
from machine_party.testing import VirtualClock
from tests.server.asgi import connect, http
from tests.server.tally import Tally

FILE = Path(generate.__file__).parent / "http.md"
TEXT = FILE.read_text("utf-8")


def test_its_tables_are_fresh() -> None:
    assert generate.render(TEXT) == TEXT, "run: python -m docs.generate"


@pytest.mark.parametrize(
    "name",
    [*(field.name for field in fields(ServerLimits) if field.name in ServerLimits.__annotations__),
     *ANSWERED],
)  # fmt: skip
def test_it_names_every_setting_and_code(name: str) -> None:
    assert f"`{name}`" in TEXT


def test_it_names_every_address() -> None:
    routes = {route.path for route in MachineParty([Tally])._app.routes}  # type: ignore[attr-defined]
    paths = {path.replace(":path}", "}") for path in routes}
    assert {path for path in paths if f" {path}`" not in TEXT} == set()


async def test_an_event_over_the_rate_is_told_when_as_documented(clock: VirtualClock) -> None:
    socket = await connect(MachineParty([Tally], limits=ServerLimits(events_burst=1)))
    await socket.say({"type": "party.snapshot.get"})
    for number in (1, 2):
        event = {"type": "increment"}
        await socket.say({"type": "party.send", "id": f"a.{number}", "event": event})
    receipts = [await socket.hear("party.receipt") for _ in (1, 2)]
    (rejected,) = [receipt for receipt in receipts if receipt["status"] == "rejected"]
    (line,) = [line for line in TEXT.splitlines() if line.startswith('{"type":"party.receipt"')]
    documented = json.loads(line)
    same = ("type", "status", "result", "code", "reason")
    assert list(rejected) == list(documented)
    assert {key: rejected[key] for key in same} == {key: documented[key] for key in same}


async def test_what_is_made_and_seen_has_the_fields_that_are_documented(
    clock: VirtualClock,
) -> None:
    async with http(MachineParty([Tally])) as client:
        made = (await client.post("/parties/tally", json={})).json()
        seen = (await client.get(f"/parties/tally/{made['room']}")).json()
        error = (await client.get("/parties/tally/none")).json()["error"]
    for key in (*made, *seen, *error):
        assert f'"{key}"' in TEXT
