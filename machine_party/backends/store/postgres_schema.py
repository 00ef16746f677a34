"""The tables in PostgreSQL, and how they come to be."""

from __future__ import annotations

from machine_party.backends.store.postgres_pool import Link
from machine_party.errors import StoreError

__all__ = ["SCHEMA_VERSION", "prepare"]

SCHEMA_VERSION = 2
"""Kept in the table `schema_version`. Raise it with every change of the tables."""

_LOCK = 0x4D505459
"""Of `pg_advisory_xact_lock`: nodes that start at once make the tables one after the other."""

_NEW = """
CREATE TABLE {schema}.nodes (id text PRIMARY KEY, alive_at double precision NOT NULL);
CREATE INDEX wakes ON {schema}.rooms (wake) WHERE wake IS NOT NULL;
"""
"""What schema 2 has, and schema 1 had not. The index: most rooms that are kept wait for nothing."""

# Forms are apart from rooms: a room's row changes with every commit, and PostgreSQL writes the
# whole row anew. `fillfactor` leaves room on its page for that (heap-only tuples).
_TABLES = f"""
CREATE TABLE {{schema}}.rooms (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    party text NOT NULL,
    room text NOT NULL,
    epoch bigint NOT NULL,
    version bigint NOT NULL,
    wake double precision,
    asleep boolean NOT NULL DEFAULT false,
    node text,
    writer text,
    UNIQUE (party, room)
) WITH (fillfactor = 50);
CREATE TABLE {{schema}}.forms (
    room bigint NOT NULL REFERENCES {{schema}}.rooms ON DELETE CASCADE,
    version bigint NOT NULL,
    form bytea NOT NULL,
    PRIMARY KEY (room, version)
);
CREATE TABLE {{schema}}.entries (
    room bigint NOT NULL REFERENCES {{schema}}.rooms ON DELETE CASCADE,
    version bigint NOT NULL,
    entry bytea NOT NULL,
    PRIMARY KEY (room, version)
);
{_NEW}
CREATE TABLE {{schema}}.schema_version (version integer NOT NULL);
INSERT INTO {{schema}}.schema_version VALUES ({SCHEMA_VERSION});
"""

_UPGRADES = {
    1: f"""
ALTER TABLE {{schema}}.rooms ADD COLUMN wake double precision,
    ADD COLUMN asleep boolean NOT NULL DEFAULT false, ADD COLUMN node text,
    ADD COLUMN writer text;
ALTER TABLE {{schema}}.forms DROP CONSTRAINT forms_pkey, ADD PRIMARY KEY (room, version);
{_NEW}
UPDATE {{schema}}.schema_version SET version = 2;
""",
}
"""What makes of each older schema the next."""


async def prepare(connection: Link, name: str, schema: str, *, must_exist: bool) -> None:
    """Make the tables, or bring those of an older schema to today's.

    Args:
        name: the schema's name; `schema`: the same, quoted.
        must_exist: change nothing; the tables have to be there, and today's.

    Raises:
        StoreError: they are a newer machine-party's; or have to be there, and are not.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        found = await _version(connection, schema)
        if found > SCHEMA_VERSION:
            raise StoreError(
                f"PostgreSQL's schema {name!r} was written by a newer machine-party: its version "
                f"is {found}, and this one knows {SCHEMA_VERSION}. Upgrade machine-party, or name "
                "another schema."
            )
        if must_exist and found < SCHEMA_VERSION:
            raise StoreError(f"PostgreSQL's schema {name!r} {_unfit(found)}")
        if not found:
            await _make(connection, schema)
        for old in range(found or SCHEMA_VERSION, SCHEMA_VERSION):
            await connection.execute(_UPGRADES[old].format(schema=schema))


async def _version(connection: Link, schema: str) -> int:
    """Of the tables; 0: they are not there."""
    table = f"{schema}.schema_version"
    if not await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table):
        return 0
    version: int = await connection.fetchval(f"SELECT version FROM {table}")
    return version


async def _make(connection: Link, schema: str) -> None:
    if not await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", schema):
        await connection.execute(f"CREATE SCHEMA {schema}")
    await connection.execute(_TABLES.format(schema=schema))


def _unfit(found: int) -> str:
    if not found:
        return "has no rooms: no server has kept any there yet."
    return f"is of version {found}. Start the server on it once: that makes it {SCHEMA_VERSION}."
