"""The one thread that writes to a SQLite file, and the group commit.

While a transaction is being written, what arrives waits; then all of it goes into the next one.
So a commit's fsync, which is nearly all that it costs, is shared by everyone who waited for it.

What must not be here: SQL of rooms.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from machine_party.backends.store.sqlite_file import SqliteFile
from machine_party.errors import StoreError, StoreUnavailable

__all__ = ["SqliteWriter"]

T = TypeVar("T")


class _Work:
    """Somebody's statements, and what came of them: valid once `answered` is done."""

    __slots__ = ("_do", "answered", "error", "result")

    def __init__(
        self, do: Callable[[sqlite3.Connection], Any], answered: asyncio.Future[None]
    ) -> None:
        self._do = do
        self.answered = answered
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        """Run it within the group's transaction. If it raises, only its own changes go.

        Raises:
            sqlite3.Error: the group's transaction is gone with it: some errors of the disk and of
                the memory make SQLite roll all of it back
                (https://www.sqlite.org/lang_transaction.html, "Response To Errors").
        """
        connection.execute("SAVEPOINT work")
        try:
            self.result = self._do(connection)
        except Exception as error:
            if not connection.in_transaction:
                raise
            self.error = error
            connection.execute("ROLLBACK TO work")
        connection.execute("RELEASE work")


class SqliteWriter:
    """Owns the connection that writes to a file, in a thread of its own.

    Args:
        at_once: open the file now, and make it if there is none; else it has to be there, and is
            opened at the first write.

    Raises:
        StoreError: the file cannot be used.
    """

    def __init__(self, file: SqliteFile, *, at_once: bool = True) -> None:
        self._file = file
        self._waiting: deque[_Work] = deque()
        self._connection: sqlite3.Connection | None = None
        self._job: asyncio.Future[None] | None = None
        self._closing = self._doubtful = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"sqlite-{file.path.name}")
        if not at_once:
            return
        try:
            self._thread.submit(self._connect, new=True).result()
        except BaseException:
            self._thread.shutdown()
            raise

    async def run(self, do: Callable[[sqlite3.Connection], T]) -> T:
        """Run statements in a transaction, with whatever else waits; what `do` returns.

        When this returns, the transaction is on the disk. Whoever stops waiting (is cancelled)
        only does not learn how it went: it is done all the same, as a whole or not at all.

        Args:
            do: called in the writer's thread. What it raises, this raises, and only its own
                changes are undone.

        Raises:
            StoreUnavailable: nothing is known to be written.
        """
        if self._closing:
            raise StoreUnavailable(f"{self._file.path} has been closed")
        work = _Work(do, asyncio.get_running_loop().create_future())
        self._waiting.append(work)
        self._see_to_it()
        await work.answered
        if work.error is not None:
            raise work.error
        result: T = work.result
        return result

    async def close(self) -> None:
        """Finish what waits, and let go of the file."""
        if self._closing:
            return
        self._closing = True
        loop = asyncio.get_running_loop()
        ended = loop.run_in_executor(self._thread, self._end)
        self._thread.shutdown(wait=False)  # after what has been given to it
        await asyncio.shield(ended)

    def _see_to_it(self) -> None:
        """Have the thread write what waits, unless it is at it."""
        if self._job is None or self._job.get_loop().is_closed():
            loop = asyncio.get_running_loop()
            self._job = loop.run_in_executor(self._thread, self._write_all)
            self._job.add_done_callback(self._job_done)

    def _job_done(self, _job: asyncio.Future[None]) -> None:
        self._job = None
        if self._waiting and not self._closing:
            self._see_to_it()

    # -- in the thread ------------------------------------------------------------------------

    def _write_all(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(len(self._waiting))]
            self._commit(group)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                group[0].answered.get_loop().call_soon_threadsafe(_answer, group)

    def _end(self) -> None:
        self._write_all()
        self._disconnect()

    def _commit(self, group: list[_Work]) -> None:
        try:
            self._write(self._connection or self._connect(), group)
        except Exception as error:  # whatever it is, nobody may wait for ever
            self._doubtful |= self._file.is_of_the_disk(error)
            for work in group:
                work.error = self._explained(error)
            self._disconnect()  # whatever state it is in: the next group opens the file anew
        for work in group:
            if isinstance(work.error, sqlite3.Error):
                work.error = self._explained(work.error)

    def _write(self, connection: sqlite3.Connection, group: list[_Work]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for work in group:
            work.run(connection)
        connection.execute("COMMIT")

    def _explained(self, error: Exception) -> StoreError:
        """One exception for each who waits: a traceback belongs to one raise."""
        if isinstance(error, sqlite3.Error):
            explained = self._file.explain(error)
        elif isinstance(error, StoreError):
            explained = type(error)(*error.args)
        else:
            explained = StoreUnavailable(f"{self._file.path}: {error!r}")
        explained.__cause__ = error
        return explained

    def _connect(self, *, new: bool = False) -> sqlite3.Connection:
        self._connection = self._file.open(new=new, doubtful=self._doubtful)
        self._doubtful = False
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.rollback()  # a close leaves the lock to a statement that is not done
            with suppress(sqlite3.Error):
                connection.close()


def _answer(group: list[_Work]) -> None:
    """Wake who waits. An error is told by `run`: a future would complain if nobody asked it."""
    for work in group:
        if not work.answered.done():
            work.answered.set_result(None)
