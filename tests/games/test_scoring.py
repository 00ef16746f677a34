from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.trivia.round import Answer
from games.trivia.scoring import fraction, points, speed_factor
from tests.games.sample import radio, text


@pytest.mark.parametrize(("choice", "share"), [("a", 1), ("b", 0), ("d", 0.5), (None, 0), ("z", 0)])
def test_a_choice_is_worth_its_option(choice: str | None, share: float) -> None:
    assert fraction(radio(), Answer(choice=choice)) == share


@pytest.mark.parametrize(("given_text", "share"), [("Also this!", 1), ("also that", 0), (None, 0)])
def test_a_text_is_right_or_wrong(given_text: str | None, share: float) -> None:
    assert fraction(text(), Answer(text=given_text)) == share


def test_no_answer_is_worth_nothing() -> None:
    assert fraction(radio(), None) == 0
    assert points(radio(), None) == 0


def test_points_are_the_share_of_the_rounds_points() -> None:
    assert points(radio(), Answer(choice="a")) == 10
    assert points(radio(), Answer(choice="d")) == 5


def test_time_does_not_count_unless_asked_for() -> None:
    late = Answer(choice="a", seconds=19.9)
    assert points(radio(), late) == 10
    assert points(radio(), late, "linear") < 6


def test_a_letter_means_the_option_that_was_dealt_to_it() -> None:
    asked = radio()
    asked.dealt = [1, 0, 2, 3]
    assert fraction(asked, Answer(choice="a")) == 0
    assert fraction(asked, Answer(choice="b")) == 1


@given(st.floats(0, 20), st.floats(0, 20))
def test_linear_speed_falls_from_one_to_a_half(early: float, late: float) -> None:
    early, late = sorted((early, late))
    assert 0.5 <= speed_factor("linear", late, 20) <= speed_factor("linear", early, 20) <= 1


@pytest.mark.parametrize(("seconds", "factor"), [(0, 1), (20, 0.5), (10, 0.75), (-1, 1), (99, 0.5)])
def test_linear_speed(seconds: float, factor: float) -> None:
    assert speed_factor("linear", seconds, 20) == factor
