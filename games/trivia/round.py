"""A round: one question as a room asks it, with everything that happened to it.

All scores and rankings are computed from rounds, so that whatever changes an answer's worth
later changes the totals too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from random import Random

from msgspec import Struct, field

from games.trivia.input import Durations
from games.trivia.pack import Pack
from games.trivia.question import Option, Question, Radio

__all__ = ["Answer", "Round", "rounds_of"]

LETTERS = "abcdefgh"


class Answer(Struct):
    """A player's answer, as it stands.

    Attributes:
        choice: a letter, for a radio question. `text`: for a text question.
        seconds: when it was last changed, counted from the opening by the question's clock.
        confirmed: it cannot be changed any more. Confirmed with neither is a pass.
    """

    choice: str | None = None
    text: str | None = None
    seconds: float = 0.0
    confirmed: bool = False

    @property
    def given(self) -> bool:
        return self.choice is not None or self.text is not None


class Round(Struct, kw_only=True):
    """One question in this room.

    Attributes:
        number: from 1, in the order of asking.
        category: its name.
        prep: seconds to read it. `time`: seconds to answer it.
        points: for a fully right answer.
        dealt: which of the author's options stands behind each letter.
        roster: the players who were present at the opening; only they are waited for.
        answers: `{member id: Answer}`, drafts included.
    """

    number: int
    category: str
    question: Question
    prep: float
    time: float
    points: float
    dealt: list[int] = field(default_factory=list)
    roster: list[str] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """`q1`, `q2` …: public, so it is not the author's, and says nothing about the answer."""
        return f"q{self.number}"

    @property
    def options(self) -> dict[str, Option]:
        """`{letter: option}` as dealt in this room; empty if there is nothing to choose."""
        if not isinstance(self.question, Radio):
            return {}
        options = self.question.options
        return {letter: options[i] for letter, i in zip(LETTERS, self.dealt, strict=False)}

    def deal(self, random: Random) -> None:
        """Give the options their letters, so that the author's order says nothing."""
        if isinstance(self.question, Radio):
            self.dealt = list(range(len(self.question.options)))
            if self.question.shuffle:
                random.shuffle(self.dealt)

    def is_confirmed(self, player: str) -> bool:
        answer = self.answers.get(player)
        return answer is not None and answer.confirmed

    def confirmed_by(self, players: Iterable[str]) -> int:
        """How many of `players` have confirmed."""
        return sum(map(self.is_confirmed, players))

    def is_complete(self, present: Set[str]) -> bool:
        """Whether nobody is left to wait for, the deadline aside.

        Waited for are those who were here at the opening, are present and have not confirmed.
        When nobody who is present has confirmed there is no answer to go on with: a room whose
        network was down for a moment does not race through its questions.
        """
        awaited = [p for p in self.roster if p in present and not self.is_confirmed(p)]
        return not awaited and self.confirmed_by(present) > 0


def rounds_of(pack: Pack, durations: Durations) -> list[Round]:
    """The rounds of a game, in the pack's order; the room's durations outrank the pack's."""
    return [
        Round(
            number=number,
            category=category,
            question=question,
            prep=durations.prep or question.prep or pack.defaults.prep,
            time=durations.time or question.time or pack.defaults.time,
            points=question.points or pack.defaults.points,
        )
        for number, (category, question) in enumerate(_questions(pack), start=1)
    ]


def _questions(pack: Pack) -> Iterator[tuple[str, Question]]:
    for category in pack.categories:
        for question in category.questions:
            yield category.name, question
