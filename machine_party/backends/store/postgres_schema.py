"""The tables in PostgreSQL, and how they come to be."""

from __future__ import annotations

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from machine_party.errors import StoreError

__all__ = ["SCHEMA_VERSION", "prepare"]

SCHEMA_VERSION = 1
"""Kept in the table `schema_version`. Raise it with every change of the tables."""

_LOCK = 0x4D505459
"""Of `pg_advisory_xact_lock`: nodes that start at once make the tables one after the other."""

# Forms are apart from rooms: a room's row changes with every commit, and PostgreSQL writes the
# whole row anew. `fillfactor` leaves room on its page for that (heap-only tuples).
_TABLES = """
CREATE TABLE {schema}.rooms (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    party text NOT NULL,
    room text NOT NULL,
    epoch bigint NOT NULL,
    version bigint NOT NULL,
    UNIQUE (party, room)
) WITH (fillfactor = 50);
CREATE TABLE {schema}.forms (
    room bigint PRIMARY KEY REFERENCES {schema}.rooms ON DELETE CASCADE,
    version bigint NOT NULL,
    form bytea NOT NULL
);
CREATE TABLE {schema}.entries (
    room bigint NOT NULL REFERENCES {schema}.rooms ON DELETE CASCADE,
    version bigint NOT NULL,
    entry bytea NOT NULL,
    PRIMARY KEY (room, version)
);
CREATE TABLE {schema}.schema_version (version integer NOT NULL);
INSERT INTO {schema}.schema_version VALUES ({version});
"""


async def prepare(connection: PoolConnectionProxy[asyncpg.Record], name: str, schema: str) -> None:
    """Make the tables, if they are not there.

    Args:
        name: the schema's name; `schema`: the same, quoted.

    Raises:
        StoreError: they are a newer machine-party's.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        if not await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", schema):
            await connection.execute(f"CREATE SCHEMA {schema}")
        table = f"{schema}.schema_version"
        if not await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table):
            await connection.execute(_TABLES.format(schema=schema, version=SCHEMA_VERSION))
        found = await connection.fetchval(f"SELECT version FROM {table}")
        if found > SCHEMA_VERSION:
            raise StoreError(
                f"PostgreSQL's schema {name!r} was written by a newer machine-party: its version "
                f"is {found}, and this one knows {SCHEMA_VERSION}. Upgrade machine-party, or name "
                "another schema."
            )
