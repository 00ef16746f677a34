"""The party of the timer tests: alarms, of each policy, and when they rang."""

from __future__ import annotations

from typing import ClassVar, get_args

from msgspec import Struct, field

from machine_party import ClientEvent, Machine, Party, Snapshot, State
from machine_party.core.timer import Policy

__all__ = ["POLICIES", "AlarmClocks", "Clocks"]

POLICIES: tuple[Policy, ...] = get_args(Policy)


class Wound(Struct):
    """When the alarms were set, epoch seconds."""

    wound: float


class Wind(ClientEvent):
    """Set an alarm of each policy for each number of seconds: `deadline 0`, `deadline 1` …"""

    reply: ClassVar = Wound
    seconds: list[float]


class Clocks(Struct):
    """When which alarm rang: epoch seconds."""

    rang: dict[str, list[float]] = field(default_factory=dict)


class AlarmMachine(Machine[Clocks]):
    idle = State(initial=True)
    wound = State()
    wind = idle.to(wound, on="set_alarms")
    ring = wound.to.itself(internal=True, on="note")

    def set_alarms(self, data: Wind) -> None:
        for policy in POLICIES:
            for number, seconds in enumerate(data.seconds):
                self.after(seconds, "ring", data=f"{policy} {number}", policy=policy)
        self.reply(Wound(self.now))

    def note(self, data: str) -> None:
        self.context.rang.setdefault(data, []).append(self.now)


class Shared(Struct):
    """Nothing: the tests read what is stored."""


class AlarmClocks(Party):
    machine = AlarmMachine
    events = (Wind,)
    creation = "connect"
    name = "alarm"

    def shared(self, snapshot: Snapshot[Clocks], audience: str) -> Shared:
        return Shared()
