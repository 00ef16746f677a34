"""A SQLite file: how it is opened, for writing and for a look, and what its errors mean.

Here `sqlite3`'s exceptions become ours. What must not be here: what a room's rows are for, and
anything but SQLite that opens a file which is there: who closes any descriptor of a file loses all
locks that its process has on it (https://www.sqlite.org/howtocorrupt.html, 2.2). Then another
process takes itself for the last one, removes the log, and what is written to it is gone.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

from machine_party.backends.store.sqlite_schema import (
    APPLICATION,
    SCHEMA,
    look_at_older,
    pragma,
    prepare,
)
from machine_party.errors import StoreError, StoreUnavailable

__all__ = ["SqliteFile", "Synchronous"]

Synchronous: TypeAlias = Literal["full", "normal"]

OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables."""

WAL_LIMIT = 64 * 1024 * 1024
"""Bytes that the journal file keeps after a burst; it is truncated to that at a checkpoint."""


_making = threading.Lock()
"""A new file's descriptor is closed before anybody else in this process has one."""


class SqliteFile:
    """One database file.

    Args:
        path: the file; made, readable by its owner alone, if there is none.
        synchronous: `full`: the disk has a commit when it returns, so it survives a power cut.
            `normal`: the disk gets it later. The database stays whole, but commits that were
            acknowledged in the last seconds before a power cut are gone: that is for
            measurements and as the control of the power cut test, not for rooms.
        busy_seconds: how long to wait while another process writes to the file.
    """

    def __init__(self, path: Path, synchronous: Synchronous, busy_seconds: float) -> None:
        self.path = path.absolute()
        self._synchronous = synchronous
        self._busy_seconds = busy_seconds

    def open(self, *, new: bool = False, doubtful: bool = False) -> sqlite3.Connection:
        """A connection that writes, in autocommit mode, to a file with our tables.

        Args:
            new: make the file if there is none. Not when opening it again: a file that has gone
                away (a disk that is not mounted any more) must not come back empty.
            doubtful: the disk has failed: what seems to be in the log may not be on it.

        Raises:
            StoreError: it cannot be used; the text says what to do.
        """
        self._refuse_folder()
        if new:
            self._make()
        return self._connect("rw", partial(self._get_ready, doubtful))

    def look(self) -> sqlite3.Connection:
        """A connection that only reads, in autocommit mode. It makes nothing, checkpoints nothing
        and keeps no writer waiting; a file of an older schema it reads as if it were today's.

        Raises:
            StoreError: it cannot be read; the text says what to do.
        """
        if not os.path.exists(self.path):  # pathlib's raises where this user may not look
            fix = "Name one that is there, in a folder that this user may open"
            raise StoreUnavailable(f"{self.path}: there is no such file. {fix}.")
        self._refuse_folder()
        return self._connect("ro", self._get_ready_to_look)

    def explain(self, error: sqlite3.Error, *, looking: bool = False) -> StoreError:
        """What has happened, where, and what to do.

        Args:
            looking: by a connection that only reads.
        """
        name = getattr(error, "sqlite_errorname", "")
        primary = "_".join(name.split("_")[:2])
        kind = StoreError if primary in _LASTING else StoreUnavailable
        fixes = _FIXES | _FIXES_OF_LOOKS if looking else _FIXES
        fix = fixes.get(primary, "See https://www.sqlite.org/rescode.html.")
        return kind(f"{self.path}: {error} ({name or type(error).__name__}). {fix}")

    def is_of_the_disk(self, error: Exception) -> bool:
        """Whether the disk has failed, so that nobody knows what is on it."""
        return str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_IOERR")

    def _refuse_folder(self) -> None:
        if os.path.isdir(self.path):
            raise StoreError(f"{self.path} is a folder. Name a file, in it or elsewhere.")

    def _make(self) -> None:
        """An empty file, if there is none. One that is there is not opened."""
        fix = "Name a file in a folder that exists, in which this user may make and write files"
        try:
            with _making, suppress(FileExistsError):
                self.path.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise StoreUnavailable(f"{self.path}: {error.strerror}. {fix}.") from error
        if not os.access(self.path, os.R_OK | os.W_OK):
            raise StoreUnavailable(f"{self.path}: this user may not read and write it. {fix}.")

    def _connect(
        self, mode: Literal["rw", "ro"], get_ready: Callable[[sqlite3.Connection], None]
    ) -> sqlite3.Connection:
        _check_sqlite()
        try:
            connection = sqlite3.connect(
                f"{self.path.as_uri()}?mode={mode}",
                uri=True,
                timeout=self._busy_seconds,
                isolation_level=None,  # transactions begin where we say so
            )
            try:
                get_ready(connection)
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise self.explain(error, looking=mode == "ro") from error
        return connection

    def _get_ready(self, doubtful: bool, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        self._check_ours(connection)
        self._enter_wal(connection)
        self._begin_log_anew(connection, doubtful)
        prepare(connection)

    def _get_ready_to_look(self, connection: sqlite3.Connection) -> None:
        self._check_ours(connection)
        if not pragma(connection, "user_version"):
            raise StoreError(f"{self.path} is empty: no server has kept rooms there yet.")
        look_at_older(connection)

    def _check_ours(self, connection: sqlite3.Connection) -> None:
        application, tables = pragma(connection, "application_id"), _tables(connection)
        if application != APPLICATION and (application or tables):
            raise StoreError(f"{self.path} is another program's database. Name another file.")
        found = pragma(connection, "user_version")
        if found > SCHEMA:
            raise StoreError(
                f"{self.path} was written by a newer machine-party: its schema is {found}, and "
                f"this one knows {SCHEMA}. Upgrade machine-party, or name another file."
            )

    def _enter_wal(self, connection: sqlite3.Connection) -> None:
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            fix = "Put it on a local disk"
            raise StoreError(f"{self.path}: no write-ahead log is possible there. {fix}.")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")

    def _begin_log_anew(self, connection: sqlite3.Connection, doubtful: bool) -> None:
        """Copy the log into the database, sync that, and empty the log.

        After a failed fsync a system may take for clean what never reached the disk: the log can
        be read, the next fsync succeeds, and with the power all that was written behind it goes.
        Once this has returned, nothing stands on such a log (ADR 014 says what is left open).
        """
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy and doubtful:
            raise StoreUnavailable(
                f"{self.path}: after an error of the disk its log has to be written anew, and "
                "another process reads it for long. End that one."
            )


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: {wanted} is needed")


def _tables(connection: sqlite3.Connection) -> int:
    count: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    return count


_DAMAGED = "Restore a backup, or try `sqlite3 FILE .recover`; keep a copy of it first."

_FIXES = {
    "SQLITE_FULL": "Make room on the disk.",
    "SQLITE_IOERR": "Look at the disk and at the system's log.",
    "SQLITE_BUSY": "Another process is writing to it for long: end that one.",
    "SQLITE_READONLY": "This user must be allowed to write the file and its folder.",
    "SQLITE_CANTOPEN": "The file and its folder must be there, for this user to write.",
    "SQLITE_NOTADB": "It is not a SQLite database: name another file.",
    "SQLITE_CORRUPT": _DAMAGED,
}

_FIXES_OF_LOOKS = {
    "SQLITE_CANTOPEN": "This user must be allowed to read it, and the -wal and -shm beside it.",
    "SQLITE_READONLY": "No server has it open: a look then makes -wal and -shm beside it, and this "
    "user must be allowed to make files in its folder.",
}

_LASTING = {
    "SQLITE_CONSTRAINT", "SQLITE_CORRUPT", "SQLITE_ERROR", "SQLITE_MISMATCH", "SQLITE_MISUSE",
    "SQLITE_NOTADB",
}  # fmt: skip
"""What does not pass by waiting."""
