"""Getting together: ready, countdown, and who starts the game."""

from __future__ import annotations

import pytest

from games.trivia import Trivia
from machine_party import PeerError
from tests.games.conftest import Tables
from tests.games.table import Table


def test_it_starts_when_everybody_is_ready(seat: Tables) -> None:
    table = seat("ann", "bob")
    table.send("ann", "ready")
    assert table.value == "lobby"
    assert [table.card(who)["ready"] for who in ("ann", "bob")] == [True, False]
    table.send("bob", "ready")
    assert table.value == "countdown"
    table.pass_time(4.9)
    assert table.value == "countdown"
    table.pass_time(0.1)
    assert table.value == {"question": "preparation"}


def test_an_empty_lobby_waits(seat: Tables) -> None:
    assert seat().value == "lobby"


def test_watchers_are_not_waited_for(seat: Tables) -> None:
    table = seat("ann", host=True)
    table.join("wall", "screen")
    table.join("aunt", "spectator")
    table.send("ann", "ready")
    assert table.value == "countdown"


@pytest.mark.parametrize("role", ["screen", "spectator"])
def test_watchers_may_send_nothing(seat: Tables, role: str) -> None:
    table = seat("ann")
    table.join("eye", role)
    for type in ("ready", "answer", "confirm", "start", "skip", "remove"):
        assert table.send("eye", type).code == "not_allowed"
    assert table.document(role)["can"] == table.own_document("eye")["can"] == {}


def test_taking_ready_back_stops_the_countdown(seat: Tables) -> None:
    table = seat("ann", "bob")
    table.send("ann", "ready")
    table.send("bob", "ready")
    table.send("ann", "ready", ready=False)
    assert (table.value, table.shared["deadline"]) == ("lobby", None)
    table.pass_time(60)
    assert table.value == "lobby"
    table.send("ann", "ready")
    assert table.value == "countdown"


def test_a_newcomer_has_to_be_ready_too(seat: Tables) -> None:
    table = seat("ann")
    table.send("ann", "ready")
    table.join("bob")
    assert table.value == "lobby"
    table.send("bob", "ready")
    assert table.value == "countdown"


def test_ready_lapses_when_a_player_is_gone_and_blocks_nobody(seat: Tables) -> None:
    table = seat("ann", "bob", "cat")
    table.send("bob", "ready")
    table.send("cat", "ready")
    table.presence("ann", "away")
    assert table.value == "lobby"
    table.presence("ann", "gone")
    assert table.value == "countdown"
    table.join("ann")
    assert (table.value, table.card("ann")["ready"]) == ("lobby", False)


def test_ready_survives_a_short_absence(seat: Tables) -> None:
    table = seat("ann", "bob")
    table.send("ann", "ready")
    table.presence("ann", "away")
    table.join("ann")
    assert table.card("ann")["ready"]


def test_a_kicked_player_is_not_waited_for(seat: Tables) -> None:
    table = seat("ann", "bob")
    table.send("ann", "ready")
    table.kick("bob")
    assert table.value == "countdown"
    assert table.ids["bob"] not in table.shared["players"]


def test_the_countdown_stops_when_everybody_leaves(seat: Tables) -> None:
    table = seat("ann")
    table.send("ann", "ready")
    table.presence("ann", "gone")
    assert table.value == "lobby"


def test_a_host_starts_without_waiting_and_nobody_calls_it_off(seat: Tables) -> None:
    table = seat("ann", "bob", host=True)
    assert table.send("ann", "start").code == "not_allowed"
    assert table.send("host", "start").accepted
    table.send("bob", "ready", ready=False)
    table.join("cat")
    assert table.value == "countdown"
    table.pass_time(5)
    assert table.value == {"question": "preparation"}


def test_a_host_cannot_start_without_players(seat: Tables) -> None:
    table = seat(host=True)
    assert "start" not in table.document("host")["can"]
    assert table.send("host", "start").code == "not_handled"


def test_a_host_skips_the_countdown_once(seat: Tables) -> None:
    table = seat("ann", host=True)
    table.send("host", "start")
    step = table.shared["step"]
    assert table.send("host", "skip", step=step).accepted
    assert table.value == {"question": "preparation"}
    assert table.send("host", "skip", step=step).code == "too_late"
    assert table.value == {"question": "preparation"}


def test_a_host_plays_only_if_the_room_says_so(seat: Tables) -> None:
    table = seat("ann", host=True)
    assert table.own("host") == {"plays": False, "answer": None}
    assert table.own_document("host")["can"] == {}
    assert table.send("host", "ready").code == "not_handled"
    assert table.ids["host"] not in table.shared["players"]


def test_a_host_who_plays_is_a_player(seat: Tables) -> None:
    table = seat("ann", host=True, host_plays=True)
    assert table.own("host")["plays"]
    table.send("ann", "ready")
    assert table.value == "lobby"
    table.send("host", "ready")
    assert table.value == "countdown"
    assert table.own_document("host")["can"] == {"ready": True}


def test_a_host_removes_a_player_but_no_host(seat: Tables) -> None:
    table = seat("ann", "bob", host=True)
    assert table.send("host", "remove", member=table.ids["bob"]).accepted
    assert table.ids["bob"] not in table.shared["players"]
    assert not table.join("bob").accepted
    assert table.send("host", "remove", member=table.ids["host"]).code == "not_removable"
    assert table.send("host", "remove", member="nobody").code == "not_removable"
    assert table.send("ann", "remove", member=table.ids["ann"]).code == "not_allowed"


# -- the input -----------------------------------------------------------------------------


def test_no_input_is_enough() -> None:
    assert Table(Trivia()).shared["title"] == "General knowledge"


@pytest.mark.parametrize(
    ("input", "path"),
    [
        ({"pack": "../secret"}, "$.input.pack"),
        ({"pack": "A B"}, "$.input.pack"),
        ({"pack": 1}, "$.input.pack"),
        ({"pack": "no-such-pack"}, "$.input.pack"),
        ({"seed": "x"}, "$.input.seed"),
        ({"host_plays": 1}, "$.input.host_plays"),
        ({"speed": "fast"}, "$.input.speed"),
        ({"durations": {"time": 0}}, "$.input.durations.time"),
        ({"durations": {"recap": -1}}, "$.input.durations.recap"),
        ({"durations": {"time": 601}}, "$.input.durations.time"),
        ({"durations": {"tiem": 1}}, "$.input.durations"),
        ({"nonsense": 1}, "$.input"),
    ],
)
def test_a_bad_input_is_refused_with_its_path(input: dict[str, object], path: str) -> None:
    with pytest.raises(PeerError) as caught:
        Table(Trivia(), input=input)
    assert (caught.value.code, caught.value.path) == ("bad_request", path)


def test_a_seed_deals_the_same_options_in_every_room(seat: Tables) -> None:
    def dealt(room: str, **input: int) -> dict[str, str]:
        table = seat("ann", host=True, room=room, **input)
        table.send("host", "start")
        while table.value != {"question": "open"}:
            table.tick()
        options: dict[str, str] = table.shared["question"]["options"]
        return options

    seeded = [dealt(f"room {i}", seed=7) for i in range(8)]
    unseeded = [dealt(f"room {i}") for i in range(8)]
    assert all(options == seeded[0] for options in seeded)
    assert any(options != unseeded[0] for options in unseeded)
