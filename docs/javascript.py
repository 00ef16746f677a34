"""The tables of the protocol as the JavaScript module that the browser's client reads them from.

One place for a fact: what is in here comes from `machine_party.protocol`, and `docs.generate`
writes it to `client_facade/js/src/protocol/table.js`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from machine_party.protocol import (
    DEFAULT_LIMITS,
    JSON,
    MSGPACK,
    POISON_KEYS,
    Reconnect,
    reconnect_after,
)
from machine_party.protocol.field import OPERATION_NAMES, OPERATION_THIRDS, Field
from machine_party.protocol.messages import LAYERS, MODES, STATUSES
from machine_party.protocol.table import CLIENT_MESSAGES, SERVER_MESSAGES, STRUCTURES, MessageShape

__all__ = ["table"]

_HEAD = """\
// biome-ignore-all format: generated
// @ts-check
/**
 * The tables of the protocol, generated from `machine_party/protocol` by `python -m docs.generate`.
 *
 * Do not edit: change the Python tables, and generate anew. `docs/protocol.md` explains them.
 */

/** @typedef {{ name: string, holds: string, optional?: true }} Field */
/** @typedef {{ kind: number, type: string, fields: readonly Field[] }} MessageShape */
"""

_LIMITS = (
    "message_bytes",
    "depth",
    "nodes",
    "sends_in_flight",
    "unanswered_sends",
    "reconnect_base_seconds",
    "reconnect_cap_seconds",
)
"""The limits that a client keeps to."""

_CLOSE_CODES = range(1000, 5000)  # RFC 6455, section 7.4.2


def table() -> str:
    """The text of `table.js`."""
    constants = (_constant(*constant) for constant in _constants())
    return "\n".join([_HEAD, *constants])


def _constants() -> Iterator[tuple[str, str, str, Any]]:
    """Of each: its name, its type in JSDoc (or none), what it is, and its value."""
    shape, fields = "readonly MessageShape[]", "Record<string, readonly Field[]>"
    rules = "readonly { first: number, last: number, reconnect: 'never' | 'later' | 'now' }[]"
    thirds = "readonly { op: string, third?: 'value' | 'from' }[]"
    yield "SUBPROTOCOLS", "", "The WebSocket subprotocol of each codec.", _subprotocols()
    yield "CLIENT_MESSAGES", shape, "What a client may send, bare events aside.", _client()
    yield "SERVER_MESSAGES", shape, "What a server may send.", _shapes(SERVER_MESSAGES)
    yield "STRUCTURES", fields, "What is a row of fields within a field.", _structures()
    yield "WORDS", "Record<string, readonly string[]>", "Words by their number.", _words()
    yield "OPERATIONS", thirds, "RFC 6902's operations by their number.", _operations()
    yield "POISON_KEYS", "readonly string[]", "Keys that reach a prototype.", sorted(POISON_KEYS)
    yield "RECONNECT", rules, "After which close codes; after any other: now.", _reconnect()
    yield "LIMITS", "", "The limits that a client keeps to.", _limits()


def _constant(name: str, type: str, meaning: str, value: Any) -> str:
    note = f"/**\n * {meaning}\n *\n * @type {{{type}}}\n */" if type else f"/** {meaning} */"
    return f"{note}\nexport const {name} = {_literal(value, 0)}\n"


def _subprotocols() -> dict[str, str]:
    return {"json": JSON.subprotocol, "msgpack": MSGPACK.subprotocol}


def _client() -> list[dict[str, Any]]:
    return _shapes(shape for shape in CLIENT_MESSAGES if shape.type)


def _shapes(shapes: Iterable[MessageShape]) -> list[dict[str, Any]]:
    return [
        {"kind": shape.kind, "type": shape.type, "fields": _fields(shape.fields)}
        for shape in shapes
    ]


def _fields(fields: Sequence[Field]) -> list[dict[str, Any]]:
    return [
        {"name": f.key, "holds": f.kind.name, **({"optional": True} if f.optional else {})}
        for f in fields
    ]


def _structures() -> dict[str, Any]:
    return {name: _fields(shape.fields) for name, shape in STRUCTURES.items()}


def _words() -> dict[str, Any]:
    return {"layer": list(LAYERS), "mode": list(MODES), "status": list(STATUSES)}


def _operations() -> list[dict[str, str]]:
    rows = zip(OPERATION_NAMES, OPERATION_THIRDS, strict=True)
    return [{"op": op, **({"third": third} if third else {})} for op, third in rows]


def _reconnect() -> list[dict[str, Any]]:
    """Runs of close codes after which a client does the same, but for the most common: now."""
    runs = [(then, list(codes)) for then, codes in groupby(_CLOSE_CODES, reconnect_after)]
    return [
        {"first": codes[0], "last": codes[-1], "reconnect": then.name.lower()}
        for then, codes in runs
        if then is not Reconnect.NOW
    ]


def _limits() -> dict[str, float]:
    return {_camel(name): getattr(DEFAULT_LIMITS, name) for name in _LIMITS}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _literal(value: Any, indent: int) -> str:
    """A JavaScript literal: what fits into a line stands in one."""
    if not isinstance(value, dict | list):
        return f"'{value}'" if isinstance(value, str) else json.dumps(value)
    parts = [_literal(part, indent + 2) for part in _values(value)]
    names = [f"{key}: " for key in value] if isinstance(value, dict) else [""] * len(parts)
    items = [name + part for name, part in zip(names, parts, strict=True)]
    return _in_braces(items, "{}" if isinstance(value, dict) else "[]", indent)


def _values(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _in_braces(items: list[str], braces: str, indent: int) -> str:
    space = " " if braces == "{}" and items else ""
    line = f"{braces[0]}{space}{', '.join(items)}{space}{braces[1]}"
    if len(line) + indent <= 88 and "\n" not in line:
        return line
    inner = "".join(f"{' ' * (indent + 2)}{item},\n" for item in items)
    return f"{braces[0]}\n{inner}{' ' * indent}{braces[1]}"
