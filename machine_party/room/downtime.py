"""Downtime: what a room's timers are told when another process than before has it in memory.

Down is a room while no server could have had it: from the last sign of life of the one that made
its last commit, until another one began, or would have taken it. Not until somebody came to look:
a server that runs keeps the time of its rooms, whether or not they are in its memory.
"""

from __future__ import annotations

from machine_party.core import Restored
from machine_party.room.store import StoredRoom

__all__ = ["STALE_SECONDS", "downtime"]

STALE_SECONDS = 5.0
"""A node that has not stamped for so long is dead, as far as others can tell: five stamps. Safety
does not rest on it: a node that lives is fenced by the store (ADR 008)."""


def downtime(
    found: StoredRoom, last: float, *, node: str, began: float, now: float
) -> Restored | None:
    """The time that a room has missed; None: none.

    Args:
        found: as it was claimed.
        last: when its last commit was, epoch seconds.
        node: who has it now; `began`: since when that one lives.
    """
    if found.node == node:
        return None  # it has slept here, or whoever else claimed it has told it nothing
    since = max(last, found.alive_at or last)
    until = max(began, min(now, since + STALE_SECONDS))
    return Restored(now=until, since=since) if until > since else None
