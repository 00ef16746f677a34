"""What a party takes and shows, as JSON Schema: generated from its declared types.

A type is named `{party}.type.{Type}`: two parties may call theirs the same, and one as ours.
"""

from __future__ import annotations

from collections import ChainMap
from inspect import cleandoc
from typing import Any, Final, get_args

import msgspec

from machine_party.core import Party
from machine_party.core.event import ClientEvent
from machine_party.core.snapshot import Status
from machine_party.protocol.limits import MAX_INTEGER
from machine_party.protocol.messages import STATUSES

__all__ = ["COMMON", "PartySchemas", "ref"]


def ref(name: str) -> dict[str, Any]:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: Final = {"type": "string"}
_NATURAL: Final = {"type": "integer", "minimum": 0, "maximum": MAX_INTEGER}
_MAYBE_TEXT: Final = {"type": ["string", "null"]}
_STATUS: Final = {"enum": list(get_args(Status))}
_TAGS: Final = {"type": "array", "items": _TEXT}

COMMON: Final[dict[str, Any]] = {
    "Error": {
        "description": "What went wrong: `code` is for programs, `reason` for people.",
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "reason", "temporary"],
                "properties": {
                    "code": _TEXT,
                    "reason": _TEXT,
                    "temporary": {"type": "boolean"},
                    "retry_after": {"type": "number", "minimum": 0},
                    "path": _TEXT,
                },
            }
        },
    },
    "StateValue": {
        "description": "The active states: a name, or regions and compound states by name.",
        "anyOf": [
            _TEXT,
            {"type": "object", "additionalProperties": ref("StateValue")},
        ],
    },
}
"""The components of no party."""


class PartySchemas:
    """The components of one party.

    Attributes:
        about: what the party says of itself.
        input: the schema of a room's input; absent or null is as good as all defaults.
    """

    def __init__(self, party: Party) -> None:
        self.about = cleandoc(type(party).__doc__ or party.name)
        self._party = party
        self._schemas, self._found = _generated(party)
        self.input = self._input()

    def name(self, what: str) -> str:
        """How a component of the party is called."""
        return f"{self._party.name}.{what}"

    def components(self) -> dict[str, Any]:
        """`{name: schema}` of all of them."""
        made = {
            "Event": self._event(),
            "Receipt": self._receipt(),
            "SharedDocument": self._document(shared_only=True),
            "MemberDocument": self._document(shared_only=False),
            "Room": self._room(),
        }
        return self._found | {self.name(what): schema for what, schema in made.items()}

    # -- what is sent ----------------------------------------------------------------------

    def _input(self) -> dict[str, Any]:
        if self._party.Input is None:
            return {"anyOf": [{"type": "null"}, {"type": "object", "maxProperties": 0}]}
        return {"anyOf": [self._schema(self._party.Input), {"type": "null"}]}

    def _event(self) -> dict[str, Any]:
        events = [self._one(kind) for kind in self._party.events]
        return {"oneOf": events} if events else {"not": {}}

    def _one(self, kind: type[ClientEvent]) -> dict[str, Any]:
        """An event as it is sent: its `type`, and its fields. `x-roles` says who may."""
        whole = self._resolved(self._schema(kind))
        roles = ", ".join(kind.roles) or "nobody but the server's own code"
        said = cleandoc(whole.get("description", ""))
        name = self.name(f"event.{kind.type}")
        self._found[name] = {
            **whole,
            "description": f"{said}\n\nMay be sent by: {roles}.".strip(),
            "properties": {"type": {"const": kind.type}, **whole.get("properties", {})},
            "required": ["type", *whole.get("required", [])],
            "x-roles": list(kind.roles),
        }
        return ref(name)

    # -- what is answered ------------------------------------------------------------------

    def _receipt(self) -> dict[str, Any]:
        replies = [self._schema(kind.reply) for kind in self._party.events if kind.reply]
        properties = {
            "id": _MAYBE_TEXT,
            "status": {"enum": list(STATUSES)},
            "version": _NATURAL,
            "result": {"anyOf": [*replies, {"type": "null"}]},
            "code": _MAYBE_TEXT,
            "reason": _MAYBE_TEXT,
        }
        return _closed(properties)

    def _room(self) -> dict[str, Any]:
        seen = [ref(self.name("MemberDocument")), ref(self.name("SharedDocument"))]
        properties = {
            "party": {"const": self._party.name},
            "room": _TEXT,
            "audience": _TEXT,
            "epoch": _NATURAL,
            "version": _NATURAL,
            "now": {**_NATURAL, "description": "the server's clock, epoch milliseconds"},
            "snapshot": {"anyOf": seen},
        }
        return _closed(properties)

    def _document(self, *, shared_only: bool) -> dict[str, Any]:
        """What an audience sees, or what a member does."""
        party = self._party
        own = None if shared_only else party.own_view
        children = dict(party.shared_children) | ({} if shared_only else dict(party.own_children))
        context = self._schema(party.shared_view.context)
        if own is not None:
            context = self._both(context, self._schema(own.context))
        kinds = [self._child(kind) for kind in dict.fromkeys(children.values())]
        properties = {
            "value": ref("StateValue"),
            "tags": _TAGS,
            "status": _STATUS,
            "can": {"type": "object", "additionalProperties": {"type": "boolean"}},
            "context": context,
            "children": {
                "type": "object",
                "additionalProperties": {"anyOf": kinds} if kinds else False,
            },
            "output": {},
            "error": _MAYBE_TEXT,
        }
        return _closed(properties)

    def _child(self, kind: type[Any]) -> dict[str, Any]:
        properties = {
            "value": ref("StateValue"),
            "tags": _TAGS,
            "status": _STATUS,
            "context": self._schema(kind),
            "output": {},
        }
        return _closed(properties)

    def _both(self, shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
        """Two views in one object: their fields are not the same ones."""
        one, other = self._resolved(shared), self._resolved(own)
        return {
            "type": "object",
            "properties": {**one.get("properties", {}), **other.get("properties", {})},
            "required": [*one.get("required", []), *other.get("required", [])],
        }

    # -- types -----------------------------------------------------------------------------

    def _schema(self, kind: Any) -> dict[str, Any]:
        """The schema of a type. One that cannot be sent is any object: that is not said here."""
        return self._schemas.get(kind, {"type": "object"})

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._found[schema["$ref"].rpartition("/")[2]]
        return found


def _generated(party: Party) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    """`{type: schema}` of what the party declares, and `{name: schema}` of what these refer to.

    All at once: so types of the same name get different ones, if their modules differ. Those whose
    modules do not (functions make such) are described one by one, each under a number.
    """
    kinds = [kind for kind in _declared(party) if _describable(kind)]
    try:
        return _components(kinds, f"{party.name}.type")
    except KeyError:
        apart = [_components([kind], f"{party.name}.type.{n}") for n, kind in enumerate(kinds, 1)]
        schemas, components = zip(*apart, strict=True)
        return dict(ChainMap(*schemas)), dict(ChainMap(*components))


def _components(kinds: list[Any], prefix: str) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    """Raises KeyError if two types have the same name in the same module."""
    template = f"#/components/schemas/{prefix}.{{name}}"
    schemas, components = msgspec.json.schema_components(kinds, ref_template=template)
    named = {f"{prefix}.{key}": _tidy(schema) for key, schema in components.items()}
    return dict(zip(kinds, schemas, strict=True)), named


def _declared(party: Party) -> list[Any]:
    views = [view.context for view in (party.shared_view, party.own_view) if view is not None]
    replies = [kind.reply for kind in party.events]
    children = [*party.shared_children.values(), *party.own_children.values()]
    found = [*party.events, *replies, party.Input, *views, *children]
    return [kind for kind in dict.fromkeys(found) if kind is not None]


def _describable(kind: Any) -> bool:
    try:
        _components([kind], "")
    except (TypeError, NameError, KeyError):
        return False
    return True


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    """An object that always has exactly these."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _tidy(schema: dict[str, Any]) -> dict[str, Any]:
    if "description" in schema:
        return {**schema, "description": cleandoc(schema["description"])}
    return schema
