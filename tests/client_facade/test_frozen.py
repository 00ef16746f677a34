"""Frozen documents: equal to what they were made of, and the same where nothing changed."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_facade.frozen import FrozenDict, FrozenList, share

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-1, 1) | st.text(max_size=2)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4)
    ),
    max_leaves=12,
)


def exactly(value: Any) -> str:
    """Tells True from 1 and 1 from 1.0, which `==` does not."""
    return json.dumps(value, sort_keys=True)


@given(VALUES, VALUES)
def test_sharing_changes_no_value(old: Any, new: Any) -> None:
    shared = share(share(None, old), new)
    assert exactly(shared) == exactly(new)


@given(VALUES)
def test_an_equal_value_is_the_same_object(value: Any) -> None:
    frozen = share(None, value)
    assert share(frozen, copy.deepcopy(value)) is frozen


@given(VALUES, VALUES)
def test_equal_parts_are_the_same_objects(kept: Any, changed: Any) -> None:
    old = share(None, {"kept": kept, "changed": 1})
    new = share(old, {"kept": copy.deepcopy(kept), "changed": changed})
    assert new["kept"] is old["kept"]


def test_the_same_source_is_not_looked_into() -> None:
    class Untouchable(dict[str, Any]):
        def items(self) -> Any:
            raise AssertionError("it is known already")

    source = {"a": 1}
    frozen = share(None, source)
    guarded = Untouchable(source)
    frozen.source = guarded
    assert share(frozen, guarded) is frozen


@pytest.mark.parametrize(
    "change",
    [
        lambda part: part.__setitem__("a", 1),
        lambda part: part.__delitem__("a"),
        lambda part: part.update(a=1),
        lambda part: part.pop("a"),
        lambda part: part.popitem(),
        lambda part: part.clear(),
        lambda part: part.setdefault("b", 1),
        lambda part: part.__ior__({"b": 1}),
    ],
)
def test_a_frozen_dict_refuses_changes(change: Any) -> None:
    part = share(None, {"a": 0})
    assert isinstance(part, FrozenDict)
    with pytest.raises(TypeError, match="cannot be changed"):
        change(part)
    assert part == {"a": 0}


@pytest.mark.parametrize(
    "change",
    [
        lambda part: part.append(1),
        lambda part: part.extend([1]),
        lambda part: part.insert(0, 1),
        lambda part: part.pop(),
        lambda part: part.remove(0),
        lambda part: part.clear(),
        lambda part: part.sort(),
        lambda part: part.reverse(),
        lambda part: part.__setitem__(0, 1),
        lambda part: part.__delitem__(0),
        lambda part: part.__iadd__([1]),
        lambda part: part.__imul__(2),
    ],
)
def test_a_frozen_list_refuses_changes(change: Any) -> None:
    part = share(None, [0])
    assert isinstance(part, FrozenList)
    with pytest.raises(TypeError, match="cannot be changed"):
        change(part)
    assert part == [0]
