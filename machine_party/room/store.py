"""The store seam: what a room asks of the place where it is kept.

Every write compares `(epoch, version)` in its own transaction: two owners of a room cannot both
write. An adapter lives in `backends/store/` and passes the one contract suite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import msgspec

from machine_party.core import Cause

__all__ = ["Entry", "RoomKey", "Store", "StoredRoom"]


class RoomKey(NamedTuple):
    """A room's address: `/parties/{party}/{room}`."""

    party: str
    room: str

    def __str__(self) -> str:
        return f"{self.party}/{self.room}"


class Entry(msgspec.Struct, frozen=True):
    """One commit in the journal.

    Attributes:
        version: the room's version after it.
        patch: what it did to the persisted form, RFC 6902.
        causes: `(place, cause)` of what it came from; with the room's seed, enough to run it
            again.
    """

    version: int
    patch: list[dict[str, Any]]
    causes: list[tuple[int, Cause]]


@dataclass(frozen=True, slots=True)
class StoredRoom:
    """A room as the store has it: its last whole form, and the entries since."""

    epoch: int
    version: int
    form: dict[str, Any]
    entries: Sequence[Entry]


class Store(Protocol):
    """Where rooms are kept. A caller that is cancelled may find its write done all the same.

    Raises (every method):
        StoreUnavailable: nothing was written; the same call may succeed later.
        DefinitionError: what is to be written is no JSON (NaN, an infinity); says where.
    """

    async def create(self, key: RoomKey, epoch: int, version: int, form: dict[str, Any]) -> None:
        """Keep a new room.

        Raises:
            Fenced: a room of this key is kept already.
        """
        ...

    async def append(self, key: RoomKey, epoch: int, entries: Sequence[Entry]) -> None:
        """Add commits to the journal; durable when it returns.

        Raises:
            Fenced: the epoch is not the stored one, or the first version is not the next.
        """
        ...

    async def claim(self, key: RoomKey) -> StoredRoom | None:
        """Raise the room's epoch and read it; None if it is not kept. Older owners are fenced.

        Raises:
            RestoreError: what is kept of it cannot be read.
        """
        ...

    async def compact(self, key: RoomKey, epoch: int, version: int, form: dict[str, Any]) -> None:
        """Replace the whole form; entries up to `version` are no longer needed to restore.

        Raises:
            Fenced: the epoch is not the stored one, or `version` is none of the journal's.
        """
        ...

    async def delete(self, key: RoomKey, epoch: int) -> None:
        """Forget a room.

        Raises:
            Fenced: the epoch is not the stored one.
        """
        ...

    async def keys(self, party: str | None = None) -> list[RoomKey]:
        """The rooms that are kept, of one party or of all."""
        ...

    async def close(self) -> None:
        """Finish what is being written and let go."""
        ...
