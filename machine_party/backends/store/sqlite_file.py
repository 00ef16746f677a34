"""A SQLite file: how it is opened, what its tables are, and what its errors mean.

Here `sqlite3`'s exceptions become ours. What must not be here: what a room's rows are for.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

from machine_party.errors import StoreError, StoreUnavailable

__all__ = ["SqliteFile", "Synchronous"]

Synchronous: TypeAlias = Literal["full", "normal"]

APPLICATION = 0x4D505459
"""`MPTY` in the file's header: it is ours. https://www.sqlite.org/fileformat2.html#application_id"""

SCHEMA = 1
"""Kept as `user_version`. Raise it with every change of the tables."""

OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables."""

WAL_LIMIT = 64 * 1024 * 1024
"""Bytes that the journal file keeps after a burst; it is truncated to that at a checkpoint."""

TABLES = (
    # One small row a room: it changes with every commit, so the form is elsewhere.
    """CREATE TABLE rooms (
        id INTEGER PRIMARY KEY,
        party TEXT NOT NULL,
        room TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        version INTEGER NOT NULL,
        UNIQUE (party, room)
    ) STRICT""",
    """CREATE TABLE forms (
        room INTEGER PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        form BLOB NOT NULL
    ) STRICT""",
    # A room's entries lie together, in order.
    """CREATE TABLE entries (
        room INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        entry BLOB NOT NULL,
        PRIMARY KEY (room, version)
    ) STRICT, WITHOUT ROWID""",
)


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

    def open(self, *, new: bool = False) -> sqlite3.Connection:
        """A connection, in autocommit mode, to a file with our tables.

        Args:
            new: make the file if there is none. Not when opening it again: a file that has gone
                away (a disk that is not mounted any more) must not come back empty.

        Raises:
            StoreError: it cannot be used; the text says what to do.
        """
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            wanted = ".".join(map(str, OLDEST_SQLITE))
            raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: {wanted} is needed")
        if new:
            self._make()
        try:
            return self._connect()
        except sqlite3.Error as error:
            raise self.explain(error) from error

    def explain(self, error: sqlite3.Error) -> StoreError:
        """What has happened, where, and what to do."""
        name = getattr(error, "sqlite_errorname", "")
        primary = "_".join(name.split("_")[:2])
        kind = StoreError if primary in _LASTING else StoreUnavailable
        fix = _FIXES.get(primary, "See https://www.sqlite.org/rescode.html.")
        return kind(f"{self.path}: {error} ({name or type(error).__name__}). {fix}")

    def _make(self) -> None:
        try:
            with suppress(FileExistsError):
                self.path.touch(mode=0o600, exist_ok=False)
            with self.path.open("r+b"):
                """It can be written."""
        except OSError as error:
            fix = "Name a file in a folder that exists, in which this user may make and write files"
            raise StoreUnavailable(f"{self.path}: {error.strerror}. {fix}.") from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._busy_seconds,
            isolation_level=None,  # transactions begin where we say so
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(
                "PRAGMA fullfsync = ON"
            )  # macOS: fsync alone does not reach the disk
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            self._check_ours(connection)
            self._enter_wal(connection)
            self._check_tables(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_ours(self, connection: sqlite3.Connection) -> None:
        application, tables = _pragma(connection, "application_id"), _tables(connection)
        if application != APPLICATION and (application or tables):
            raise StoreError(f"{self.path} is another program's database. Name another file.")
        found = _pragma(connection, "user_version")
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
        # What a failed fsync has left in the log may look committed without being on the disk.
        # A checkpoint writes it to the database anew, and syncs that.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _check_tables(self, connection: sqlite3.Connection) -> None:
        if _pragma(connection, "user_version"):
            return
        connection.execute("BEGIN IMMEDIATE")
        if not _pragma(connection, "user_version"):  # nobody else has been quicker
            for table in TABLES:
                connection.execute(table)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


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

_LASTING = {
    "SQLITE_CONSTRAINT", "SQLITE_CORRUPT", "SQLITE_ERROR", "SQLITE_MISMATCH", "SQLITE_MISUSE",
    "SQLITE_NOTADB",
}  # fmt: skip
"""What does not pass by waiting."""
