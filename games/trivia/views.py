"""What members of a trivia room see: pure functions of its snapshot.

Right answers and other players' answers are read in `_reveal` only, and that is called in the
recap only. Points, ranks and places are those of the rounds that a recap has shown.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from games.trivia.game import CLOCK, Game
from games.trivia.question import Radio, Text
from games.trivia.round import Answer, Round
from games.trivia.scoring import points
from machine_party import Member, Snapshot

__all__ = ["Own", "Shared", "own_view", "shared_view"]

Kind = Literal["radio", "text"]
Presence = Literal["connected", "away", "gone"]


class PlayerCard(Struct):
    """A player, as everybody sees it.

    Attributes:
        ready: in the lobby. `confirmed`: the current question's answer.
        points: over the rounds that have been revealed. `rank`, `place`: among these; a rank is
            shared (1, 1, 3), a place is not; None: not ranked yet.
    """

    name: str
    presence: Presence
    ready: bool
    confirmed: bool
    points: float
    rank: int | None
    place: int | None


class QuestionCard(Struct):
    """The question at hand: the current one, and in the recap the one that is revealed.

    Attributes:
        number, total: the third of ten.
        category_number, categories: of the second category of two.
        options: `{letter: text}`, once it has opened. Letters say nothing about the answer.
    """

    id: str
    number: int
    total: int
    category: str
    category_number: int
    categories: int
    kind: Kind
    prompt: str
    points: float
    options: dict[str, str]


class Progress(Struct):
    """How many of the present players have confirmed."""

    confirmed: int
    present: int


class GivenAnswer(Struct):
    """A player's answer in the recap. Neither choice nor text: a pass."""

    choice: str | None
    text: str | None
    points: float


class Reveal(Struct):
    """The answers to the question that the recap shows.

    Attributes:
        choices: the letters that give all the points. `texts`: the accepted answers.
        answers: `{member id: GivenAnswer}` of those who answered or passed.
    """

    choices: list[str]
    texts: list[str]
    explanation: str
    answers: dict[str, GivenAnswer]


class Shared(Struct):
    """What all see.

    Attributes:
        players: `{member id: PlayerCard}`.
        step: names the current wait, for `skip`.
        deadline: when the current wait ends, epoch milliseconds; None: no clock runs.
        duration: how long that wait is in all, milliseconds, for who comes in the middle of it.
        paused: whether there is a wait whose clock stands still.
        left: what is left of it then, milliseconds; None: it does not stand still.
    """

    title: str
    players: dict[str, PlayerCard]
    question: QuestionCard | None
    progress: Progress | None
    reveal: Reveal | None
    step: int
    deadline: int | None
    duration: int | None
    paused: bool
    left: int | None


class Draft(Struct):
    """My answer to the current question, as the room holds it."""

    question: str
    choice: str | None
    text: str | None
    confirmed: bool


class Own(Struct):
    """What only I see.

    Attributes:
        plays: whether I take part.
        answer: mine, while its question is open or just closed.
    """

    plays: bool
    answer: Draft | None


def shared_view(snapshot: Snapshot[Game]) -> Shared:
    """The same for every role: a host's screen may be looked at."""
    game, clock = snapshot.context, snapshot.timer(CLOCK)
    return Shared(
        title=game.title,
        players=_players(snapshot),
        question=_question(snapshot),
        progress=_progress(snapshot),
        reveal=_reveal(snapshot) if snapshot.matches("recap") else None,
        step=game.step,
        deadline=_milliseconds(clock.deadline if clock else None),
        duration=_milliseconds(clock.seconds if clock else None),
        paused=snapshot.paused and clock is not None,
        left=_milliseconds(clock.left if clock else None),
    )


def own_view(snapshot: Snapshot[Game], member: Member) -> Own:
    """A member's own part."""
    game = snapshot.context
    given = _answerable(snapshot) and game.current.answers.get(member.id)
    answer = _draft(game.current, given) if given else None
    return Own(plays=game.plays(member), answer=answer)


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1_000)


def _players(snapshot: Snapshot[Game]) -> dict[str, PlayerCard]:
    game, answerable = snapshot.context, _answerable(snapshot)
    return {
        member.id: _player(game, member, confirmed=answerable and _confirmed(game, member))
        for member in game.players(snapshot.members)
    }


def _player(game: Game, member: Member, *, confirmed: bool) -> PlayerCard:
    standing = game.standings.get(member.id)
    return PlayerCard(
        name=member.name,
        presence=member.presence,
        ready=game.ready.get(member.id, False),
        confirmed=confirmed,
        points=standing.points if standing else 0.0,
        rank=standing.rank if standing else None,
        place=standing.place if standing else None,
    )


def _question(snapshot: Snapshot[Game]) -> QuestionCard | None:
    game = snapshot.context
    if snapshot.matches("question"):
        return _card(game, game.current, with_options=_answerable(snapshot))
    return _card(game, game.shown, with_options=True) if snapshot.matches("recap") else None


def _card(game: Game, asked: Round, *, with_options: bool) -> QuestionCard:
    categories = game.categories
    return QuestionCard(
        id=asked.id,
        number=asked.number,
        total=len(game.rounds),
        category=asked.category,
        category_number=categories.index(asked.category) + 1,
        categories=len(categories),
        kind="radio" if isinstance(asked.question, Radio) else "text",
        prompt=asked.question.prompt,
        points=asked.points,
        options={k: option.text for k, option in asked.options.items()} if with_options else {},
    )


def _progress(snapshot: Snapshot[Game]) -> Progress | None:
    if not _answerable(snapshot):
        return None
    game = snapshot.context
    present = [member.id for member in game.players(snapshot.members) if member.present]
    return Progress(confirmed=game.current.confirmed_by(present), present=len(present))


def _reveal(snapshot: Snapshot[Game]) -> Reveal:
    game = snapshot.context
    asked = game.shown
    texts = asked.question.answers if isinstance(asked.question, Text) else ()
    return Reveal(
        choices=[letter for letter, option in asked.options.items() if option.value == 1],
        texts=list(texts),
        explanation=asked.question.explanation,
        answers={
            player: GivenAnswer(answer.choice, answer.text, points(asked, answer, game.speed))
            for player, answer in asked.answers.items()
            if player in snapshot.members
        },
    )


def _draft(asked: Round, answer: Answer) -> Draft:
    return Draft(asked.id, answer.choice, answer.text, answer.confirmed)


def _confirmed(game: Game, member: Member) -> bool:
    return game.current.is_confirmed(member.id)


def _answerable(snapshot: Snapshot[Game]) -> bool:
    """Whether the current question has opened and is not in its recap yet."""
    return snapshot.matches("question.open") or snapshot.matches("question.closed")
