"""Rooms in PostgreSQL: for several nodes, and for those who have one already. Needs asyncpg.

A commit is one statement that compares epoch and version, so it is one round trip and its own
transaction. There is no group commit here: PostgreSQL does that itself, for the statements that
several connections wait for at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from machine_party.backends.store import row
from machine_party.backends.store.postgres_pool import Link, PostgresPool
from machine_party.backends.store.postgres_schema import prepare
from machine_party.room import Entry, History, RoomKey, RoomRecord, StoredRoom

__all__ = ["PostgresStore"]

T = TypeVar("T")

CONNECTIONS = 10
SECONDS = 5.0
"""For an answer, all in all. A room waits meanwhile; then its senders are told."""


class PostgresStore:
    """Keeps rooms in a PostgreSQL database. Connects at the first use.

    Args:
        url: `postgresql://user:password@host/database`, with libpq's parameters, and `schema`.
        schema: where the tables are; made if it is not there. By default the URL's `schema`, or
            `machine_party`.
        connections: at most so many. One is enough for some hundred writes a second.
        seconds: after so long without an answer the store counts as unavailable.
        must_exist: the tables are somebody else's: they are not made, nor brought to today's.
    """

    def __init__(
        self,
        url: str,
        *,
        schema: str | None = None,
        connections: int = CONNECTIONS,
        seconds: float = SECONDS,
        must_exist: bool = False,
    ) -> None:
        url, named = _without_schema(url)
        name = schema or named or "machine_party"
        self._schema = quoted = '"' + name.replace('"', '""') + '"'

        async def make_tables(connection: Link) -> None:
            await prepare(connection, name, quoted, must_exist=must_exist)

        self._pool = PostgresPool(url, make_tables, connections=connections, seconds=seconds)

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
        sql = """
            WITH made AS (
                INSERT INTO {s}.rooms (party, room, epoch, version, wake, node, writer)
                VALUES ($1, $2, $3, $4, $6, $7, $7)
                ON CONFLICT DO NOTHING RETURNING id
            ), whole AS (
                INSERT INTO {s}.forms SELECT id, $4, $5 FROM made
            )
            SELECT EXISTS (SELECT FROM made)"""
        if not await self._value(sql, *key, epoch, version, whole, wake, node):
            raise row.taken(key)

    async def append(
        self, key: RoomKey, epoch: int, entries: Sequence[Entry], *, wake: float | None
    ) -> None:
        rows = row.encode_entries(key, entries)
        versions = [entry.version for entry in entries]
        sql = """
            WITH moved AS (
                UPDATE {s}.rooms SET version = version + cardinality($5::bigint[]),
                    wake = $7, asleep = false, writer = node
                WHERE party = $1 AND room = $2 AND epoch = $3
                    AND version = coalesce($4::bigint, version) RETURNING id
            ), added AS (
                INSERT INTO {s}.entries
                SELECT id, new.version, new.entry
                FROM moved, unnest($5::bigint[], $6::bytea[]) AS new (version, entry)
            )
            SELECT EXISTS (SELECT FROM moved)"""
        if not await self._value(sql, *key, epoch, row.before(entries), versions, rows, wake):
            raise row.fenced(key, epoch)

    async def claim(self, key: RoomKey, node: str) -> StoredRoom | None:
        """See `Store.claim`. The first statement waits for the room's row; the later ones see
        what was stored until it had it."""
        lock = self._sql("SELECT FROM {s}.rooms WHERE party = $1 AND room = $2 FOR UPDATE")
        raised = self._sql("""
            UPDATE {s}.rooms SET epoch = epoch + 1, node = $3, asleep = false
            WHERE party = $1 AND room = $2""")

        async def claim(link: Link) -> StoredRoom | None:
            async with link.transaction():
                await link.execute(lock, *key)
                found = await self._read(link, key)
                if found is None:
                    return None
                await link.execute(raised, *key, node)
            return replace(found, epoch=found.epoch + 1)

        return await self._pool.run(claim)

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
        sql = """
            WITH owned AS (
                UPDATE {s}.rooms SET wake = $7, asleep = $8
                WHERE party = $1 AND room = $2 AND epoch = $3 AND version = $4 RETURNING id
            ), whole AS (
                INSERT INTO {s}.forms SELECT id, $4, $5 FROM owned
                ON CONFLICT (room, version) DO UPDATE SET form = excluded.form
            ), oldest AS (
                SELECT id, max(of.version) AS version FROM owned, LATERAL (
                    SELECT version FROM {s}.forms WHERE room = id UNION SELECT $4
                ) AS of WHERE of.version <= $6 GROUP BY id
            ), dropped AS (
                DELETE FROM {s}.forms USING oldest
                WHERE room = id AND forms.version < oldest.version
            ), shortened AS (
                DELETE FROM {s}.entries USING oldest
                WHERE room = id AND entries.version <= oldest.version
            )
            SELECT EXISTS (SELECT FROM owned)"""
        if not await self._value(sql, *key, epoch, version, whole, keep_from, wake, asleep):
            raise row.fenced(key, epoch)

    async def delete(self, key: RoomKey, epoch: int) -> None:
        """Forget a room. One made later by the same name begins with a higher epoch, which comes
        from the clock (`Rooms`): so whoever owned the old one stays fenced."""
        sql = """
            WITH gone AS (
                DELETE FROM {s}.rooms WHERE party = $1 AND room = $2 AND epoch = $3 RETURNING id
            )
            SELECT EXISTS (SELECT FROM gone)"""
        if not await self._value(sql, *key, epoch):
            raise row.fenced(key, epoch)

    async def read(self, key: RoomKey) -> StoredRoom | None:
        return await self._look(lambda link: self._read(link, key))

    async def history(self, key: RoomKey) -> History | None:
        async def history(link: Link) -> History | None:
            id, owned = await self._owned(link, key)
            if owned is None:
                return None
            forms = await self._forms(link, id)
            return row.history(key, owned, forms, await self._entries(link, id, forms[:1]))

        return await self._look(history)

    async def records(self, party: str | None = None) -> list[RoomRecord]:
        sql = """
            SELECT party, room, epoch, version, wake, asleep, node, alive_at,
                (SELECT coalesce(sum(octet_length(form)), 0)
                    FROM {s}.forms WHERE forms.room = rooms.id)
                + (SELECT coalesce(sum(octet_length(entry)), 0)
                    FROM {s}.entries WHERE entries.room = rooms.id)
            FROM {s}.rooms LEFT JOIN {s}.nodes ON nodes.id = node
            WHERE party = coalesce($1::text, party) ORDER BY rooms.id"""
        found = await self._rows(sql, party)
        return [RoomRecord(RoomKey(kind, room), *more) for kind, room, *more in found]

    async def stamp(self, node: str, now: float) -> None:
        """See `Store.stamp`. Only who is new looks for those that are long gone."""
        sql = """
            WITH known AS (
                UPDATE {s}.nodes SET alive_at = greatest(alive_at, $2) WHERE id = $1 RETURNING id
            ), new AS (
                INSERT INTO {s}.nodes SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM known)
                ON CONFLICT (id) DO UPDATE SET alive_at = greatest(nodes.alive_at, $2) RETURNING id
            )
            DELETE FROM {s}.nodes WHERE EXISTS (SELECT FROM new) AND alive_at < $3
                AND id NOT IN (SELECT writer FROM {s}.rooms WHERE writer IS NOT NULL)"""
        await self._rows(sql, node, now, now - row.NODE_SECONDS)

    async def latest_stamp(self) -> float | None:
        stamp: float | None
        ((stamp,),) = await self._rows("SELECT max(alive_at) FROM {s}.nodes")
        return stamp

    async def wakes(self, limit: int, *, stale: float) -> list[tuple[float, RoomKey]]:
        sql = """
            SELECT wake, party, room FROM {s}.rooms LEFT JOIN {s}.nodes ON nodes.id = node
            WHERE wake IS NOT NULL AND (asleep OR alive_at IS NULL OR alive_at < $2)
            ORDER BY wake, rooms.id LIMIT $1"""
        return [(wake, RoomKey(*key)) for wake, *key in await self._rows(sql, limit, stale)]

    async def close(self) -> None:
        """Finish what is being written and let go."""
        await self._pool.close()

    async def _read(self, link: Link, key: RoomKey) -> StoredRoom | None:
        id, owned = await self._owned(link, key)
        if owned is None:
            return None
        last = await self._forms(link, id, "DESC LIMIT 1")
        whole = last[0] if last else None
        return row.stored_room(key, owned, whole, await self._entries(link, id, last))

    async def _owned(self, link: Link, key: RoomKey) -> tuple[int, row.Ownership | None]:
        sql = """
            SELECT rooms.id, epoch, version, writer, alive_at
            FROM {s}.rooms LEFT JOIN {s}.nodes ON nodes.id = writer
            WHERE party = $1 AND room = $2"""
        found = await link.fetchrow(self._sql(sql), *key)
        return (0, None) if found is None else (found[0], row.Ownership(*found[1:]))

    async def _forms(self, link: Link, id: int, which: str = "") -> list[tuple[int, bytes]]:
        sql = self._sql("SELECT version, form FROM {s}.forms WHERE room = $1 ORDER BY version")
        return [(version, form) for version, form in await link.fetch(f"{sql} {which}", id)]

    async def _entries(
        self, link: Link, id: int, forms: Sequence[tuple[int, bytes]]
    ) -> list[bytes]:
        """The rows of all commits after the first of these forms."""
        sql = "SELECT entry FROM {s}.entries WHERE room = $1 AND version > $2 ORDER BY version"
        found = await link.fetch(self._sql(sql), id, forms[0][0]) if forms else []
        return [entry for (entry,) in found]

    async def _look(self, look: Callable[[Link], Awaitable[T]]) -> T:
        """What several statements find, as at one instant."""

        async def at_one_instant(link: Link) -> T:
            async with link.transaction(isolation="repeatable_read", readonly=True):
                return await look(link)

        return await self._pool.run(at_one_instant)

    async def _rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """What a statement says."""
        statement = self._sql(sql)
        return await self._pool.run(lambda link: link.fetch(statement, *arguments))

    async def _value(self, sql: str, *arguments: Any) -> bool:
        """What a statement of one value says."""
        ((value,),) = await self._rows(sql, *arguments)
        return bool(value)

    def _sql(self, sql: str) -> str:
        return sql.format(s=self._schema)


def _without_schema(url: str) -> tuple[str, str | None]:
    """The URL as libpq knows it, and our own parameter of it."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    schema = query.pop("schema", None)
    return urlunsplit(parts._replace(query=urlencode(query))), schema
