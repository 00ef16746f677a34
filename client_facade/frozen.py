"""Documents that cannot be changed, and that keep the identity of what did not change.

`share(old, new)` is what lets a selector be compared with `is`: of two equal parts the old one
is kept. What must not be here: what a document means (`snapshot.py`).
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

__all__ = ["FrozenDict", "FrozenList", "share"]

F = TypeVar("F", "FrozenDict", "FrozenList")


class FrozenDict(dict[str, Any]):
    """A dict that refuses changes; it still is a dict to `==`, `json` and `msgpack`."""

    __slots__ = ("source",)

    source: Any  #: what it was made from, so that an unchanged part is known at a glance

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a snapshot cannot be changed; send an event to the machine instead")

    __setitem__ = __delitem__ = _refuse
    clear = pop = popitem = setdefault = update = __ior__ = _refuse


class FrozenList(list[Any]):
    """A list that refuses changes; it still is a list to `==`, `json` and `msgpack`."""

    __slots__ = ("source",)

    source: Any

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a snapshot cannot be changed; send an event to the machine instead")

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse


def share(old: Any, new: Any) -> Any:
    """A frozen `new` that is made of the parts of `old` wherever they are equal.

    Args:
        old: an earlier result of this function, or None.
        new: a JSON value. It must not be changed afterwards.

    Returns:
        `old` itself if nothing differs.
    """
    if isinstance(new, FrozenDict | FrozenList):
        return new
    if isinstance(new, dict):
        return _share_dict(old if isinstance(old, FrozenDict) else None, new)
    if isinstance(new, list):
        return _share_list(old if isinstance(old, FrozenList) else None, new)
    return old if type(old) is type(new) and old == new else new


def _share_dict(old: FrozenDict | None, new: dict[str, Any]) -> FrozenDict:
    if old is None:
        return _frozen(FrozenDict((key, share(None, value)) for key, value in new.items()), new)
    if old.source is new:
        return old
    parts = {key: share(old.get(key), value) for key, value in new.items()}
    same = len(parts) == len(old) and all(
        old.get(key, parts) is part for key, part in parts.items()
    )
    return _frozen(old if same else FrozenDict(parts), new)


def _share_list(old: FrozenList | None, new: list[Any]) -> FrozenList:
    if old is None:
        return _frozen(FrozenList(share(None, value) for value in new), new)
    if old.source is new:
        return old
    known = len(old)
    parts = [share(old[i] if i < known else None, value) for i, value in enumerate(new)]
    same = len(parts) == known and all(a is b for a, b in zip(parts, old, strict=True))
    return _frozen(old if same else FrozenList(parts), new)


def _frozen(part: F, source: Any) -> F:
    part.source = source
    return part
