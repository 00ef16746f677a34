"""Projection: a snapshot through a party's view, as a layer's document of plain data.

A projection is first made as bytes: that is the cheapest faithful copy, and comparing bytes
tells a change from none without walking anything. Only a changed layer becomes a document.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Struct

from machine_party.core.can import can_send
from machine_party.core.plain import as_declared, decoded, encoded, refuse_poison
from machine_party.core.shape import check_closed
from machine_party.core.view import ChildView, Declared, View
from machine_party.errors import DefinitionError, UndeclaredError

if TYPE_CHECKING:
    from machine_party.core.machine import Machine
    from machine_party.core.member import Member
    from machine_party.core.party import Party
    from machine_party.core.snapshot import Snapshot

__all__ = ["Projection", "project_own", "project_shared"]

_SCALARS = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Projection:
    """One layer as it is now.

    Attributes:
        digest: equal digests mean equal documents. What is hidden may tell digests apart.
        parts: the layer before it is made plain: contexts are still encoded.
    """

    digest: bytes
    parts: dict[str, Any]
    contexts: dict[tuple[str, ...], tuple[bytes, type[Struct]]]

    def document(self) -> dict[str, Any]:
        """The layer as plain dicts, lists and scalars; only fields of the declared types.

        Raises:
            UndeclaredError: a key that would poison a JavaScript client.
        """
        document: dict[str, Any] = msgspec.msgpack.decode(encoded(self.parts))
        for path, (data, declared) in self.contexts.items():
            place = document
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = decoded(data, declared)
        refuse_poison(document, self.digest)
        return document


def project_shared(
    party: Party, machine: Machine[Any], snapshot: Snapshot[Any], audience: str, role: str
) -> Projection:
    """What everyone of `audience` sees.

    Args:
        role: the role whose `can` it shows (the audience's, unless `can` is each member's own).
    """
    view = _full(party.shared(snapshot, audience), party.shared_view, f"{party.name}.shared")
    events = party.sendable(role) - party.own_can
    parts: dict[str, Any] = {
        "value": snapshot.value if view.value is UNSET else view.value,
        "tags": sorted(snapshot.tags if view.tags is UNSET else view.tags),
        "status": snapshot.status if view.status is UNSET else view.status,
        "can": can_send(machine, events, None),
        "context": None,
        "children": {},
        "output": _output(view.output, f"{party.name}.shared output"),
        "error": view.error,
    }
    return _projection(parts, view, party.shared_view, party.shared_children, party.name)


def project_own(
    party: Party, machine: Machine[Any], snapshot: Snapshot[Any], member: Member
) -> Projection:
    """What only `member` sees."""
    events = party.sendable(member.role) & party.own_can if party.own_can else frozenset()
    parts: dict[str, Any] = {
        "can": can_send(machine, events, member) if events else {},
        "context": {},
        "children": {},
    }
    if party.own_view is None:
        return Projection(encoded(parts), parts, {})
    view = _full(party.own(snapshot, member), party.own_view, f"{party.name}.own")
    return _projection(parts, view, party.own_view, party.own_children, party.name)


def _projection(
    parts: dict[str, Any], view: View[Any], declared: Declared, allowed: Any, name: str
) -> Projection:
    contexts: dict[tuple[str, ...], tuple[bytes, type[Struct]]]
    contexts = {("context",): (encoded(view.context), declared.context)}
    for key, child in view.children.items():
        kind = _child_type(allowed, key, child, name)
        parts["children"][key] = {
            "value": child.value,
            "tags": sorted(child.tags),
            "status": child.status,
            "context": None,
            "output": _output(child.output, f"{name} child {key}"),
        }
        contexts["children", key, "context"] = (encoded(child.context), kind)
    digest = encoded([parts, [data for data, _ in contexts.values()]])
    return Projection(digest, parts, contexts)


def _full(result: Any, declared: Declared, where: str) -> View[Any]:
    view = result if isinstance(result, View) else View(context=result)
    if type(view.context) is not declared.context or isinstance(result, View) != declared.full:
        raise UndeclaredError(
            where,
            f"it returned {type(view.context).__name__}",
            f"Return {declared.context.__name__}, as it declares.",
        )
    return view


def _child_type(allowed: Any, key: str, child: Any, name: str) -> type[Struct]:
    for pattern, kind in allowed.items():
        exact = pattern == key
        if exact or (pattern.endswith("*") and key.startswith(pattern[:-1])):
            if isinstance(child, ChildView) and type(child.context) is kind:
                found: type[Struct] = kind
                return found
    raise UndeclaredError(
        name, f"the child {key!r} is not declared for this layer", "Add it to shared_children."
    )


def _output(value: Any, where: str) -> Any:
    """An output as it is sent: a scalar, or a Struct's declared fields."""
    if isinstance(value, _SCALARS):
        return value
    if not isinstance(value, Struct):
        raise UndeclaredError(
            where, f"it is a {type(value).__name__}", "Give a Struct or a scalar."
        )
    _check_output(type(value), where)
    return as_declared(value, type(value))


@cache
def _check_output(kind: type[Struct], where: str) -> None:
    try:
        check_closed(kind, where)
    except DefinitionError as error:
        raise UndeclaredError(error.where, error.what, error.fix) from error
