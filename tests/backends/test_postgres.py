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
from machine_party.errors import RestoreError, StoreError, StoreUnavailable
from tests.backends.adapter import PostgresAdapter
from tests.backends.journal import (
    EPOCH,
    KEY,
    NODE,
    append,
    claimed,
    create,
    drop_history,
    entry,
    form,
    kept,
)
from tests.backends.loop import RealLoop

pytestmark = pytest.mark.socket

SOON = 1.0
"""Seconds until a store of these tests gives up."""


@asynccontextmanager
async def opened(postgres: PostgresAdapter, seconds: float = 5.0) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(postgres.url, seconds=seconds)
    await create(store, KEY, EPOCH, 1, form())
    try:
        yield store
    finally:
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
    await create(store, KEY, EPOCH, 1, form())
    try:
        yield relay, store
    finally:
        await store.close()
        await relay.close()


# -- a server that is not there, or does not answer ----------------------------------------------


async def test_a_server_that_is_not_there(real_loop: RealLoop) -> None:
    store = PostgresStore("postgresql://root:hunter2@127.0.0.1:1/test")
    with pytest.raises(StoreUnavailable, match="cannot be reached") as caught:
        await kept(store)
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
        await kept(store)
    assert time.monotonic() - before < SOON + 9
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
            await append(store, KEY, EPOCH, [entry(2)])
        assert time.monotonic() - before < SOON + 9
        relay.cut()
        relay.open.set()
        found = await claimed(store)
        await append(store, KEY, found.epoch, [entry(found.version + 1)])


async def test_a_cut_connection_is_made_anew(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    async with relayed(postgres) as (relay, store):
        relay.open.clear()
        writing = asyncio.ensure_future(append(store, KEY, EPOCH, [entry(2)]))
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
                await append(store, KEY, EPOCH, [entry(2)])
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
                    await append(store, KEY, EPOCH, [entry(2)])
        finally:
            await other.close()
        await append(store, KEY, EPOCH, [entry(2)])


async def test_who_stops_waiting_costs_no_connection(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    async with opened(postgres) as store:
        pid = await store._pool.run(lambda link: link.fetchval("SELECT pg_backend_pid()"))
        writing = asyncio.ensure_future(append(store, KEY, EPOCH, [entry(2)]))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait([writing, *store._pool._running])
        assert (await claimed(store)).version == 2
        assert await store._pool.run(lambda link: link.fetchval("SELECT pg_backend_pid()")) == pid


# -- what it keeps, and what it says -------------------------------------------------------------


async def test_nodes_that_are_long_gone_and_own_no_room_are_forgotten(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    day = 86_400.0
    async with opened(postgres) as store:
        for node, days in ((NODE, 0.0), ("idle", 0.0), ("lately", 1.5), ("newest", 2.0)):
            await store.stamp(node, days * day)
        await store.stamp("newest", 100 * day)  # who is known does not look for others
        found = await store._rows("SELECT id FROM {s}.nodes ORDER BY id")
        assert [id for (id,) in found] == [NODE, "lately", "newest"]


async def test_a_room_that_cannot_be_read_costs_no_connection(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    async with opened(postgres) as store:
        ((pid,),) = await store._rows("SELECT pg_backend_pid()")
        await postgres.meddle("DELETE FROM {s}forms")
        with pytest.raises(RestoreError):
            await store.claim(KEY, NODE)
        ((again,),) = await store._rows("SELECT pg_backend_pid()")
        assert again == pid


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
        await kept(store)
    assert not isinstance(caught.value, StoreUnavailable)
    await store.close()


async def test_without_history_one_form_is_left_and_of_a_deleted_room_nothing(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    async def rows(link: Link) -> list[int]:
        tables = ("rooms", "forms", "entries")
        counts = [f'SELECT count(*) FROM "{postgres.schema}".{table}' for table in tables]
        return [await link.fetchval(count) for count in counts]

    async with opened(postgres) as store:
        await append(store, KEY, EPOCH, [entry(2), entry(3)])
        await drop_history(store, KEY, EPOCH, 3, form(3))
        await append(store, KEY, EPOCH, [entry(4)])
        assert await store._pool.run(rows) == [1, 1, 1]
        await store.delete(KEY, EPOCH)
        assert await store._pool.run(rows) == [0, 0, 0]


async def test_a_damaged_row_is_told(postgres: PostgresAdapter, real_loop: RealLoop) -> None:
    async with opened(postgres) as store:
        await append(store, KEY, EPOCH, [entry(2), entry(3)])
        await postgres.execute(f'DELETE FROM "{postgres.schema}".entries WHERE version = 2')
        with pytest.raises(RestoreError, match="its journal from 1 to 3 has a gap"):
            await store.claim(KEY, NODE)


async def test_a_key_that_it_cannot_keep(postgres: PostgresAdapter, real_loop: RealLoop) -> None:
    async with opened(postgres) as store:
        with pytest.raises(StoreError):
            await create(store, KEY._replace(room="nul \x00"), EPOCH, 1, form())
        with pytest.raises(StoreError):
            await append(store, KEY, 2**70, [entry(2)])


async def test_a_server_that_answers_too_early_is_told_to_wait_for_its_disk(
    postgres: PostgresAdapter, real_loop: RealLoop
) -> None:
    store = PostgresStore(f"{postgres.url}&synchronous_commit=off")
    assert await store._pool.run(lambda link: link.fetchval("SHOW synchronous_commit")) == "on"
    await store.close()
