"""What the rooms of one node share."""

from __future__ import annotations

from dataclasses import dataclass

from machine_party.core import Restored
from machine_party.protocol import Limits
from machine_party.room.clock import Clock
from machine_party.room.downtime import downtime
from machine_party.room.outage import Outage
from machine_party.room.pulse import Pulse
from machine_party.room.store import Store, StoredRoom

__all__ = ["Home"]


@dataclass(frozen=True, slots=True)
class Home:
    """A node, as its rooms see it.

    Attributes:
        node: its id.
        pulse: knows since when it lives.
        outage: tells the log when the store fails.
    """

    store: Store
    clock: Clock
    node: str
    limits: Limits
    pulse: Pulse
    outage: Outage

    def missed(self, found: StoredRoom, last: float) -> Restored | None:
        """The downtime of a room that was claimed here, since its last commit at `last`."""
        now, began = self.clock.now(), self.pulse.began
        assert began is not None, "a node begins before it claims a room"
        return downtime(found, last, node=self.node, began=began, now=now)
