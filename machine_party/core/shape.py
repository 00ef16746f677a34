"""The shape of declared types: what a value of a type may hold, however deep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.inspect import (
    AnyType,
    CustomType,
    DictType,
    ExtType,
    FrozenSetType,
    LiteralType,
    RawType,
    SetType,
    StrType,
    StructType,
    Type,
)

from machine_party.errors import DefinitionError

__all__ = ["check_closed", "check_storable", "check_struct"]

_OPEN = (AnyType, CustomType, ExtType, RawType)
_UNSTORABLE = (CustomType, ExtType, RawType)
_UNORDERED = (SetType, FrozenSetType)
_TEXTS = (StrType, LiteralType, AnyType)
_PARTS = ("item_type", "key_type", "value_type", "type")
_LISTS_OF_PARTS = ("item_types", "types")


def check_closed(kind: Any, where: str) -> None:
    """Refuse a type that is to be sent but may hold anything: nothing is declared there.

    Raises:
        DefinitionError: it says Any or object, or has a bare container or keys that JSON does
            not have, somewhere.
    """
    for path, node in _nodes(_type_info(kind, where), _name(kind), frozenset()):
        if isinstance(node, _OPEN):
            raise DefinitionError(where, f"{path} may hold anything", "Declare its type.")
        if isinstance(node, DictType) and not isinstance(node.key_type, _TEXTS):
            raise DefinitionError(where, f"{path} has keys that are no text", "Use str keys.")


def check_storable(kind: Any, where: str) -> None:
    """Refuse a context type that would not come back from the store as it was.

    Raises:
        DefinitionError: it has a set, or something that is not JSON-able, somewhere.
    """
    for path, node in _nodes(_type_info(kind, where), _name(kind), frozenset()):
        if isinstance(node, _UNORDERED):
            what = f"{path} is a set, and its order is another one in every process"
            raise DefinitionError(where, what, "Use dict[str, bool], or a list.")
        if isinstance(node, _UNSTORABLE):
            fix = "Use Structs, dicts, lists and scalars."
            raise DefinitionError(where, f"{path} cannot be stored", fix)


def check_struct(kind: Any, where: str) -> None:
    """Refuse what is not a Struct written as an object.

    Raises:
        DefinitionError: it is something else, or an `array_like` Struct.
    """
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        raise DefinitionError(where, f"{_name(kind)} is no Struct", "Declare a msgspec.Struct.")
    if kind.__struct_config__.array_like:
        what = f"{_name(kind)} is array_like, so that its fields have no names"
        raise DefinitionError(where, what, "Drop array_like=True.")


def _type_info(kind: Any, where: str) -> Type:
    try:
        return msgspec.inspect.type_info(kind)
    except (TypeError, NameError) as error:
        fix = "Use types that msgspec knows, declared where the annotation can find them."
        raise DefinitionError(where, f"{_name(kind)} cannot be read ({error})", fix) from error


def _nodes(node: Any, path: str, above: frozenset[Any]) -> Iterator[tuple[str, Type]]:
    yield path, node
    kind = getattr(node, "cls", None)
    if kind is not None and kind in above:
        return
    for name, part in _parts(node):
        yield from _nodes(part, path + name, above | {kind})


def _parts(node: Any) -> Iterator[tuple[str, Type]]:
    if isinstance(node, StructType) or hasattr(node, "fields"):
        for field in node.fields:
            yield f".{field.encode_name}", field.type
    for name in _PARTS:
        if hasattr(node, name):
            yield "[]" if name != "type" else "", getattr(node, name)
    for name in _LISTS_OF_PARTS:
        for part in getattr(node, name, ()):
            yield "", part


def _name(kind: Any) -> str:
    name: str = getattr(kind, "__name__", str(kind))
    return name
