from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from games.trivia.input import Durations
from games.trivia.round import Answer, rounds_of
from tests.games.sample import pack, radio, text

PLAYERS = st.sets(st.sampled_from("abcde"))


def test_rounds_are_numbered_and_in_order() -> None:
    rounds = rounds_of(pack(), Durations())
    assert [each.id for each in rounds] == ["q1", "q2", "q3"]
    assert [each.category for each in rounds] == ["First", "First", "Second"]


def test_a_question_outranks_the_packs_defaults() -> None:
    first, _, last = rounds_of(pack(), Durations())
    assert (first.prep, first.time, first.points) == (5, 20, 10)
    assert (last.prep, last.time, last.points) == (2, 30, 5)


def test_the_rooms_durations_outrank_the_pack() -> None:
    rounds = rounds_of(pack(), Durations(prep=1, time=7))
    assert {(each.prep, each.time) for each in rounds} == {(1, 7)}


@given(st.integers())
def test_dealing_keeps_the_options_and_loses_their_order(seed: int) -> None:
    asked = radio()
    asked.deal(Random(seed))
    assert sorted(option.text for option in asked.options.values()) == [
        "half",
        "one",
        "three",
        "two",
    ]
    assert list(asked.options) == ["a", "b", "c", "d"]


def test_every_option_can_come_first() -> None:
    firsts = set()
    for seed in range(50):
        asked = radio()
        asked.deal(Random(seed))
        firsts.add(asked.options["a"].text)
    assert firsts == {"one", "two", "three", "half"}


def test_a_question_may_keep_its_order() -> None:
    source = """
title: T
categories:
  - name: C
    questions:
      - {type: radio, prompt: P, shuffle: false, options: [{text: x, correct: true}, {text: y}]}
"""
    for seed in range(10):
        asked = rounds_of(pack(source), Durations())[0]
        asked.deal(Random(seed))
        assert asked.dealt == [0, 1]


def test_a_text_question_has_nothing_to_deal() -> None:
    asked = text()
    asked.deal(Random(1))
    assert asked.options == {}


@given(roster=PLAYERS, present=PLAYERS, confirmed=PLAYERS)
def test_when_a_round_is_complete(roster: set[str], present: set[str], confirmed: set[str]) -> None:
    asked = text()
    asked.roster = sorted(roster)
    asked.answers = {player: Answer(confirmed=player in confirmed) for player in "abcde"}
    nobody_awaited = (roster & present) <= confirmed
    somebody_confirmed = bool(present & confirmed)
    assert asked.is_complete(present) == (nobody_awaited and somebody_confirmed)
