"""Attendance: which connections each member has, and what their coming and going means.

A member without connections is `away` within the grace, and `gone` after it. One who has none and
asks over HTTP is on a visit: each visit is a connection that ends `visit_seconds` later, so that
who asks time and again is connected. Neither is stored: after a restore everyone who was
present is away, with full grace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from machine_party.core import Member, Presence, PresenceChanged
from machine_party.room.clock import Clock, Handle
from machine_party.room.connection import Connection

__all__ = ["Attendance"]

_SHORTEST_VISIT = 2.0
"""Seconds: longer than a page that polls waits in between, also where there is no grace. Else each
request would be a coming and a going."""


class Attendance:
    """The connections of one room, by member.

    Args:
        grace: seconds.
        changed: called with the cause of a member's new presence.
    """

    def __init__(
        self, clock: Clock, grace: float, changed: Callable[[PresenceChanged], None]
    ) -> None:
        self._clock = clock
        self._grace = grace
        self._changed = changed
        self._groups: dict[str, set[Connection]] = {}
        self._graces: dict[str, tuple[Handle, float]] = {}
        """`{member id: (when it ends, since when)}` of those who are awaited."""
        self._visits: dict[str, Handle] = {}

    @property
    def visit_seconds(self) -> float:
        """How long a visit lasts: the grace, but some seconds at least."""
        return max(self._grace, _SHORTEST_VISIT)

    def __iter__(self) -> Iterator[Connection]:
        return (connection for group in list(self._groups.values()) for connection in list(group))

    def members(self) -> set[str]:
        """The ids of those with a connection."""
        return set(self._groups)

    @property
    def nobody(self) -> bool:
        """Whether there is no connection, and no visit."""
        return not self._groups and not self._visits

    def of(self, member_id: str) -> list[Connection]:
        return list(self._groups.get(member_id, ()))

    def came(self, connection: Connection, member: Member, joined: float) -> None:
        """A connection was opened for `member`.

        Args:
            joined: when its join arrived. A loss since then was told after the join, and is void.
        """
        connection.member = member
        self._groups.setdefault(member.id, set()).add(connection)
        since = self._forget_grace(member.id)
        if since is not None and since >= joined:
            self._tell(member.id, "connected")

    def went(self, connection: Connection) -> bool:
        """A connection is gone; whether it was one of these."""
        member = connection.member
        group = self._groups.get(member.id) if member is not None else None
        if member is None or group is None or connection not in group:
            return False
        group.discard(connection)
        if not group:
            del self._groups[member.id]
        return True

    def visited(self, member_id: str) -> None:
        """A member without a connection was here: connected for `visit_seconds` from now."""
        known = self._visits.pop(member_id, None)
        if known is not None:
            known.cancel()
        elif member_id not in self._groups:
            self._forget_grace(member_id)
            self._tell(member_id, "connected")
        over = self._clock.now() + self.visit_seconds
        self._visits[member_id] = self._clock.call_at(over, lambda: self._visit_over(member_id))

    def lost(self, member_id: str) -> None:
        """The last connection is gone: away now, gone when the (new) grace is over."""
        if self._here(member_id):
            return
        self._forget_grace(member_id)
        now = self._clock.now()
        self._tell(member_id, "away")
        handle = self._clock.call_at(now + self._grace, lambda: self._grace_over(member_id))
        self._graces[member_id] = handle, now

    def expect(self, members: Iterable[Member]) -> None:
        """Put right what is stored of these, as it is of another time or of another node: who is
        here is connected, and whoever else counts as present is awaited."""
        for member in members:
            if self._here(member.id) and member.presence != "connected":
                self._tell(member.id, "connected")
            elif member.present and member.id not in self._graces:
                self.lost(member.id)

    def close(self) -> None:
        """Wait for nobody any more."""
        for member_id in list(self._graces):
            self._forget_grace(member_id)
        for handle in self._visits.values():
            handle.cancel()
        self._visits.clear()

    def _here(self, member_id: str) -> bool:
        return member_id in self._groups or member_id in self._visits

    def _visit_over(self, member_id: str) -> None:
        del self._visits[member_id]
        self.lost(member_id)

    def _forget_grace(self, member_id: str) -> float | None:
        """Since when a member was awaited; it no longer is."""
        handle, since = self._graces.pop(member_id, (None, None))
        if handle is not None:
            handle.cancel()
        return since

    def _grace_over(self, member_id: str) -> None:
        self._graces.pop(member_id, None)
        if member_id not in self._groups:
            self._tell(member_id, "gone")

    def _tell(self, member_id: str, presence: Presence) -> None:
        now = self._clock.now()
        self._changed(PresenceChanged(now=now, member=member_id, presence=presence))
