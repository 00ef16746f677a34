"""`docs/trivia.md` names everything that a player, a host or an author can meet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from games.trivia import Trivia, views
from games.trivia.input import Durations, TriviaInput
from games.trivia.machine import TriviaMachine
from games.trivia.pack import Category, Defaults, Pack, parse
from games.trivia.question import Option, Radio, Text

DOCUMENT = (Path(__file__).parents[2] / "docs" / "trivia.md").read_text("utf-8")
CODE = {word for span in re.findall(r"`([^`\n]+)`", DOCUMENT) for word in re.split(r"\W+", span)}

VIEWS = [kind for kind in vars(views).values() if getattr(kind, "__module__", "") == views.__name__]
TYPES: list[type] = [Pack, Category, Defaults, Radio, Text, Option, TriviaInput, Durations]
TYPES += [kind for kind in [*VIEWS, *Trivia.events] if isinstance(kind, type)]


def words() -> Iterator[str]:
    yield from Trivia.event_types
    yield from Trivia.refusals
    yield from (state.id for state in TriviaMachine.states_map.values())
    for kind in TYPES:
        assert issubclass(kind, Struct)
        yield from (field.encode_name for field in msgspec.structs.fields(kind))


@pytest.mark.parametrize("word", sorted(set(words())))
def test_it_is_documented(word: str) -> None:
    assert word in CODE


def test_the_example_pack_is_a_pack() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert parse("docs/trivia.md", example).title == "Kitchen"


def test_the_example_input_is_an_input() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    assert msgspec.json.decode(example, type=TriviaInput).host_plays
