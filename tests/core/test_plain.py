"""Plain data: a copy, with what is declared and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from machine_party.core import same
from machine_party.core.plain import POISON, as_declared, encoded, jsonable
from machine_party.errors import DefinitionError, UndeclaredError


class Card(Struct):
    name: str


class Numbered(Struct):
    by_number: dict[int, int]


class SecretCard(Card):
    answer: str = "secret"


class Hand(Struct):
    cards: list[Card]
    named: dict[str, Card] = {}


def test_only_declared_fields_are_left() -> None:
    hand = Hand([SecretCard("a")], {"b": SecretCard("b")})
    assert as_declared(hand, Hand) == {
        "cards": [{"name": "a"}],
        "named": {"b": {"name": "b"}},
    }


@pytest.mark.parametrize("key", sorted(POISON))
def test_poison_is_refused_as_a_key_and_fine_as_a_text(key: str) -> None:
    assert as_declared(Hand([Card(key)]), Hand)
    with pytest.raises(UndeclaredError, match=f"named.{key}"):
        as_declared(Hand([], {key: Card("x")}), Hand)


def test_what_can_be_stored_is_a_copy() -> None:
    data: Any = {"list": [1], "card": Numbered({1: 2}), 3: {"b", "a"}}
    plain = jsonable(data, "here")
    assert plain == {"list": [1], "card": {"by_number": {"1": 2}}, "3": ["a", "b"]}
    plain["list"].append(2)
    assert data["list"] == [1]


@pytest.mark.parametrize("data", [object(), {"a": lambda: None}, [complex(1)]])
def test_what_cannot_be_stored_is_refused_with_its_place(data: Any) -> None:
    with pytest.raises(DefinitionError, match="here: its data cannot be stored"):
        jsonable(data, "here")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([1.0, "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)


@given(VALUES, VALUES)
def test_bytes_are_equal_for_equal_values_only(first: Any, second: Any) -> None:
    assert (encoded(first) == encoded(second)) == same(first, second)
