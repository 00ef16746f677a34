"""A party's types for TypeScript: what a façade in a browser may be asked for, and send.

Made of the machine and the declared views and events, so that a page is checked against what the
server runs. Pure: a party class goes in, the text of a declaration file comes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.inspect import type_info

from machine_party.core.declaration import family
from machine_party.core.definition import all_states
from machine_party.core.event import ClientEvent, Emit
from machine_party.core.state import state_tags
from machine_party.core.typescript_text import Member, alias, assigned, interface, key, quoted
from machine_party.core.typescript_type import Declarations, TypeWriter, doc_of

if TYPE_CHECKING:
    from statemachine import State

    from machine_party.core.machine import Machine
    from machine_party.core.party import Party

__all__ = ["party_types"]

_STATE_VALUE = "type StateValue = string | { readonly [state: string]: StateValue }"


def party_types(party: type[Party]) -> str:
    """The declaration file of a party.

    It has one interface of the party's name, for `connect<Trivia>(url)`, and the types that it
    is made of. A view that returns a `View` may override `value` and `tags`; the machine's own
    are declared all the same.
    """
    return _PartyTypes(party).text()


class _PartyTypes:
    """One party, on its way to text."""

    def __init__(self, party: type[Party]) -> None:
        self._party, self._name = party, party.__name__
        self._declarations = Declarations([self._name, f"{self._name}Value"])
        self._received = TypeWriter(self._declarations)
        self._sent = TypeWriter(self._declarations, sent=True)

    def text(self) -> str:
        interface = self._interface()
        value = alias(f"{self._name}Value", state_values(self._party.machine))
        texts = [self._header(), interface, value, *self._declarations.texts()]
        if self._children_types():
            texts.append(_STATE_VALUE)
        return "\n\n".join(texts) + "\n"

    def _header(self) -> str:
        """No hash of the definition: that one changes with what is nobody's business outside."""
        return (
            f"// What the party {self._party.name!r} shows and takes: connect<{self._name}>(url).\n"
            f"// Written by `machine-party types {self._party.name}`; do not edit."
        )

    def _interface(self) -> str:
        machine = self._party.machine
        view = self._party.shared_view
        rows: dict[str, Sequence[Member]] = {
            "value": [f"{self._name}Value"],
            "tags": [quoted(tag) for tag in sorted(tags_of(machine))],
            "context": [" & ".join(self._contexts())],
            "events": self._events([machine]),
            "emits": self._emits(),
            "children": [self._children()],
            "output": ["unknown" if view.full else "null"],
        }
        return doc_of(self._party) + _party_interface(self._name, rows)

    def _contexts(self) -> list[str]:
        views = {"Shared": self._party.shared_view, "Own": self._party.own_view}
        return [
            self._received.named(view.context, f"{self._name}{layer}")
            for layer, view in views.items()
            if view is not None
        ]

    # -- events ----------------------------------------------------------------------------

    def _events(self, machines: Iterable[type[Machine[Any]]]) -> list[str]:
        """Those that one of the machines handles: the others are never accepted."""
        handled = {str(event) for machine in machines for event in machine._events}
        return [_event(self._sent, e, "Event") for e in self._party.events if e.type in handled]

    def _emits(self) -> list[str]:
        return [_event(self._received, emit, "Emit") for emit in self._party.emits]

    # -- children --------------------------------------------------------------------------

    def _children_types(self) -> Mapping[str, type[Any]]:
        return {**self._party.shared_children, **self._party.own_children}

    def _children(self) -> Member:
        """By id, or by a pattern of ids."""
        return {
            _child_key(pattern): [self._child(pattern, context)]
            for pattern, context in self._children_types().items()
        }

    def _child(self, pattern: str, context: type[Any]) -> str:
        """What is known of a child: its view says which context, but not of which machine it is."""
        words = (word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", pattern))
        write: Callable[[str], str] = lambda name: self._child_interface(name, context)  # noqa: E731
        return self._declarations.name(("child", pattern), f"{''.join(words)}Child", write)

    def _child_interface(self, name: str, context: type[Any]) -> str:
        machines = set(family(self._party.machine, set())) - {self._party.machine}
        rows: dict[str, Sequence[Member]] = {
            "value": ["StateValue"],
            "tags": ["string"],
            "context": [self._received.text(type_info(context))],
            "events": self._events(machines),
            "emits": [],
            "children": [{}],
            "output": ["unknown"],
        }
        return _party_interface(name, rows)


def _event(writer: TypeWriter, kind: type[ClientEvent] | type[Emit], suffix: str) -> str:
    wanted = kind.__name__.removesuffix(suffix) + suffix
    return writer.named(kind, wanted, first=f"readonly type: {quoted(kind.type)}")


def _party_interface(name: str, rows: Mapping[str, Sequence[Member]]) -> str:
    return interface(name, (assigned(f"{row}:", union, "  ") for row, union in rows.items()))


def _child_key(pattern: str) -> str:
    if not pattern.endswith("*"):
        return key(pattern)
    start = re.sub(r"([`\\$])", r"\\\1", pattern[:-1])
    return f"[id: `{start}${{string}}`]" if start else "[id: string]"


# -- what the machine can be in ----------------------------------------------------------


def tags_of(machine: type[Machine[Any]]) -> frozenset[str]:
    """The tags of all its states."""
    return frozenset(tag for state in all_states(machine.states) for tag in state_tags(state))


def state_values(machine: type[Machine[Any]]) -> list[Member]:
    """Every value that the machine can have, nested as a snapshot's."""
    return _values(list(machine.states), parallel=False)


def _values(states: list[State], *, parallel: bool) -> list[Member]:
    if parallel:
        return [{state.id: _inner(state) for state in states}]
    return [{state.id: _inner(state)} if state.states else quoted(state.id) for state in states]


def _inner(state: State) -> list[Member]:
    """A region without states of its own has an empty object for its value."""
    return _values(state.states, parallel=state.parallel) if state.states else [{}]
