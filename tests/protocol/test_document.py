"""`merge` and `keep_identity`."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from machine_party.protocol import keep_identity, merge
from tests.protocol.strategies import values


def test_merge_lays_the_own_layer_over_the_shared_one() -> None:
    shared = {
        "value": "idle",
        "tags": [],
        "status": "active",
        "can": {"start": True},
        "context": {"count": 1},
        "children": {"a": {"value": "x"}},
    }
    own = {"can": {"buzz": True}, "context": {"mine": 2}, "children": {"b": {"value": "y"}}}

    assert merge(shared, own) == {
        **shared,
        "can": {"start": True, "buzz": True},
        "context": {"count": 1, "mine": 2},
        "children": {"a": {"value": "x"}, "b": {"value": "y"}},
    }


def test_merge_takes_what_only_one_layer_has_and_keeps_its_identity() -> None:
    shared: dict[str, Any] = {"context": {"count": 1}, "children": {}, "output": [1]}
    own: dict[str, Any] = {"context": {}, "children": {"b": {}}}

    merged = merge(shared, own)

    assert merged["context"] is shared["context"]
    assert merged["children"] is own["children"]
    assert merged["output"] is shared["output"]


def test_merge_changes_neither_layer() -> None:
    shared, own = {"context": {"a": 1}}, {"context": {"b": 2}}

    merge(shared, own)["context"]["c"] = 3

    assert (shared, own) == ({"context": {"a": 1}}, {"context": {"b": 2}})


def parts(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(part for item in inner for part in parts(item))]


@given(old=values, new=values)
def test_keep_identity_gives_an_equal_value(old: Any, new: Any) -> None:
    before = copy.deepcopy((old, new))

    kept = keep_identity(old, new)

    assert kept == new
    assert repr(kept) == repr(new) or kept == old
    assert (old, new) == before


@given(value=values)
def test_keep_identity_of_an_equal_value_is_the_old_one(value: Any) -> None:
    assert keep_identity(value, copy.deepcopy(value)) is value


@given(value=st.dictionaries(st.sampled_from("abc"), values, min_size=1), extra=values)
def test_keep_identity_keeps_every_part_that_is_equal(value: Any, extra: Any) -> None:
    new = {**copy.deepcopy(value), "new": extra}

    kept = keep_identity(value, new)

    assert kept is not value
    assert all(kept[key] is value[key] for key in value)


def test_keep_identity_tells_true_from_one() -> None:
    assert keep_identity({"a": 1}, {"a": True}) == {"a": True}
    assert keep_identity({"a": 1}, {"a": True})["a"] is True
    assert list(keep_identity({"a": None}, {"b": None})) == ["b"]
