"""`docs/trivia.md` names everything that a player, a host or an author can meet."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from games.trivia import Trivia, views
from games.trivia.input import Durations, TriviaInput
from games.trivia.machine import TriviaMachine
from games.trivia.pack import Category, Defaults, Pack, parse
from games.trivia.question import Option, Radio, Text
from tests.games.document import Document, fields_of, states_of, views_in

DOCUMENT = Document("trivia.md")
TYPES: list[type] = [Pack, Category, Defaults, Radio, Text, Option, TriviaInput, Durations]


def words() -> Iterator[str]:
    yield from Trivia.event_types
    yield from Trivia.refusals
    yield from states_of(TriviaMachine)
    yield from fields_of([*TYPES, *views_in(views), *Trivia.events])


@pytest.mark.parametrize("word", sorted(set(words())))
def test_it_is_documented(word: str) -> None:
    assert word in DOCUMENT.words


def test_the_example_pack_is_a_pack() -> None:
    assert parse("docs/trivia.md", DOCUMENT.example("yaml")).title == "Kitchen"


def test_the_example_input_is_an_input() -> None:
    assert msgspec.json.decode(DOCUMENT.example("json"), type=TriviaInput).host_plays
