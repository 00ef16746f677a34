"""Python types as TypeScript types: what a declared type looks like once it has travelled.

Types only; what a party is made of is `typescript.py`'s. Nothing here knows a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum, Flag
from inspect import cleandoc
from typing import Any, get_args, get_origin

from msgspec import NODEFAULT, inspect

from machine_party.core.typescript_text import (
    alias,
    assigned,
    comment,
    interface,
    item,
    key,
    literal,
    union,
)

__all__ = ["Declarations", "TypeWriter", "doc_of"]

_TEXT = (
    inspect.StrType,
    inspect.BytesType,
    inspect.ByteArrayType,
    inspect.MemoryViewType,
    inspect.DateTimeType,
    inspect.TimeType,
    inspect.DateType,
    inspect.TimeDeltaType,
    inspect.UUIDType,
    inspect.DecimalType,
)
"""Bytes travel as base64, the others in their usual notation (RFC 3339, ISO 8601)."""

_NAMED = (inspect.StructType, inspect.DataclassType, inspect.TypedDictType)
_EVENT = re.compile(r"readonly type\??:")
_TAKEN = frozenset(
    {"any", "await", "bigint", "boolean", "delete", "export", "function", "never", "new", "null"}
    | {"number", "object", "string", "super", "switch", "symbol", "this", "throw", "typeof"}
    | {"undefined", "unknown", "var", "void", "StateValue"}
)
"""Names that a declaration cannot have, or that we use ourselves."""


class Declarations:
    """The types that have a name, each once: a name is given before its type is written, so
    that a type may mention itself.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._texts: dict[str, str] = {}
        self._names: dict[Any, str] = {}
        self._taken = {*_TAKEN, *taken}

    def name(self, kind: Any, wanted: str, write: Callable[[str], str]) -> str:
        """The name of what stands for `kind`; `write(name)` makes a new one's declaration."""
        if kind not in self._names:
            name = self._names[kind] = self._free(wanted)
            self._texts[name] = ""
            self._texts[name] = write(name)
        return self._names[kind]

    def texts(self) -> list[str]:
        """The declarations, in the order in which their names were first asked for."""
        return list(self._texts.values())

    def _free(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}{number}"
        self._taken.add(name)
        return name


class TypeWriter:
    """Writes what msgspec knows of a type.

    Args:
        declarations: gets the types that need a name.
        sent: of what a client sends, a field with a default may be absent; of what it receives,
            only what the server leaves out.
    """

    def __init__(self, declarations: Declarations, *, sent: bool = False) -> None:
        self._declarations = declarations
        self._sent = sent

    def text(self, info: inspect.Type) -> str:
        """The type, in one line."""
        return union(self._members(info))

    def named(self, kind: type[Any], wanted: str, first: str = "") -> str:
        """The name of the interface that describes a Struct.

        Args:
            wanted: the name, if it is free. `first`: a line to begin with, the type of an event.
        """

        def write(name: str) -> str:
            lines = self._lines_of(kind)
            if first:
                lines = [first, *(line for line in lines if not _EVENT.match(line))]
            return doc_of(kind) + interface(name, lines)

        return self._declarations.name((kind, wanted, self._sent), wanted, write)

    # -- types ---------------------------------------------------------------------------

    def _members(self, info: Any) -> list[str]:
        """The members of the union that a type is; most are one."""
        if isinstance(info, inspect.Metadata):
            return self._members(info.type)
        if isinstance(info, inspect.UnionType):
            found = [member for part in info.types for member in self._members(part)]
            return [*(m for m in dict.fromkeys(found) if m != "null"), *_null_in(found)]
        if isinstance(info, inspect.LiteralType):
            texts = [literal(value) for value in info.values]
            return [*(text for text in texts if text != "null"), *_null_in(texts)]
        return [self._scalar(info) or self._container(info) or self._class(info) or "unknown"]

    def _scalar(self, info: inspect.Type) -> str:
        if isinstance(info, _TEXT):
            return "string"
        if isinstance(info, inspect.IntType | inspect.FloatType):
            return "number"
        if isinstance(info, inspect.BoolType):
            return "boolean"
        return "null" if isinstance(info, inspect.NoneType) else ""

    def _container(self, info: inspect.Type) -> str:
        if isinstance(info, inspect.CollectionType):
            return f"readonly {item(self.text(info.item_type))}[]"
        if isinstance(info, inspect.TupleType):
            return f"readonly [{', '.join(map(self.text, info.item_types))}]"
        return self._dict(info) if isinstance(info, inspect.DictType) else ""

    def _dict(self, info: inspect.DictType) -> str:
        value = self.text(info.value_type)
        if isinstance(info.key_type, inspect.LiteralType | inspect.EnumType):
            return f"{{ readonly [key in {self.text(info.key_type)}]?: {value} }}"
        return f"{{ readonly [id: string]: {value} }}"

    def _class(self, info: inspect.Type) -> str:
        if isinstance(info, inspect.EnumType):
            return self._enum(info.cls)
        if isinstance(info, inspect.NamedTupleType) or getattr(info, "array_like", False):
            return self._named(info, self._tuple)
        return self._named(info, self._object) if isinstance(info, _NAMED) else ""

    def _enum(self, kind: type[Enum]) -> str:
        if issubclass(kind, Flag):
            return "number"
        values = [literal(member.value) for member in kind]
        return self._declarations.name(
            kind, kind.__name__, lambda name: doc_of(kind) + alias(name, values)
        )

    def _named(self, info: Any, write: Callable[[str, Any], str]) -> str:
        wanted = _name(info.cls) + ("Input" if self._sent else "")
        return self._declarations.name(
            (info.cls, self._sent), wanted, lambda name: write(name, info)
        )

    def _object(self, name: str, info: Any) -> str:
        return doc_of(info.cls) + interface(name, self._lines(info))

    def _tuple(self, name: str, info: Any) -> str:
        """Fields by position. Those at the end that have defaults may be left out when sent."""
        parts: list[str] = []
        tail = self._sent
        for field in reversed(info.fields):
            tail = tail and not field.required
            mark = "?" if tail else ""
            parts.insert(0, f"{key(field.name)}{mark}: {self.text(field.type)}")
        if getattr(info, "tag", None) is not None:
            parts.insert(0, f"tag: {literal(info.tag)}")
        return f"{doc_of(info.cls)}export type {name} = readonly [{', '.join(parts)}]"

    # -- fields --------------------------------------------------------------------------

    def _lines_of(self, kind: type[Any]) -> list[str]:
        try:
            info: Any = inspect.type_info(kind)
        except (TypeError, NameError):  # such a type cannot be sent; that is not said here
            return ["readonly [field: string]: unknown"]
        return self._lines(info)

    def _lines(self, info: Any) -> list[str]:
        lines = []
        if getattr(info, "tag", None) is not None:
            lines.append(f"readonly {key(info.tag_field)}: {literal(info.tag)}")
        for field in info.fields:
            mark = "?" if self._may_be_absent(info, field) else ""
            head = f"readonly {key(field.encode_name)}{mark}:"
            lines.append(assigned(head, self._members(field.type), "  "))
        return lines

    def _may_be_absent(self, info: Any, field: inspect.Field) -> bool:
        """Of a view, UNSET stays away; other defaults are filled in before it travels."""
        if field.required or self._sent:
            return not field.required
        config = getattr(info.cls, "__struct_config__", None)
        is_unset = field.default is NODEFAULT and field.default_factory is NODEFAULT
        return is_unset or (config is not None and config.omit_defaults)


# -- what is asked of a class ---------------------------------------------------------------


def doc_of(kind: Any) -> str:
    """The first paragraph of a class's own docstring, as a comment."""
    kind = get_origin(kind) or kind
    text = vars(kind).get("__doc__") or ""
    made = text.startswith(f"{kind.__name__}(") and text.endswith(")")
    return "" if made else comment(" ".join(cleandoc(text).split("\n\n")[0].split()))


def _name(kind: Any) -> str:
    """The name of a class; `Box[int]` is `BoxInt`."""
    names = [(get_origin(kind) or kind).__name__, *map(_word, get_args(kind))]
    return re.sub(r"\W", "", "".join(names))


def _word(kind: Any) -> str:
    name: str = getattr(kind, "__name__", "") or str(kind).rpartition(".")[2]
    return name[:1].upper() + name[1:]


def _null_in(members: list[str]) -> list[str]:
    return ["null"] if "null" in members else []
