"""Rooms in one SQLite file: for a server that is one process, which is most of them.

A write is a statement that compares epoch and version, so two processes may use one file: the
fence keeps a room's journal one chain, and the slower of them learns that it has lost the room.
The file must be on a local disk (https://www.sqlite.org/wal.html).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from machine_party.backends.store import row
from machine_party.backends.store.sqlite_file import SqliteFile, Synchronous
from machine_party.backends.store.sqlite_writer import SqliteWriter
from machine_party.room import Entry, RoomKey, StoredRoom

__all__ = ["SqliteStore"]

BUSY_SECONDS = 5.0
"""A transaction takes milliseconds; a backup (`.backup`, VACUUM INTO) does not block at all."""


class SqliteStore:
    """Keeps rooms in a file. Opens it at once, so that a wrong path is told before anyone joins.

    Args:
        path: the file; made if there is none. Beside it lie `-wal` and `-shm` while it is open.
        synchronous: see `SqliteFile`; `full` is what makes an acknowledged commit durable.
        busy_seconds: how long a write waits for another process.

    Raises:
        StoreError: the file cannot be used; the text names it and says what to do.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        synchronous: Synchronous = "full",
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self._writer = SqliteWriter(SqliteFile(Path(path), synchronous, busy_seconds))

    async def create(self, key: RoomKey, epoch: int, version: int, form: dict[str, Any]) -> None:
        whole = row.encode_form(key, form)

        def create(db: sqlite3.Connection) -> None:
            made = db.execute(
                "INSERT INTO rooms (party, room, epoch, version) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING RETURNING id",
                (*key, epoch, version),
            ).fetchall()
            if not made:
                raise row.taken(key)
            db.execute("INSERT INTO forms VALUES (?, ?, ?)", (*made[0], version, whole))

        await self._writer.run(create)

    async def append(self, key: RoomKey, epoch: int, entries: Sequence[Entry]) -> None:
        rows = row.encode_entries(key, entries)
        before = row.before(entries)
        versions = [entry.version for entry in entries]

        def append(db: sqlite3.Connection) -> None:
            moved = db.execute(
                "UPDATE rooms SET version = version + ?"
                " WHERE party = ? AND room = ? AND epoch = ? AND version = coalesce(?, version)"
                " RETURNING id",
                (len(rows), *key, epoch, before),
            ).fetchall()
            if not moved:
                raise row.fenced(key, epoch)
            new = [(*moved[0], *values) for values in zip(versions, rows, strict=True)]
            db.executemany("INSERT INTO entries VALUES (?, ?, ?)", new)

        await self._writer.run(append)

    async def claim(self, key: RoomKey) -> StoredRoom | None:
        def claim(db: sqlite3.Connection) -> tuple[Any, ...] | None:
            claimed = db.execute(
                "UPDATE rooms SET epoch = epoch + 1 WHERE party = ? AND room = ?"
                " RETURNING id, epoch, version",
                key,
            ).fetchall()
            if not claimed:
                return None
            id, epoch, version = claimed[0]
            whole = db.execute("SELECT version, form FROM forms WHERE room = ?", (id,)).fetchone()
            entries = db.execute(
                "SELECT entry FROM entries WHERE room = ? AND version > ? ORDER BY version",
                (id, whole[0]),
            ).fetchall()
            return epoch, version, whole, [entry for (entry,) in entries]

        found = await self._writer.run(claim)
        return None if found is None else row.stored_room(key, *found)

    async def compact(self, key: RoomKey, epoch: int, version: int, form: dict[str, Any]) -> None:
        whole = row.encode_form(key, form)

        def compact(db: sqlite3.Connection) -> None:
            owned = db.execute(
                "UPDATE forms SET version = ?1, form = ?2 FROM rooms"
                " WHERE party = ?3 AND rooms.room = ?4 AND epoch = ?5 AND forms.room = id"
                " AND ?1 BETWEEN forms.version AND rooms.version RETURNING forms.room",
                (version, whole, *key, epoch),
            ).fetchall()
            if not owned:
                raise row.fenced(key, epoch)
            db.execute("DELETE FROM entries WHERE room = ? AND version <= ?", (*owned[0], version))

        await self._writer.run(compact)

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

    async def keys(self, party: str | None = None) -> list[RoomKey]:
        def keys(db: sqlite3.Connection) -> list[RoomKey]:
            wanted = "SELECT party, room FROM rooms WHERE party = coalesce(?, party) ORDER BY id"
            return [RoomKey(*found) for found in db.execute(wanted, (party,)).fetchall()]

        return await self._writer.run(keys)

    async def close(self) -> None:
        """Finish what is being written and let go."""
        await self._writer.close()
