"""The measurements of stores, restores and sleep measure what they say. No figure is looked at."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench import house, memory, restore
from bench.measured import BLOCKS, DOCUMENT, written
from bench.place import Opener
from bench.rate import Rate, percentile, rate_of_rooms, rate_of_store
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.room import Rooms

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("rate_of", [rate_of_store, rate_of_rooms])
def test_what_is_counted_are_commits_that_are_kept(
    tmp_path: Path, rate_of: Callable[[Opener, int, float], Coroutine[Any, Any, Rate]]
) -> None:
    file = tmp_path / "rooms.sqlite"
    rate = asyncio.run(rate_of(partial(SqliteStore, file), 3, 0.1))
    with closing(sqlite3.connect(file)) as db:
        rooms, commits = db.execute("SELECT count(*), sum(version) FROM rooms").fetchone()
    assert (rooms, rate.writers) == (3, 3)
    assert 3 <= len(rate.each) <= commits
    assert 0 < percentile(rate.each, 50) <= percentile(rate.each, 99) <= max(rate.each)


def test_a_percentile_is_one_of_the_values() -> None:
    assert [percentile(range(1, 101), percent) for percent in (0, 50, 99, 100)] == [1, 51, 100, 100]


@pytest.mark.parametrize("kind", house.KINDS)
def test_a_room_is_restored_from_its_form_and_its_journal(kind: str) -> None:
    found = asyncio.run(restore._restore(kind, 5))
    assert found.kind == kind
    assert 5 <= found.entries < 20
    assert found.form_bytes > 400
    assert found.seconds > 0


def test_rooms_are_awakened_that_were_asleep() -> None:
    assert len(asyncio.run(restore.measure_waking("counter", 2))) == 2


@pytest.mark.parametrize("state", ["awake", "asleep"])
def test_memory_is_looked_at_with_the_rooms_as_they_should_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    looks = []

    def look(rooms: Rooms) -> int:
        looks.append(len(rooms.list()))
        return 1

    monkeypatch.setattr(memory, "BATCH", 2)
    monkeypatch.setattr(memory, "_resident", look)
    memory.main(state, "counter", "2")
    assert json.loads(capsys.readouterr().out) == [1, 1]
    assert looks == ([1, 3] if state == "awake" else [0, 0])


def test_every_table_has_its_place_in_the_document() -> None:
    document = DOCUMENT.read_text("utf-8")
    for name in BLOCKS:
        emptied = written(document, name, "")
        filled = written(emptied, name, "new\n")
        assert filled.count("new\n<!-- end -->") == filled.count("new\n") == 1
        assert written(filled, name, "") == emptied
    with pytest.raises(AssertionError, match="no block nonsense"):
        written(document, "nonsense", "")
