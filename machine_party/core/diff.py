"""`diff(old, new)`: the RFC 6902 operations that make `new` of `old`. Structural and minimal.

Dicts are compared key by key, so that a change names just its own path; lists by edit distance,
so that an insertion is one operation. Values are compared as JSON: `True` is not `1`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

__all__ = ["diff", "same"]

Operation = dict[str, Any]
Equal = Callable[[Any, Any], bool]
_MISSING = object()
_CONTAINERS = (dict, list)
_encode = msgspec.msgpack.encode
MAX_CELLS = 20_000
"""Of the edit-distance table of one list; longer ones are compared position by position."""


def diff(old: Any, new: Any, *, keep_order: bool = False) -> list[Operation]:
    """The operations, in the order in which they are to be applied.

    Args:
        old, new: JSON values: dicts with str keys, lists, str, int, float, bool, None.
        keep_order: also reproduce the order of keys, replacing a dict whose order changed.
    """
    return list(_diff(old, new, "", _alike if keep_order else same))


def same(a: Any, b: Any) -> bool:
    """Whether two JSON values are the same: types matter, the order of keys does not."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if type(a) is dict:
        return len(a) == len(b) and all(same(v, b.get(k, _MISSING)) for k, v in a.items())
    if type(a) is list:
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b) or (a != a and b != b)


def _alike(a: Any, b: Any) -> bool:
    """Whether two JSON values are the same, in the order of their keys too."""
    if type(a) is not type(b):
        return False
    if type(a) is dict:
        return list(a) == list(b) and all(_alike(v, b[k]) for k, v in a.items())
    if type(a) is list:
        return len(a) == len(b) and all(map(_alike, a, b))
    return same(a, b)


def _diff(old: Any, new: Any, path: str, equal: Equal) -> Iterator[Operation]:
    if old is new or _surely_same(old, new):
        return
    if type(old) is dict and type(new) is dict:
        if equal is _alike and not _order_follows(old, new):
            yield {"op": "replace", "path": path, "value": new}
        else:
            yield from _diff_dict(old, new, path, equal)
    elif type(old) is list and type(new) is list:
        yield from _diff_list(old, new, path, equal)
    elif not same(old, new):
        yield {"op": "replace", "path": path, "value": new}


def _surely_same(old: Any, new: Any) -> bool:
    """Whether two containers have the same bytes: the same in types and order too.

    Both comparisons run in C, so that what did not change costs next to nothing. `==` alone
    would take True for 1.
    """
    if type(old) not in _CONTAINERS or old != new:
        return False
    try:
        return _encode(old) == _encode(new)
    except (OverflowError, UnicodeEncodeError):  # an integer or a text that MessagePack has not
        return False


def _diff_dict(
    old: dict[str, Any], new: dict[str, Any], path: str, equal: Equal
) -> Iterator[Operation]:
    for key in old:
        if key not in new:
            yield {"op": "remove", "path": f"{path}/{_escaped(key)}"}
    for key, value in new.items():
        before = old.get(key, _MISSING)
        if before is _MISSING:
            yield {"op": "add", "path": f"{path}/{_escaped(key)}", "value": value}
        elif before is not value:
            yield from _diff(before, value, f"{path}/{_escaped(key)}", equal)


def _order_follows(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether removing and adding keys, as `_diff_dict` does, gives the order of `new`."""
    kept = [key for key in old if key in new]
    return list(new)[: len(kept)] == kept


def _diff_list(old: list[Any], new: list[Any], path: str, equal: Equal) -> Iterator[Operation]:
    start = _common(old, new, equal)
    end = _common(old[start:][::-1], new[start:][::-1], equal)
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    at = start
    for kind, left, right in _edits(before, after, equal):
        if kind == "remove":
            yield {"op": "remove", "path": f"{path}/{at}"}
            continue
        if kind == "add":
            yield {"op": "add", "path": f"{path}/{at}", "value": after[right]}
        elif kind == "change":
            yield from _diff(before[left], after[right], f"{path}/{at}", equal)
        at += 1


def _common(a: list[Any], b: list[Any], equal: Equal) -> int:
    count = 0
    for left, right in zip(a, b, strict=False):
        if not equal(left, right):
            break
        count += 1
    return count


def _edits(before: list[Any], after: list[Any], equal: Equal) -> Iterator[tuple[str, int, int]]:
    """`(keep | change | add | remove, index before, index after)`, from left to right."""
    if len(before) * len(after) > MAX_CELLS or not before or not after:
        yield from _by_position(len(before), len(after))
    else:
        yield from _by_distance(before, after, equal)


def _by_position(before: int, after: int) -> Iterator[tuple[str, int, int]]:
    for index in range(min(before, after)):
        yield "change", index, index
    for index in range(before, after):
        yield "add", index, index
    for index in range(after, before):
        yield "remove", index, index


def _by_distance(
    before: list[Any], after: list[Any], equal: Equal
) -> Iterator[tuple[str, int, int]]:
    cost = _distances(before, after, equal)
    left = right = 0
    while left < len(before) or right < len(after):
        here = cost[left][right]
        if left < len(before) and right < len(after):
            kept = equal(before[left], after[right])
            if here == cost[left + 1][right + 1] + (not kept):
                yield ("keep" if kept else "change"), left, right
                left, right = left + 1, right + 1
                continue
        if right < len(after) and here == cost[left][right + 1] + 1:
            yield "add", left, right
            right += 1
        else:
            yield "remove", left, right
            left += 1


def _distances(before: list[Any], after: list[Any], equal: Equal) -> list[list[int]]:
    """`[i][j]`: the fewest edits from `before[i:]` to `after[j:]` (Levenshtein)."""
    rows = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    rows[-1] = list(range(len(after), -1, -1))
    for i in range(len(before) - 1, -1, -1):
        row, below = rows[i], rows[i + 1]
        row[-1] = len(before) - i
        for j in range(len(after) - 1, -1, -1):
            swap = below[j + 1] + (not equal(before[i], after[j]))
            row[j] = min(swap, below[j] + 1, row[j + 1] + 1)
    return rows


def _escaped(key: str) -> str:
    """A key as a reference token of RFC 6901 §3."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key
