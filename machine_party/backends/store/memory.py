"""A store that lives as long as its process: for tests, for one evening, and as the model
that the durable adapters are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from machine_party.backends.store import row
from machine_party.room import Entry, History, RoomKey, RoomRecord, StoredRoom

__all__ = ["MemoryStore"]


@dataclass(slots=True)
class _Record:
    epoch: int
    version: int
    wake: float | None
    asleep: bool
    node: str
    """Who has it in memory, or had."""
    writer: str
    """Who made the last commit."""
    forms: dict[int, bytes]
    """Whole forms by version, oldest first."""
    entries: dict[int, bytes] = field(default_factory=dict)
    """By version, in order: all after the oldest form."""

    @property
    def size(self) -> int:
        return sum(map(len, [*self.forms.values(), *self.entries.values()]))

    def since(self, version: int) -> list[bytes]:
        return [entry for number, entry in self.entries.items() if number > version]

    def forget_before(self, keep_from: int) -> None:
        """Drop what is older than the newest form at or below that version."""
        oldest = max((version for version in self.forms if version <= keep_from), default=0)
        self.forms = {number: form for number, form in self.forms.items() if number >= oldest}
        self.entries = {number: row for number, row in self.entries.items() if number > oldest}


class MemoryStore:
    """Keeps encoded copies, so that what it gives back shares nothing with a live room."""

    def __init__(self) -> None:
        self._records: dict[RoomKey, _Record] = {}
        self._stamps: dict[str, float] = {}

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
        whole = row.encode_form(key, form)
        if key in self._records:
            raise row.taken(key)
        self._records[key] = _Record(epoch, version, wake, False, node, node, {version: whole})

    async def append(
        self, key: RoomKey, epoch: int, entries: Sequence[Entry], *, wake: float | None
    ) -> None:
        rows = row.encode_entries(key, entries)
        record = self._fenced(key, epoch)
        if row.before(entries) not in (record.version, None):
            raise row.fenced(key, epoch)
        record.entries |= {entry.version: new for entry, new in zip(entries, rows, strict=True)}
        record.version += len(rows)
        record.wake, record.asleep, record.writer = wake, False, record.node

    async def claim(self, key: RoomKey, node: str) -> StoredRoom | None:
        record = self._records.get(key)
        if record is None:
            return None
        found = self._read(key, record, record.epoch + 1)
        record.epoch, record.node, record.asleep = found.epoch, node, False
        return found

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
        whole = row.encode_form(key, form)
        record = self._fenced(key, epoch)
        if version != record.version:
            raise row.fenced(key, epoch)
        record.forms[version], record.wake, record.asleep = whole, wake, asleep
        record.forget_before(keep_from)

    async def delete(self, key: RoomKey, epoch: int) -> None:
        self._fenced(key, epoch)
        del self._records[key]

    async def read(self, key: RoomKey) -> StoredRoom | None:
        record = self._records.get(key)
        return None if record is None else self._read(key, record, record.epoch)

    async def history(self, key: RoomKey) -> History | None:
        record = self._records.get(key)
        if record is None:
            return None
        owned = self._ownership(record, record.epoch)
        return row.history(key, owned, [*record.forms.items()], [*record.entries.values()])

    async def records(self, party: str | None = None) -> list[RoomRecord]:
        return [
            RoomRecord(
                key=key,
                epoch=kept.epoch,
                version=kept.version,
                wake=kept.wake,
                asleep=kept.asleep,
                node=kept.node,
                alive_at=self._stamps.get(kept.node),
                bytes=kept.size,
            )
            for key, kept in self._records.items()
            if party is None or key.party == party
        ]

    async def stamp(self, node: str, now: float) -> None:
        self._stamps[node] = max(now, self._stamps.get(node, now))

    async def latest_stamp(self) -> float | None:
        return max(self._stamps.values(), default=None)

    async def wakes(self, limit: int, *, stale: float) -> list[tuple[float, RoomKey]]:
        lone = [
            (kept.wake, key)
            for key, kept in self._records.items()
            if kept.wake is not None and (kept.asleep or not self._lives(kept.node, stale))
        ]
        return sorted(lone, key=itemgetter(0))[:limit]

    async def close(self) -> None:
        """Nothing is pending: every write was done when it returned."""

    def _fenced(self, key: RoomKey, epoch: int) -> _Record:
        record = self._records.get(key)
        if record is None or record.epoch != epoch:
            raise row.fenced(key, epoch)
        return record

    def _lives(self, node: str, stale: float) -> bool:
        stamp = self._stamps.get(node)
        return stamp is not None and stamp >= stale

    def _read(self, key: RoomKey, record: _Record, epoch: int) -> StoredRoom:
        last = max(record.forms)
        whole = (last, record.forms[last])
        return row.stored_room(key, self._ownership(record, epoch), whole, record.since(last))

    def _ownership(self, record: _Record, epoch: int) -> row.Ownership:
        stamp = self._stamps.get(record.writer)
        return row.Ownership(epoch, record.version, record.writer, stamp)
