"""The host's hand on the clock: stopped, let go on, and given more time."""

from __future__ import annotations

import pytest

from games.trivia.machine import EXTRA_SECONDS
from tests.games.conftest import Tables, to
from tests.games.table import Table

OPEN, CLOSED = {"question": "open"}, {"question": "closed"}
WAITS = ("countdown", {"question": "preparation"}, OPEN, CLOSED, "recap")
MINUTES = 600


def left(table: Table) -> float:
    """The seconds that everybody sees."""
    seconds: float = table.shared["deadline"] / 1_000 - table.now
    return seconds


@pytest.mark.parametrize("state", WAITS)
def test_every_wait_can_be_stopped_and_goes_on_with_what_was_left(
    seat: Tables, state: object
) -> None:
    table = seat("ann", host=True)
    table.send("ann", "ready")
    to(table, state)
    table.pass_time(1)
    before, duration = left(table), table.shared["duration"]
    assert (table.shared["paused"], table.shared["left"]) == (False, None)
    assert table.send("host", "pause").accepted
    for _ in range(2):
        assert (table.shared["paused"], table.shared["deadline"]) == (True, None)
        assert (table.shared["left"], table.shared["duration"]) == (before * 1_000, duration)
        table.pass_time(MINUTES)
    assert table.value == state
    assert table.send("host", "resume").accepted
    assert (table.shared["paused"], table.shared["left"], left(table)) == (False, None, before)


def test_twice_is_once(opened: Tables) -> None:
    table = opened("ann", host=True)
    table.send("host", "resume")
    table.pass_time(5)
    for _ in range(2):
        assert table.send("host", "pause").accepted
        table.pass_time(5)
    for _ in range(2):
        assert table.send("host", "resume").accepted
        table.pass_time(5)
    assert left(table) == 20 - 5 - 10


def test_nobody_answers_meanwhile(opened: Tables) -> None:
    table = opened("ann", "bob", host=True)
    table.send("host", "pause")
    assert table.send("ann", "answer", question="q1", choice="a").code == "paused"
    assert table.send("ann", "confirm", question="q1").code == "paused"
    table.send("host", "resume")
    assert table.send("ann", "answer", question="q1", choice="a").accepted


def test_a_host_who_goes_on_stays_paused_until_it_is_over(opened: Tables) -> None:
    table = opened("ann", host=True)
    table.send("host", "pause")
    table.send("host", "skip", step=table.shared["step"])
    assert (table.value, table.shared["paused"]) == (CLOSED, True)
    while table.value != "ranking":
        table.send("host", "skip", step=table.shared["step"])
    assert not table.shared["paused"]  # no clock is there to stand still


def test_ten_seconds_more(opened: Tables) -> None:
    table = opened("ann", host=True)
    table.pass_time(8)
    for more in (1, 2):
        assert table.send("host", "extend", step=table.shared["step"]).accepted
        assert left(table) == 12 + more * EXTRA_SECONDS
    assert table.shared["duration"] == (20 + 2 * EXTRA_SECONDS) * 1_000
    table.pass_time(31.9)
    assert table.value == OPEN
    table.pass_time(0.1)
    assert table.value == CLOSED


def test_more_time_during_a_pause_is_there_afterwards(opened: Tables) -> None:
    table = opened("ann", host=True)
    table.pass_time(8)
    table.send("host", "pause")
    table.send("host", "extend", step=table.shared["step"])
    assert table.shared["left"] == (12 + EXTRA_SECONDS) * 1_000
    assert table.shared["duration"] == (20 + EXTRA_SECONDS) * 1_000
    table.pass_time(MINUTES)
    table.send("host", "resume")
    assert left(table) == 12 + EXTRA_SECONDS


def test_more_time_that_comes_late_does_not_hit_the_next_question(opened: Tables) -> None:
    table = opened("ann", host=True)
    late = table.shared["step"]
    assert table.send("host", "extend", step=late - 1).code == "too_late"
    to(table, CLOSED)
    assert table.send("host", "extend", step=table.shared["step"]).code == "not_handled"
    to(table, OPEN)
    assert table.send("host", "extend", step=late).code == "too_late"


def test_only_a_host_may(opened: Tables) -> None:
    table = opened("ann", "bob", host=True)
    for what in ({"type": "pause"}, {"type": "resume"}, {"type": "extend", "step": 3}):
        assert table.send("ann", **what).code == "not_allowed"


@pytest.mark.parametrize("what", ["pause", "resume"])
def test_where_no_clock_runs_there_is_nothing_to_stop(seat: Tables, what: str) -> None:
    assert seat("ann", host=True).send("host", what).code == "not_handled"
