"""Rooms in PostgreSQL: for several nodes, and for those who have one already. Needs asyncpg.

A write is one statement that compares epoch and version, so it is one round trip and its own
transaction. There is no group commit here: PostgreSQL does that itself, for the statements that
several connections wait for at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from machine_party.backends.store import row
from machine_party.backends.store.postgres_pool import Link, PostgresPool
from machine_party.backends.store.postgres_schema import prepare
from machine_party.room import Entry, RoomKey, StoredRoom

__all__ = ["PostgresStore"]

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
    """

    def __init__(
        self,
        url: str,
        *,
        schema: str | None = None,
        connections: int = CONNECTIONS,
        seconds: float = SECONDS,
    ) -> None:
        url, named = _without_schema(url)
        name = schema or named or "machine_party"
        self._schema = quoted = '"' + name.replace('"', '""') + '"'

        async def make_tables(connection: Link) -> None:
            await prepare(connection, name, quoted)

        self._pool = PostgresPool(url, make_tables, connections=connections, seconds=seconds)

    async def create(self, key: RoomKey, epoch: int, version: int, form: dict[str, Any]) -> None:
        whole = row.encode_form(key, form)
        sql = """
            WITH made AS (
                INSERT INTO {s}.rooms (party, room, epoch, version) VALUES ($1, $2, $3, $4)
                ON CONFLICT DO NOTHING RETURNING id
            ), whole AS (
                INSERT INTO {s}.forms SELECT id, $4, $5 FROM made
            )
            SELECT EXISTS (SELECT FROM made)"""
        if not await self._value(sql, *key, epoch, version, whole):
            raise row.taken(key)

    async def append(self, key: RoomKey, epoch: int, entries: Sequence[Entry]) -> None:
        rows = row.encode_entries(key, entries)
        versions = [entry.version for entry in entries]
        sql = """
            WITH moved AS (
                UPDATE {s}.rooms SET version = version + cardinality($5::bigint[])
                WHERE party = $1 AND room = $2 AND epoch = $3
                    AND version = coalesce($4::bigint, version) RETURNING id
            ), added AS (
                INSERT INTO {s}.entries
                SELECT id, new.version, new.entry
                FROM moved, unnest($5::bigint[], $6::bytea[]) AS new (version, entry)
            )
            SELECT EXISTS (SELECT FROM moved)"""
        if not await self._value(sql, *key, epoch, row.before(entries), versions, rows):
            raise row.fenced(key, epoch)

    async def claim(self, key: RoomKey) -> StoredRoom | None:
        """See `Store.claim`. Two statements: the second sees what was stored until the first had
        the room's row; one would see what was stored before it had to wait for that row."""
        claimed_sql = self._sql("""
            UPDATE {s}.rooms SET epoch = epoch + 1
            WHERE party = $1 AND room = $2 RETURNING id, epoch, version""")
        whole_sql = self._sql("SELECT version, form FROM {s}.forms WHERE room = $1")
        tail_sql = self._sql("""
            SELECT entry FROM {s}.entries
            WHERE room = $1 AND version > $2 ORDER BY version""")

        async def claim(connection: Link) -> tuple[Any, ...] | None:
            async with connection.transaction():
                claimed = await connection.fetchrow(claimed_sql, *key)
                if claimed is None:
                    return None
                id, epoch, version = claimed
                form_version, form = await connection.fetchrow(whole_sql, id) or (0, b"")
                entries = await connection.fetch(tail_sql, id, form_version)
            return epoch, version, (form_version, form), [entry for (entry,) in entries]

        found = await self._pool.run(claim)
        return None if found is None else row.stored_room(key, *found)

    async def compact(self, key: RoomKey, epoch: int, version: int, form: dict[str, Any]) -> None:
        whole = row.encode_form(key, form)
        sql = """
            WITH owned AS (
                SELECT id FROM {s}.rooms
                WHERE party = $1 AND room = $2 AND epoch = $3 AND version >= $4 FOR UPDATE
            ), whole AS (
                UPDATE {s}.forms SET version = $4, form = $5 FROM owned
                WHERE forms.room = id AND forms.version <= $4 RETURNING forms.room
            ), dropped AS (
                DELETE FROM {s}.entries USING whole
                WHERE entries.room = whole.room AND entries.version <= $4
            )
            SELECT EXISTS (SELECT FROM whole)"""
        if not await self._value(sql, *key, epoch, version, whole):
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

    async def keys(self, party: str | None = None) -> list[RoomKey]:
        sql = self._sql("""
            SELECT party, room FROM {s}.rooms
            WHERE party = coalesce($1::text, party) ORDER BY id""")
        found = await self._pool.run(lambda connection: connection.fetch(sql, party))
        return [RoomKey(*key) for key in found]

    async def close(self) -> None:
        """Finish what is being written and let go."""
        await self._pool.close()

    async def _value(self, sql: str, *arguments: Any) -> bool:
        """What a statement of one value says."""
        statement = self._sql(sql)
        return bool(await self._pool.run(lambda link: link.fetchval(statement, *arguments)))

    def _sql(self, sql: str) -> str:
        return sql.format(s=self._schema)


def _without_schema(url: str) -> tuple[str, str | None]:
    """The URL as libpq knows it, and our own parameter of it."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    schema = query.pop("schema", None)
    return urlunsplit(parts._replace(query=urlencode(query))), schema
