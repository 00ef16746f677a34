"""What a view may declare: only types that say, however deep, what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypedDict, TypeVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from machine_party.core.shape import check_closed
from machine_party.core.view import View, declared_view, patterns_overlap
from machine_party.errors import DefinitionError

T = TypeVar("T")


class Box(Struct, Generic[T]):
    item: T


class OpenBox(Struct, Generic[T]):
    item: T
    more: Any


@dataclass
class Record:
    anything: Any


class Typed(TypedDict):
    anything: Any


class Named(NamedTuple):
    anything: Any


class Tree(Struct):
    children: list[Tree]
    label: str


class OpenTree(Struct):
    children: list[OpenTree]
    label: object


@pytest.mark.parametrize(
    "kind",
    [
        Any, object, dict, list, tuple, set, msgspec.Raw, dict[str, Any], list[Any], Any | None,
        list[dict[Any, Any]], dict[str, list[object]], tuple[int, Any], Box[Any], Box,
        OpenBox[int], Record, Typed, Named, OpenTree, Box[Box[list[Any]]], complex,
    ],
)  # fmt: skip
def test_a_type_that_may_hold_anything_is_refused(kind: Any) -> None:
    body = msgspec.defstruct("Body", [("field", kind)])
    with pytest.raises(DefinitionError, match=r"Body\.field.* may hold anything") as raised:
        check_closed(body, "Room.shared")
    assert raised.value.fix == "Declare its type."


@pytest.mark.parametrize("kind", [dict[int, int], list[dict[float, str]], Box[dict[bool, int]]])
def test_a_key_is_a_text(kind: Any) -> None:
    body = msgspec.defstruct("Body", [("field", kind)])
    with pytest.raises(DefinitionError, match="Use str keys"):
        check_closed(body, "Room.shared")


@pytest.mark.parametrize(
    "kind", [int, str | None, list[int], dict[str, Box[int]], Tree, tuple[int, str], Box[Tree]]
)
def test_a_type_that_says_what_it_holds_is_taken(kind: Any) -> None:
    check_closed(msgspec.defstruct("Body", [("field", kind)]), "Room.shared")


class Shared(Struct, rename="camel"):
    my_count: int


class Listing(Struct, array_like=True):
    count: int


class Views:
    def bare(self) -> Shared: ...  # type: ignore[empty-body]

    def full(self) -> View[Shared]: ...  # type: ignore[empty-body]

    def nothing(self): ...  # type: ignore[no-untyped-def]

    def none(self) -> None: ...

    def either(self) -> Shared | None: ...

    def plain(self) -> dict[str, int]: ...  # type: ignore[empty-body]

    def anything(self) -> View[Any]: ...  # type: ignore[empty-body]

    def undefined(self) -> Missing: ...  # type: ignore[name-defined]  # noqa: F821

    def listing(self) -> Listing: ...  # type: ignore[empty-body]

    def unbound(self) -> View: ...  # type: ignore[empty-body,type-arg]


def test_a_view_declares_a_struct_or_a_view_of_one() -> None:
    assert not declared_view(Views, "bare").full
    declared = declared_view(Views, "full")
    assert declared.full
    assert declared.context is Shared
    assert declared.fields == {"myCount"}


@pytest.mark.parametrize(
    "method",
    ["nothing", "none", "either", "plain", "anything", "undefined", "listing", "unbound"],
)
def test_a_view_that_declares_nothing_definite_is_refused(method: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        declared_view(Views, method)
    assert raised.value.where == f"Views.{method}"


PATTERNS = st.text("ab*", min_size=1, max_size=4).filter(lambda text: "*" not in text[:-1])
IDS = st.text("ab", max_size=6)


def matches(pattern: str, key: str) -> bool:
    return key.startswith(pattern[:-1]) if pattern.endswith("*") else key == pattern


@given(PATTERNS, PATTERNS, IDS)
def test_patterns_that_do_not_overlap_share_no_id(first: str, second: str, key: str) -> None:
    if matches(first, key) and matches(second, key):
        assert patterns_overlap(first, second)


@given(PATTERNS, PATTERNS)
def test_patterns_that_overlap_share_an_id(first: str, second: str) -> None:
    both = max(first.removesuffix("*"), second.removesuffix("*"), key=len)
    assert patterns_overlap(first, second) == (matches(first, both) and matches(second, both))
