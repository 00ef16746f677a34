"""The tables in a SQLite file, and how they come to be."""

from __future__ import annotations

import sqlite3

__all__ = ["APPLICATION", "SCHEMA", "look_at_older", "pragma", "prepare"]

APPLICATION = 0x4D505459
"""`MPTY` in the file's header: it is ours. https://www.sqlite.org/fileformat2.html#application_id"""

SCHEMA = 2
"""Kept as `user_version`. Raise it with every change of the tables."""

_FORMS = """CREATE TABLE forms (
        room INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        form BLOB NOT NULL,
        PRIMARY KEY (room, version)
    ) STRICT"""

_NODES = "CREATE TABLE nodes (id TEXT PRIMARY KEY, alive_at REAL NOT NULL) STRICT, WITHOUT ROWID"

# For the rooms that have something to do by themselves: most of those that are kept have not.
_WAKES = "CREATE INDEX wakes ON rooms (wake) WHERE wake IS NOT NULL"

TABLES = (
    # One small row a room: it changes with every commit, so forms are elsewhere.
    """CREATE TABLE rooms (
        id INTEGER PRIMARY KEY,
        party TEXT NOT NULL,
        room TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        version INTEGER NOT NULL,
        wake REAL,
        asleep INTEGER NOT NULL DEFAULT 0,
        node TEXT,
        writer TEXT,
        UNIQUE (party, room)
    ) STRICT""",
    _FORMS,
    # A room's entries lie together, in order.
    """CREATE TABLE entries (
        room INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        entry BLOB NOT NULL,
        PRIMARY KEY (room, version)
    ) STRICT, WITHOUT ROWID""",
    _NODES,
    _WAKES,
)

UPGRADES = {
    1: (
        "ALTER TABLE rooms ADD COLUMN wake REAL",
        "ALTER TABLE rooms ADD COLUMN asleep INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE rooms ADD COLUMN node TEXT",
        "ALTER TABLE rooms ADD COLUMN writer TEXT",
        "ALTER TABLE forms RENAME TO forms_of_1",
        _FORMS,
        "INSERT INTO forms SELECT room, version, form FROM forms_of_1",
        "DROP TABLE forms_of_1",
        _NODES,
        _WAKES,
    ),
}
"""What makes of each older schema the next."""

VIEWS = {
    1: (
        "CREATE TEMP VIEW rooms AS"
        " SELECT *, NULL AS wake, 0 AS asleep, NULL AS node, NULL AS writer FROM main.rooms",
        "CREATE TEMP TABLE nodes (id, alive_at)",
    ),
}
"""What makes an older schema look like today's to one connection: nothing in the file changes."""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables, or bring those of an older schema to today's. All of it or nothing."""
    if pragma(connection, "user_version") == SCHEMA:
        return
    connection.execute("BEGIN IMMEDIATE")
    found = pragma(connection, "user_version")  # somebody else may have been quicker
    for step in [TABLES] if not found else [UPGRADES[old] for old in range(found, SCHEMA)]:
        for statement in step:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    connection.execute("COMMIT")


def look_at_older(connection: sqlite3.Connection) -> None:
    """Let this connection read a file of an older schema as if it had today's."""
    for statement in VIEWS.get(pragma(connection, "user_version"), ()):
        connection.execute(statement)


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """A whole number that SQLite says of itself or of the file."""
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value
