"""Whether a stored form fits today's declaration, and what of it would be lost without a word.

Everything here raises ValueError with a sentence; the restore adds what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from statemachine.graph import iterate_states
from statemachine.state import HistoryState, State

from machine_party.core.definition import transitions_of
from machine_party.core.engine import Invoke
from machine_party.core.state_form import ActorState, MachineState
from machine_party.core.timer import Timer

if TYPE_CHECKING:
    from machine_party.core.actor import Actor
    from machine_party.core.machine import Machine

__all__ = ["check_actor", "check_configuration", "check_machine", "child_kind"]


def check_configuration(machine: type[Any], values: Sequence[Any]) -> None:
    """Refuse active states that the declaration does not have, or does not allow together."""
    for value in values:
        if value not in machine.states_map:
            raise ValueError(f"{machine.__name__} has no state {value!r}")
    active = {machine.states_map[value].id for value in values}
    if not active or _legal(list(machine.states), active, parallel=False) != len(active):
        raise ValueError(f"{machine.__name__} cannot be in {sorted(active)} at once")


def _legal(
    states: list[State], active: set[str], *, parallel: bool, remembered: bool = False
) -> int:
    """How many active states this level and those below it have; 0 if that is not legal.

    Args:
        remembered: by a history: a region that a parallel state has got since is entered beside
            the others.
    """
    here = [state for state in states if state.id in active]
    if len(here) != (len(states) if parallel else 1) and not (remembered and parallel and here):
        return 0
    below = [
        _legal(state.states, active, parallel=state.parallel, remembered=remembered)
        for state in here
        if state.states
    ]
    return len(here) + sum(below) if all(below) else 0


def check_machine(machine: Machine[Any], stored: MachineState) -> None:
    """Refuse history and invokes that the declaration does not have. `machine` is in the stored
    configuration."""
    for history, values in stored.history.items():
        _check_history(machine, history, values)
    for key, row in stored.invokes.items():
        _check_active(machine, row.state, f"the invoke {key!r}")
        _check_invoke(machine, key, row)
    for key, child in stored.children.items():
        if child.invoked_by is not None:
            _check_active(machine, child.invoked_by, f"the child {key!r}")


def _check_history(machine: Machine[Any], history: str, values: Sequence[str]) -> None:
    name = type(machine).__name__
    states = {s.id: s for s in iterate_states(machine.states) if isinstance(s, HistoryState)}
    if history not in states:
        raise ValueError(f"{name} has no history {history!r}, in which {list(values)} is stored")
    for value in values:
        if value not in machine.states_map:
            raise ValueError(f"{name}'s history {history!r} remembers {value!r}, which is no state")
    if not _remembers(machine, states[history], values):
        what = f"{name}'s history {history!r} remembers {list(values)}"
        raise ValueError(f"{what}, which cannot be entered there any more")


def _remembers(machine: Machine[Any], history: HistoryState, values: Sequence[str]) -> bool:
    """Whether its parent is in a legal configuration once these states are entered.

    The library enters them wherever they are today; those of a deep history without their own
    initial states.
    """
    parent = history.parent
    states, parallel = (parent.states, parent.parallel) if parent else (machine.states, False)
    if not history.type.is_deep:
        here = [state.id for state in states]
        return set(values) <= set(here) and 1 <= len(values) <= (len(here) if parallel else 1)
    active = set(values)
    for value in values:
        active |= {state.id for state in machine.states_map[value].ancestors(parent=parent)}
    found = _legal(list(states), active, parallel=parallel, remembered=True)
    return found == len(active) and found > 0


def _check_invoke(machine: Machine[Any], key: str, row: Invoke) -> None:
    """It will be run again: it must be the same function's work."""
    names = machine._engine.invoke_names(machine.states_map[row.state])
    found = names[row.index] if 0 <= row.index < len(names) else None
    if found is None or row.function not in ("", found):
        what = f"the invoke {key!r} ran {row.function or 'a function'!r}"
        now = f"is {found!r} now" if found is not None else "is not there any more"
        place = f"invoke {row.index} of {row.state!r}"
        raise ValueError(f"{type(machine).__name__}: {what}, and {place} {now}")


def _check_active(machine: Machine[Any], state: str, what: str) -> None:
    if state not in machine.configuration_values:
        name = type(machine).__name__
        raise ValueError(f"{name}: {what} belongs to {state!r}, which is not an active state")


def child_kind(parent: type[Machine[Any]], name: str) -> type[Machine[Any]]:
    """The Machine class that a stored child is of."""
    for kind in parent.Children:
        if kind.__name__ == name:
            return kind
    raise ValueError(f"a child is a {name!r}, which is none of {parent.__name__}.Children")


def check_actor(actor: Actor, state: ActorState) -> None:
    """Refuse timers without an owner, and, of another definition, what today's code would drop:
    events that nothing takes, and fields that nothing has.

    Args:
        actor: what was made of `state`.
    """
    for timer in actor.timers.rows.values():
        _check_owner(actor, timer)
        _check_payload(actor, timer)
    if state.definition != actor.party.definition:
        for timer in actor.timers.rows.values():
            _check_event(actor, timer)
        _check_fields(actor.machines[""], state.machine)


def _check_owner(actor: Actor, timer: Timer) -> None:
    if timer.path not in actor.machines:
        raise ValueError(f"the timer for {timer.event!r} is of the child {timer.path!r}, not there")
    if timer.state is not None:
        _check_active(actor.machines[timer.path], timer.state, f"the timer for {timer.event!r}")


def _check_payload(actor: Actor, timer: Timer) -> None:
    try:
        actor.party.typed(timer.event, timer.data)
    except msgspec.ValidationError as error:
        raise ValueError(f"what a timer sends does not fit {timer.event!r}: {error}") from error


def _check_event(actor: Actor, timer: Timer) -> None:
    machine = type(actor.machines[timer.path])
    if not any(transition.match(timer.event) for transition in transitions_of(machine)):
        what = f"a timer will send {timer.event!r}"
        raise ValueError(f"{machine.__name__}: {what}, which no transition takes")


def _check_fields(machine: Machine[Any], stored: MachineState) -> None:
    lost = [*_lost(stored.input, machine.input, "input")]
    lost += _lost(stored.context, machine.context, "context")
    if lost:
        what = f"the stored {lost[0]} is no field any more"
        raise ValueError(f"{type(machine).__name__}: {what}, and would be lost")
    for key, child in stored.children.items():
        _check_fields(machine._children[key], child)


def _lost(before: Any, value: Any, path: str) -> Iterator[str]:
    """Where stored data has something for which the value that was made of it has no place."""
    parts = _parts(value)
    if isinstance(before, dict) and isinstance(parts, dict):
        for key, inner in before.items():
            if key in parts:
                yield from _lost(inner, parts[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(before, list) and isinstance(parts, list):
        for index, (inner, part) in enumerate(zip(before, parts, strict=False)):
            yield from _lost(inner, part, f"{path}[{index}]")
        if isinstance(value, msgspec.Struct):  # each place is a field
            yield from (f"{path}[{index}]" for index in range(len(parts), len(before)))
    elif before is not None and parts is None:
        yield path


def _parts(value: Any) -> Any:
    """A value one level down, keyed as it is stored, with all of its fields: those too that are
    not stored when they have their default."""
    if isinstance(value, msgspec.Struct):
        return _fields(value)
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        keys = msgspec.to_builtins(dict.fromkeys(value), str_keys=True)
        return dict(zip(keys, value.values(), strict=True))
    if isinstance(value, list | tuple):
        return list(value)
    return msgspec.to_builtins(value, str_keys=True)


def _fields(value: msgspec.Struct) -> dict[str, Any] | list[Any]:
    """A Struct's fields by the names that they are stored with, or in order, its tag among them."""
    config, values = value.__struct_config__, [getattr(value, f) for f in value.__struct_fields__]
    tags = {} if config.tag_field is None else {config.tag_field: config.tag}
    if config.array_like:
        return [*tags.values(), *values]
    return tags | dict(zip(value.__struct_encode_fields__, values, strict=True))
