"""Connections to PostgreSQL: made, bounded in time, given up; and what its errors mean.

Here asyncpg's exceptions become ours. What must not be here: SQL of rooms.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from machine_party.errors import MachinePartyError, StoreError, StoreUnavailable

__all__ = ["Link", "PostgresPool"]

T = TypeVar("T")
Link: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
"""A connection, lent by the pool."""

CANCEL_SECONDS = 1.0
"""How long a connection that has been given up may take to say goodbye."""


class PostgresPool:
    """Connects at the first use, in the loop of that use, and again whenever it has to.

    Args:
        url: as libpq's.
        prepare: makes the tables, on the first connection.
        connections: at most so many.
        seconds: after so long an answer is no longer awaited.
    """

    def __init__(
        self,
        url: str,
        prepare: Callable[[Link], Awaitable[None]],
        *,
        connections: int,
        seconds: float,
    ) -> None:
        self._url = url
        self._prepare = prepare
        self._connections = connections
        self._seconds = seconds
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._opening = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def run(self, do: Callable[[Link], Awaitable[T]]) -> T:
        """Run statements on a connection; what `do` returns.

        Whoever stops waiting (is cancelled) only does not learn how it went.

        Raises:
            StoreUnavailable: nothing is known to be written.
        """
        if self._closed:
            raise StoreUnavailable("the connection to PostgreSQL has been closed")
        task = asyncio.ensure_future(self._bounded(do))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Finish what is being written, and let go of the connections."""
        self._closed = True
        if self._running:
            await asyncio.wait(self._running)
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                await asyncio.wait_for(pool.close(), CANCEL_SECONDS)
            except (TimeoutError, OSError, *_FOREIGN):
                pool.terminate()

    async def _bounded(self, do: Callable[[Link], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                pool = self._pool or await self._open()
                return await self._on_one(pool, do)
        except TimeoutError as error:
            await self._expire()
            raise StoreUnavailable(
                f"PostgreSQL has not answered within {self._seconds:g} s. Look at its load and "
                "at the network to it."
            ) from error
        except OSError as error:
            raise StoreUnavailable(
                f"PostgreSQL cannot be reached: {error}. Is it running, and is the address right?"
            ) from error
        except _FOREIGN as error:
            raise _explained(error) from error

    async def _on_one(
        self, pool: asyncpg.Pool[asyncpg.Record], do: Callable[[Link], Awaitable[T]]
    ) -> T:
        connection = await pool.acquire()
        try:
            return await do(connection)
        except (asyncpg.PostgresError, MachinePartyError):
            raise  # the server's answer, or ours to it: the connection is ready for the next
        except BaseException:
            connection.terminate()  # it may be in the middle of something
            raise
        finally:
            await pool.release(connection, timeout=CANCEL_SECONDS)

    async def _open(self) -> asyncpg.Pool[asyncpg.Record]:
        async with self._opening:
            if self._pool is None:
                pool = await self._new_pool()
                try:
                    await self._on_one(pool, self._prepare)
                except BaseException:
                    pool.terminate()
                    raise
                self._pool = pool
            return self._pool

    async def _new_pool(self) -> asyncpg.Pool[asyncpg.Record]:
        milliseconds = str(int(self._seconds * 1000))
        pool = asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=self._connections,
            timeout=self._seconds,
            init=_make_durable,
            reset=_nothing,
            server_settings={
                "application_name": "machine-party",
                "statement_timeout": milliseconds,
                "lock_timeout": milliseconds,
                "idle_in_transaction_session_timeout": milliseconds,
            },
        )
        try:
            return await pool
        except ValueError as error:  # which may quote a part of the password
            raise StoreError(
                "PostgreSQL's address cannot be read. In a password write @, :, / and # as %40, "
                "%3A, %2F and %23."
            ) from error

    async def _expire(self) -> None:
        """The others may lead to the same dead end: they are made anew at their next use."""
        if self._pool is not None:
            with suppress(asyncpg.InterfaceError):
                await self._pool.expire_connections()


async def _nothing(_connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Between two of our own statements nothing has to be reset: that saves a round trip."""


async def _make_durable(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """A server may have been told to answer before its disk has the commit. Not to us."""
    await connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') = 'off'"
    )


_PASSING = ("08", "25", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE that may pass by waiting: connection, transaction state (also: a standby is
read-only), rollback, resources, not in prerequisite state (locks), operator, system error.
https://www.postgresql.org/docs/current/errcodes-appendix.html"""

_FIXES = {
    "28": "Check the user and the password in the address.",
    "3D": "Make the database: `createdb NAME`.",
    "42501": "Give the user CREATE on the database (once) and rights on the tables.",
    "42P01": "The tables are gone: restore them, or start the server anew.",
    "53100": "Make room on PostgreSQL's disk.",
    "53300": "Raise max_connections, or let each node have fewer.",
    "25006": "This is a standby: name the primary.",
}


_FOREIGN = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Whatever asyncpg raises. The last: also a statement on a connection that is just ending."""


def _explained(error: Exception) -> StoreError:
    """What has happened and what to do."""
    if isinstance(error, asyncpg.DataError):
        return StoreError(f"PostgreSQL cannot keep it: {error}")
    if not isinstance(error, asyncpg.PostgresError):
        return StoreUnavailable(f"the connection to PostgreSQL failed: {error}")
    state = error.sqlstate or "58000"
    kind = StoreUnavailable if state.startswith(_PASSING) else StoreError
    fix = _FIXES.get(state) or _FIXES.get(state[:2], "")
    return kind(f"PostgreSQL: {error} ({state}). {fix}".rstrip())
