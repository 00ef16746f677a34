"""The words of a TypeScript declaration file: literals, unions, objects, comments.

Text only, laid out as the formatter of this repository would. Nothing here knows a Python type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from json import dumps
from textwrap import wrap
from typing import Any, TypeAlias

__all__ = [
    "EMPTY",
    "Member",
    "alias",
    "assigned",
    "comment",
    "interface",
    "item",
    "key",
    "literal",
    "quoted",
    "union",
]

WIDTH = 100
EMPTY = "{ readonly [key in never]: never }"
"""An object without any key. (TypeScript's `{}` is everything but null.)"""

Member: TypeAlias = "str | Mapping[str, Sequence[Member]]"
"""One member of a union: a type in one line, or an object, `{property: its union}`."""

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


# -- types -------------------------------------------------------------------------------


def union(members: Sequence[Member]) -> str:
    """A union in one line; of nothing, `never`."""
    return " | ".join(map(_line, members)) or "never"


def _line(member: Member) -> str:
    if isinstance(member, str):
        return member
    rows = [f"readonly {name}: {union(inner)}" for name, inner in member.items()]
    return f"{{ {'; '.join(rows)} }}" if rows else EMPTY


def assigned(head: str, members: Sequence[Member], indent: str = "") -> str:
    """`head` and a union, on several lines when it is too long for one."""
    line = f"{head} {union(members)}"
    if len(indent + line) <= WIDTH:
        return line
    if len(members) == 1:
        return f"{head} {_lines(members[0], indent)}"
    return head + "".join(f"\n{indent}  | {_lines(m, indent + '    ')}" for m in members)


def _lines(member: Member, indent: str) -> str:
    line = _line(member)
    if isinstance(member, str) or len(indent + line) <= WIDTH:
        return line
    inner = indent + "  "
    rows = (assigned(f"readonly {name}:", union, inner) for name, union in member.items())
    return "{\n" + "".join(f"{inner}{row}\n" for row in rows) + indent + "}"


def alias(name: str, members: Sequence[Member]) -> str:
    """`export type name = …`."""
    return assigned(f"export type {name} =", members)


def interface(name: str, lines: Iterable[str]) -> str:
    """`export interface name { … }`."""
    body = "".join(f"  {line}\n" for line in lines)
    return f"export interface {name} {{\n{body}}}"


def item(text: str) -> str:
    """A type as the item type of an array."""
    return f"({text})" if " | " in text or text.startswith("readonly ") else text


# -- words -------------------------------------------------------------------------------


def key(name: str) -> str:
    """A property's name."""
    return name if _IDENTIFIER.fullmatch(name) else quoted(name)


def literal(value: Any) -> str:
    """A value as the type that has only it."""
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool | int | float):
        return dumps(value)
    return "unknown"


def quoted(text: str) -> str:
    """A text literal, in single quotes unless it has one."""
    double = dumps(text, ensure_ascii=not text.isprintable())
    return double if "'" in text else "'" + double[1:-1].replace('\\"', '"') + "'"


def comment(text: str, indent: str = "") -> str:
    """A doc comment, with the line break after it; nothing of nothing."""
    text = text.replace("*/", "*\\/")
    if not text:
        return ""
    if len(indent + text) <= WIDTH - 7:
        return f"{indent}/** {text} */\n"
    lines = wrap(text, WIDTH - 3 - len(indent), break_long_words=False, break_on_hyphens=False)
    return "\n".join([f"{indent}/**", *(f"{indent} * {line}" for line in lines), f"{indent} */\n"])
