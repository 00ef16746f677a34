"""The persisted form: all of a room that must outlive its process, as declared types.

Restore is this form and nothing else. It holds no object of the library and no closure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from machine_party.core.engine import Invoke
from machine_party.core.roster import Seat
from machine_party.core.timer import Timer

__all__ = ["SCHEMA_VERSION", "ActorState", "MachineState", "first_invoke"]

SCHEMA_VERSION = 1
"""Of this form. Raise it when a field changes its meaning."""


class MachineState(msgspec.Struct, kw_only=True):
    """One machine: the root or a child.

    Attributes:
        kind: the Machine class's name, found again among the parent's `Children`.
        configuration: the active states' values, in the library's order.
        history: `{history state id: [state value]}`.
        next_id: this machine's own counter, in forms from before `ActorState.next_invoke`; not
            written any more.
        invoked_by: the parent's state that invoked this machine, and stops it when it is left.
    """

    kind: str
    input: Any = None
    configuration: list[str]
    history: dict[str, list[str]] = msgspec.field(default_factory=dict)
    context: Any = None
    status: str = "active"
    output: Any = None
    invokes: dict[str, Invoke] = msgspec.field(default_factory=dict)
    next_id: int | msgspec.UnsetType = msgspec.UNSET
    invoked_by: str | None = None
    children: dict[str, MachineState] = msgspec.field(default_factory=dict)


class ActorState(msgspec.Struct, kw_only=True):
    """A room's machines and what they share.

    Attributes:
        seed: of all randomness in the room.
        now: the last event's time, epoch seconds: time never goes back in a room.
        party_schema: the party's `schema_version`.
        definition: hash of the machine's declaration, see `definition_hash`.
        next_invoke: the counter for the ids of invokes, and of children that are given none.
        paused_at: since when the timers are paused, epoch seconds; None: they run.
    """

    schema: int = SCHEMA_VERSION
    party_schema: int = 1
    definition: str
    seed: str
    now: float
    machine: MachineState
    timers: dict[str, Timer] = msgspec.field(default_factory=dict)
    next_timer: int = 1
    next_invoke: int = 1
    paused_at: float | None = None
    seats: dict[str, Seat] = msgspec.field(default_factory=dict)
    kicked: dict[str, Seat] = msgspec.field(default_factory=dict)


def first_invoke(state: ActorState) -> int:
    """The number to go on with: also after a form in which each machine counted for itself."""
    return max([state.next_invoke, *_own_counters(state.machine)])


def _own_counters(machine: MachineState) -> Iterator[int]:
    if machine.next_id is not msgspec.UNSET:
        yield machine.next_id
    for child in machine.children.values():
        yield from _own_counters(child)
