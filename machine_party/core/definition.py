"""What is wrong with a machine's declaration: found when the class is made, with the fix.

The library accepts all of these and goes wrong later, silently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from inspect import getattr_static, isasyncgenfunction, iscoroutinefunction
from typing import Any

import msgspec
from statemachine.callbacks import CallbackGroup, CallbackSpec
from statemachine.event import Event
from statemachine.graph import iterate_states
from statemachine.signature import SignatureAdapter
from statemachine.spec_parser import names_in_boolean_expr
from statemachine.state import HistoryState, State
from statemachine.transition import Transition
from statemachine.transition_list import TransitionList

from machine_party.core.plain import POISON
from machine_party.core.state import invoke_name, invoked, state_tags
from machine_party.errors import DefinitionError

__all__ = [
    "all_states",
    "check_machine",
    "check_names",
    "definition_hash",
    "functions_of",
    "mend_events",
    "transitions_of",
]

_ERROR_INVOKE = "error_invoke_"
_FUNCTIONS = frozenset({"In"})
"""Of the library's guard expressions."""
_DECLARATIONS = (Event, State, Transition, TransitionList)


def all_states(states: Any) -> Iterator[State]:
    """Every state of a tree, in document order; not the history states."""
    for state in states:
        yield state
        yield from all_states(state.states)


def functions_of(holder: Any, spec: CallbackSpec) -> list[Any]:
    """The plain functions that a callback's declaration names on `holder`, or is."""
    if not isinstance(spec.func, str):
        found = [spec.func]
    else:
        found = [getattr_static(holder, name, None) for name in _names(spec)]
    functions = [_function(item) for item in found if not isinstance(item, Event)]
    return [function for function in functions if callable(function)]


def _function(item: Any) -> Any:
    if isinstance(item, property):
        return item.fget
    if isinstance(item, staticmethod | classmethod):
        return item.__func__
    return item


# -- what the library gets wrong ----------------------------------------------------------


def mend_events(machine: type[Any]) -> None:
    """Put right what the library makes of some events.

    `error_invoke_my_state` becomes `error.invoke.my.state`, which matches nothing; and a function
    defined anew, as after a reload, is called with the parameters of the old one of that name.
    """
    for transition in transitions_of(machine):
        for event in [str(event) for event in transition.events]:
            if event.startswith(_ERROR_INVOKE):
                dotted = "error.invoke." + event.removeprefix(_ERROR_INVOKE)
                transition.add_event(dotted)
                machine.add_event(Event(id=dotted))
    SignatureAdapter.from_callable.clear_cache()


# -- what is refused ----------------------------------------------------------------------


def check_machine(
    machine: type[Any],
    bases: tuple[type, ...],
    attrs: Mapping[str, Any],
    *,
    reserved: frozenset[str],
) -> None:
    """Refuse what would go wrong silently.

    Args:
        attrs: the class's body.
        reserved: the names that a state or an event must not have.

    Raises:
        DefinitionError: a state id used twice, a state or event named like a method or an
            attribute, a callback that is `async def`, an invoke that is not one of ours, or a
            transition added to a base class.
    """
    _check_bases(machine, bases)
    _check_state_ids(machine, reserved | POISON)
    _check_event_ids(machine, attrs, reserved | POISON)
    _check_internal(machine)
    for holder in _holders(machine):
        _check_callbacks(machine, holder)
    machine._transition_count = len(list(transitions_of(machine)))


def _check_bases(machine: type[Any], bases: tuple[type, ...]) -> None:
    for base in bases:
        if len(list(transitions_of(base))) != getattr(base, "_transition_count", 0):
            raise DefinitionError(
                machine.__name__,
                f"it adds transitions to states of {base.__name__}, which shares them",
                f"Write them in {base.__name__}; a subclass may override its methods.",
            )


def _check_state_ids(machine: type[Any], reserved: frozenset[str]) -> None:
    where, seen = machine.__name__, set()
    for state in iterate_states(machine.states):
        if state.id in seen:
            what = f"two states are called {state.id!r}, and state ids are machine-wide"
            raise DefinitionError(where, what, f"Rename one, for example {_longer_id(state)}.")
        seen.add(state.id)
        if state.id in reserved or _hides(machine, state.id):
            what = f"the state {state.id!r} would hide the method or attribute of that name"
            raise DefinitionError(where, what, "Rename the state.")
        if state.value != state.id:
            what = f"the state {state.id!r} has another value, {state.value!r}"
            raise DefinitionError(where, what, "Drop value=: a state is stored by its id.")
        if isinstance(state, HistoryState) and not state.transitions:
            what = f"the history {state.id!r} does not say what is entered when there is none"
            raise DefinitionError(where, what, f"Write {state.id}.to(some_state) beside it.")


def _hides(machine: type[Any], name: str) -> bool:
    found = getattr_static(machine, name, None)
    return found is not None and not isinstance(found, State | Event)


def _longer_id(state: State) -> str:
    return f"{state.parent.id if state.parent is not None else 'other'}_{state.id}"


def _check_event_ids(
    machine: type[Any], attrs: Mapping[str, Any], reserved: frozenset[str]
) -> None:
    bodies = (attrs, *(base.__dict__ for base in machine.__mro__[1:]))
    for event in map(str, machine._events):
        others = [body[event] for body in bodies if event in body]
        if event in reserved or any(not _declares(other) for other in others):
            raise DefinitionError(
                machine.__name__,
                f"the event {event!r} would hide the method or attribute of that name",
                "Rename the event, or the method.",
            )


def _declares(item: Any) -> bool:
    """Whether a class attribute declares an event (or a state), and is not hidden by it."""
    return isinstance(item, _DECLARATIONS) or bool(getattr(item, "is_event", False))


def _check_internal(machine: type[Any]) -> None:
    for transition in transitions_of(machine):
        if transition.internal and transition.is_self and transition.source.states:
            name = transition.source.id
            what = f"an internal transition of {name!r} to itself leaves its inner states"
            raise DefinitionError(machine.__name__, what, f"Write {name}.to(None, on=…).")


def _check_callbacks(machine: type[Any], holder: Any) -> None:
    for spec in (spec for specs in machine._all_specs() for spec in specs):
        if any(map(_is_async, functions_of(holder, spec))):
            raise DefinitionError(
                machine.__name__,
                f"the callback {spec.attr_name!r} is async def",
                "Callbacks are plain def. Slow work goes in State(invoke=function).",
            )
        if spec.group is CallbackGroup.INVOKE:
            _check_invoke(machine, holder, spec)


def _check_invoke(machine: type[Any], holder: Any, spec: CallbackSpec) -> None:
    where, function = machine.__name__, invoked(spec.func)
    if isinstance(function, str):
        if spec.is_convention and not functions_of(holder, spec):
            return
        what = f"the invoke {function!r} is given by name"
        raise DefinitionError(
            where, what, "Write State(invoke=function): it runs outside the machine."
        )
    if isinstance(function, type) and function not in machine.Children:
        what = f"it invokes {function.__name__}, which it does not declare"
        raise DefinitionError(where, what, f"Write Children = ({function.__name__},) in its body.")
    if not callable(function):
        what = f"the invoke {spec.attr_name!r} is a {type(function).__name__}"
        raise DefinitionError(where, what, "Give a function or a Machine class.")


def check_names(machine: type[Any]) -> None:
    """Refuse a callback given by a name that nothing has. (A base class may have such ones.)

    Raises:
        DefinitionError: naming it.
    """
    for spec in (spec for specs in machine._all_specs() for spec in specs):
        if isinstance(spec.func, str) and not spec.is_convention:
            for name in sorted(_names(spec) - _FUNCTIONS):
                if not any(hasattr(holder, name) for holder in _holders(machine)):
                    what = f"the callback {name!r} is not there"
                    raise DefinitionError(machine.__name__, what, f"Write def {name}(self).")


def _names(spec: CallbackSpec) -> set[str]:
    boolean = spec.may_contain_boolean_expression
    return names_in_boolean_expr(spec.func) if boolean else {spec.func}


def _holders(machine: type[Any]) -> tuple[Any, ...]:
    return (machine, *machine._class_listeners)


def _is_async(function: Any) -> bool:
    """Whether calling it gives something to await, which a guard would take for true."""
    while isinstance(function, partial):
        function = function.func
    calls = (function, getattr(type(function), "__call__", None))  # noqa: B004
    return any(iscoroutinefunction(call) or isasyncgenfunction(call) for call in calls)


def transitions_of(machine: type[Any]) -> Iterator[Transition]:
    """Every transition of a machine, those of history states too."""
    for state in iterate_states(getattr(machine, "states", ())):
        yield from state.transitions


# -- what tells one declaration from another -----------------------------------------------


def definition_hash(
    machines: Iterable[tuple[type[Any], type[Any]]], input: type[Any] | None
) -> str:
    """16 hex digits that change when what a stored form refers to does.

    That are the input, and the states, transitions, invokes and contexts of all machines; not the
    code of guards and actions, of which a stored form holds nothing. It is stored: the same in
    every process.

    Args:
        machines: `(machine, context type)`: the root, and all that may be spawned.
        input: the room's input's type.
    """
    digest = hashlib.sha256()
    for machine, context in machines:
        digest.update(msgspec.json.encode([machine.__name__, msgspec.json.schema(context)]))
        for state in iterate_states(machine.states):
            digest.update(msgspec.json.encode(_row(state)))
    digest.update(msgspec.json.encode(msgspec.json.schema(input)))
    return digest.hexdigest()[:16]


def _row(state: State) -> list[Any]:
    parent = state.parent.id if state.parent is not None else None
    kind = state.type.value if isinstance(state, HistoryState) else None
    moves = [[str(t.event), [target.id for target in t.targets]] for t in state.transitions]
    specs = [spec for spec in state._specs if spec.group is CallbackGroup.INVOKE]
    invokes = [invoke_name(invoked(spec.func)) for spec in specs if not spec.is_convention]
    tags = sorted(state_tags(state))
    return [state.id, parent, state.parallel, state.final, kind, tags, invokes, moves]
