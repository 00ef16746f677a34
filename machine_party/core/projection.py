"""Projection: a snapshot through a party's view, as a layer's document of plain data.

A projection is first made as bytes: that is the cheapest faithful copy, and comparing bytes
tells a change from none without walking anything. Only a changed layer becomes a document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Struct

from machine_party.core.can import can_send
from machine_party.core.view import ChildView, Declared, View
from machine_party.errors import UndeclaredError

if TYPE_CHECKING:
    from machine_party.core.machine import Machine
    from machine_party.core.member import Member
    from machine_party.core.party import Party
    from machine_party.core.snapshot import Snapshot

__all__ = ["Projection", "project_own", "project_shared"]

_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decoders: dict[type[Struct], msgspec.msgpack.Decoder[Any]] = {}
_SCALARS = (str, int, float, bool, type(None), Struct)
_POISON = (b"__proto__", b"prototype", b"constructor")


@dataclass(frozen=True, slots=True)
class Projection:
    """One layer as it is now.

    Attributes:
        digest: equal for equal layers.
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
        document: dict[str, Any] = msgspec.msgpack.decode(_encode(self.parts))
        for path, (encoded, declared) in self.contexts.items():
            place = document
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = msgspec.to_builtins(
                _decoder(declared).decode(encoded), order="deterministic", str_keys=True
            )
        if any(word in self.digest for word in _POISON):
            _refuse_poison(document, "$")
        return document


def project_shared(
    party: Party, machine: Machine[Any], snapshot: Snapshot[Any], audience: str, role: str
) -> Projection:
    """What everyone of `audience` sees.

    Args:
        role: the role whose `can` it shows (the audience's, unless `can` is each member's own).
    """
    view = _full(party.shared(snapshot, audience), party.shared_view, f"{party.name}.shared")
    events = _sendable(party, role) - party.own_can
    parts: dict[str, Any] = {
        "value": snapshot.value if view.value is UNSET else view.value,
        "tags": sorted(snapshot.tags if view.tags is UNSET else view.tags),
        "status": snapshot.status if view.status is UNSET else view.status,
        "can": can_send(machine, events, None),
        "context": None,
        "children": {},
        "output": _scalar(view.output, f"{party.name}.shared output"),
        "error": view.error,
    }
    return _projection(parts, view, party.shared_view, party.shared_children, party.name)


def project_own(
    party: Party, machine: Machine[Any], snapshot: Snapshot[Any], member: Member
) -> Projection:
    """What only `member` sees."""
    events = _sendable(party, member.role) & party.own_can
    parts: dict[str, Any] = {
        "can": can_send(machine, events, member) if events else {},
        "context": {},
        "children": {},
    }
    if party.own_view is None:
        return Projection(_encode(parts), parts, {})
    view = _full(party.own(snapshot, member), party.own_view, f"{party.name}.own")
    return _projection(parts, view, party.own_view, party.own_children, party.name)


def _projection(
    parts: dict[str, Any], view: View[Any], declared: Declared, allowed: Any, name: str
) -> Projection:
    contexts: dict[tuple[str, ...], tuple[bytes, type[Struct]]]
    contexts = {("context",): (_encode(view.context), declared.context)}
    for key, child in view.children.items():
        kind = _child_type(allowed, key, child, name)
        parts["children"][key] = {
            "value": child.value,
            "tags": sorted(child.tags),
            "status": child.status,
            "context": None,
            "output": _scalar(child.output, f"{name} child {key}"),
        }
        contexts["children", key, "context"] = (_encode(child.context), kind)
    digest = _encode([parts, [encoded for encoded, _ in contexts.values()]])
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


def _sendable(party: Party, role: str) -> frozenset[str]:
    return frozenset(key for key, kind in party.event_types.items() if role in kind.roles)


def _scalar(value: Any, where: str) -> Any:
    if isinstance(value, _SCALARS):
        return value
    raise UndeclaredError(where, f"it is a {type(value).__name__}", "Give a Struct or a scalar.")


def _decoder(declared: type[Struct]) -> msgspec.msgpack.Decoder[Any]:
    decoder = _decoders.get(declared)
    if decoder is None:
        decoder = _decoders[declared] = msgspec.msgpack.Decoder(declared)
    return decoder


def _refuse_poison(value: Any, path: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.encode() in _POISON:
                raise UndeclaredError(path, f"the key {key!r} is not safe", "Key by member id.")
            _refuse_poison(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_poison(inner, f"{path}[{index}]")
