"""Positions: from where on each member has been shown its shared layers, so that it may resume.

A resume replays what a member has missed, never what was before it came, or before it came (back)
to its audience: the past of an audience belongs to those who were there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from machine_party.core import Member, Party
from machine_party.protocol import Resume
from machine_party.room.layers import Sections

__all__ = ["Positions"]


@dataclass(slots=True)
class _Shown:
    """What one member has been shown in its present audience: `{sections: first seq}`."""

    member: Member
    audience: str
    floors: dict[Sections, int] = field(default_factory=dict)


class Positions:
    """The first position that each member was given, in one epoch."""

    def __init__(self, party: Party) -> None:
        self._party = party
        self._members: dict[str, _Shown] = {}

    def reset(self) -> None:
        """A new epoch begins: no position of the old one is taken anyway."""
        self._members.clear()

    def shown(self, member: Member, sections: Sections, seq: int) -> None:
        """`member` is given its shared layer at `seq`; the first time counts."""
        audience = self._party.audience(member)
        known = self._members.get(member.id)
        if known is None or known.audience != audience:
            known = self._members[member.id] = _Shown(member, audience)
        known.floors.setdefault(sections, seq)

    def allows(self, member: Member, sections: Sections, resume: Resume) -> bool:
        """Whether `member` has been given the position that it says it stands at, or an earlier."""
        known = self._members.get(member.id)
        if known is None or known.audience != self._party.audience(member):
            return False
        floor = known.floors.get(sections)
        return floor is not None and resume.shared >= floor

    def keep(self, members: Mapping[str, Member]) -> None:
        """After a commit: forget those who have left the room, or their audience."""
        for key, known in list(self._members.items()):
            member = members.get(key)
            if member is known.member:
                continue
            if member is None or self._party.audience(member) != known.audience:
                del self._members[key]
            else:
                known.member = member
