"""A store that can be held, can fail, and can lie about having failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

import msgspec

from machine_party.backends.store import MemoryStore
from machine_party.errors import Fenced, StoreUnavailable
from machine_party.room import Entry, RoomKey, StoredRoom

__all__ = ["Fault", "FaultyStore"]

Fault = Literal["fails", "lies", "fences"]
"""`fails`: nothing is written; `lies`: it is written, then raises; `fences`: another has it."""


class FaultyStore:
    """The memory store, behind what can go wrong on the way to it.

    Attributes:
        faults: what happens to the next writes (create, append, compact), one each.
        down: every call fails.
        writes: `(method, version)` of those that were written.
    """

    def __init__(self, inner: MemoryStore | None = None) -> None:
        self.inner = inner or MemoryStore()
        self.faults: list[Fault] = []
        self.down = False
        self.writes: list[tuple[str, int]] = []
        self.claims = 0
        self.closed = False
        self._gate: asyncio.Event | None = None
        self._cut = False

    def hold(self) -> None:
        """Writes wait until `release`."""
        self._gate = asyncio.Event()

    def release(self) -> None:
        """Writes that wait go on, and later ones do not wait."""
        if self._gate is not None:
            self._gate.set()
        self._gate = None

    def survivor(self) -> FaultyStore:
        """What another process finds: whatever the old one still tries fails from now on."""
        self._cut = True
        return FaultyStore(self.inner)

    def record(self, key: RoomKey) -> Any:
        """What is kept of a room, as JSON-able data; None if nothing is."""
        record = self.inner._records.get(key)
        return None if record is None else msgspec.to_builtins(record)

    async def create(self, key: RoomKey, epoch: int, version: int, form: dict[str, Any]) -> None:
        await self._write("create", version, lambda: self.inner.create(key, epoch, version, form))

    async def append(self, key: RoomKey, epoch: int, entries: Sequence[Entry]) -> None:
        last = entries[-1].version
        await self._write("append", last, lambda: self.inner.append(key, epoch, entries))

    async def claim(self, key: RoomKey) -> StoredRoom | None:
        self._check_up()
        self.claims += 1
        return await self.inner.claim(key)

    async def compact(self, key: RoomKey, epoch: int, version: int, form: dict[str, Any]) -> None:
        await self._write("compact", version, lambda: self.inner.compact(key, epoch, version, form))

    async def delete(self, key: RoomKey, epoch: int) -> None:
        await self.inner.delete(key, epoch)

    async def keys(self, party: str | None = None) -> list[RoomKey]:
        return await self.inner.keys(party)

    async def close(self) -> None:
        self.closed = True

    async def _write(self, name: str, version: int, write: Callable[[], Awaitable[None]]) -> None:
        if self._gate is not None:
            await self._gate.wait()
        self._check_up()
        fault = self.faults.pop(0) if self.faults else None
        if fault == "fails":
            raise StoreUnavailable("the disk is full")
        if fault == "fences":
            raise Fenced("somebody else has it")
        await write()
        self.writes.append((name, version))
        if fault == "lies":
            raise StoreUnavailable("the answer was lost")

    def _check_up(self) -> None:
        if self.down or self._cut:
            raise StoreUnavailable("the store is down")
