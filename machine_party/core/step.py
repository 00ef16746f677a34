"""What one cause did to a room: its outcome, and what it sends besides the views."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from machine_party.core.member import Member
from machine_party.errors import PeerError, Refused

if TYPE_CHECKING:
    from machine_party.core.party import Party

__all__ = ["Emission", "Step"]


@dataclass(frozen=True, slots=True)
class Emission:
    """An emit on its way: `to` is a member's id, an audience or `"*"`; `event` is JSON-able."""

    to: str
    event: dict[str, Any]


@dataclass(slots=True)
class Step:
    """What one cause did.

    Attributes:
        accepted: whether it took effect; else `code` and `reason` say why not.
        changed: whether anything that is stored may have changed.
        member: who joined or sent, after the step.
        reply: the result for the receipt, JSON-able.
    """

    accepted: bool = True
    changed: bool = False
    code: str | None = None
    reason: str | None = None
    path: str | None = None
    reply: Any = None
    member: Member | None = None
    emits: list[Emission] = field(default_factory=list)

    def reject(self, error: PeerError | Refused, party: Party) -> None:
        """Nothing of it happened: the code, and the reason that may be told."""
        self.accepted, self.code = False, error.code
        if isinstance(error, Refused):
            self.reason = party.reason(error.code)
        else:
            self.reason, self.path = error.reason, error.path
        self.reply, self.emits = None, []

    def not_handled(self, event: str) -> None:
        """No enabled transition. What eventless transitions did meanwhile stands."""
        self.accepted = False
        self.code, self.reason = "not_handled", f"Nothing handles {event!r} right now."
