"""A question as its author writes it. What a room does with it is in `round.py`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

__all__ = ["Option", "Points", "Question", "Radio", "Seconds", "Text"]

Seconds = Annotated[float, Meta(gt=0, le=600)]
Points = Annotated[float, Meta(gt=0, le=1_000)]
Prompt = Annotated[str, Meta(min_length=1, max_length=500)]
Line = Annotated[str, Meta(min_length=1, max_length=200)]


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    """One of the options to choose from.

    Attributes:
        correct: it gives all the points; several options may.
        weight: the share of the points that it gives, 0 to 1, instead of `correct`.
    """

    text: Line
    correct: bool = False
    weight: Annotated[float, Meta(ge=0, le=1)] | None = None

    @property
    def value(self) -> float:
        """The share of the points that choosing it gives, 0 to 1."""
        return self.weight if self.weight is not None else float(self.correct)


class _Question(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """What every type of question has.

    Attributes:
        id: the author's name for it; never sent, for it could give the answer away.
        prep: seconds to read it before it opens; None: the pack's default.
        time: seconds to answer; None: the pack's default.
        points: for a fully right answer; None: the pack's default.
        explanation: shown with the right answer in the recap.
    """

    prompt: Prompt
    id: Annotated[str, Meta(max_length=60)] = ""
    prep: Seconds | None = None
    time: Seconds | None = None
    points: Points | None = None
    explanation: Annotated[str, Meta(max_length=1_000)] = ""


class Radio(_Question, frozen=True, tag="radio"):
    """One tap on one option.

    Attributes:
        options: in the author's order; a room shuffles them, unless `shuffle` is false.
    """

    options: Annotated[tuple[Option, ...], Meta(min_length=2, max_length=8)]
    shuffle: bool = True


class Text(_Question, frozen=True, tag="text"):
    """A free answer.

    Attributes:
        answers: all that are right; the first is the one that is shown.
        tolerance: how far a number may be from an accepted number.
    """

    answers: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=50)]
    tolerance: Annotated[float, Meta(ge=0, le=1e9)] = 0.0


Question = Radio | Text
