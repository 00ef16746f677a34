"""A pack: the questions of a game, in the file format that authors write.

title: General knowledge
locale: en
defaults: {prep: 5, time: 20, points: 10}
categories:
  - name: Planet Earth
    questions:
      - {type: radio, prompt: …, options: [{text: …, correct: true}, {text: …}]}
      - {type: text, prompt: …, answers: [right, also right], explanation: …}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path as FilePath
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from games.trivia.matching import normalise, numbers
from games.trivia.question import Line, Option, Points, Question, Radio, Seconds, Text
from games.trivia.source import PackError, Path, Source

__all__ = ["Category", "Defaults", "Pack", "find", "load", "parse"]

DIRECTORY = FilePath(__file__).parent / "packs"

_FAULT = re.compile(r"(?P<problem>.*?)(?: - at `\$(?P<path>[^`]*)`)?")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_NOT_TEXT = re.compile(r"Expected `str`, got `(int|float|bool|null)`")

Fault = tuple[Path, str, str]
"""Where, what is wrong, and what to write instead."""


class Defaults(Struct, frozen=True, forbid_unknown_fields=True):
    """What a question has that does not say otherwise."""

    prep: Seconds = 5.0
    time: Seconds = 20.0
    points: Points = 10.0


class Category(Struct, frozen=True, forbid_unknown_fields=True):
    """Questions that are asked, and then recapped, together."""

    name: Line
    questions: Annotated[tuple[Question, ...], Meta(min_length=1, max_length=100)]


class Pack(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    title: Line
    categories: Annotated[tuple[Category, ...], Meta(min_length=1, max_length=50)]
    locale: str = "en"
    defaults: Defaults = Defaults()


@cache
def find(name: str) -> Pack:
    """The pack `<name>.yaml` of this game's own directory, read once.

    Raises:
        FileNotFoundError: there is none.
        PackError: it is wrong.
    """
    return load(DIRECTORY / f"{name}.yaml")


def load(path: FilePath) -> Pack:
    """The pack in a file.

    Raises:
        FileNotFoundError: there is none.
        PackError: it is wrong; says where, and what to write instead.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        fix = "Save the file as UTF-8."
        raise PackError(path.name, line, "This is not UTF-8 text", fix) from error
    return parse(path.name, text)


def parse(file: str, text: str) -> Pack:
    """The pack that a file's text describes.

    Args:
        file: the name to put in errors.

    Raises:
        PackError: it is wrong; says where, and what to write instead.
    """
    source = Source(file, text)
    try:
        pack = msgspec.convert(source.data, Pack)
    except msgspec.ValidationError as error:
        raise source.error(*_shape_fault(str(error))) from error
    for fault in _faults(pack):
        raise source.error(*fault)
    return pack


# -- wrong shapes, as msgspec reports them -------------------------------------------------


def _shape_fault(message: str) -> Fault:
    match = _FAULT.fullmatch(message)
    problem, where = (match["problem"], match["path"] or "") if match else (message, "")
    path: Path = tuple(name or int(index) for name, index in _STEP.findall(where))
    if unknown := _UNKNOWN.fullmatch(problem):
        return (*path, unknown[1]), f"There is no field {unknown[1]!r}", _spelling(unknown[1])
    if missing := _MISSING.fullmatch(problem):
        return path, f"{missing[1]!r} is missing", f"Add {missing[1]}: …"
    if not_text := _NOT_TEXT.fullmatch(problem):
        return path, f"This is not text but {not_text[1]}", "Put it in quotes."
    if path[-1:] == ("type",):
        return path, problem, "Use one of the types radio, text."
    return path, problem, "Change the value."


def _spelling(word: str) -> str:
    known = {
        name
        for kind in (Pack, Defaults, Category, Radio, Text, Option)
        for name in kind.__struct_fields__
    }
    close = get_close_matches(word, sorted(known), n=1)
    return f"Did you mean {close[0]}?" if close else "Remove it."


# -- right shapes with wrong contents --------------------------------------------------------


def _faults(pack: Pack) -> Iterator[Fault]:
    ids: set[str] = set()
    names: set[str] = set()
    for i, category in enumerate(pack.categories):
        here: Path = ("categories", i)
        if normalise(category.name) in names:
            yield (*here, "name"), f"There are two categories {category.name!r}", "Rename one."
        names.add(normalise(category.name))
        for j, question in enumerate(category.questions):
            there: Path = (*here, "questions", j)
            if question.id and question.id in ids:
                yield (*there, "id"), f"The id {question.id!r} is used twice", "Change one of them."
            ids.add(question.id)
            yield from _question_faults(question, there)


def _question_faults(question: Question, here: Path) -> Iterator[Fault]:
    if isinstance(question, Radio):
        yield from _radio_faults(question, (*here, "options"))
    else:
        yield from _text_faults(question, here)


def _radio_faults(question: Radio, here: Path) -> Iterator[Fault]:
    if not any(option.value for option in question.options):
        yield here, "No option is right", "Write correct: true at one of them."
    texts: set[str] = set()
    for i, option in enumerate(question.options):
        if option.text.strip() in texts:
            yield (*here, i), f"The option {option.text!r} is here twice", "Change one of them."
        if option.correct and option.weight is not None:
            yield (*here, i), "It has both correct and weight", "Remove one of them."
        texts.add(option.text.strip())


def _text_faults(question: Text, here: Path) -> Iterator[Fault]:
    for i, answer in enumerate(question.answers):
        if not normalise(answer):
            yield (*here, "answers", i), "This answer has no letter and no digit", "Spell it out."
    if question.tolerance and not any(map(numbers, question.answers)):
        yield (*here, "tolerance"), "No answer is a number", "Remove tolerance."
