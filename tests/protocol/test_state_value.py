"""`matches`: the cases of XState's documentation and tests in our words, and XState's answers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_party.protocol import StateValue, matches, state_value
from machine_party.protocol.state_value import path_of
from tests.requirement import ROOT, missing, node, node_modules

GENERATOR = ROOT / "tests" / "client_js" / "protocol" / "matches-cases.js"

PARALLEL: StateValue = {"a": "b", "c": {"d": "e", "f": "g"}}


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("a", "a"),
        ("b.b1", "b.b1"),
        ("b", "b.b1"),
        ("foo.bar", "foo.bar.baz.quo"),
        ("b", {"b": "b1"}),
        ("a.b.c", {"a": {"b": "c"}}),
        ({"a": "b"}, {"a": "b"}),
        ({"a": {"b": "c"}}, {"a": {"b": "c"}}),
        ({"foo": "bar"}, {"foo": {"bar": {"baz": "quo"}}}),
        ("b", {"b": "b1", "c": "c1"}),
        ({"a": "foo", "b": "bar"}, {"a": "foo", "b": "bar"}),
        ({"foo": "bar", "x": "y"}, {"foo": {"bar": {"baz": "quo"}}, "x": {"y": "z"}}),
        ("a", PARALLEL),
        ("c", PARALLEL),
        ("c.d", PARALLEL),
        ("c.d.e", PARALLEL),
        ({"a": "b"}, PARALLEL),
        ({"c": {}}, PARALLEL),
        ({"c": {"d": "e"}}, PARALLEL),
        ({"c": {"d": "e", "f": "g"}}, PARALLEL),
        ({"a": "b", "c": {"d": "e"}}, PARALLEL),
        ({"c.d": "e"}, {"c.d": "e"}),
        (r"a\.b", {"a.b": "c"}),
        (r"a\.b.c", {"a.b": "c"}),
        (r"a\.b", r"a\.b"),
        (r"a\\b", {"a\\b": "c"}),
        ({}, {"a": "b"}),
    ],
)
def test_matches(pattern: StateValue, value: StateValue) -> None:
    assert matches(pattern, value)


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("a", "b"),
        ("a", "ab"),
        ("a.a1", "b.b1"),
        ("a.b.c", "a.b"),
        ("a", "b.b1"),
        ("b1", {"b": "b1"}),
        ("foo.false.baz", "foo.bar.baz.quo"),
        ("B.bar", {"A": "foo"}),
        ({"a": {"b": {"c": "d"}}}, {"a": "b"}),
        ({"a": "a1"}, {"b": "b1"}),
        ({"a": "b"}, "a"),
        ({"foo": {"false": "baz"}}, {"foo": {"bar": {"baz": "quo"}}}),
        ({"a": "b", "c": "e"}, PARALLEL),
        ({"a": {}, "b": {}}, PARALLEL),
        ({"a": {}}, PARALLEL),
        ("a.b", {"a.b": "c"}),
        (r"a\.b", {"a": {"b": "c"}}),
        ({}, "a"),
        ("", "a"),
    ],
)
def test_does_not_match(pattern: StateValue, value: StateValue) -> None:
    assert not matches(pattern, value)


@pytest.mark.parametrize(
    ("state", "path"),
    [
        ("a", ["a"]),
        ("a.b", ["a", "b"]),
        ("", [""]),
        ("a..b", ["a", "", "b"]),
        (r"a\.b.c", ["a.b", "c"]),
        (r"\a", ["a"]),
        ("a\\", ["a"]),
    ],
)
def test_path_of(state: str, path: list[str]) -> None:
    assert path_of(state) == path


names = st.sampled_from("abcd")
state_values: st.SearchStrategy[StateValue] = st.recursive(
    names, lambda inner: st.dictionaries(names, inner, min_size=1, max_size=3), max_leaves=6
)


def leaves(value: StateValue) -> list[str]:
    """The dotted path of every active leaf."""
    if isinstance(value, str):
        return [value]
    return [f"{key}.{leaf}" for key, part in value.items() for leaf in leaves(part)]


@given(value=state_values)
def test_every_value_matches_itself_and_all_that_lies_above_its_leaves(value: StateValue) -> None:
    assert matches(value, value)
    for leaf in leaves(value):
        path = leaf.split(".")
        assert all(matches(".".join(path[:end]), value) for end in range(1, len(path) + 1))


@given(pattern=names, value=state_values)
def test_a_path_matches_only_what_lies_above_a_leaf(pattern: str, value: StateValue) -> None:
    assert matches(pattern, value) == any(leaf.split(".")[0] == pattern for leaf in leaves(value))


# -- XState's own answers ----------------------------------------------------------------

Case = tuple[StateValue, StateValue, bool]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """What `matchesState` of the npm package xstate says in 10,000 cases."""
    if not node_modules().joinpath("xstate").is_dir():
        missing("the npm package xstate", "run npm ci")
    command = [node(), str(GENERATOR)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    return [(pattern, value, answer) for pattern, value, answer in json.loads(done.stdout)]


def wrong(cases: list[Case], ours: Callable[[StateValue, StateValue], bool]) -> list[Case]:
    return [case for case in cases if ours(case[0], case[1]) is not case[2]]


def test_matches_is_what_xstate_says(cases: list[Case]) -> None:
    assert len(cases) == 10_000
    assert wrong(cases, matches) == []


def test_a_matches_without_escapes_is_noticed(
    cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_value, "path_of", lambda state: state.split("."))

    assert len(wrong(cases, matches)) > 100


def test_a_matches_that_takes_part_for_all_is_noticed(
    cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_value, "all", any, raising=False)

    assert len(wrong(cases, matches)) > 100
