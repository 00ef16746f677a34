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

__all__ = ["Entry", "History", "RoomKey", "RoomRecord", "Store", "StoredRoom"]


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
    """A room as the store has it: its last whole form, and the entries since.

    Attributes:
        node: the server process that made its last commit, whoever has claimed it since: who dies
            before it has told the room what it has missed leaves that to the next one. None: an
            older release did.
        alive_at: when that process was last known to live, epoch seconds; None: never stamped.
    """

    epoch: int
    version: int
    form: dict[str, Any]
    entries: Sequence[Entry]
    node: str | None = None
    alive_at: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """All that is kept of a room, from its oldest form on.

    Attributes:
        forms: `(version, form)` of every whole form, oldest first; at least one.
        entries: every commit after the oldest form, in order. The form at version v is the newest
            one at or below v with the entries up to v applied.
    """

    epoch: int
    version: int
    forms: Sequence[tuple[int, dict[str, Any]]]
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class RoomRecord:
    """What the store knows of a room without reading it.

    Attributes:
        wake: when it next has something to do by itself, epoch seconds; None: never.
        asleep: whether its owner has let it out of its memory.
        node: the server process that has it in memory, or had it last; None: nobody has.
        alive_at: when that process was last known to live, epoch seconds; None: never stamped.
        bytes: what is kept of it, forms and entries.
    """

    key: RoomKey
    epoch: int
    version: int
    wake: float | None
    asleep: bool
    node: str | None
    alive_at: float | None
    bytes: int


class Store(Protocol):
    """Where rooms are kept. A caller that is cancelled may find its write done all the same.

    A node is one server process, by an id that it draws at its start.

    Raises (every method):
        StoreUnavailable: it is not known to be written: nothing was, or the answer was lost. The
            same call may succeed later; a claim tells what there is.
        DefinitionError: what is to be written is no JSON (NaN, an infinity, a lone surrogate);
            says where.
    """

    # -- one room --------------------------------------------------------------------------

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
        """Keep a new room.

        Raises:
            Fenced: a room of this key is kept already.
        """
        ...

    async def append(
        self, key: RoomKey, epoch: int, entries: Sequence[Entry], *, wake: float | None
    ) -> None:
        """Add commits to the journal; durable when it returns. Who commits has the room in its
        memory: it is awake.

        Args:
            wake: when the room, as these leave it, next has something to do by itself.

        Raises:
            Fenced: the epoch is not the stored one, or the first version is not the next.
        """
        ...

    async def claim(self, key: RoomKey, node: str) -> StoredRoom | None:
        """Raise the room's epoch, make it this node's and awake, and read it; None if it is not
        kept. Older owners are fenced.

        Raises:
            RestoreError: what is kept of it cannot be read. Nothing has changed then.
        """
        ...

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
        """Keep the whole form at `version`: a restore begins there. One that is kept for the same
        version is replaced.

        Args:
            keep_from: history from this version on stays readable: the newest form at or below it
                and all that follows; what is older goes. `version` drops all history.
            wake: when the room, as the form has it, next has something to do by itself: newer code
                may make another time of it than the last commit did.
            asleep: the room leaves its owner's memory with this.

        Raises:
            Fenced: the epoch is not the stored one, or `version` is not the room's last one.
        """
        ...

    async def delete(self, key: RoomKey, epoch: int) -> None:
        """Forget a room.

        Raises:
            Fenced: the epoch is not the stored one.
        """
        ...

    # -- looking, without owning ---------------------------------------------------------------

    async def read(self, key: RoomKey) -> StoredRoom | None:
        """The room as it is kept now. Nothing changes, whoever owns it.

        Raises:
            RestoreError: what is kept of it cannot be read.
        """
        ...

    async def history(self, key: RoomKey) -> History | None:
        """All that is kept of a room. Nothing changes.

        Raises:
            Damaged: not all of what is kept of it can be read. RestoreError: nothing can.
        """
        ...

    async def records(self, party: str | None = None) -> list[RoomRecord]:
        """The rooms that are kept, of one party or of all, in the order in which they were made."""
        ...

    # -- time ----------------------------------------------------------------------------------

    async def stamp(self, node: str, now: float) -> None:
        """The node lives, at `now` epoch seconds; a stamp never goes back. Stamps of nodes that
        made no room's last commit may be forgotten, but for the newest."""
        ...

    async def latest_stamp(self) -> float | None:
        """The newest stamp of any node: time was there already."""
        ...

    async def wakes(self, limit: int, *, stale: float) -> list[tuple[float, RoomKey]]:
        """`(wake, room)` of those that nobody has in memory, the earliest first, future ones too:
        asleep, or of a node that was last stamped before `stale`, or never.

        Args:
            limit: at most so many.
        """
        ...

    async def close(self) -> None:
        """Finish what is being written and let go."""
        ...
