"""The stores under test, each with the event loop that it runs on and a place of its own."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import uvloop

from machine_party.backends.store import MemoryStore, open_store
from machine_party.room import Store
from machine_party.testing import VirtualLoop
from tests.backends.loop import RealLoop

__all__ = ["Adapter", "MemoryAdapter", "PostgresAdapter", "SqliteAdapter"]


class Adapter(ABC):
    """A kind of store and one place for it. Opening it again finds what was kept, if `durable`.

    Attributes:
        run: runs a test in the loop that this kind of store needs.
    """

    durable = True
    run: Callable[[Coroutine[Any, Any, Any]], Any]

    @abstractmethod
    def new(self) -> Store:
        """The store at this adapter's place."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Store]:
        store = self.new()
        try:
            yield store
        finally:
            await store.close()

    async def meddle(self, sql: str) -> None:
        """As somebody else, next to the store.

        Args:
            sql: `{s}` stands before a table's name.
        """
        raise NotImplementedError

    def tidy(self) -> None:  # noqa: B027
        """The place is no longer needed. Most leave nothing behind."""


class MemoryAdapter(Adapter):
    """On virtual time, as everything in memory."""

    durable = False

    def __init__(self, loop: VirtualLoop) -> None:
        self.run = loop.run

    def new(self) -> Store:
        return MemoryStore()


class SqliteAdapter(Adapter):
    def __init__(self, loop: RealLoop, folder: Path) -> None:
        self.run = loop.run
        self._path = folder / "store.db"

    def new(self) -> Store:
        return open_store(f"sqlite:///{self._path}")

    async def meddle(self, sql: str) -> None:
        with closing(sqlite3.connect(self._path)) as other, other:
            other.execute(sql.format(s=""))


class PostgresAdapter(Adapter):
    """A schema of its own in the tests' database."""

    def __init__(self, loop: RealLoop, url: str) -> None:
        self.run = loop.run
        self.server = url
        parts = urlsplit(url)
        self.address = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self.schema = f"test_{uuid.uuid4().hex}"
        separator = "&" if "?" in url else "?"
        self.url = f"{url}{separator}schema={self.schema}"

    def new(self) -> Store:
        return open_store(self.url)

    def url_through(self, port: int) -> str:
        """The same database, by another port of this host."""
        parts = urlsplit(self.url)
        user = parts.netloc.rpartition("@")[0]
        return parts._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()

    async def meddle(self, sql: str) -> None:
        await self.execute(sql.format(s=f'"{self.schema}".'))

    async def execute(self, sql: str) -> None:
        """Whatever SQL it is."""
        connection = await asyncpg.connect(self.server)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    def tidy(self) -> None:
        drop = self.execute(
            f'SET client_min_messages = error; DROP SCHEMA IF EXISTS "{self.schema}" CASCADE'
        )
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(drop)
