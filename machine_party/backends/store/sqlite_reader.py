"""Looks at a SQLite file, beside whoever writes to it.

Each look has a connection of its own, which is closed again: so none is left behind on a file that
has been moved or replaced, and the thread that writes has nothing to do with it. In WAL mode
a reader sees what was committed when it began; nobody waits for it.

What must not be here: SQL of rooms.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

from machine_party.backends.store.sqlite_file import SqliteFile
from machine_party.errors import StoreUnavailable

__all__ = ["SqliteReader"]

T = TypeVar("T")


class SqliteReader:
    """Looks at a file, one look after the other, in a thread of its own."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file
        self._closing = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"look-{file.path.name}")

    async def run(self, look: Callable[[sqlite3.Connection], T]) -> T:
        """What `look` finds, all of it as at one instant: everything that was acknowledged before.

        Args:
            look: called in the reader's thread. What it raises, this raises.

        Raises:
            StoreUnavailable: it cannot be read now.
            StoreError: nor later.
        """
        if self._closing:
            raise StoreUnavailable(f"{self._file.path} has been closed")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._look, look)

    async def close(self) -> None:
        """Finish the looks that have begun."""
        if self._closing:
            return
        self._closing = True
        last = asyncio.get_running_loop().run_in_executor(self._thread, _nothing)
        self._thread.shutdown(wait=False)  # after what has been given to it
        await asyncio.shield(last)

    # -- in the thread ------------------------------------------------------------------------

    def _look(self, look: Callable[[sqlite3.Connection], T]) -> T:
        with closing(self._file.look()) as connection:
            try:
                connection.execute("BEGIN")
                return look(connection)
            except sqlite3.Error as error:
                raise self._file.explain(error, looking=True) from error


def _nothing() -> None:
    """Comes after every look that has begun."""
