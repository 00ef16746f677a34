"""`can`: which events a member could send now with effect, without trying them.

Guards without payload or member are the same for an audience; guards that take the member are
evaluated for each; guards that take the payload are not evaluated at all, so their event counts
as possible. A guard that raises counts as false. (The library's `enabled_events` calls it true.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import signature
from typing import TYPE_CHECKING, Any

from statemachine.callbacks import CallbackGroup, CallbackSpec
from statemachine.transition import Transition

from machine_party.core.definition import all_states, functions_of

if TYPE_CHECKING:
    from machine_party.core.machine import Machine
    from machine_party.core.member import Member

__all__ = ["can_send", "takes_member"]


def takes_member(machine: type[Machine[Any]], event: str) -> bool:
    """Whether some guard of `event` looks at the member, so that the answer is the member's own."""
    return any(
        "member" in _parameters(machine, spec)
        for state in all_states(machine.states)
        for transition in _transitions(state, event)
        for spec in _guards(transition)
        if "data" not in _parameters(machine, spec)
    )


def can_send(
    machine: Machine[Any], events: Iterable[str], member: Member | None
) -> dict[str, bool]:
    """`{event: True}` for those that an active state handles now."""
    if not machine._engine.running:
        return {}
    active = list(machine.configuration)
    return {event: True for event in sorted(events) if _possible(machine, active, event, member)}


def _possible(machine: Machine[Any], active: list[Any], event: str, member: Member | None) -> bool:
    return any(
        _guards_hold(machine, transition, member)
        for state in active
        for transition in _transitions(state, event)
    )


def _transitions(state: Any, event: str) -> Iterator[Transition]:
    for transition in state.transitions:
        if not transition.initial and not transition.is_eventless and transition.match(event):
            yield transition


def _guards_hold(machine: Machine[Any], transition: Transition, member: Member | None) -> bool:
    if transition.cond.key not in machine._callbacks:
        return True
    given = {"machine": machine, "model": machine.model, "member": member, "data": None}
    given |= {"transition": transition, "source": transition.source, "target": transition.target}
    for callback in machine._callbacks[transition.cond.key]:
        if "data" in _parameters(type(machine), callback.meta):
            continue
        try:
            held = callback.call(**given)
        except Exception:
            return False
        if not held:
            return False
    return True


def _guards(transition: Transition) -> Iterator[CallbackSpec]:
    return (spec for spec in transition._specs if spec.group is CallbackGroup.COND)


def _parameters(machine: type[Any], spec: CallbackSpec) -> frozenset[str]:
    cache: dict[int, frozenset[str]] = machine.__dict__.get("_guard_parameters", {})
    found = cache.get(id(spec))
    if found is None:
        found = cache[id(spec)] = _read_parameters(machine, spec)
        machine._guard_parameters = cache
    return found


def _read_parameters(machine: type[Any], spec: CallbackSpec) -> frozenset[str]:
    names: set[str] = set()
    for function in functions_of(machine, spec):
        names |= set(signature(function).parameters)
    return frozenset(names)
