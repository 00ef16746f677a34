"""A store that lives as long as its process: for tests, for one evening, and as the model
that the durable adapters are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from machine_party.backends.store import row
from machine_party.room import Entry, RoomKey, StoredRoom

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
        whole = row.encode_form(key, form)
        if key in self._records:
            raise row.taken(key)
        self._records[key] = _Record(epoch, version, whole, version)

    async def append(self, key: RoomKey, epoch: int, entries: Sequence[Entry]) -> None:
        rows = row.encode_entries(key, entries)
        record = self._fenced(key, epoch)
        if row.before(entries) not in (record.version, None):
            raise row.fenced(key, epoch)
        record.entries += rows
        record.version += len(rows)

    async def claim(self, key: RoomKey) -> StoredRoom | None:
        record = self._records.get(key)
        if record is None:
            return None
        record.epoch += 1
        whole = (record.form_version, record.form)
        return row.stored_room(key, record.epoch, record.version, whole, record.entries)

    async def compact(self, key: RoomKey, epoch: int, version: int, form: dict[str, Any]) -> None:
        whole = row.encode_form(key, form)
        record = self._fenced(key, epoch)
        if not record.form_version <= version <= record.version:
            raise row.fenced(key, epoch)
        del record.entries[: version - record.form_version]
        record.form, record.form_version = whole, version

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
            raise row.fenced(key, epoch)
        return record
