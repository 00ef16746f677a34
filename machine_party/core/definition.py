"""What is wrong with a machine's declaration: found when the class is made, with the fix.

The library accepts all of these and goes wrong later, silently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from inspect import getattr_static, iscoroutinefunction
from typing import Any

import msgspec
from statemachine.callbacks import CallbackGroup, CallbackSpec
from statemachine.graph import iterate_states_and_transitions
from statemachine.state import State

from machine_party.core.state import state_tags
from machine_party.errors import DefinitionError

__all__ = ["all_states", "check_machine", "definition_hash"]


def all_states(states: Any) -> Iterator[State]:
    """Every state of a tree, in document order."""
    for state in states:
        yield state
        yield from all_states(state.states)


def check_machine(machine: type[Any], *, reserved: frozenset[str]) -> None:
    """Refuse what would go wrong silently.

    Raises:
        DefinitionError: a state id used twice, a state or event named like one of our methods,
            or a callback that is `async def`.
    """
    _check_state_ids(machine, reserved)
    _check_event_ids(machine, reserved)
    _check_callbacks(machine)


def _check_state_ids(machine: type[Any], reserved: frozenset[str]) -> None:
    seen: set[str] = set()
    for state in all_states(machine.states):
        if state.id in seen:
            raise DefinitionError(
                machine.__name__,
                f"two states are called {state.id!r}, and state ids are machine-wide",
                f"Rename one, for example {_parent_id(state)}_{state.id}.",
            )
        seen.add(state.id)
        if state.id in reserved or _is_method(machine, state.id):
            raise DefinitionError(
                machine.__name__,
                f"the state {state.id!r} would hide the method or attribute of that name",
                "Rename the state.",
            )


def _check_event_ids(machine: type[Any], reserved: frozenset[str]) -> None:
    for event in machine._events:
        if str(event) in reserved:
            raise DefinitionError(
                machine.__name__,
                f"the event {str(event)!r} would hide the method or attribute of that name",
                "Rename the event.",
            )


def _check_callbacks(machine: type[Any]) -> None:
    for visited in iterate_states_and_transitions(machine.states):
        for spec in visited._specs:
            if _is_async(machine, spec):
                raise DefinitionError(
                    machine.__name__,
                    f"the callback {spec.attr_name!r} is async def",
                    "Callbacks are plain def. Slow work goes in State(invoke=function).",
                )
            if spec.group is CallbackGroup.INVOKE and isinstance(spec.func, str):
                if hasattr(machine, spec.func):
                    raise DefinitionError(
                        machine.__name__,
                        f"the invoke {spec.func!r} is given by name",
                        "Write State(invoke=function): it runs outside the machine.",
                    )


def _is_async(machine: type[Any], spec: CallbackSpec) -> bool:
    if isinstance(spec.func, str):
        return iscoroutinefunction(getattr(machine, spec.func, None))
    return iscoroutinefunction(spec.func)


def _is_method(machine: type[Any], name: str) -> bool:
    found = getattr_static(machine, name, None)
    return callable(found) and not isinstance(found, State | str)


def _parent_id(state: State) -> str:
    return state.parent.id if state.parent is not None else "other"


def definition_hash(machine: type[Any], context: type[Any]) -> str:
    """16 hex digits that change when the states, the transitions or the context's shape do."""
    digest = hashlib.sha256()
    for state in all_states(machine.states):
        parent = state.parent.id if state.parent is not None else None
        row = [state.id, parent, state.parallel, state.final, sorted(state_tags(state))]
        row += [[str(t.event), [target.id for target in t.targets]] for t in state.transitions]
        digest.update(msgspec.json.encode(row))
    digest.update(msgspec.json.encode(msgspec.json.schema(context)))
    return digest.hexdigest()[:16]
