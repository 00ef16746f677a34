"""A machine in a room of its own, driven by hand: what the tests of the core stand on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from machine_party.core import (
    Actor,
    Cause,
    ClientEvent,
    InvokeEnded,
    Joined,
    Machine,
    Member,
    Party,
    Sent,
    Snapshot,
    Step,
    TimerFired,
)
from machine_party.core.definition import all_states

NOW = 1_000.0
"""When rooms start, epoch seconds."""
_RESERVED = ("member_", "done", "error")


class Notes(Struct):
    """A context that remembers what happened."""

    log: list[Any] = field(default_factory=list)
    count: int = 0


class Nothing(Struct):
    """A view that shows nothing."""


PAYLOAD: tuple[Any, ...] = (("n", int, 0), ("text", str, ""))


def event(name: str, *, fields: tuple[Any, ...] = PAYLOAD, **attributes: Any) -> type[ClientEvent]:
    """A client event called `name`; its payload is `{n, text}` unless `fields` say otherwise."""
    namespace = {"type": name, **attributes}
    kind = msgspec.defstruct(name.title(), fields, bases=(ClientEvent,), namespace=namespace)
    assert issubclass(kind, ClientEvent)
    return kind


def party_of(machine: type[Machine[Any]], **attributes: Any) -> Party:
    """A party of `machine`, with a client event for each event that takes one, and no views."""

    def shared(self: Party, snapshot: Snapshot[Any], audience: str) -> Nothing:
        return Nothing()

    mine = (name for name in machine._events if not name.delay)
    names = [str(name) for name in mine if not str(name).startswith(_RESERVED)]
    body = {"machine": machine, "shared": shared, "events": tuple(map(event, names)), **attributes}
    kind = type("Game", (Party,), body)
    party: Party = kind()
    return party


class Rig:
    """One actor and its clock."""

    def __init__(self, game: Party | type[Machine[Any]], *, input: Any = None) -> None:
        self.party = game if isinstance(game, Party) else party_of(game)
        self.now = NOW
        self.version = 0
        self.actor = Actor.start(self.party, input=input, seed="seed", now=NOW)

    @property
    def root(self) -> Machine[Any]:
        return self.actor.machines[""]

    @property
    def context(self) -> Any:
        return self.root.context

    @property
    def value(self) -> Any:
        return self.actor.snapshot().value

    def step(self, cause: Cause) -> Step:
        self.version += 1
        return self.actor.step(cause, version=self.version, index=0)

    def join(self, identity: str = "ann", role: str = "player") -> Member:
        step = self.step(Joined(now=self.now, identity=identity, role=role, name=identity))
        assert step.member is not None
        return step.member

    def send(
        self, type: str, *, member: str | None = None, child: str | None = None, **data: Any
    ) -> Step:
        return self.step(Sent(now=self.now, type=type, data=data, member=member, child=child))

    def elapse(self, seconds: float) -> None:
        """Let time pass: timers fire at their deadlines."""
        end = self.now + seconds
        while due := self.actor.timers.due(end):
            key, timer = due[0]
            self.now = max(self.now, timer.deadline)
            self.step(TimerFired(now=self.now, timer=key))
        self.now = end

    def end_invoke(
        self, invoke: str, result: Any = None, *, error: str | None = None, path: str = ""
    ) -> Step:
        cause = InvokeEnded(now=self.now, path=path, invoke=invoke, result=result, error=error)
        return self.step(cause)

    def restart(self) -> None:
        """Stop the process and start it again: only what is stored remains."""
        stored = msgspec.json.decode(msgspec.json.encode(self.actor.dump()))
        self.actor = Actor.restore(self.party, stored)


def legal(machine: Machine[Any]) -> bool:
    """Whether the active states are those of one legal configuration (SCXML 3.11)."""
    active = set(machine.configuration_values)
    known = {state.id for state in all_states(machine.states)}
    return active <= known and not list(_wrong(machine, active))


def _wrong(machine: Machine[Any], active: set[str]) -> Iterator[str]:
    if len([state for state in machine.states if state.id in active]) != 1:
        yield "not one state at the top"
    for state in all_states(machine.states):
        inside = [child.id for child in state.states if child.id in active]
        wanted = 0 if state.id not in active else len(state.states) if state.parallel else 1
        if state.states and len(inside) != wanted:
            yield f"{state.id} has {inside}"
