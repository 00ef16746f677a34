from __future__ import annotations

import inspect

import games.counter
from games.counter import Counter
from tests.games.table import Table


def table() -> Table:
    room = Table(Counter())
    room.join("ann")
    room.join("bob")
    return room


def test_everybody_sees_the_sum_and_only_i_see_mine() -> None:
    room = table()
    room.send("ann", "increment")
    room.send("bob", "increment", by=4)
    assert room.shared == {"count": 5}
    assert room.own("ann") == {"mine": 1}
    assert room.own("bob") == {"mine": 4}


def test_steps_of_1_to_100() -> None:
    room = table()
    for by in (0, 101, "1", None):
        step = room.send("ann", "increment", by=by)
        assert (step.accepted, step.code, step.path) == (False, "bad_request", "$.event.by")
    assert room.shared == {"count": 0}


def test_the_count_outlives_the_process() -> None:
    room = table()
    room.send("ann", "increment", by=7)
    room.restart()
    assert room.shared == {"count": 7}


def test_the_file_that_people_copy_is_short() -> None:
    lines = inspect.getsource(games.counter).splitlines()
    assert len([line for line in lines if line.strip()]) < 40
