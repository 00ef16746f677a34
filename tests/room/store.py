"""A store that can be held, can fail, and can lie about having failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

import msgspec

from machine_party.backends.store import MemoryStore
from machine_party.errors import Fenced, StoreUnavailable
from machine_party.room import Entry, History, RoomKey, RoomRecord, StoredRoom

__all__ = ["Fault", "FaultyStore"]

Fault = Literal["passes", "fails", "lies", "fences"]
"""`passes`: it is written; `fails`: nothing is; `lies`: it is written, then raises; `fences`:
another has it."""


class FaultyStore:
    """The memory store, behind what can go wrong on the way to it.

    Attributes:
        faults: what happens to the next writes (create, append, checkpoint), one each.
        down: every call fails.
        writes: `(method, version)` of those that were written.
        stamps: when the stamps were made.
    """

    def __init__(self, inner: MemoryStore | None = None) -> None:
        self.inner = inner or MemoryStore()
        self.faults: list[Fault] = []
        self.down = False
        self.writes: list[tuple[str, int]] = []
        self.stamps: list[float] = []
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
        await self._write(
            "create",
            version,
            lambda: self.inner.create(key, epoch, version, form, node=node, wake=wake),
        )

    async def append(
        self, key: RoomKey, epoch: int, entries: Sequence[Entry], *, wake: float | None
    ) -> None:
        last = entries[-1].version
        await self._write("append", last, lambda: self.inner.append(key, epoch, entries, wake=wake))

    async def claim(self, key: RoomKey, node: str) -> StoredRoom | None:
        self._check_up()
        self.claims += 1
        return await self.inner.claim(key, node)

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
        await self._write(
            "sleep" if asleep else "checkpoint",
            version,
            lambda: self.inner.checkpoint(
                key, epoch, version, form, keep_from=keep_from, wake=wake, asleep=asleep
            ),
        )

    async def delete(self, key: RoomKey, epoch: int) -> None:
        await self.inner.delete(key, epoch)

    async def read(self, key: RoomKey) -> StoredRoom | None:
        self._check_up()
        return await self.inner.read(key)

    async def history(self, key: RoomKey) -> History | None:
        self._check_up()
        return await self.inner.history(key)

    async def records(self, party: str | None = None) -> list[RoomRecord]:
        self._check_up()
        return await self.inner.records(party)

    async def stamp(self, node: str, now: float) -> None:
        self._check_up()
        self.stamps.append(now)
        await self.inner.stamp(node, now)

    async def latest_stamp(self) -> float | None:
        self._check_up()
        return await self.inner.latest_stamp()

    async def wakes(self, limit: int, *, stale: float) -> list[tuple[float, RoomKey]]:
        self._check_up()
        return await self.inner.wakes(limit, stale=stale)

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
