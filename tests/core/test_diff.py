"""The diff: exact, minimal, and never at a place that two layers share."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_party.core.diff import MAX_CELLS, diff, same
from machine_party.protocol import apply

KEYS = st.sampled_from(["a", "b", "c", "x/y", "~", "~1", "", "0", "context"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from([1.0, 0.0, -0.0, "", "1", "a"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)
OBJECTS = st.dictionaries(KEYS, JSON, max_size=5)


def ordered(value: Any) -> Any:
    """A form that `==` compares strictly: types, and the order of keys, count."""
    if isinstance(value, dict):
        return ("dict", [(key, ordered(inner)) for key, inner in value.items()])
    if isinstance(value, list):
        return ("list", [ordered(inner) for inner in value])
    return (type(value).__name__, value)


def unordered(value: Any) -> Any:
    """As `ordered`, but the order of keys does not count."""
    if isinstance(value, dict):
        return ("dict", sorted((key, unordered(inner)) for key, inner in value.items()))
    if isinstance(value, list):
        return ("list", [unordered(inner) for inner in value])
    return (type(value).__name__, repr(value + 0) if type(value) is float else repr(value))


def near(document: Any) -> st.SearchStrategy[Any]:
    """Another document, or one that differs from `document` in few places."""
    return JSON | st.just(document).flatmap(_changed)


@st.composite
def _changed(draw: st.DrawFn, document: Any) -> Any:
    if isinstance(document, dict) and document and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(document)))
        kept = {k: v for k, v in document.items() if k != key}
        return draw(st.sampled_from([kept, {**kept, key: draw(_changed(document[key]))}]))
    if isinstance(document, list):
        at = draw(st.integers(0, len(document)))
        return [*document[:at], draw(JSON), *document[at + draw(st.integers(0, 1)) :]]
    return draw(JSON)


PAIRS = JSON.flatmap(lambda old: st.tuples(st.just(old), near(old)))


@given(PAIRS)
def test_applying_the_diff_gives_the_new_document(pair: tuple[Any, Any]) -> None:
    old, new = pair
    assert unordered(apply(old, diff(old, new))) == unordered(new)


@given(PAIRS)
def test_another_implementation_of_apply_agrees(pair: tuple[Any, Any]) -> None:
    old, new = copy.deepcopy(pair)
    assert unordered(jsonpatch.apply_patch(old, diff(old, new))) == unordered(new)


@given(PAIRS)
def test_keep_order_also_gives_the_order_of_keys(pair: tuple[Any, Any]) -> None:
    old, new = pair
    patched = apply(old, diff(old, new, keep_order=True))
    assert ordered(patched) == ordered(new)
    assert ordered(jsonpatch.apply_patch(copy.deepcopy(old), diff(old, new, keep_order=True))) == (
        ordered(new)
    )


@given(PAIRS)
def test_there_is_an_operation_if_and_only_if_there_is_a_change(pair: tuple[Any, Any]) -> None:
    old, new = pair
    assert (diff(old, new) == []) == same(old, new) == (unordered(old) == unordered(new))


def test_the_comparison_of_these_tests_can_fail() -> None:
    def careless(old: Any, new: Any) -> list[dict[str, Any]]:
        return [] if old == new else diff(old, new)

    pairs: list[tuple[Any, Any]] = [({"a": True}, {"a": 1}), ([1], [1.0])]
    for old, new in pairs:
        assert unordered(apply(old, careless(old, new))) != unordered(new)
        assert unordered(apply(old, diff(old, new))) == unordered(new)
    old, new = {"a": 1, "b": 2}, {"b": 2, "a": 1}
    assert ordered(apply(old, diff(old, new))) != ordered(new)


def test_inside_a_list_too_the_order_of_keys_is_kept() -> None:
    old, new = [{"a": 1, "b": 2}], [{"b": 2, "a": 1}]
    assert diff(old, new) == []
    assert diff(old, new, keep_order=True) == [{"op": "replace", "path": "/0", "value": new[0]}]


@pytest.mark.parametrize("value", [2**80, "\ud800"])
def test_what_messagepack_cannot_say_is_compared_all_the_same(value: Any) -> None:
    assert diff({"a": [value], "b": 1}, {"a": [value], "b": 2}) == [
        {"op": "replace", "path": "/b", "value": 2}
    ]
    assert diff({"a": [value]}, {"a": [value]}) == []


# -- lists --------------------------------------------------------------------------------

SMALL = st.lists(st.sampled_from([0, 1, True, 1.0, "a"]), max_size=6)


def fewest_edits(old: list[Any], new: list[Any]) -> int:
    """The Levenshtein distance, by brute force."""

    @cache
    def distance(i: int, j: int) -> int:
        if i == len(old) or j == len(new):
            return len(old) - i + len(new) - j
        if same(old[i], new[j]):
            return distance(i + 1, j + 1)
        return 1 + min(distance(i + 1, j), distance(i, j + 1), distance(i + 1, j + 1))

    return distance(0, 0)


@given(SMALL, SMALL)
def test_a_list_is_edited_in_as_few_operations_as_can_be(old: list[Any], new: list[Any]) -> None:
    assert len(diff(old, new)) == fewest_edits(old, new)


def test_comparing_position_by_position_is_not_minimal() -> None:
    def by_position(old: list[Any], new: list[Any]) -> int:
        pairs = zip(old, new, strict=False)
        return sum(not same(a, b) for a, b in pairs) + abs(len(old) - len(new))

    assert by_position([1, 2, 3], [0, 1, 2, 3]) > fewest_edits([1, 2, 3], [0, 1, 2, 3])


@pytest.mark.parametrize("at", [0, 50, 100])
def test_an_insertion_is_one_operation(at: int) -> None:
    old = [{"id": n} for n in range(100)]
    new = [*old[:at], {"id": -1}, *old[at:]]
    assert diff(old, new) == [{"op": "add", "path": f"/{at}", "value": {"id": -1}}]
    assert diff(new, old) == [{"op": "remove", "path": f"/{at}"}]


def test_a_change_inside_an_item_names_just_its_path() -> None:
    assert diff([{"a": 1, "b": 2}], [{"a": 1, "b": 3}]) == [
        {"op": "replace", "path": "/0/b", "value": 3}
    ]


def test_very_long_lists_are_compared_by_position_and_still_right() -> None:
    size = int(MAX_CELLS**0.5) + 1
    old, new = list(range(size)), list(range(size, 0, -1))
    assert apply(old, diff(old, new)) == new
    assert apply(old, diff(old, new[: size // 2])) == new[: size // 2]
    assert apply(old[: size // 2], diff(old[: size // 2], new + new)) == new + new


# -- documents ------------------------------------------------------------------------------

LAYERS = st.fixed_dictionaries({"context": OBJECTS, "children": OBJECTS, "can": OBJECTS})
SHARED = {"/context", "/children", "/can", ""}


def aims_at_what_is_shared(operations: list[dict[str, Any]]) -> bool:
    return any(operation["path"] in SHARED for operation in operations)


@given(LAYERS, LAYERS)
def test_no_operation_aims_at_a_parent_that_two_layers_share(old: Any, new: Any) -> None:
    assert not aims_at_what_is_shared(diff(old, new))


def test_the_check_of_parents_can_fail() -> None:
    old, new = {"context": {"a": 1, "b": 1}}, {"context": {"b": 1, "a": 1}}
    assert aims_at_what_is_shared(diff(old, new, keep_order=True))


@pytest.mark.parametrize(
    ("key", "token"), [("a/b", "a~1b"), ("a~b", "a~0b"), ("~1", "~01"), ("", "")]
)
def test_keys_are_escaped(key: str, token: str) -> None:
    assert diff({key: 1}, {key: 2}) == [{"op": "replace", "path": f"/{token}", "value": 2}]
    assert diff({}, {key: 2}) == [{"op": "add", "path": f"/{token}", "value": 2}]
    assert diff({key: 1}, {}) == [{"op": "remove", "path": f"/{token}"}]
