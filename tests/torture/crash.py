"""Crash points: the instants at which a server kills itself, put around the production classes.

No production code knows of them. Each is a function that arms it: the fuse burns down by one
each time the instant comes.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from games.payment.bank import Bank, Booking
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.backends.store.sqlite_file import SqliteFile
from machine_party.backends.store.sqlite_writer import SqliteWriter
from machine_party.core import Sent
from machine_party.room.committer import Committed
from machine_party.room.gate import Gate
from machine_party.server.writer import Writer

__all__ = ["POINTS", "arm"]


class Fuse:
    """Kills this process, as `kill -9` does, when it has burnt so many times."""

    def __init__(self, hits: int) -> None:
        self._left = hits

    def burn(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, hit: int) -> None:
    """Let this process end at the `hit`th time that `point` is reached."""
    POINTS[point](Fuse(hit))


def before_commit(fuse: Fuse) -> None:
    """A room asks for its commit to be stored, and nothing has been written."""
    _around(SqliteStore, "append", before=fuse.burn)
    _around(SqliteStore, "create", before=fuse.burn)


def at_commit(fuse: Fuse) -> None:
    """All is written into the transaction, which now would end."""

    def trace(statement: str) -> None:
        if statement == "COMMIT":
            fuse.burn()

    _tracing(trace)


def after_commit(fuse: Fuse) -> None:
    """It is on the disk, and the room has not been told."""
    _around(SqliteStore, "append", after=fuse.burn)
    _around(SqliteStore, "create", after=fuse.burn)


def before_receipt(fuse: Fuse) -> None:
    """The room has been told, and would now tell whoever waits for a receipt."""
    release = Gate.release

    def released(self: Gate, committed: Committed) -> None:
        if any(isinstance(each.arrival.cause, Sent) for each in committed.outcomes):
            fuse.burn()
        release(self, committed)

    Gate.release = released  # type: ignore[method-assign]


def during_release(fuse: Fuse) -> None:
    """One connection has been told; the others have not."""
    _around(Writer, "_write", after=fuse.burn)


def during_checkpoint(fuse: Fuse) -> None:
    """The whole form is being written and the history is being cut: between two statements of it,
    the last time when all of them are done and nothing is committed."""
    within: ContextVar[bool] = ContextVar("within", default=False)
    checkpoint, run = SqliteStore.checkpoint, SqliteWriter.run

    async def marked(self: SqliteStore, *args: Any, **more: Any) -> None:
        within.set(True)
        try:
            await checkpoint(self, *args, **more)
        finally:
            within.set(False)

    async def traced(self: SqliteWriter, do: Callable[[sqlite3.Connection], Any]) -> Any:
        def watched(db: sqlite3.Connection) -> Any:
            db.set_trace_callback(lambda _statement: fuse.burn())
            done = do(db)
            fuse.burn()
            db.set_trace_callback(None)
            return done

        return await run(self, watched if within.get() else do)

    SqliteStore.checkpoint = marked  # type: ignore[method-assign]
    SqliteWriter.run = traced  # type: ignore[method-assign]


def during_restore(fuse: Fuse) -> None:
    """A room has been claimed, and then: before and after the first commit of its new epoch."""
    claimed = set[Any]()
    claim, append = SqliteStore.claim, SqliteStore.append

    async def claiming(self: SqliteStore, key: Any, *args: Any, **more: Any) -> Any:
        found = await claim(self, key, *args, **more)
        claimed.add(key)
        fuse.burn()
        return found

    async def appending(self: SqliteStore, key: Any, *args: Any, **more: Any) -> None:
        first = key in claimed
        claimed.discard(key)
        if first:
            fuse.burn()
        await append(self, key, *args, **more)
        if first:
            fuse.burn()

    SqliteStore.claim = claiming  # type: ignore[method-assign]
    SqliteStore.append = appending  # type: ignore[method-assign]


def after_booking(fuse: Fuse) -> None:
    """The bank has booked what an invoke has asked for, and the room has not been told."""
    book = Bank.book

    def booking(self: Bank, *args: Any, **more: Any) -> Booking:
        booked = book(self, *args, **more)
        fuse.burn()
        return booked

    Bank.book = booking  # type: ignore[method-assign]


POINTS: Mapping[str, Callable[[Fuse], None]] = {
    point.__name__: point
    for point in (
        before_commit, at_commit, after_commit, before_receipt, during_release,
        during_checkpoint, during_restore, after_booking,
    )
}  # fmt: skip


def _nothing() -> None:
    """What happens at an instant that nobody is interested in."""


def _around(
    kind: type,
    method: str,
    *,
    before: Callable[[], None] = _nothing,
    after: Callable[[], None] = _nothing,
) -> None:
    """Call something before and after each call of a coroutine method."""
    original = getattr(kind, method)

    async def around(*args: Any, **more: Any) -> Any:
        before()
        result = await original(*args, **more)
        after()
        return result

    setattr(kind, method, around)


def _tracing(trace: Callable[[str], None]) -> None:
    """See every statement that SQLite begins."""
    opening = SqliteFile.open

    def opened(self: SqliteFile, **more: Any) -> sqlite3.Connection:
        connection = opening(self, **more)
        connection.set_trace_callback(trace)
        return connection

    SqliteFile.open = opened  # type: ignore[method-assign]
