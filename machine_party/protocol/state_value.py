"""State values, and whether one matches a pattern, with XState's semantics.

A state value is the active leaf's name (`"idle"`), or an object from a compound state, or each
region of a parallel one, to the value within it (`{"question": "open"}`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

__all__ = ["StateValue", "matches", "path_of"]

StateValue: TypeAlias = str | Mapping[str, "StateValue"]


def matches(pattern: StateValue, value: StateValue) -> bool:
    """Whether the state `value` is in the state that `pattern` describes.

    A pattern may be less specific than the value (`"question"` matches `{"question": "open"}`),
    never more specific. A string is a path whose segments are parted by dots; a backslash takes
    the next character literally. An object must hold in all its keys.

    Source: `matchesState` of XState 5 (packages/core/src/utils.ts).
    """
    pattern, value = _expanded(pattern), _expanded(value)
    if isinstance(value, str):
        return pattern == value
    if isinstance(pattern, str):
        return pattern in value
    return all(key in value and matches(part, value[key]) for key, part in pattern.items())


def path_of(state: str) -> list[str]:
    r"""The segments of a dotted state path: `"a.b\.c"` gives `["a", "b.c"]`."""
    if "\\" not in state:
        return state.split(".")
    segments = [""]
    characters = iter(state)
    for character in characters:
        if character == ".":
            segments.append("")
        else:
            segments[-1] += next(characters, "") if character == "\\" else character
    return segments


def _expanded(value: StateValue) -> StateValue:
    if not isinstance(value, str):
        return value
    *parents, leaf = path_of(value)
    expanded: StateValue = leaf
    for parent in reversed(parents):
        expanded = {parent: expanded}
    return expanded
