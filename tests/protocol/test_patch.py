"""`apply`: the same results as the jsonpatch library, and what it adds: identity, refusals."""

from __future__ import annotations

import copy
from typing import Any

import jsonpatch
import jsonpointer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_party.protocol import Operation, PatchError, apply
from tests.protocol.strategies import patches, values

small_keys = st.sampled_from(["a", "b", "~", "/", "", "0", "1", "01", "m~1/"])
small_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from(["", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(small_keys, inner, max_size=3),
    max_leaves=8,
)
small_documents = st.dictionaries(small_keys, small_values, max_size=4)


def pointer(tokens: list[str]) -> str:
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)


def places(value: Any, tokens: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every place in `value`, and every place next to one, as reference tokens."""
    found = [tokens]
    if isinstance(value, dict):
        found += [place for key, item in value.items() for place in places(item, (*tokens, key))]
        found.append((*tokens, "new"))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += places(item, (*tokens, str(index)))
        found += [(*tokens, "-"), (*tokens, str(len(value))), (*tokens, str(len(value) + 1))]
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[Any, list[Operation]]:
    """A document, and operations that mostly hit places of it.

    What the library does otherwise than the RFC says is left out (and tested below): the root,
    reading at `-`, and that to it `true` equals 1.
    """
    document = draw(small_documents)
    inner = [place for place in places(document) if place]
    targets = st.sampled_from(inner).map(lambda tokens: pointer(list(tokens)))
    there = [place for place in inner if place[-1] != "-"]
    sources = st.sampled_from(there).map(lambda tokens: pointer(list(tokens)))
    operation = st.one_of(
        st.builds(lambda p, v: {"op": "add", "path": p, "value": v}, targets, small_values),
        st.builds(lambda p, v: {"op": "replace", "path": p, "value": v}, sources, small_values),
        st.builds(lambda p, v: {"op": "test", "path": p, "value": v}, sources, small_values),
        st.builds(lambda p: {"op": "remove", "path": p}, sources),
        st.builds(lambda f, p: {"op": "move", "from": f, "path": p}, sources, targets),
        st.builds(lambda f, p: {"op": "copy", "from": f, "path": p}, sources, targets),
    )
    return document, draw(st.lists(operation, max_size=5))


def by_library(document: Any, operations: list[Operation]) -> Any:
    """What the jsonpatch library makes of it; PatchError where it refuses."""
    try:
        return jsonpatch.apply_patch(copy.deepcopy(document), copy.deepcopy(operations))
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException) as error:
        raise PatchError(0, {}, str(error)) from error


def outcome(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except PatchError:
        return PatchError


@given(case=cases())
def test_apply_equals_the_jsonpatch_library(case: tuple[Any, list[Operation]]) -> None:
    document, operations = case

    assert outcome(apply, document, operations) == outcome(by_library, document, operations)


@given(old=small_documents, new=small_documents)
def test_a_diff_of_the_library_applies(old: Any, new: Any) -> None:
    operations = jsonpatch.make_patch(old, new).patch

    assert apply(old, operations) == new


@given(case=cases())
def test_apply_changes_none_of_its_arguments(case: tuple[Any, list[Operation]]) -> None:
    before = copy.deepcopy(case)

    outcome(apply, *case)

    assert case == before


@given(document=values, operations=patches)
def test_only_a_patch_error_escapes(document: Any, operations: Any) -> None:
    outcome(apply, document, operations)


@given(document=small_documents, value=small_values, data=st.data())
def test_what_is_not_on_the_path_keeps_its_identity(
    document: Any, value: Any, data: st.DataObject
) -> None:
    tokens = data.draw(st.sampled_from([place for place in places(document) if place]))
    changed = outcome(
        apply, document, [{"op": "replace", "path": pointer(list(tokens)), "value": value}]
    )
    if changed is PatchError:
        return

    old, new = document, changed
    for token in tokens:
        assert old is not new
        keys = range(len(old)) if isinstance(old, list) else list(old)
        here = int(token) if isinstance(old, list) else token
        assert all(old[key] is new[key] for key in keys if key != here)
        old, new = old[here], new[here]
    assert new is value


def test_a_patch_applies_whole_or_not_at_all() -> None:
    document = {"a": [1]}

    with pytest.raises(PatchError) as caught:
        apply(
            document,
            [{"op": "add", "path": "/a/-", "value": 2}, {"op": "remove", "path": "/b"}],
        )

    assert document == {"a": [1]}
    assert caught.value.index == 1
    assert str(caught.value) == "operation 1 (remove '/b'): no member 'b'"


def test_a_copy_does_not_change_with_its_original() -> None:
    after = apply(
        {"a": {"n": 1}},
        [
            {"op": "replace", "path": "/a/n", "value": 2},
            {"op": "copy", "from": "/a", "path": "/b"},
            {"op": "replace", "path": "/a/n", "value": 3},
            {"op": "add", "path": "/b/m", "value": 4},
        ],
    )

    assert after == {"a": {"n": 3}, "b": {"n": 2, "m": 4}}


def test_a_value_of_an_operation_is_not_changed_by_the_next() -> None:
    value = {"n": 1}

    after = apply(
        {},
        [
            {"op": "add", "path": "/a", "value": value},
            {"op": "replace", "path": "/a/n", "value": 2},
        ],
    )

    assert (after, value) == ({"a": {"n": 2}}, {"n": 1})


@pytest.mark.parametrize("key", ["__proto__", "prototype", "constructor"])
@pytest.mark.parametrize("place", ["/{}", "/a/{}", "/{}/b"])
def test_a_poison_path_is_refused(key: str, place: str) -> None:
    document = {"a": {key: 1}, key: {"b": 1}}
    path = place.format(key)

    for operation in (
        {"op": "add", "path": path, "value": 1},
        {"op": "replace", "path": path, "value": 1},
        {"op": "remove", "path": path},
        {"op": "copy", "from": path, "path": "/z"},
        {"op": "move", "from": "/a", "path": path},
        {"op": "test", "path": path, "value": 1},
    ):
        with pytest.raises(PatchError, match="not allowed"):
            apply(document, [operation])


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": ""},
        {"op": "add", "path": "a", "value": 1},
        {"op": "add", "path": "/l/2", "value": 1},
        {"op": "add", "path": "/l/01", "value": 1},
        {"op": "add", "path": "/l/-1", "value": 1},
        {"op": "add", "path": "/l/1.0", "value": 1},
        {"op": "add", "path": "/l/" + "9" * 30, "value": 1},
        {"op": "add", "path": "/l/\u0661", "value": 1},
        {"op": "replace", "path": "/l/1", "value": 1},
        {"op": "replace", "path": "/l/-", "value": 1},
        {"op": "replace", "path": "/none", "value": 1},
        {"op": "remove", "path": "/l/-"},
        {"op": "add", "path": "/n/x", "value": 1},
        {"op": "add", "path": "/none/x", "value": 1},
        {"op": "add", "path": "/~2", "value": 1},
        {"op": "add", "path": "/~", "value": 1},
        {"op": "move", "from": "/o", "path": "/o/x"},
        {"op": "move", "from": "", "path": "/o/x"},
        {"op": "move", "from": "/none", "path": "/none"},
        {"op": "copy", "from": "/none", "path": "/x"},
        {"op": "test", "path": "/n", "value": True},
        {"op": "test", "path": "/o", "value": {"k": True}},
        {"op": "test", "path": "/l", "value": [0, 0]},
        {"op": "unknown", "path": "/n"},
        {"op": "add", "path": "/n"},
    ],
    ids=lambda operation: f"{operation['op']} {operation['path']}"[:30],
)
def test_what_the_rfc_forbids_is_refused(operation: Operation) -> None:
    with pytest.raises(PatchError):
        apply({"l": [0], "n": 1, "o": {"k": 1}}, [operation])


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        ({"op": "add", "path": "", "value": {"x": 1}}, {"x": 1}),
        ({"op": "replace", "path": "", "value": {"x": 1}}, {"x": 1}),
        ({"op": "copy", "from": "/o", "path": ""}, {"k": 1}),
        ({"op": "move", "from": "/o", "path": "/o"}, {"l": [0], "o": {"k": 1}}),
        ({"op": "test", "path": "/o", "value": {"k": 1.0}}, {"l": [0], "o": {"k": 1}}),
        ({"op": "test", "path": "", "value": {"l": [0], "o": {"k": 1}}}, {"l": [0], "o": {"k": 1}}),
    ],
)
def test_what_the_rfc_allows_is_done(operation: Operation, after: Any) -> None:
    assert apply({"l": [0], "o": {"k": 1}}, [operation]) == after
