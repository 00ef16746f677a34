from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.trivia.matching import is_accepted, normalise, numbers


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Iron", "iron"),
        ("  L'Été! ", "l ete"),
        ("Reykjavík", "reykjavik"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ﬁlm", "film"),
        ("fifty-fifty", "fifty fifty"),
        ("Ｆｅ", "fe"),
        ("a\u00a0b\tc\nd", "a b c d"),
        ("?!…", ""),
        ("", ""),
    ],
)
def test_normalise(text: str, plain: str) -> None:
    assert normalise(text) == plain


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(max_size=40))
def test_case_and_punctuation_around_do_not_matter(text: str) -> None:
    assert normalise(f" «{text}» !") == normalise(text)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("15", [15]),
        (" 1,5 ", ["1.5"]),
        ("1.50", ["1.5"]),
        ("-3", [-3]),
        ("−3", [-3]),
        ("+3", [3]),
        ("007", [7]),
        ("1 000 000", [1_000_000]),
        ("1'000", [1_000]),
        ("1\u202f000", [1_000]),
        ("1,000", [1, 1_000]),
        ("1.000", [1, 1_000]),
        ("1,000,000", [1_000_000]),
        ("1,234.5", ["1234.5"]),
        ("1.234,5", ["1234.5"]),
        ("12 34", []),
        (".5", ["0.5"]),
        ("15!", [15]),
        ("In 1969.", []),
        ("1e3", []),
        ("nan", []),
        ("1/2", []),
        ("15 degrees", []),
        ("", []),
    ],
)
def test_numbers(text: str, values: list[int | str]) -> None:
    assert numbers(text) == {Decimal(value) for value in values}


@given(st.decimals(min_value=-999, max_value=999, places=2))
def test_a_comma_is_a_point(value: Decimal) -> None:
    assert is_accepted(str(value).replace(".", ","), [str(value)])


@pytest.mark.parametrize(
    ("given_answer", "accepted"),
    [
        ("iron!", ["Iron"]),
        ("the AMAZON", ["Amazon", "The Amazon"]),
        ("1,5", ["1.5"]),
        ("1.5", ["1,50"]),
        ("1000", ["1,000"]),
        ("15°", ["15", "15°"]),
        ("15.", ["15"]),
    ],
)
def test_accepted(given_answer: str, accepted: list[str]) -> None:
    assert is_accepted(given_answer, accepted)


@pytest.mark.parametrize(
    ("given_answer", "accepted"),
    [
        ("iro", ["Iron"]),
        ("", ["Iron"]),
        ("?!", ["Iron"]),
        ("16", ["15"]),
        ("1 5", ["1.5"]),
        ("amazon", []),
    ],
)
def test_not_accepted(given_answer: str, accepted: list[str]) -> None:
    assert not is_accepted(given_answer, accepted)


def test_two_answers_of_nothing_are_not_the_same() -> None:
    assert not is_accepted("?", ["!"])


@pytest.mark.parametrize(("text", "right"), [("1968", True), ("1970", True), ("1970.1", False)])
def test_tolerance(text: str, right: bool) -> None:
    assert is_accepted(text, ["1969"], tolerance=1.0) is right


@given(st.text(max_size=40), st.text(max_size=40))
def test_matching_never_raises(one: str, other: str) -> None:
    assert is_accepted(one, [other]) in (True, False)
    assert is_accepted(one, [one]) == bool(normalise(one) or numbers(one))
