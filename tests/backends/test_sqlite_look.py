"""Looks at a SQLite file that is somebody else's: nothing is made, changed or kept waiting."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from machine_party.backends.store import open_store, sqlite_look
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.errors import StoreError, StoreUnavailable
from machine_party.room import StoredRoom
from tests.backends.journal import EPOCH, KEY, NODE, append, create, entry, form
from tests.backends.loop import RealLoop
from tests.backends.test_sqlite import made, occupied
from tests.backends.test_sqlite_file import refused


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def looked_at(path: Path) -> StoredRoom | None:
    store = SqliteStore(path, must_exist=True)
    try:
        await store.records()
        await store.wakes(9, stale=0.0)
        await store.latest_stamp()
        await store.history(KEY)
        return await store.read(KEY)
    finally:
        await store.close()


# -- files that are none ---------------------------------------------------------------------------


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert "there is no such file" in refused(tmp_path / "x.db", must_exist=True)
    assert contents(tmp_path) == {}


def test_a_file_in_which_nothing_is_kept_yet_stays_empty(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.touch()
    assert "no server has kept rooms there yet" in refused(path, must_exist=True)
    assert contents(tmp_path) == {"x.db": b""}


def test_what_is_in_memory_is_nobody_elses() -> None:
    with pytest.raises(StoreError, match="gone with its process"):
        open_store("memory:", must_exist=True)


# -- files of another user -------------------------------------------------------------------------


@contextmanager
def as_a_stranger() -> Iterator[None]:
    """As a user who may do no more than a file's mode says; all but root are such users."""
    before = os.geteuid()
    if not before:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that everybody may enter."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def told_to_a_stranger(path: Path, *, file: int, folder: int) -> str:
    path.chmod(file)
    path.parent.chmod(folder)
    try:
        with as_a_stranger():
            return refused(path, must_exist=True)
    finally:
        path.parent.chmod(0o755)


async def test_who_may_not_read_it_is_told_that(real_loop: RealLoop, public: Path) -> None:
    await made(public / "x.db")
    told = told_to_a_stranger(public / "x.db", file=0o000, folder=0o755)
    assert "This user must be allowed to read it, and the -wal and -shm beside it." in told


async def test_who_may_read_it_and_make_nothing_beside_it_is_told_that(
    real_loop: RealLoop, public: Path
) -> None:
    await made(public / "x.db")
    told = told_to_a_stranger(public / "x.db", file=0o444, folder=0o555)
    assert "this user must be allowed to make files in its folder." in told


# -- beside whoever writes -------------------------------------------------------------------------


async def test_a_closed_file_is_looked_at_and_stays_as_it_was(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    await made(path)
    before = path.read_bytes()
    found = await looked_at(path)
    assert found is not None
    assert found.form == form()
    assert path.read_bytes() == before
    assert contents(tmp_path).get("x.db-wal", b"") == b""  # SQLite may leave it, with nothing in it
    store = SqliteStore(path)  # and whoever writes goes on as ever
    await append(store, KEY, EPOCH, [entry(2)])
    await store.close()
    assert list(contents(tmp_path)) == ["x.db"]


async def test_a_look_checkpoints_nothing_beside_a_server(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    store = SqliteStore(path)
    await create(store, KEY, EPOCH, 1, form())
    await append(store, KEY, EPOCH, [entry(2)])
    before = {name: data for name, data in contents(tmp_path).items() if name != "x.db-shm"}
    found = await looked_at(path)
    assert found is not None
    assert found.version == 2
    after = {name: data for name, data in contents(tmp_path).items() if name != "x.db-shm"}
    assert after == before
    await store.close()


async def test_a_look_waits_for_no_writer_and_no_writer_for_it(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    await made(path)
    with occupied(path):
        assert await looked_at(path) is not None
    store = SqliteStore(path, busy_seconds=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM entries").fetchall()
        await append(store, KEY, EPOCH, [entry(2)])
    await store.close()


def test_a_file_whose_server_was_killed_is_looked_at_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    child = multiprocessing.get_context("spawn").Process(target=write_and_die, args=(path,))
    child.start()
    child.join(30)
    assert child.exitcode == -9
    assert (tmp_path / "x.db-wal").stat().st_size
    before = contents(tmp_path)
    found = asyncio.run(looked_at(path))
    assert found is not None
    assert found.version == 9
    after = contents(tmp_path)
    assert [after[name] == before[name] for name in ("x.db", "x.db-wal")] == [True, True]


def write_and_die(path: Path) -> None:
    async def write() -> None:
        store = SqliteStore(path)
        await create(store, KEY, EPOCH, 1, form())
        for version in range(2, 10):
            await append(store, KEY, EPOCH, [entry(version)])
        os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(write())


async def test_a_look_leaves_no_connection_on_a_file_that_was_replaced(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    await made(path)
    store = SqliteStore(path, must_exist=True)
    assert await store.read(KEY) is not None
    path.unlink()
    with pytest.raises(StoreUnavailable, match="there is no such file"):
        await store.read(KEY)
    await made(path)
    assert await store.read(KEY) is not None
    await store.close()


async def test_who_was_closed_looks_no_more(real_loop: RealLoop, tmp_path: Path) -> None:
    await made(tmp_path / "x.db")
    store = SqliteStore(tmp_path / "x.db", must_exist=True)
    looking = asyncio.ensure_future(store.read(KEY))
    await asyncio.sleep(0)
    await store.close()
    assert await looking is not None
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.read(KEY)


# -- what it costs ---------------------------------------------------------------------------------


def test_what_wakes_next_is_found_by_its_index(real_loop: RealLoop, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    real_loop.run(made(path))
    with closing(sqlite3.connect(path)) as db:
        plan = db.execute(f"EXPLAIN QUERY PLAN {sqlite_look._WAKES}", (0.0, 9)).fetchall()
    told = " ".join(str(step) for *_, step in plan)
    assert "USING INDEX wakes" in told
    assert "TEMP B-TREE" not in told  # no sorting


async def test_an_append_is_two_statements_whatever_it_says_of_its_wake(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    statements: list[str] = []

    def listen(db: sqlite3.Connection) -> None:
        db.set_trace_callback(statements.append)

    store = SqliteStore(tmp_path / "x.db")
    await create(store, KEY, EPOCH, 1, form())
    await store._writer.run(listen)
    await append(store, KEY, EPOCH, [entry(2)], wake=5.0)
    assert [statement.split()[0] for statement in statements] == [
        "RELEASE", "COMMIT",  # of who listens
        "BEGIN", "SAVEPOINT", "UPDATE", "INSERT", "RELEASE", "COMMIT",
    ]  # fmt: skip
    await store.close()


async def test_nodes_that_are_long_gone_and_own_no_room_are_forgotten(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    store, day = SqliteStore(tmp_path / "x.db"), 86_400.0
    await create(store, KEY, EPOCH, 1, form())
    for node, days in ((NODE, 0.0), ("idle", 0.0), ("lately", 1.5), ("newest", 2.0)):
        await store.stamp(node, days * day)
    await store.stamp("newest", 100 * day)  # who is known does not look for others
    with closing(sqlite3.connect(tmp_path / "x.db")) as db:
        found = db.execute("SELECT id FROM nodes ORDER BY id").fetchall()
    assert [id for (id,) in found] == [NODE, "lately", "newest"]
    await store.close()
