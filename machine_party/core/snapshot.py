"""A snapshot: the machine's whole state, as views read it. Never sent as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from machine_party.core.member import Member
from machine_party.core.timer import Waiting
from machine_party.protocol import StateValue, matches

__all__ = ["Snapshot", "Status"]

C = TypeVar("C")
Status = Literal["active", "done", "error", "stopped"]


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[C]):
    """The state of a machine at a commit.

    Attributes:
        value: nests as XState's does: `"idle"`, `{"question": "open"}`, parallel regions as keys.
        status: `active`, `done` (a top-level final state was reached), `error` or `stopped`.
        tags: the tags of all active states.
        context: the machine's context. Read it; a view that writes to it corrupts the room.
        children: `{child id: Snapshot}` of the spawned machines.
        output: what the final state's `donedata` gave.
        error: a code, when the status is `error`.
        members: `{member id: Member}` of the room, in joining order.
        timers: `{name: Waiting}` of this machine: see `timer`.
        paused: whether the room's timers are paused.
    """

    value: StateValue
    status: Status
    tags: frozenset[str]
    context: C
    children: Mapping[str, Snapshot[Any]] = field(default_factory=dict)
    output: Any = None
    error: str | None = None
    members: Mapping[str, Member] = field(default_factory=dict)
    timers: Mapping[str, Waiting] = field(default_factory=dict)
    paused: bool = False

    def matches(self, state: StateValue) -> bool:
        """Whether `state` is active, with the semantics of XState's `matches`.

        Args:
            state: `"question"`, `"question.open"` or `{"question": "open"}`.
        """
        return matches(state, self.value)

    def has_tag(self, tag: str) -> bool:
        """Whether an active state carries `tag`."""
        return tag in self.tags

    def timer(self, name: str) -> Waiting | None:
        """This machine's timer called `name`, the first to come; None: none waits.

        Args:
            name: the `id` that it was started with, or its event.
        """
        return self.timers.get(name)
