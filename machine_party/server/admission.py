"""The counts behind `ServerLimits`: who may connect, join or make a room just now.

One object per server. Exempt addresses are not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterator
from contextlib import contextmanager

from machine_party.errors import PeerError
from machine_party.protocol.codes import CloseCode
from machine_party.server.address import Address
from machine_party.server.limits import ServerLimits
from machine_party.server.rate import Buckets, Window, Windows

__all__ = ["Admission"]

_MINUTE = 60.0


class Admission:
    """Who did how much lately.

    Args:
        limits: the settings.
        now: the time in seconds, of a clock that does not go back.
    """

    def __init__(self, limits: ServerLimits, now: Callable[[], float]) -> None:
        self._limits = limits
        self._now = now
        self._connections: Counter[str] = Counter()
        self._failures = Windows(limits.failed_joins_per_minute, _MINUTE)
        self._all_failures = Window(limits.failed_joins_per_minute_total, _MINUTE)
        self._made = Windows(limits.rooms_per_minute, _MINUTE)
        self._live: dict[Hashable, str] = {}
        self._events = Buckets(limits.events_per_second, limits.events_burst)

    def connect(self, address: Address) -> None:
        """Counts a connection in; `disconnect` must follow.

        Raises:
            PeerError: `overloaded`; nothing was counted.
        """
        limit = self._limits.connections_per_address
        if not address.exempt and self._connections[address.key] >= limit:
            reason = "too many connections from this address; try again in a moment"
            raise _refused("overloaded", reason, 10.0, CloseCode.CAPACITY)
        self._connections[address.key] += 1

    def disconnect(self, address: Address) -> None:
        """Counts a connection out."""
        self._connections[address.key] -= 1
        if self._connections[address.key] <= 0:
            del self._connections[address.key]

    @contextmanager
    def connected(self, address: Address) -> Iterator[None]:
        """Counts a connection, or a request that lasts like one, while the block runs.

        Raises:
            PeerError: as `connect`.
        """
        self.connect(address)
        try:
            yield
        finally:
            self.disconnect(address)

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return self._connections.total()

    def check_event(self, member: Hashable) -> None:
        """Counts an event that came by itself: one member may send as many as one connection.

        Raises:
            PeerError: `rate_limited`, with the seconds to wait; the event was not looked at.
        """
        wait = self._events.take(member, self._now())
        if wait > 0:
            reason = "too many events; wait a moment"
            raise _refused("rate_limited", reason, wait, CloseCode.RATE_LIMITED)

    def check_join(self, address: Address) -> None:
        """Refuses an address (and, past the global cap, everybody) after too many failures.

        Members who prove that they belong in the room are not asked to pass here.

        Raises:
            PeerError: `rate_limited`, with the seconds to wait, closing with 4103.
        """
        if address.exempt:
            return
        now = self._now()
        wait = max(self._failures.wait(address.key, now), self._all_failures.wait(now))
        if wait > 0:
            reason = "too many failed attempts to join; wait a moment"
            raise _refused("rate_limited", reason, wait, CloseCode.JOIN_ATTEMPTS)

    def failed_join(self, address: Address) -> None:
        """Counts a wrong room, a locked one, or a wrong token."""
        if not address.exempt:
            self._failures.count(address.key, self._now())
            self._all_failures.count(self._now())

    def check_room(self, address: Address) -> None:
        """Whether that address may make one more room now.

        Raises:
            PeerError: `rate_limited`, with the seconds to wait.
        """
        if address.exempt:
            return
        wait = self._made.wait(address.key, self._now())
        if wait > 0:
            reason = "too many rooms made from this address; wait a moment"
            raise _refused("rate_limited", reason, wait, CloseCode.RATE_LIMITED)
        limit = self._limits.rooms_per_address
        if list(self._live.values()).count(address.key) >= limit:
            reason = f"{limit} rooms of this address are open; close one first"
            raise _refused("rate_limited", reason, _MINUTE, CloseCode.RATE_LIMITED)

    def room_made(self, address: Address, room: Hashable) -> None:
        """Counts `room`, once, and keeps it among the address's live ones."""
        if not address.exempt and room not in self._live:
            self._made.count(address.key, self._now())
            self._live[room] = address.key

    def rooms_left(self, rooms: Container[Hashable]) -> None:
        """Forgets every room that is not one of those."""
        self._live = {room: key for room, key in self._live.items() if room in rooms}


def _refused(code: str, reason: str, wait: float, close: CloseCode) -> PeerError:
    return PeerError(
        code, reason, temporary=True, retry_after=round(wait, 3), close_code=int(close)
    )
