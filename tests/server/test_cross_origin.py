"""Pages of other origins and HTTP: those on the list may, and only those."""

from __future__ import annotations

import pytest

from machine_party import MachineParty
from machine_party.testing import VirtualClock
from tests.server.asgi import http
from tests.server.tally import Tally
from tests.server.test_http import check_envelope

CLUB = "https://club.example"
ASKS = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, content-type",
}


async def test_a_listed_page_may_make_rooms_and_read_answers(clock: VirtualClock) -> None:
    async with http(MachineParty([Tally], allowed_origins=[CLUB])) as client:
        asked = await client.options("/parties/tally", headers={"origin": CLUB, **ASKS})
        assert asked.status_code == 200
        assert asked.headers["access-control-allow-origin"] == CLUB
        made = await client.post("/parties/tally", json={}, headers={"origin": CLUB})
        assert made.status_code == 201
        assert made.headers["access-control-allow-origin"] == CLUB
        wrong = await client.get("/parties/tally/nope", headers={"origin": CLUB})
        check_envelope(wrong, 404, "not_found")
        assert wrong.headers["access-control-allow-origin"] == CLUB


async def test_a_listed_page_may_ask_again_and_listen(clock: VirtualClock) -> None:
    asks = {
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization, if-none-match, last-event-id",
    }
    async with http(MachineParty([Tally], allowed_origins=[CLUB])) as client:
        await client.post("/parties/tally/room/members", json={}, headers={"origin": CLUB})
        asked = await client.options("/parties/tally/room", headers={"origin": CLUB, **asks})
        assert asked.status_code == 200
        seen = await client.get("/parties/tally/room", headers={"origin": CLUB})
        assert "ETag" in seen.headers["access-control-expose-headers"]


@pytest.mark.parametrize("origin", ["https://evil.example", "http://quiz.example", "null"])
async def test_another_page_may_not(clock: VirtualClock, origin: str) -> None:
    async with http(MachineParty([Tally], allowed_origins=[CLUB])) as client:
        asked = await client.options("/parties/tally", headers={"origin": origin, **ASKS})
        check_envelope(asked, 403, "not_allowed")
        made = await client.post("/parties/tally", json={}, headers={"origin": origin})
        check_envelope(made, 403, "not_allowed")
        assert "access-control-allow-origin" not in made.headers


async def test_without_a_list_no_page_of_elsewhere_is_invited(clock: VirtualClock) -> None:
    async with http(MachineParty([Tally])) as client:
        asked = await client.options("/parties/tally", headers={"origin": CLUB, **ASKS})
        check_envelope(asked, 405, "not_allowed")
