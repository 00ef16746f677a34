"""The tables in PostgreSQL: new ones, those of an earlier release, and a later one's."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from machine_party.backends.store import open_store
from machine_party.backends.store.postgres import PostgresStore
from machine_party.backends.store.postgres_schema import SCHEMA_VERSION
from machine_party.errors import Fenced, StoreError
from tests.backends.adapter import PostgresAdapter
from tests.backends.journal import EPOCH, KEY, append, checkpoint, claimed, entry, form, kept
from tests.backends.loop import RealLoop
from tests.backends.test_postgres import opened

pytestmark = pytest.mark.socket

SCHEMA_1 = """
CREATE SCHEMA {schema};
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
INSERT INTO {schema}.schema_version VALUES (1);
INSERT INTO {schema}.rooms (party, room, epoch, version) VALUES ('board', 'abc', {epoch}, 5);
INSERT INTO {schema}.forms VALUES (1, 3, convert_to('{form}', 'UTF8'));
INSERT INTO {schema}.entries VALUES
    (1, 4, convert_to('{four}', 'UTF8')), (1, 5, convert_to('{five}', 'UTF8'));
"""
"""As the first release made it. It stays as it is."""


async def test_nodes_that_start_at_once_make_the_tables_once(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    stores = [PostgresStore(postgres.url) for _ in range(5)]
    assert await asyncio.gather(*(kept(store) for store in stores)) == [[]] * 5
    for store in stores:
        await store.close()


async def test_tables_of_a_newer_schema(postgres: PostgresAdapter, real_loop: RealLoop) -> None:
    async with opened(postgres):
        table = f'"{postgres.schema}".schema_version'
        await postgres.execute(f"UPDATE {table} SET version = {SCHEMA_VERSION + 1}")
    store = PostgresStore(postgres.url)
    for _ in range(2):
        with pytest.raises(StoreError, match="its version is 3, and this one knows 2"):
            await kept(store)
    await store.close()


async def make_old(postgres: PostgresAdapter) -> None:
    rows = {"form": form(3), "four": entry(4), "five": entry(5)}
    texts = {name: msgspec.json.encode(row).decode() for name, row in rows.items()}
    schema = f'"{postgres.schema}"'
    await postgres.execute(SCHEMA_1.format(schema=schema, epoch=EPOCH, **texts))


async def test_rooms_of_an_older_schema_go_on(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    await make_old(postgres)
    stores = [PostgresStore(postgres.url) for _ in range(3)]  # that start at once
    for records in await asyncio.gather(*(store.records() for store in stores)):
        (record,) = records
        assert (record.key, record.epoch, record.version) == (KEY, EPOCH, 5)
        assert (record.wake, record.asleep) == (None, False)
        assert (record.node, record.alive_at) == (None, None)
    store = stores[0]
    await append(store, KEY, EPOCH, [entry(6)], wake=9.5)
    found = await claimed(store)
    assert (found.form, list(found.entries)) == (form(3), [entry(4), entry(5), entry(6)])
    await checkpoint(store, KEY, found.epoch, 6, form(6), keep_from=0, wake=9.5, asleep=True)
    history = await store.history(KEY)
    assert history is not None
    assert [version for version, _ in history.forms] == [3, 6]
    assert await store.wakes(9, stale=0.0) == [(9.5, KEY)]
    for store in stores:
        await store.close()


COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = '{schema}' ORDER BY 1, ordinal_position"""
INDEXES = """
SELECT tablename, indexname, replace(indexdef, '{schema}', '') FROM pg_indexes
WHERE schemaname = '{schema}' ORDER BY 1, 2"""


async def test_its_tables_are_then_as_new_ones(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    async def tables_of(schema: str) -> list[tuple[object, ...]]:
        store = PostgresStore(postgres.server, schema=schema)
        columns, indexes = COLUMNS.format(schema=schema), INDEXES.format(schema=schema)
        found = [*await store._rows(columns), *await store._rows(indexes)]
        await store.close()
        return [tuple(row) for row in found]

    await make_old(postgres)
    new = f"{postgres.schema}_new"
    try:
        assert await tables_of(postgres.schema) == await tables_of(new)
    finally:
        await postgres.execute(f'DROP SCHEMA IF EXISTS "{new}" CASCADE')


async def test_who_only_looks_makes_and_upgrades_nothing(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    store = open_store(postgres.url, must_exist=True)
    with pytest.raises(StoreError, match="has no rooms: no server has kept any there yet"):
        await store.records()
    await make_old(postgres)
    with pytest.raises(StoreError, match=r"of version 1\. Start the server on it once"):
        await store.records()
    await kept(upgrading := PostgresStore(postgres.url))
    await upgrading.close()
    assert await kept(store) == [KEY]
    await store.close()


async def test_schemas_do_not_touch_each_other(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    odd = f'{postgres.schema} "odd" {{s}}'
    async with opened(postgres):
        store = PostgresStore(postgres.url, schema=odd)
        try:
            assert await kept(store) == []
            with pytest.raises(Fenced):
                await append(store, KEY, EPOCH, [entry(2)])
        finally:
            await store.close()
            await postgres.execute(
                "DROP SCHEMA {} CASCADE".format('"' + odd.replace('"', '""') + '"')
            )
