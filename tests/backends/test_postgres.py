"""Rooms in PostgreSQL: what fails, how long it takes to be told, and how it goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from machine_party.backends.store.postgres import PostgresStore
from machine_party.backends.store.postgres_pool import Link
from machine_party.backends.store.postgres_schema import SCHEMA_VERSION
from machine_party.errors import Fenced, RestoreError, StoreError, StoreUnavailable
from tests.backends.adapter import PostgresAdapter
from tests.backends.journal import EPOCH, KEY, claimed, entry, form
from tests.backends.loop import RealLoop

pytestmark = pytest.mark.socket

SOON = 1.0
"""Seconds until a store of these tests gives up."""


@asynccontextmanager
async def opened(postgres: PostgresAdapter, seconds: float = 5.0) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(postgres.url, seconds=seconds)
    await store.create(KEY, EPOCH, 1, form())
    yield store
    await store.close()


class Relay:
    """Between the store and the server: it can be cut, and it can stop to pass anything on."""

    def __init__(self, to: tuple[str, int]) -> None:
        self._to = to
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._to)
        self._writers += [writer, back]
        for source, sink in ((reader, back), (there, writer)):
            self._tasks.append(asyncio.ensure_future(self._pass_on(source, sink)))

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self.open.wait()
                sink.write(data)
        except OSError:
            pass
        sink.close()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def relayed(postgres: PostgresAdapter) -> AsyncIterator[tuple[Relay, PostgresStore]]:
    relay = Relay(postgres.address)
    store = PostgresStore(postgres.url_through(await relay.start()), seconds=SOON)
    await store.create(KEY, EPOCH, 1, form())
    yield relay, store
    await store.close()
    await relay.close()


# -- a server that is not there, or does not answer ----------------------------------------------


async def test_a_server_that_is_not_there(real_loop: RealLoop) -> None:
    store = PostgresStore("postgresql://root:hunter2@127.0.0.1:1/test")
    with pytest.raises(StoreUnavailable, match="cannot be reached") as caught:
        await store.keys()
    assert "hunter2" not in str(caught.value)
    await store.close()


async def test_a_server_that_never_answers_is_unavailable_in_time(real_loop: RealLoop) -> None:
    connections = []

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    store = PostgresStore(f"postgresql://root@127.0.0.1:{port}/test", seconds=SOON)
    before = time.monotonic()
    with pytest.raises(StoreUnavailable, match="has not answered within 1 s"):
        await store.keys()
    assert time.monotonic() - before < SOON + 2
    await store.close()
    server.close()
    for writer in connections:
        writer.transport.abort()


async def test_a_server_that_stops_answering_is_unavailable_in_time_and_comes_back(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    async with relayed(postgres) as (relay, store):
        relay.open.clear()
        before = time.monotonic()
        with pytest.raises(StoreUnavailable, match="has not answered"):
            await store.append(KEY, EPOCH, [entry(2)])
        assert time.monotonic() - before < SOON + 2
        relay.cut()
        relay.open.set()
        found = await claimed(store)
        await store.append(KEY, found.epoch, [entry(found.version + 1)])


async def test_a_cut_connection_is_made_anew(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    async with relayed(postgres) as (relay, store):
        relay.open.clear()
        writing = asyncio.ensure_future(store.append(KEY, EPOCH, [entry(2)]))
        await asyncio.sleep(0.05)
        relay.cut()
        with pytest.raises(StoreUnavailable):
            await writing
        relay.open.set()
        assert (await claimed(store)).version in (1, 2)


async def test_a_connection_that_the_server_ends_is_made_anew(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    async with opened(postgres) as store:
        await postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'machine-party' AND pid <> pg_backend_pid()"
        )
        for _ in range(3):  # one may be on its way out when it is asked
            try:
                await store.append(KEY, EPOCH, [entry(2)])
                break
            except StoreUnavailable:
                continue
        assert (await claimed(store)).version == 2


async def test_a_lock_is_waited_for_so_long(postgres: PostgresAdapter, real_loop: RealLoop) -> None:
    async with opened(postgres, SOON) as store:
        other = await asyncpg.connect(postgres.server)
        try:
            async with other.transaction():
                await other.execute(f'LOCK TABLE "{postgres.schema}".rooms')
                with pytest.raises(StoreUnavailable):
                    await store.append(KEY, EPOCH, [entry(2)])
        finally:
            await other.close()
        await store.append(KEY, EPOCH, [entry(2)])


async def test_who_stops_waiting_costs_no_connection(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    async with opened(postgres) as store:
        pid = await store._pool.run(lambda link: link.fetchval("SELECT pg_backend_pid()"))
        writing = asyncio.ensure_future(store.append(KEY, EPOCH, [entry(2)]))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait([writing, *store._pool._running])
        assert (await claimed(store)).version == 2
        assert await store._pool.run(lambda link: link.fetchval("SELECT pg_backend_pid()")) == pid


# -- its tables ----------------------------------------------------------------------------------


async def test_nodes_that_start_at_once_make_the_tables_once(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    stores = [PostgresStore(postgres.url) for _ in range(5)]
    assert await asyncio.gather(*(store.keys() for store in stores)) == [[]] * 5
    for store in stores:
        await store.close()


async def test_tables_of_a_newer_schema(postgres: PostgresAdapter, real_loop: RealLoop) -> None:
    async with opened(postgres):
        table = f'"{postgres.schema}".schema_version'
        await postgres.execute(f"UPDATE {table} SET version = {SCHEMA_VERSION + 1}")
    store = PostgresStore(postgres.url)
    for _ in range(2):
        with pytest.raises(StoreError, match="its version is 2, and this one knows 1"):
            await store.keys()
    await store.close()


async def test_schemas_do_not_touch_each_other(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    odd = f'{postgres.schema} "odd" {{s}}'
    async with opened(postgres):
        store = PostgresStore(postgres.url, schema=odd)
        try:
            assert await store.keys() == []
            with pytest.raises(Fenced):
                await store.append(KEY, EPOCH, [entry(2)])
        finally:
            await store.close()
            await postgres.execute(
                "DROP SCHEMA {} CASCADE".format('"' + odd.replace('"', '""') + '"')
            )


@pytest.mark.parametrize(
    ("user", "database", "told"),
    [("root", "no_such_database", "createdb"), ("no_such_role", "test", "Check the user")],
)
async def test_a_wrong_address_is_told_with_what_to_do(
    postgres: PostgresAdapter, real_loop: RealLoop, user: str, database: str, told: str
) -> None:
    host, port = postgres.address
    store = PostgresStore(f"postgresql://{user}@{host}:{port}/{database}")
    with pytest.raises(StoreError, match=told) as caught:
        await store.keys()
    assert not isinstance(caught.value, StoreUnavailable)
    await store.close()


async def test_a_compaction_drops_what_it_replaces_and_a_deletion_everything(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    async def rows(link: Link) -> list[int]:
        tables = ("rooms", "forms", "entries")
        counts = [f'SELECT count(*) FROM "{postgres.schema}".{table}' for table in tables]
        return [await link.fetchval(count) for count in counts]

    async with opened(postgres) as store:
        await store.append(KEY, EPOCH, [entry(2), entry(3), entry(4)])
        await store.compact(KEY, EPOCH, 3, form(3))
        assert await store._pool.run(rows) == [1, 1, 1]
        await store.delete(KEY, EPOCH)
        assert await store._pool.run(rows) == [0, 0, 0]


async def test_a_damaged_row_is_told(postgres: PostgresAdapter, real_loop: RealLoop) -> None:
    async with opened(postgres) as store:
        await store.append(KEY, EPOCH, [entry(2), entry(3)])
        await postgres.execute(f'DELETE FROM "{postgres.schema}".entries WHERE version = 2')
        with pytest.raises(RestoreError, match="its journal from 1 to 3 has a gap"):
            await store.claim(KEY)


async def test_a_key_that_it_cannot_keep(postgres: PostgresAdapter, real_loop: RealLoop) -> None:
    async with opened(postgres) as store:
        with pytest.raises(StoreError):
            await store.create(KEY._replace(room="nul \x00"), EPOCH, 1, form())
        with pytest.raises(StoreError):
            await store.append(KEY, 2**70, [entry(2)])


async def test_a_server_that_answers_too_early_is_told_to_wait_for_its_disk(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    store = PostgresStore(f"{postgres.url}&synchronous_commit=off")
    assert await store._pool.run(lambda link: link.fetchval("SHOW synchronous_commit")) == "on"
    await store.close()
