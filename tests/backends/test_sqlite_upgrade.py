"""SQLite files of an earlier release: they open, and their rooms go on."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from machine_party.backends.store import open_store, sqlite_schema
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.errors import Fenced, StoreUnavailable
from machine_party.room import RoomRecord
from tests.backends.journal import (
    EPOCH,
    KEY,
    NODE,
    OTHER,
    append,
    checkpoint,
    claimed,
    create,
    entry,
    form,
)
from tests.backends.loop import RealLoop
from tests.backends.test_sqlite import Faulty, fails, faulty

__all__ = ["faulty"]

SCHEMA_1 = """
CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    party TEXT NOT NULL,
    room TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (party, room)
) STRICT;
CREATE TABLE forms (
    room INTEGER PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    form BLOB NOT NULL
) STRICT;
CREATE TABLE entries (
    room INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (room, version)
) STRICT, WITHOUT ROWID;
PRAGMA application_id = 0x4D505459;
PRAGMA user_version = 1;
"""
"""As the first release made it. It stays as it is."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of schema 1: one room whose form was written anew, and one that is new."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(SCHEMA_1)
        db.execute("INSERT INTO rooms VALUES (1, 'board', 'abc', ?, 5)", (EPOCH,))
        db.execute("INSERT INTO rooms VALUES (7, 'board', 'xyz', ?, 1)", (EPOCH + 1,))
        whole = [(1, 3, msgspec.json.encode(form(3))), (7, 1, msgspec.json.encode(form(1)))]
        db.executemany("INSERT INTO forms VALUES (?, ?, ?)", whole)
        rows = [(1, version, msgspec.json.encode(entry(version))) for version in (4, 5)]
        db.executemany("INSERT INTO entries VALUES (?, ?, ?)", rows)
    return path


def tables_of(path: Path) -> dict[str, Any]:
    """What each table's columns are, and each index's; and the schema's number."""
    with closing(sqlite3.connect(path)) as db:
        names = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_schema ORDER BY name").fetchall()
        ]
        tables = {
            name: [
                db.execute(f"PRAGMA {what}({name})").fetchall()
                for what in ("table_info", "index_xinfo", "foreign_key_list")
            ]
            for name in names
        }
        return tables | {"number": db.execute("PRAGMA user_version").fetchone()}


async def check_rooms(store: SqliteStore) -> None:
    """They are as they were, and what they did not know is nothing."""
    known = [
        RoomRecord(KEY, EPOCH, 5, None, False, None, None, (await store.records())[0].bytes),
        RoomRecord(OTHER, EPOCH + 1, 1, None, False, None, None, len(msgspec.json.encode(form(1)))),
    ]
    assert await store.records() == known
    assert await store.latest_stamp() is None
    assert await store.wakes(9, stale=1e10) == []
    looked, history = await store.read(KEY), await store.history(KEY)
    assert looked is not None
    assert history is not None
    assert (looked.form, list(looked.entries)) == (form(3), [entry(4), entry(5)])
    assert (looked.node, looked.alive_at) == (None, None)
    assert ([*history.forms], [*history.entries]) == ([(3, form(3))], [*looked.entries])


async def test_rooms_of_an_older_file_go_on(real_loop: RealLoop, old: Path) -> None:
    store = SqliteStore(old)
    await check_rooms(store)
    with pytest.raises(Fenced):
        await append(store, KEY, EPOCH - 1, [entry(6)])
    await append(store, KEY, EPOCH, [entry(6)], wake=9.5)
    found = await claimed(store)
    assert (found.epoch, found.version, found.node) == (EPOCH + 1, 6, None)
    await checkpoint(store, KEY, found.epoch, 6, form(6), keep_from=0, wake=9.5, asleep=True)
    history = await store.history(KEY)
    assert history is not None
    assert [version for version, _ in history.forms] == [3, 6]
    assert await store.wakes(9, stale=0.0) == [(9.5, KEY)]
    await store.delete(OTHER, EPOCH + 1)
    await store.close()
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("SELECT DISTINCT room FROM forms").fetchall() == [(1,)]


async def test_its_tables_are_then_as_those_of_a_new_file(
    real_loop: RealLoop, old: Path, tmp_path: Path
) -> None:
    assert tables_of(old)["number"] == (1,)
    for path in (old, tmp_path / "new.db"):
        await SqliteStore(path).close()
    assert tables_of(old) == tables_of(tmp_path / "new.db")


@pytest.mark.parametrize("step", sqlite_schema.UPGRADES[1])
async def test_an_upgrade_that_fails_has_changed_nothing_and_is_done_the_next_time(
    real_loop: RealLoop, old: Path, faulty: type[Faulty], step: str
) -> None:
    before = tables_of(old)
    faulty.after = fails(step)
    with pytest.raises(StoreUnavailable):
        SqliteStore(old)
    assert tables_of(old) == before
    store = SqliteStore(old)
    await check_rooms(store)
    await store.close()


async def test_those_that_open_it_at_once_upgrade_it_once(real_loop: RealLoop, old: Path) -> None:
    with ThreadPoolExecutor(5) as threads:
        stores = list(threads.map(SqliteStore, [old] * 5))
    await asyncio.gather(*(check_rooms(store) for store in stores))
    for store in stores:
        await store.close()


async def test_an_older_file_can_be_looked_at_and_stays_as_it_is(
    real_loop: RealLoop, old: Path
) -> None:
    before = tables_of(old)
    store = SqliteStore(old, must_exist=True)
    await check_rooms(store)
    await store.close()
    assert tables_of(old) == before


async def test_who_writes_to_what_it_has_looked_at_upgrades_it(
    real_loop: RealLoop, old: Path
) -> None:
    store = SqliteStore(old, must_exist=True)
    await check_rooms(store)
    await store.delete(OTHER, EPOCH + 1)
    await store.stamp(NODE, 5.0)
    assert await store.latest_stamp() == 5.0
    await store.close()
    assert tables_of(old)["number"] == (sqlite_schema.SCHEMA,)


async def test_a_room_can_be_made_beside_older_ones(real_loop: RealLoop, old: Path) -> None:
    store = open_store(f"sqlite:///{old}")
    new = KEY._replace(room="new")
    await create(store, new, EPOCH, 1, form(), wake=3.0)
    assert [record.key for record in await store.records()] == [KEY, OTHER, new]
    assert await store.wakes(9, stale=0.0) == [(3.0, new)]
    await store.close()
