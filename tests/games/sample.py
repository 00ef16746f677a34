"""Packs and rounds for the tests of trivia."""

from __future__ import annotations

from games.trivia.input import Durations
from games.trivia.pack import Pack, parse
from games.trivia.round import Round, rounds_of

__all__ = ["PACK", "pack", "radio", "text"]

PACK = """
title: Sample
defaults: {prep: 5, time: 20, points: 10}
categories:
  - name: First
    questions:
      - type: radio
        prompt: Which one?
        options: [{text: one, correct: true}, {text: two}, {text: three}, {text: half, weight: 0.5}]
      - type: text
        prompt: Say it.
        answers: [canary-answer, also this]
        explanation: canary-explanation
  - name: Second
    questions:
      - {type: text, prompt: "How many?", answers: ["42"], points: 5, time: 30, prep: 2}
"""


def pack(source: str = PACK) -> Pack:
    return parse("sample.yaml", source)


def radio() -> Round:
    """Letters in the file's order: a is right, b and c are wrong, d is worth a half."""
    first = rounds_of(pack(), Durations())[0]
    first.dealt = [0, 1, 2, 3]
    return first


def text() -> Round:
    return rounds_of(pack(), Durations())[1]
