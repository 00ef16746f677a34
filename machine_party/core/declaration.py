"""What a party declares: checked when the class is made, and what follows from it filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

from statemachine import Event

from machine_party.core.can import takes_member
from machine_party.core.definition import check_names, definition_hash
from machine_party.core.event import ClientEvent
from machine_party.core.machine import Machine, context_type
from machine_party.core.migration import check_migrations
from machine_party.core.plain import POISON
from machine_party.core.shape import check_closed, check_storable, check_struct
from machine_party.core.view import declared_view, patterns_overlap
from machine_party.errors import DefinitionError

if TYPE_CHECKING:
    from machine_party.core.party import Party

__all__ = ["declare", "family"]

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OURS = ("party.", "member_", "done.", "error.", "done_invoke_", "done_state_", "error_")
"""The library makes `done.invoke.x` of `done_invoke_x`, and `error.x` of `error_x`."""


def declare(party: type[Party], base: type[Party]) -> None:
    """Check a party's declarations and fill in what follows from them.

    Args:
        base: `Party` itself.

    Raises:
        DefinitionError: with the fix.
    """
    if "name" not in party.__dict__:
        party.name = _WORD_START.sub("-", party.__name__).lower()
    for machine in family(party.machine, set()):
        check_names(machine)
        check_storable(context_type(machine), f"{machine.__name__}'s context")
    if party.Input is not None:
        check_storable(party.Input, f"{party.__name__}'s Input")
    _check_events(party)
    _check_sent(party)
    party.event_types = {kind.type: kind for kind in party.events}
    party.definition = _definition(party)
    party.shared_view = declared_view(party, "shared")
    party.own_view = None if party.own is base.own else declared_view(party, "own")
    party.own_can = _own_can(party, base)
    _check_layers(party)
    check_migrations(party)


def _definition(party: type[Party]) -> str:
    machines = [(machine, context_type(machine)) for machine in family(party.machine, set())]
    return definition_hash(machines, party.Input)


def family(machine: type[Machine[Any]], seen: set[Any]) -> Iterator[type[Machine[Any]]]:
    """A machine class and all that it may spawn, directly or not."""
    if machine not in seen:
        seen.add(machine)
        yield machine
        for child in machine.Children:
            yield from family(child, seen)


def _own_can(party: type[Party], base: type[Party]) -> frozenset[str]:
    """With audiences that are not roles, what a member can send depends on its role: all own."""
    if party.audience is not base.audience:
        return frozenset(party.event_types)
    return frozenset(key for key in party.event_types if takes_member(party.machine, key))


def _check_events(party: type[Party]) -> None:
    for first, second in combinations(party.events, 2):
        if first.type == second.type:
            what = f"two events have the type {first.type!r}"
            raise DefinitionError(party.__name__, what, "Give one another `type`.")
    machines = list(family(party.machine, set()))
    handled = {str(event): event for machine in machines for event in machine._events}
    for kind in party.events:
        _check_event(party, kind, handled)


def _check_event(party: type[Party], kind: type[ClientEvent], handled: dict[str, Event]) -> None:
    where, name = party.__name__, kind.type
    if name.startswith(_OURS) or name in POISON:
        what = f"the event type {name!r} is one of ours"
        raise DefinitionError(where, what, "Give it another `type`.")
    roles: object = kind.roles
    if isinstance(roles, str):
        fix = f"Write roles = ({roles!r},)."
        raise DefinitionError(where, f"the roles of {kind.__name__} are a string", fix)
    if name not in handled:
        what = f"no transition of {party.machine.__name__} handles {name!r}"
        fix = f"Add {name} = some_state.to(…) to the machine, or drop {kind.__name__}."
        raise DefinitionError(where, what, fix)
    if handled[name].delay:
        what = f"the client event {name!r} is declared with a delay, and its sender wants an answer"
        raise DefinitionError(
            where, what, "Handle it at once, and call after(…) for what is later."
        )


def _check_sent(party: type[Party]) -> None:
    """What is sent besides the views is declared as closely as they are."""
    where = party.__name__
    for emit in party.emits:
        check_closed(emit, where)
    for kind in party.events:
        if kind.reply is not None:
            check_struct(kind.reply, where)
            check_closed(kind.reply, where)
    for child in (*party.shared_children.values(), *party.own_children.values()):
        check_struct(child, where)
        check_closed(child, where)


def _check_layers(party: type[Party]) -> None:
    own = party.own_view.fields if party.own_view is not None else frozenset()
    both = sorted(party.shared_view.fields & own)
    if both:
        what = f"both views have the context field {both[0]!r}"
        raise DefinitionError(party.__name__, what, "Rename one: a field belongs to one layer.")
    for shared in party.shared_children:
        for mine in party.own_children:
            if patterns_overlap(shared, mine):
                what = f"the child ids {shared!r} and {mine!r} overlap"
                raise DefinitionError(party.__name__, what, "A child belongs to one layer.")
