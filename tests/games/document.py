"""What a game's page in `docs/` has to name, for the tests of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
from msgspec import Struct

from machine_party import Machine

__all__ = ["Document", "fields_of", "states_of", "views_in"]

DOCS = Path(__file__).parents[2] / "docs"


class Document:
    """A page.

    Attributes:
        words: those that stand in code spans.
    """

    def __init__(self, name: str) -> None:
        self._text = (DOCS / name).read_text("utf-8")
        spans = re.findall(r"`([^`\n]+)`", self._text)
        self.words = {word for span in spans for word in re.split(r"\W+", span)}

    def example(self, language: str) -> str:
        """Its one block in that language."""
        (example,) = re.findall(rf"```{language}\n(.*?)```", self._text, re.DOTALL)
        return str(example)


def views_in(module: ModuleType) -> Iterator[type]:
    """The types that a module of views declares."""
    for kind in vars(module).values():
        if isinstance(kind, type) and kind.__module__ == module.__name__:
            yield kind


def fields_of(kinds: Iterable[type]) -> Iterator[str]:
    """The names of their fields, as they travel."""
    for kind in kinds:
        assert issubclass(kind, Struct)
        yield from (field.encode_name for field in msgspec.structs.fields(kind))


def states_of(machine: type[Machine[Any]]) -> Iterator[str]:
    yield from (state.id for state in machine.states_map.values())
