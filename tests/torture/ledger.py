"""What the clients were told: every receipt, and every document with its version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from machine_party.protocol import Receipt
from machine_party.room import RoomKey

__all__ = ["Acknowledged", "Ledger", "Sight"]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A send whose receipt has come."""

    member: str
    event: Mapping[str, Any]
    receipt: Receipt

    @property
    def accepted(self) -> bool:
        """Whether the event counts. A duplicate says what the first answer said."""
        return self.receipt.status != "rejected" and self.receipt.code is None


@dataclass(frozen=True, slots=True)
class Sight:
    """What a member was shown: its whole document, as of a version of the room."""

    member: str
    version: int
    document: Mapping[str, Any]


@dataclass(slots=True)
class Ledger:
    """All that was told, by room."""

    acknowledged: dict[RoomKey, list[Acknowledged]] = field(
        default_factory=lambda: defaultdict(list)
    )
    sights: dict[RoomKey, list[Sight]] = field(default_factory=lambda: defaultdict(list))

    @property
    def repeated(self) -> int:
        """How many receipts say that the event had counted before."""
        told = [each for told in self.acknowledged.values() for each in told]
        return sum(each.receipt.status == "duplicate" for each in told)

    @property
    def accepted(self) -> int:
        """How many events were acknowledged, and count."""
        return sum(each.accepted for told in self.acknowledged.values() for each in told)
