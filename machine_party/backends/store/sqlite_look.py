"""What is read of a SQLite file's rooms. Nothing here changes anything."""

from __future__ import annotations

import sqlite3
from typing import Any

from machine_party.backends.store import row
from machine_party.room import History, RoomKey, RoomRecord, StoredRoom

__all__ = ["history", "latest_stamp", "read", "records", "wakes"]

_OWNED = """
    SELECT rooms.id, epoch, version, writer, alive_at
    FROM rooms LEFT JOIN nodes ON nodes.id = writer WHERE party = ? AND room = ?"""

_FORMS = "SELECT version, form FROM forms WHERE room = ? ORDER BY version"

_ENTRIES = "SELECT entry FROM entries WHERE room = ? AND version > ? ORDER BY version"

# `length` of a BLOB does not read it.
_RECORDS = """
    SELECT party, room, epoch, version, wake, asleep, node, alive_at,
        (SELECT coalesce(sum(length(form)), 0) FROM forms WHERE forms.room = rooms.id)
        + (SELECT coalesce(sum(length(entry)), 0) FROM entries WHERE entries.room = rooms.id)
    FROM rooms LEFT JOIN nodes ON nodes.id = node
    WHERE party = coalesce(?, party) ORDER BY rooms.id"""

_WAKES = """
    SELECT wake, party, room FROM rooms LEFT JOIN nodes ON nodes.id = node
    WHERE wake IS NOT NULL AND (asleep OR alive_at IS NULL OR alive_at < ?)
    ORDER BY wake, rooms.id LIMIT ?"""


def read(db: sqlite3.Connection, key: RoomKey) -> StoredRoom | None:
    """A room, from its last form on.

    Raises:
        RestoreError: what is kept of it cannot be read.
    """
    id, owned = _owned(db, key)
    if owned is None:
        return None
    whole = db.execute(f"{_FORMS} DESC LIMIT 1", (id,)).fetchone()
    return row.stored_room(key, owned, whole, _entries_after(db, id, whole))


def history(db: sqlite3.Connection, key: RoomKey) -> History | None:
    """A room, from its oldest form on.

    Raises:
        RestoreError: what is kept of it cannot be read.
    """
    id, owned = _owned(db, key)
    if owned is None:
        return None
    forms = db.execute(_FORMS, (id,)).fetchall()
    return row.history(key, owned, forms, _entries_after(db, id, *forms[:1]))


def records(db: sqlite3.Connection, party: str | None) -> list[RoomRecord]:
    """The rooms of one party, or all, in the order in which they were made."""
    return [
        RoomRecord(RoomKey(kind, room), epoch, version, wake, bool(asleep), *more)
        for kind, room, epoch, version, wake, asleep, *more in db.execute(_RECORDS, (party,))
    ]


def latest_stamp(db: sqlite3.Connection) -> float | None:
    """The newest stamp of any node."""
    stamp: float | None = db.execute("SELECT max(alive_at) FROM nodes").fetchone()[0]
    return stamp


def wakes(db: sqlite3.Connection, limit: int, stale: float) -> list[tuple[float, RoomKey]]:
    """When those wake that nobody has in memory, the earliest first."""
    return [(wake, RoomKey(*key)) for wake, *key in db.execute(_WAKES, (stale, limit))]


def _owned(db: sqlite3.Connection, key: RoomKey) -> tuple[int, row.Ownership | None]:
    found = db.execute(_OWNED, key).fetchone()
    return (0, None) if found is None else (found[0], row.Ownership(*found[1:]))


def _entries_after(
    db: sqlite3.Connection, id: int, whole: tuple[int, bytes] | None = None
) -> list[Any]:
    """The rows of all commits after that form."""
    if whole is None:
        return []
    return [entry for (entry,) in db.execute(_ENTRIES, (id, whole[0]))]
