"""Rooms in a SQLite file: the group commit, what fails, and what is said about it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from machine_party.backends.store.sqlite import SqliteStore
from machine_party.errors import Fenced, RestoreError, StoreError, StoreUnavailable
from machine_party.room import Entry, RoomKey
from tests.backends.journal import (
    EPOCH,
    KEY,
    NODE,
    append,
    claimed,
    create,
    drop_history,
    entry,
    form,
)
from tests.backends.loop import RealLoop

Fault = Callable[[str], None]


class Faulty(sqlite3.Connection):
    """A connection that counts its commits, and fails where it is told to."""

    commits = 0
    before: Fault | None = None
    after: Fault | None = None

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        kind = type(self)
        if kind.before is not None:
            kind.before(sql)
        cursor = super().execute(sql, *arguments)
        kind.commits += sql == "COMMIT"
        try:
            if kind.after is not None:
                kind.after(sql)
        except sqlite3.Error:
            cursor.close()  # as sqlite3 does; the traceback would keep it open
            raise
        return cursor


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> type[Faulty]:
    """What the store connects with. Set its faults after opening."""
    kind = type("Faulty", (Faulty,), {})
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *a, **options: connect(*a, factory=kind, **options)
    )
    return kind


def fails(statement: str, name: str = "SQLITE_IOERR", times: int = 1) -> Fault:
    """Fails `times` times at a statement, as SQLite does."""
    left = [times]

    def fault(sql: str) -> None:
        if sql.startswith(statement) and left[0]:
            left[0] -= 1
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname, error.sqlite_errorcode = name, 10
            raise error

    return staticmethod(fault)  # it is put on a class


@contextmanager
def occupied(path: Path) -> Iterator[None]:
    """Another process writes to the file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def keys(number_of: int) -> list[RoomKey]:
    return [RoomKey("board", f"room-{number}") for number in range(number_of)]


async def opened(path: Path, *rooms: RoomKey, **options: Any) -> SqliteStore:
    store = SqliteStore(path, **options)
    for key in rooms:
        await create(store, key, EPOCH, 1, form())
    return store


async def read(path: Path, key: RoomKey) -> None:
    store = SqliteStore(path)
    try:
        await store.claim(key, NODE)
    finally:
        await store.close()


async def made(path: Path) -> None:
    await (await opened(path, KEY)).close()


# -- the group commit --------------------------------------------------------------------------


async def test_who_waits_shares_a_commit_and_a_failed_write_hurts_nobody(
    real_loop: RealLoop, tmp_path: Path, faulty: type[Faulty]
) -> None:
    rooms = keys(100)
    store = await opened(tmp_path / "x.db", *rooms)
    faulty.commits = 0
    stale = {7, 31}
    writes = [
        append(store, key, EPOCH - (number in stale), [entry(2), entry(3)])
        for number, key in enumerate(rooms)
    ]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert faulty.commits <= 20
    assert {n for n, result in enumerate(results) if isinstance(result, Fenced)} == stale
    assert [r for n, r in enumerate(results) if n not in stale] == [None] * 98
    for number, key in enumerate(rooms):
        assert (await claimed(store, key)).version == (1 if number in stale else 3)
    await store.close()


async def test_a_write_that_fails_half_way_leaves_nothing_of_it(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    one, two, three = keys(3)
    store = await opened(tmp_path / "x.db", one, two, three)
    with closing(sqlite3.connect(tmp_path / "x.db")) as other, other:
        room = "SELECT id FROM rooms WHERE room = 'room-1'"
        other.execute(f"INSERT INTO entries SELECT ({room}), 3, x''")
    writes = [append(store, key, EPOCH, [entry(2), entry(3)]) for key in (one, two, three)]
    first, second, third = await asyncio.gather(*writes, return_exceptions=True)
    assert (first, third) == (None, None)
    assert isinstance(second, StoreError)
    assert "UNIQUE" in str(second)
    with pytest.raises(RestoreError, match="board/room-1: what is stored cannot be read"):
        await store.claim(two, NODE)
    with closing(sqlite3.connect(tmp_path / "x.db")) as other, other:
        other.execute("DELETE FROM entries WHERE entry = x''")
    assert [(await claimed(store, key)).version for key in (one, two, three)] == [3, 1, 3]
    await store.close()


async def test_the_loop_goes_on_while_the_disk_is_slow(real_loop: RealLoop, tmp_path: Path) -> None:
    store = await opened(tmp_path / "x.db", KEY)
    with occupied(tmp_path / "x.db"):
        writing = asyncio.ensure_future(append(store, KEY, EPOCH, [entry(2)]))
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not writing.done(), "a loop that stood still would have waited until it was given up"
    await writing
    await store.close()


async def test_closing_takes_what_came_while_the_thread_was_about_to_rest(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    store = await opened(tmp_path / "x.db", KEY)
    await asyncio.gather(*filter(None, [store._writer._job]))
    store._writer._job = asyncio.get_running_loop().create_future()  # it has looked already
    writing = asyncio.ensure_future(append(store, KEY, EPOCH, [entry(2)]))
    await asyncio.sleep(0)
    await store.close()
    await writing


# -- failed commits ------------------------------------------------------------------------------


@pytest.mark.parametrize("written", [False, True])
async def test_a_failed_commit_fails_its_group_and_the_next_one_goes_on(
    real_loop: RealLoop, tmp_path: Path, faulty: type[Faulty], written: bool
) -> None:
    rooms = keys(5)
    store = await opened(tmp_path / "x.db", *rooms)
    setattr(faulty, "after" if written else "before", fails("COMMIT"))
    results = await asyncio.gather(
        *(append(store, key, EPOCH, [entry(2)]) for key in rooms), return_exceptions=True
    )
    failed = [key for key, result in zip(rooms, results, strict=True) if result is not None]
    assert failed
    for result in filter(None, results):
        assert isinstance(result, StoreUnavailable)
        assert "x.db: disk I/O error (SQLITE_IOERR). Look at the disk" in str(result)
    for key in rooms:
        found = await claimed(store, key)
        assert found.version == (2 if written or key not in failed else 1)
        await append(store, key, found.epoch, [entry(found.version + 1)])
    await store.close()


@pytest.mark.parametrize("statement", ["BEGIN", "SAVEPOINT", "INSERT INTO entries", "RELEASE"])
async def test_wherever_it_fails_nothing_is_written_and_it_goes_on(
    real_loop: RealLoop, tmp_path: Path, faulty: type[Faulty], statement: str
) -> None:
    store = await opened(tmp_path / "x.db", KEY)
    if statement == "INSERT INTO entries":
        monkey = fails("UPDATE rooms SET version")
        faulty.after = monkey
    else:
        faulty.before = fails(statement)
    with pytest.raises(StoreUnavailable):
        await append(store, KEY, EPOCH, [entry(2)])
    assert (await claimed(store)).version == 1
    await store.close()


async def test_a_file_that_cannot_be_opened_again_is_unavailable_and_not_made_anew(
    real_loop: RealLoop, tmp_path: Path, faulty: type[Faulty]
) -> None:
    path, away = tmp_path / "x.db", tmp_path / "away"
    store = await opened(path, KEY)
    faulty.before = fails("COMMIT")
    with pytest.raises(StoreUnavailable):
        await append(store, KEY, EPOCH, [entry(2)])
    path.rename(away)  # as if its disk was not mounted
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="The file and its folder must be there"):
            await store.claim(KEY, NODE)
    assert not path.exists()
    away.rename(path)
    assert (await claimed(store)).version == 1
    await store.close()


async def test_another_process_that_holds_the_file_is_waited_for_so_long(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    store = await opened(tmp_path / "x.db", KEY, busy_seconds=0.05)
    with occupied(tmp_path / "x.db"), pytest.raises(StoreUnavailable, match="Another process"):
        await append(store, KEY, EPOCH, [entry(2)])
    await append(store, KEY, EPOCH, [entry(2)])
    await store.close()


def large(version: int, size: int) -> Entry:
    added = entry(version)
    added.patch[0]["value"] = "x" * size
    return added


async def append_for_ever(store: SqliteStore, versions: Iterator[int]) -> None:
    for version in versions:
        await append(store, KEY, EPOCH, [large(version, 20_000)])


# -- a full disk -----------------------------------------------------------------------------------


async def fill_up(folder: Path, relieve: Callable[[], object]) -> None:
    """Write until it fails; then what was acknowledged is there, and it goes on with more room."""
    store = await opened(folder / "x.db", KEY)
    versions = count(2)
    with pytest.raises(StoreUnavailable, match=r"x\.db: .*(FULL|IOERR)"):
        await append_for_ever(store, versions)
    version = next(versions) - 1  # that one failed
    assert version > 10
    relieve()
    found = await claimed(store)
    assert found.version in (version - 1, version)
    assert len(found.entries) == found.version - 1
    await append(store, KEY, found.epoch, [entry(found.version + 1)])
    await store.close()
    with closing(sqlite3.connect(folder / "x.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_a_full_disk_is_unavailable_until_there_is_room(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    with tmpfs(tmp_path, "2m"):
        options = ["mount", "-o", "remount,size=16m", str(tmp_path)]
        await fill_up(tmp_path, lambda: subprocess.run(options, check=True))


def test_a_file_that_may_not_grow_is_unavailable_until_it_may(tmp_path: Path) -> None:
    child = multiprocessing.get_context("spawn").Process(target=in_limits, args=(tmp_path,))
    child.start()
    child.join(30)
    assert child.exitcode == 0


def in_limits(folder: Path) -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    relieve = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))  # noqa: E731
    asyncio.run(fill_up(folder, relieve))


@contextmanager
def tmpfs(folder: Path, size: str) -> Iterator[None]:
    """A disk of that size. Where none can be mounted, the limit of a file's size stands for it."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no tmpfs can be mounted: the test of a file that may not grow is run instead")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


# -- what is in it ---------------------------------------------------------------------------------


async def test_how_it_is_synchronized(real_loop: RealLoop, tmp_path: Path) -> None:
    stores = (SqliteStore(tmp_path / "x.db"), SqliteStore(tmp_path / "y.db", synchronous="normal"))
    for store, number in zip(stores, (2, 1), strict=True):  # FULL, NORMAL
        found = await store._writer.run(lambda db: db.execute("PRAGMA synchronous").fetchone())
        assert found == (number,)
        await store.close()


async def test_without_history_one_form_is_left_and_of_a_deleted_room_nothing(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    def rows(db: sqlite3.Connection) -> list[Any]:
        tables = ("rooms", "forms", "entries")
        return [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]

    store = await opened(tmp_path / "x.db", KEY)
    await append(store, KEY, EPOCH, [entry(2), entry(3)])
    await drop_history(store, KEY, EPOCH, 3, form(3))
    await append(store, KEY, EPOCH, [entry(4)])
    assert await store._writer.run(rows) == [1, 1, 1]
    await store.delete(KEY, EPOCH)
    assert await store._writer.run(rows) == [0, 0, 0]
    await store.close()


async def test_after_an_error_of_the_disk_nothing_is_answered_before_the_log_is_written_anew(
    real_loop: RealLoop, tmp_path: Path, faulty: type[Faulty]
) -> None:
    """A system may have forgotten what it could not sync: what follows it in the log is lost with
    it. While somebody reads the file, SQLite cannot begin its log anew."""
    path = tmp_path / "x.db"
    store = await opened(path, KEY, busy_seconds=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM rooms").fetchall()
        faulty.before = fails("BEGIN", name="SQLITE_BUSY")
        with pytest.raises(StoreUnavailable):
            await append(store, KEY, EPOCH, [entry(2)])
        await append(store, KEY, EPOCH, [entry(2)])  # the disk is not in doubt
        faulty.before = fails("COMMIT", name="SQLITE_IOERR_FSYNC")
        with pytest.raises(StoreUnavailable, match="disk I/O error"):
            await append(store, KEY, EPOCH, [entry(3)])
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="another process reads it for long"):
                await append(store, KEY, EPOCH, [entry(3)])
    await append(store, KEY, EPOCH, [entry(3)])
    assert (await claimed(store)).version == 3
    await store.close()
