"""Servers with a defect each, against which the checkers are held: every one must be found."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from games.payment.order import Order
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.backends.store.sqlite_writer import SqliteWriter
from machine_party.core.timer import Timers
from machine_party.room import Entry, RoomKey
from machine_party.room.window import Windows

__all__ = ["MUTANTS"]

LATE = 0.05
"""Seconds between an acknowledgement that is too early and its commit."""


def acknowledge_early() -> None:
    """What a room sends leaves before the store has what it comes from."""
    append, checkpoint = SqliteStore.append, SqliteStore.checkpoint
    writing: dict[RoomKey, asyncio.Task[None]] = {}

    async def later(before: asyncio.Task[None] | None, *args: Any, **more: Any) -> None:
        if before is not None:
            await before
        await asyncio.sleep(LATE)
        await append(*args, **more)

    async def early(self: SqliteStore, key: RoomKey, *args: Any, **more: Any) -> None:
        task = later(writing.get(key), self, key, *args, **more)
        writing[key] = asyncio.create_task(task)

    async def patient(self: SqliteStore, key: RoomKey, *args: Any, **more: Any) -> None:
        if key in writing:
            await writing[key]
        await checkpoint(self, key, *args, **more)

    SqliteStore.append = early  # type: ignore[method-assign]
    SqliteStore.checkpoint = patient  # type: ignore[method-assign]


def forget_sends() -> None:
    """No send is recognized as one that was answered already."""
    Windows.find = lambda self, member, id: None  # type: ignore[method-assign]


def lose_the_fence() -> None:
    """Whoever writes is believed to own the room, and to know its last version."""
    believed: ContextVar[tuple[RoomKey, int, int] | None] = ContextVar("believed", default=None)
    append, run = SqliteStore.append, SqliteWriter.run

    async def unfenced(
        self: SqliteStore, key: RoomKey, epoch: int, entries: Sequence[Entry], **more: Any
    ) -> None:
        believed.set((key, epoch, entries[0].version - 1))
        await append(self, key, epoch, entries, **more)

    async def forced(self: SqliteWriter, do: Callable[[sqlite3.Connection], Any]) -> Any:
        owner = believed.get()
        believed.set(None)
        if owner is None:
            return await run(self, do)

        def forcing(db: sqlite3.Connection) -> Any:
            _force(db, *owner)
            return do(db)

        return await run(self, forcing)

    SqliteStore.append = unfenced  # type: ignore[method-assign]
    SqliteWriter.run = forced  # type: ignore[method-assign]


def _force(db: sqlite3.Connection, key: RoomKey, epoch: int, version: int) -> None:
    where = "WHERE party = ? AND room = ?"
    db.execute(f"UPDATE rooms SET epoch = ?, version = ? {where}", (epoch, version, *key))
    room = f"room = (SELECT id FROM rooms {where})"
    db.execute(f"DELETE FROM entries WHERE {room} AND version > ?", (*key, version))


def skip_restored() -> None:
    """A room's timers are not told that nobody had it for a while."""
    Timers.go_on = lambda self, now, since: False  # type: ignore[method-assign]


def draw_keys() -> None:
    """Whatever is asked of the bank has a new key each time that it is asked."""

    def drawn(self: Order) -> str:
        return f"{self.id}/debit/{secrets.token_hex(4)}"

    Order.debit_key = property(drawn)  # type: ignore[assignment, method-assign]


MUTANTS: Mapping[str, Callable[[], None]] = {
    mutant.__name__: mutant
    for mutant in (acknowledge_early, forget_sends, lose_the_fence, skip_restored, draw_keys)
}
