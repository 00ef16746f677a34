"""A room that nobody has in memory for a while, that is paused, or that older code has stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from games.trivia import Trivia
from games.trivia.migration import MIGRATIONS
from machine_party.core import Actor, Extended, Paused, Restored, Resumed
from machine_party.errors import RestoreError
from tests.games.conftest import Tables, to
from tests.games.table import Table

MINUTES = 600
OPEN, CLOSED = {"question": "open"}, {"question": "closed"}
STORED = Path(__file__).with_name("stored_schema_1.json")
"""Of a room whose first question is open for 4 of its 20 seconds, and ann has answered."""


def down(table: Table, seconds: float) -> None:
    """The server is gone for so long."""
    since, stored = table.now, msgspec.json.encode(table.actor.dump())
    table.now += seconds
    table.actor = Actor.restore(table.party, msgspec.json.decode(stored))
    table.take(Restored(now=table.now, since=since))


def left(table: Table) -> float:
    """The seconds that a player sees."""
    seconds: float = table.shared["deadline"] / 1_000 - table.now
    return seconds


def test_a_question_goes_on_with_the_seconds_that_were_left(opened: Tables) -> None:
    table = opened("ann", "bob")
    table.pass_time(8)
    down(table, MINUTES)
    assert (table.value, left(table), table.shared["duration"]) == (OPEN, 12, 20_000)
    table.pass_time(11.9)
    assert table.value == OPEN
    table.pass_time(0.1)
    assert table.value == CLOSED


def test_every_wait_does(seat: Tables) -> None:
    """From the lobby to the end, with a long sleep in each: nothing is skipped."""
    steady, stopped = seat("ann"), seat("ann")
    for table in (steady, stopped):
        table.send("ann", "ready")
    while steady.shared["deadline"] is not None:
        steady.pass_time(1)
        stopped.pass_time(1)
        down(stopped, MINUTES)
        assert stopped.value == steady.value
        if steady.shared["deadline"] is not None:
            assert left(stopped) == left(steady)
    assert stopped.value == "ranking"


def test_an_answer_is_as_fast_as_the_question_was_open(opened: Tables) -> None:
    """With `speed`, ten minutes of somebody else's fault would cost half of the points."""
    table = opened("ann", "bob", speed="linear")
    table.pass_time(2)
    down(table, MINUTES)
    table.pass_time(3)
    table.send("ann", "answer", question="q1", choice="a")
    assert table.snapshot.context.current.answers[table.ids["ann"]].seconds == 5


def test_a_pause_shows_what_is_left_and_loses_no_time(opened: Tables) -> None:
    table = opened("ann", "bob")
    table.pass_time(8)
    table.take(Paused(now=table.now))
    for _ in range(2):
        assert (table.shared["deadline"], table.shared["duration"]) == (None, 20_000)
        assert (table.shared["paused"], table.shared["left"]) == (True, 12_000)
        table.pass_time(MINUTES)
    table.take(Resumed(now=table.now))
    assert (table.value, left(table), table.shared["duration"]) == (OPEN, 12, 20_000)
    assert not table.shared["paused"]
    table.send("ann", "answer", question="q1", choice="a")
    assert table.snapshot.context.current.answers[table.ids["ann"]].seconds == 8


def test_more_time_is_more_time_to_see(opened: Tables) -> None:
    table = opened("ann", "bob")
    table.pass_time(8)
    table.take(Extended(now=table.now, seconds=30))
    assert (left(table), table.shared["duration"]) == (42, 50_000)
    table.send("ann", "answer", question="q1", choice="a")
    assert table.snapshot.context.current.answers[table.ids["ann"]].seconds == 8


# -- a room of schema 1 -----------------------------------------------------------------------


def stored() -> Any:
    return json.loads(STORED.read_text("utf-8"))


def test_a_room_of_schema_1_goes_on(packs: Any) -> None:
    table = Table(Trivia(), input={"pack": "sample"})
    form = stored()
    table.actor, table.now = Actor.restore(table.party, form), form["now"]
    table.ids = {seat["member"]["name"]: key for key, seat in form["seats"].items()}
    down(table, MINUTES)
    assert (table.value, left(table)) == (OPEN, 16)
    assert table.own("ann")["answer"]["confirmed"]
    to(table, "ranking")


def test_without_its_migration_it_would_not() -> None:
    class Forgetful(Trivia):
        name = "trivia"
        migrations = {2: MIGRATIONS[1]}
        schema_version = 3

    with pytest.raises(RestoreError, match=r"no migration leads on from 1"):
        Actor.restore(Forgetful(), stored())


def test_nothing_of_it_is_dropped_without_being_told() -> None:
    class Careless(Trivia):
        name = "trivia"
        migrations = {1: lambda form: form}

    with pytest.raises(RestoreError, match=r"context.rounds\[0\].opened is no field any more"):
        Actor.restore(Careless(), stored())
