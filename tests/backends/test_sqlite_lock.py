"""A SQLite file's locks: whatever else its process does, others know that it is in use.

Who closes any descriptor of a file loses all locks that its process has on it. Then the next one
that closes the database takes itself for the last, and removes the log under those who write to it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from machine_party.backends.store import sqlite_file
from machine_party.backends.store.sqlite import SqliteStore
from tests.backends.journal import EPOCH, KEY, append, create, entry, form
from tests.backends.test_sqlite_look import looked_at

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its locks are others")

Doing = Callable[[Path], Awaitable[object]]

LAST = 5


async def open_another(path: Path) -> SqliteStore:
    return SqliteStore(path)


async def read_the_bytes(path: Path) -> bytes:
    """What must not be done: SQLite knows nothing of it."""
    return await asyncio.to_thread(path.read_bytes)


@pytest.mark.parametrize("doing", [open_another, looked_at])
def test_another_store_of_the_process_takes_no_locks_away(tmp_path: Path, doing: Doing) -> None:
    assert kept(tmp_path / "x.db", doing) == LAST


def test_locks_that_are_gone_would_be_seen(tmp_path: Path) -> None:
    assert kept(tmp_path / "x.db", read_the_bytes) == 1


def test_a_file_is_made_while_nobody_else_of_the_process_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch, alone = Path.touch, []

    def touched(path: Path, **options: Any) -> None:
        alone.append(sqlite_file._making.locked())
        touch(path, **options)

    monkeypatch.setattr(Path, "touch", touched)
    asyncio.run(SqliteStore(tmp_path / "x.db").close())
    assert alone == [True]


def kept(path: Path, doing: Doing) -> int:
    """The version that is there after a server was acknowledged `LAST`, and killed."""
    assert run(write_and_die, path, doing) == -signal.SIGKILL
    found = asyncio.run(looked_at(path))
    assert found is not None
    return found.version


def run(target: Callable[..., None], *arguments: object) -> int | None:
    """The exit code of a process of its own."""
    process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)
    process.start()
    process.join(30)
    return process.exitcode


def write_and_die(path: Path, doing: Doing) -> None:
    """A server that does something else with its file; then somebody comes and goes."""

    async def main() -> None:
        store = SqliteStore(path)
        await create(store, KEY, EPOCH, 1, form())
        _held = await doing(path)
        assert run(come_and_go, path) == 0
        for version in range(2, LAST + 1):
            await append(store, KEY, EPOCH, [entry(version)])
        os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(main())


def come_and_go(path: Path) -> None:
    asyncio.run(SqliteStore(path).close())
