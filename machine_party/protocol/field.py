"""Fields of messages: their kinds, and the shape that puts a row of them in both wire forms.

A kind reads and writes a value in the named form (JSON objects) and in the positional form
(MessagePack arrays). Which message has which fields is said in `table.py`, not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .fault import Fault
from .limits import MAX_INTEGER

__all__ = [
    "ANY",
    "BOOLEAN",
    "EVENT",
    "ID",
    "NATURAL",
    "OBJECT",
    "OPERATIONS",
    "OPERATION_NAMES",
    "OPERATION_THIRDS",
    "SECONDS",
    "STRING",
    "STRINGS",
    "Field",
    "Kind",
    "Shape",
    "choice",
    "is_id",
    "structure",
]

_Step = Callable[[Any], Any]

OPERATION_NAMES: Final = ("add", "remove", "replace", "move", "copy", "test")
"""RFC 6902, section 4, in the order of their codes in the positional form."""

OPERATION_THIRDS: Final = ("value", None, "value", "from", "from", "value")
"""What an operation of each code has besides `op` and `path`."""

_OPERATION_CODES: Final = {name: code for code, name in enumerate(OPERATION_NAMES)}
_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,32}\.[1-9][0-9]{0,14}", re.ASCII)


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field holds.

    Args:
        name: how the documentation calls it.
        read: from the named form; raises `Fault`.
        write: to the named form.
        unpack: from the positional form; raises `Fault`.
        pack: to the positional form.
    """

    name: str
    read: _Step
    write: _Step = _same
    unpack: _Step = _same
    pack: _Step = _same


def _plain(name: str, read: _Step) -> Kind:
    return Kind(name, read, _same, read, _same)


def _typed(name: str, *types: type) -> Kind:
    def read(value: Any) -> Any:
        if type(value) not in types:
            raise Fault(f"expected {name}")
        return value

    return _plain(name, read)


def _natural(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_INTEGER:
        raise Fault("expected an integer from 0 to 2^53 - 1")
    return value


def _seconds(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= MAX_INTEGER:
        raise Fault("expected a number of seconds, 0 or more")
    return value  # type: ignore[no-any-return]


def is_id(value: Any) -> bool:
    """Whether it is the id of a send, `<client>.<n>`."""
    return type(value) is str and _ID.fullmatch(value) is not None


def _id(value: Any) -> str:
    if not is_id(value):
        raise Fault('expected an id of the form "<client>.<n>", n from 1')
    return str(value)


def _event(value: Any) -> dict[str, Any]:
    if type(value) is not dict or type(value.get("type")) is not str or not value["type"]:
        raise Fault("expected an event: an object with a string `type`")
    return value


def _strings(value: Any) -> tuple[str, ...]:
    if type(value) is not list or any(type(item) is not str for item in value):
        raise Fault("expected a list of strings")
    return tuple(value)


def _sequence(read: _Step) -> _Step:
    def read_all(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise Fault("expected a list")
        return tuple(read(item) for item in value)

    return read_all


def _operation(value: Any) -> dict[str, Any]:
    if type(value) is not dict or type(value.get("op")) is not str:
        raise Fault("expected an operation: an object with `op` and `path`")
    code = _OPERATION_CODES.get(value["op"])
    if code is None or type(value.get("path")) is not str:
        raise Fault("expected an operation of RFC 6902 with a string `path`")
    third = OPERATION_THIRDS[code]
    if third and (third not in value or (third == "from" and type(value[third]) is not str)):
        raise Fault(f"an operation {value['op']!r} needs `{third}`")
    return value


def _operation_packed(operation: Mapping[str, Any]) -> list[Any]:
    code = _OPERATION_CODES[operation["op"]]
    third = OPERATION_THIRDS[code]
    packed = [code, operation["path"]]
    return packed if third is None else [*packed, operation[third]]


def _operation_unpacked(value: Any) -> dict[str, Any]:
    if type(value) is not list or len(value) < 2 or type(value[0]) is not int:
        raise Fault("expected an operation: [code, path, value]")
    if not 0 <= value[0] < len(OPERATION_NAMES):
        raise Fault(f"expected an operation code from 0 to {len(OPERATION_NAMES) - 1}")
    operation: dict[str, Any] = {"op": OPERATION_NAMES[value[0]], "path": value[1]}
    third = OPERATION_THIRDS[value[0]]
    if third is not None and len(value) > 2:
        operation[third] = value[2]
    return _operation(operation)


def choice(name: str, names: Sequence[str]) -> Kind:
    """One of a few words; in the positional form, its index."""
    codes = {word: code for code, word in enumerate(names)}
    allowed = " or ".join(f'"{word}"' for word in names)

    def read(value: Any) -> Any:
        if type(value) is not str or value not in codes:
            raise Fault(f"expected {allowed}")
        return value

    def unpack(value: Any) -> str:
        if type(value) is not int or not 0 <= value < len(names):
            raise Fault(f"expected an integer from 0 to {len(names) - 1}")
        return names[value]

    return Kind(name, read, _same, unpack, codes.__getitem__)


ANY: Final = Kind("any JSON value", _same)
STRING: Final = _typed("string", str)
BOOLEAN: Final = _typed("boolean", bool)
OBJECT: Final = _typed("object", dict)
NATURAL: Final = _plain("integer", _natural)
SECONDS: Final = _plain("number", _seconds)
ID: Final = _plain("id", _id)
EVENT: Final = _plain("event", _event)
STRINGS: Final = Kind("list of strings", _strings, list, _strings, list)
OPERATIONS: Final = Kind(
    "operations",
    _sequence(_operation),
    _same,
    _sequence(_operation_unpacked),
    lambda operations: [_operation_packed(operation) for operation in operations],
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message.

    Args:
        name: the attribute in Python.
        kind: what it holds.
        note: what it means, for the documentation.
        default: what an absent field stands for (None or False); not looked at unless `optional`.
        optional: whether it is left out when it equals `default`.
        wire: its name in the named form, if another than `name`.
    """

    name: str
    kind: Kind
    note: str
    optional: bool = False
    default: Any = None
    wire: str = ""

    @property
    def key(self) -> str:
        """Its name in the named form."""
        return self.wire or self.name


class Shape:
    """A row of fields, and the class that holds them: both wire forms come from this one row.

    Args:
        cls: a dataclass whose fields are `fields`, in this order.
        fields: required ones first; so the positional form can cut trailing absent ones.
    """

    __slots__ = ("_rows", "cls", "fields")

    def __init__(self, cls: type[Any], fields: Sequence[Field]) -> None:
        self.cls = cls
        self.fields = tuple(fields)
        self._rows = [(f, f.name, f.key, f.optional, f.default, f.kind) for f in self.fields]

    def write(self, message: Any, into: dict[str, Any]) -> dict[str, Any]:
        """Add the named form of `message` to `into`; absent fields are left out."""
        for _, name, key, optional, default, kind in self._rows:
            value = getattr(message, name)
            if not optional or value is not default:
                into[key] = kind.write(value)
        return into

    def pack(self, message: Any, into: list[Any]) -> list[Any]:
        """Append the positional form of `message` to `into`; trailing absent fields are cut."""
        end = len(into)
        for _, name, _, optional, default, kind in self._rows:
            value = getattr(message, name)
            if optional and value is default:
                into.append(None)
            else:
                into.append(kind.pack(value))
                end = len(into)
        del into[end:]
        return into

    def read(self, value: Mapping[str, Any]) -> Any:
        """The message whose named form is `value`; unknown keys are ignored. Raises `Fault`."""
        return self.cls(*[_read(row, value.get(row.key), row.kind.read) for row in self.fields])

    def unpack(self, value: Sequence[Any], start: int = 0) -> Any:
        """The message whose positional form is `value[start:]`. Raises `Fault`."""
        found: list[Any] = []
        for position, field in enumerate(self.fields, start):
            raw = value[position] if position < len(value) else None
            found.append(_read(field, raw, field.kind.unpack, position))
        return self.cls(*found)


def _read(field: Field, raw: Any, read: _Step, position: int | None = None) -> Any:
    if raw is None and field.optional:
        return field.default
    try:
        return read(raw)
    except Fault as fault:
        raise fault.within(field.key if position is None else position) from None


def structure(name: str, shape: Shape) -> Kind:
    """A field that is itself a row of fields: an object, or an array in the positional form."""

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise Fault("expected an object")
        return shape.read(value)

    def unpack(value: Any) -> Any:
        if type(value) is not list:
            raise Fault("expected an array")
        return shape.unpack(value)

    def write(value: Any) -> dict[str, Any]:
        return shape.write(value, {})

    def pack(value: Any) -> list[Any]:
        return shape.pack(value, [])

    return Kind(name, read, write, unpack, pack)
