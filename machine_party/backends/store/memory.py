"""A store that lives as long as its process: for tests, for one evening, and as the model
that the durable adapters are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from machine_party.errors import Fenced
from machine_party.room.store import Entry, RoomKey, StoredRoom

__all__ = ["MemoryStore"]


@dataclass(slots=True)
class _Record:
    epoch: int
    version: int
    form: bytes
    form_version: int
    entries: list[bytes] = field(default_factory=list)


class MemoryStore:
    """Keeps encoded copies, so that what it gives back shares nothing with a live room."""

    def __init__(self) -> None:
        self._records: dict[RoomKey, _Record] = {}

    async def create(self, key: RoomKey, epoch: int, version: int, form: dict[str, Any]) -> None:
        if key in self._records:
            raise Fenced(f"{key} is kept already")
        self._records[key] = _Record(epoch, version, msgspec.json.encode(form), version)

    async def append(self, key: RoomKey, epoch: int, entries: Sequence[Entry]) -> None:
        record = self._fenced(key, epoch)
        for version, entry in enumerate(entries, record.version + 1):
            if entry.version != version:
                raise Fenced(f"{key}: version {entry.version} is not the next, {version}")
        record.entries += [msgspec.json.encode(entry) for entry in entries]
        record.version += len(entries)

    async def claim(self, key: RoomKey) -> StoredRoom | None:
        record = self._records.get(key)
        if record is None:
            return None
        record.epoch += 1
        entries = [msgspec.json.decode(entry, type=Entry) for entry in record.entries]
        tail = [entry for entry in entries if entry.version > record.form_version]
        return StoredRoom(record.epoch, record.version, msgspec.json.decode(record.form), tail)

    async def compact(self, key: RoomKey, epoch: int, version: int, form: dict[str, Any]) -> None:
        record = self._fenced(key, epoch)
        record.form, record.form_version = msgspec.json.encode(form), version

    async def delete(self, key: RoomKey, epoch: int) -> None:
        self._fenced(key, epoch)
        del self._records[key]

    async def keys(self, party: str | None = None) -> list[RoomKey]:
        return [key for key in self._records if party is None or key.party == party]

    async def close(self) -> None:
        """Nothing is pending: every write was done when it returned."""

    def _fenced(self, key: RoomKey, epoch: int) -> _Record:
        record = self._records.get(key)
        if record is None or record.epoch != epoch:
            raise Fenced(f"{key}: epoch {epoch} is not the stored one")
        return record
