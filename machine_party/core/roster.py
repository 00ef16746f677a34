"""Who is in a room: members, the identities behind them, and who was kicked.

An identity is what a credential proves (a keyed hash or a token's subject). It stays in
here and in the store: views and handlers only ever see `Member`.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from types import MappingProxyType

import msgspec

from machine_party.core.member import Member, Presence
from machine_party.core.name import unique_name

__all__ = ["Roster", "Seat"]

_FIRST = "abcdefghjkmnpqrstuvwxyz"
_REST = _FIRST + "23456789"
_ID_LENGTH = 5
"""23 × 31⁴ ids: collisions in a room of 1,000 are retried, and an id stays short on the wire."""


class Seat(msgspec.Struct):
    """A member as it is stored, with the identity that it belongs to."""

    member: Member
    identity: str


class Roster:
    """The members of one room, in the order in which they joined."""

    def __init__(
        self, seats: dict[str, Seat] | None = None, kicked: dict[str, Seat] | None = None
    ) -> None:
        self.seats = seats if seats is not None else {}
        self.kicked = kicked if kicked is not None else {}
        self._members = {key: seat.member for key, seat in self.seats.items()}
        self._by_identity = {seat.identity: key for key, seat in self.seats.items()}

    @property
    def members(self) -> Mapping[str, Member]:
        """`{member id: Member}`, read-only, in joining order."""
        return MappingProxyType(self._members)

    def of_identity(self, identity: str) -> Member | None:
        key = self._by_identity.get(identity)
        return self._members[key] if key is not None else None

    def is_kicked(self, identity: str) -> bool:
        return any(seat.identity == identity for seat in self.kicked.values())

    def add(self, identity: str, name: str | None, role: str, random: Random) -> Member:
        """Seat a new member; the id comes from `random`, so a re-run gives the same one."""
        key = self._new_id(random)
        taken = {member.name for member in self._members.values()}
        wanted = name or f"{role.capitalize()} {len(self.seats) + 1}"
        member = Member(id=key, name=unique_name(wanted, taken), role=role)
        self._put(Seat(member=member, identity=identity))
        return member

    def set_presence(self, key: str, presence: Presence) -> Member:
        return self._replace(key, presence=presence)

    def set_role(self, key: str, role: str) -> Member:
        return self._replace(key, role=role)

    def rename(self, key: str, name: str) -> Member:
        taken = {member.name for other, member in self._members.items() if other != key}
        return self._replace(key, name=unique_name(name, taken))

    def kick(self, key: str) -> Member:
        """Take the seat away and remember the identity until `unkick`."""
        seat = self.seats.pop(key)
        del self._members[key]
        del self._by_identity[seat.identity]
        self.kicked[key] = seat
        return seat.member

    def unkick(self, key: str) -> None:
        self.kicked.pop(key, None)

    def _replace(self, key: str, **changes: str) -> Member:
        seat = self.seats[key]
        member = msgspec.structs.replace(seat.member, **changes)
        self._put(Seat(member=member, identity=seat.identity))
        return member

    def _put(self, seat: Seat) -> None:
        self.seats[seat.member.id] = seat
        self._members[seat.member.id] = seat.member
        self._by_identity[seat.identity] = seat.member.id

    def _new_id(self, random: Random) -> str:
        while True:
            rest = "".join(random.choices(_REST, k=_ID_LENGTH - 1))
            key = random.choice(_FIRST) + rest
            if key not in self.seats and key not in self.kicked:
                return key
