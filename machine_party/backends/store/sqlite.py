"""Rooms in one SQLite file: for a server that is one process, which is most of them.

A write is a statement that compares epoch and version, so two processes may use one file: the
fence keeps a room's journal one chain, and the slower of them learns that it has lost the room.
The file must be on a local disk (https://www.sqlite.org/wal.html).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from machine_party.backends.store import row, sqlite_look
from machine_party.backends.store.sqlite_file import SqliteFile, Synchronous
from machine_party.backends.store.sqlite_reader import SqliteReader
from machine_party.backends.store.sqlite_writer import SqliteWriter
from machine_party.room import Entry, History, RoomKey, RoomRecord, StoredRoom

__all__ = ["SqliteStore"]

BUSY_SECONDS = 5.0
"""A transaction takes milliseconds; a backup (`.backup`, VACUUM INTO) does not block at all."""


class SqliteStore:
    """Keeps rooms in a file. Opens it at once, so that a wrong path is told before anyone joins.

    Args:
        path: the file; made if there is none. Beside it lie `-wal` and `-shm` while it is open.
        synchronous: see `SqliteFile`; `full` is what makes an acknowledged commit durable.
        busy_seconds: how long a write waits for another process.
        must_exist: the file is somebody else's: it is not made, and until something is written
            it is only read. A file of an older schema then stays as it is.

    Raises:
        StoreError: the file cannot be used; the text names it and says what to do.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        synchronous: Synchronous = "full",
        busy_seconds: float = BUSY_SECONDS,
        must_exist: bool = False,
    ) -> None:
        file = SqliteFile(Path(path), synchronous, busy_seconds)
        if must_exist:
            file.look().close()
        self._writer = SqliteWriter(file, at_once=not must_exist)
        self._reader = SqliteReader(file)

    async def create(
        self,
        key: RoomKey,
        epoch: int,
        version: int,
        form: dict[str, Any],
        *,
        node: str,
        wake: float | None,
    ) -> None:
        whole = row.encode_form(key, form)

        def create(db: sqlite3.Connection) -> None:
            made = db.execute(
                "INSERT INTO rooms (party, room, epoch, version, wake, node, writer)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
                (*key, epoch, version, wake, node, node),
            ).fetchall()
            if not made:
                raise row.taken(key)
            db.execute("INSERT INTO forms VALUES (?, ?, ?)", (*made[0], version, whole))

        await self._writer.run(create)

    async def append(
        self, key: RoomKey, epoch: int, entries: Sequence[Entry], *, wake: float | None
    ) -> None:
        rows = row.encode_entries(key, entries)
        before = row.before(entries)
        versions = [entry.version for entry in entries]

        def append(db: sqlite3.Connection) -> None:
            moved = db.execute(
                "UPDATE rooms SET version = version + ?, wake = ?, asleep = 0, writer = node"
                " WHERE party = ? AND room = ? AND epoch = ? AND version = coalesce(?, version)"
                " RETURNING id",
                (len(rows), wake, *key, epoch, before),
            ).fetchall()
            if not moved:
                raise row.fenced(key, epoch)
            new = [(*moved[0], *values) for values in zip(versions, rows, strict=True)]
            db.executemany("INSERT INTO entries VALUES (?, ?, ?)", new)

        await self._writer.run(append)

    async def claim(self, key: RoomKey, node: str) -> StoredRoom | None:
        def claim(db: sqlite3.Connection) -> StoredRoom | None:
            found = sqlite_look.read(db, key)
            if found is None:
                return None
            db.execute(
                "UPDATE rooms SET epoch = epoch + 1, node = ?, asleep = 0"
                " WHERE party = ? AND room = ?",
                (node, *key),
            )
            return replace(found, epoch=found.epoch + 1)

        return await self._writer.run(claim)

    async def checkpoint(
        self,
        key: RoomKey,
        epoch: int,
        version: int,
        form: dict[str, Any],
        *,
        keep_from: int,
        wake: float | None,
        asleep: bool = False,
    ) -> None:
        whole = row.encode_form(key, form)

        def checkpoint(db: sqlite3.Connection) -> None:
            owned = db.execute(
                "UPDATE rooms SET wake = ?, asleep = ?"
                " WHERE party = ? AND room = ? AND epoch = ? AND version = ? RETURNING id",
                (wake, asleep, *key, epoch, version),
            ).fetchall()
            if not owned:
                raise row.fenced(key, epoch)
            ((id,),) = owned
            db.execute("INSERT OR REPLACE INTO forms VALUES (?, ?, ?)", (id, version, whole))
            _forget_before(db, id, keep_from)

        await self._writer.run(checkpoint)

    async def delete(self, key: RoomKey, epoch: int) -> None:
        """Forget a room. One made later by the same name begins with a higher epoch, which comes
        from the clock (`Rooms`): so whoever owned the old one stays fenced."""

        def delete(db: sqlite3.Connection) -> None:
            gone = db.execute(
                "DELETE FROM rooms WHERE party = ? AND room = ? AND epoch = ?", (*key, epoch)
            )
            if not gone.rowcount:
                raise row.fenced(key, epoch)

        await self._writer.run(delete)

    async def read(self, key: RoomKey) -> StoredRoom | None:
        return await self._reader.run(lambda db: sqlite_look.read(db, key))

    async def history(self, key: RoomKey) -> History | None:
        return await self._reader.run(lambda db: sqlite_look.history(db, key))

    async def records(self, party: str | None = None) -> list[RoomRecord]:
        return await self._reader.run(lambda db: sqlite_look.records(db, party))

    async def stamp(self, node: str, now: float) -> None:
        def stamp(db: sqlite3.Connection) -> None:
            known = db.execute(
                "UPDATE nodes SET alive_at = max(alive_at, ?) WHERE id = ?", (now, node)
            )
            if not known.rowcount:
                db.execute("INSERT INTO nodes VALUES (?, ?)", (node, now))
                _forget_nodes(db, now - row.NODE_SECONDS)

        await self._writer.run(stamp)

    async def latest_stamp(self) -> float | None:
        return await self._reader.run(sqlite_look.latest_stamp)

    async def wakes(self, limit: int, *, stale: float) -> list[tuple[float, RoomKey]]:
        return await self._reader.run(lambda db: sqlite_look.wakes(db, limit, stale))

    async def close(self) -> None:
        """Finish what is being written and let go."""
        await self._reader.close()
        await self._writer.close()


def _forget_before(db: sqlite3.Connection, room: int, keep_from: int) -> None:
    """Drop what is older than the newest form at or below that version."""
    ((oldest,),) = db.execute(
        "SELECT max(version) FROM forms WHERE room = ? AND version <= ?", (room, keep_from)
    ).fetchall()
    if oldest is not None:
        db.execute("DELETE FROM forms WHERE room = ? AND version < ?", (room, oldest))
        db.execute("DELETE FROM entries WHERE room = ? AND version <= ?", (room, oldest))


def _forget_nodes(db: sqlite3.Connection, before: float) -> None:
    """Drop the stamps of nodes that are long gone and made no room's last commit."""
    db.execute(
        "DELETE FROM nodes WHERE alive_at < ?"
        " AND id NOT IN (SELECT writer FROM rooms WHERE writer IS NOT NULL)",
        (before,),
    )
