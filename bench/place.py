"""Where the measurements keep rooms: a SQLite file and a PostgreSQL schema, gone afterwards."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from machine_party.backends.store import open_store
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.room import Store

__all__ = ["Opener", "places", "sqlite_place"]

Opener = Callable[[], Store]
"""Opens the store; each time the same place."""

POSTGRES = os.environ.get("MACHINE_PARTY_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
"""As for the tests. What is not there is not measured."""


@asynccontextmanager
async def places() -> AsyncIterator[Mapping[str, Opener]]:
    """`{kind of store: its place}` of each kind that is there."""
    async with _postgres_place() as postgres:
        with sqlite_place() as file:
            sqlite = partial(SqliteStore, file)
            yield {"SQLite": sqlite} | ({"PostgreSQL": postgres} if postgres else {})


@contextmanager
def sqlite_place() -> Iterator[Path]:
    """A file for a `SqliteStore`, on the disk where temporary files are."""
    with TemporaryDirectory(prefix="machine-party-bench-") as folder:
        yield Path(folder) / "rooms.sqlite"


@asynccontextmanager
async def _postgres_place() -> AsyncIterator[Opener | None]:
    schema = f"bench_{uuid.uuid4().hex}"
    separator = "&" if "?" in POSTGRES else "?"
    try:
        connection = await asyncpg.connect(POSTGRES)
    except OSError:
        yield None
        return
    try:
        yield lambda: open_store(f"{POSTGRES}{separator}schema={schema}")
    finally:
        await connection.execute("SET client_min_messages = error")
        await connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        await connection.close()
