"""A member as games and views see it: who is in the room. No credential is in here."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["Member", "Presence", "stranger"]

Presence = Literal["connected", "away", "gone"]


class Member(msgspec.Struct, frozen=True):
    """An identity in a room.

    Attributes:
        id: public, short (at most 8 characters), unique in the room.
        name: cleaned, unique in the room.
        role: one of the party's roles.
        presence: `connected`; `away` within the grace after the last connection; `gone`.
    """

    id: str
    name: str
    role: str
    presence: Presence = "connected"

    @property
    def present(self) -> bool:
        """Whether the room should wait for this member: connected, or away within the grace."""
        return self.presence != "gone"


def stranger(role: str) -> Member:
    """Somebody who has no seat: to ask a party for their audience."""
    return Member(id="", name="", role=role, presence="gone")
