"""Writes to a SQLite file that wait for one commit, when SQLite gives all of it up before that.

Some errors within a statement make it roll the whole transaction back, savepoints and all
(https://www.sqlite.org/lang_transaction.html, "Response To Errors").
"""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from machine_party.backends.store.sqlite import SqliteStore
from machine_party.errors import StoreUnavailable
from tests.backends.journal import EPOCH, append, claimed, entry
from tests.backends.loop import RealLoop
from tests.backends.test_sqlite import keys, large, opened


async def in_one_group(store: SqliteStore, *writes: Awaitable[None]) -> list[Any]:
    """What comes of writes that wait for the same commit."""
    free = threading.Event()
    store._writer._thread.submit(free.wait)
    waiting = asyncio.gather(*writes, return_exceptions=True)
    await asyncio.sleep(0)
    free.set()
    return await waiting


async def test_what_makes_sqlite_roll_all_back_is_told_to_the_whole_group_as_it_is(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    rooms = keys(3)
    store = await opened(tmp_path / "x.db", *rooms)
    await store._writer.run(lambda db: db.execute("PRAGMA max_page_count = 30").fetchall())
    added = (entry(2), large(2, 200_000), entry(2))
    writes = (append(store, key, EPOCH, [new]) for key, new in zip(rooms, added, strict=True))
    for told in await in_one_group(store, *writes):
        assert isinstance(told, StoreUnavailable)
        assert "x.db: database or disk is full (SQLITE_FULL). Make room" in str(told)
    for key in rooms:
        found = await claimed(store, key)
        assert found.version == 1
        await append(store, key, found.epoch, [large(2, 200_000)])
    await store.close()


def test_a_disk_that_fails_before_the_commit_is_doubtful(tmp_path: Path) -> None:
    child = multiprocessing.get_context("spawn").Process(target=spill, args=(tmp_path,))
    child.start()
    child.join(30)
    assert child.exitcode == 0


def spill(folder: Path) -> None:
    """Write more than the page cache holds, and more than a file may."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def main() -> None:
        one, two = keys(2)
        store = await opened(folder / "x.db", one, two)
        await store._writer.run(lambda db: db.execute("PRAGMA cache_size = 10"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
        writes = (append(store, key, EPOCH, [large(2, 2_000_000)]) for key in (one, two))
        for told in await in_one_group(store, *writes):
            assert isinstance(told, StoreUnavailable)
            assert "x.db: disk I/O error (SQLITE_IOERR_WRITE)" in str(told)
        assert store._writer._doubtful
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        for key in (one, two):
            await append(store, key, EPOCH, [entry(2)])
        await store.close()

    asyncio.run(main())
