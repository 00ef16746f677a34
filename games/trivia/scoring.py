"""What an answer is worth: pure functions of a round and an answer.

    points = P × f × S, to two decimals

`P` is the round's points, `f` (0 to 1) how right the answer is, `S` (0 to 1) the speed factor.
"""

from __future__ import annotations

from games.trivia.input import Speed
from games.trivia.matching import is_accepted
from games.trivia.question import Text
from games.trivia.round import Answer, Round

__all__ = ["fraction", "points", "speed_factor"]

SLOWEST = 0.5
"""Of the linear rule: being right late beats being wrong fast, as in Kahoot."""


def fraction(asked: Round, answer: Answer | None) -> float:
    """How right an answer is, 0 to 1. No answer is 0."""
    if answer is None:
        return 0.0
    question = asked.question
    if isinstance(question, Text):
        text = answer.text or ""
        return float(is_accepted(text, question.answers, question.tolerance))
    option = asked.options.get(answer.choice or "")
    return option.value if option is not None else 0.0


def speed_factor(rule: Speed, seconds: float, time: float) -> float:
    """`S`: 1 without a rule; `linear` falls from 1 at the opening to a half at the end.

    Args:
        seconds: how long the answer took, by the question's clock. `time`: how long it could.
    """
    if rule == "none":
        return 1.0
    left = 1 - min(max(seconds / time, 0.0), 1.0)
    return SLOWEST + (1 - SLOWEST) * left


def points(asked: Round, answer: Answer | None, rule: Speed = "none") -> float:
    """The points of an answer; 0 without one."""
    share = fraction(asked, answer)
    if answer is None or not share:
        return 0.0
    speed = speed_factor(rule, answer.seconds, asked.time)
    return round(asked.points * share * speed, 2)
