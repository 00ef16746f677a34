"""A quiz whose right answers, and the players' answers to it, are canaries: 128 bits that occur
nowhere by chance, so that a byte too many to anybody is found.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from unittest.mock import _patch, patch

from games.trivia import machine, views
from games.trivia.pack import parse
from machine_party.room import Room
from machine_party.testing import VirtualClock
from tests.virtual import on_a_loop

__all__ = ["INPUT", "KEYS", "PLAYERS", "guess", "hash_of", "leak", "play", "revealed"]

KEYS = {"q1": "c0ffee00" * 4, "q2": "deadbeef" * 4, "q3": "5eed5eed" * 4}
"""The right answer of each question."""

PACK = f"""
title: Canaries
defaults: {{prep: 2, time: 10, points: 10}}
categories:
  - name: First
    questions:
      - {{type: text, prompt: "One?", answers: ["{KEYS["q1"]}"]}}
      - {{type: text, prompt: "Two?", answers: ["{KEYS["q2"]}"]}}
  - name: Second
    questions:
      - {{type: text, prompt: "Three?", answers: ["{KEYS["q3"]}"]}}
"""

INPUT = {"pack": "canaries", "seed": 7}
PLAYERS = ("ann", "bob", "cid")

T = TypeVar("T")


def guess(player: str, question: str, salt: str = "") -> str:
    """A player's answer: 128 bits that name nobody."""
    return f"{hash_of(player + question + salt):032x}"


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode().ljust(16, b"\x5a")[:16], "big") ^ (0xA5 << 64)


def play(main: Callable[[VirtualClock], Coroutine[Any, Any, T]]) -> T:
    """Run that on a loop of its own, where the pack can be played."""
    with patch.object(machine, "find", lambda _name: parse("canaries.yaml", PACK)):
        return on_a_loop(main)


def revealed(room: Room) -> set[str]:
    """The questions that a recap has shown."""
    snapshot = room._committer.actor.snapshot()
    if not (snapshot.matches("recap") or snapshot.matches("ranking")):
        return set()
    return {asked.id for asked in snapshot.context.rounds[: snapshot.context.revealed]}


def leak() -> _patch[Any]:
    """While it is entered, everybody sees what Bob has answered, as the title."""
    honest = views.shared_view

    def leaking(snapshot: Any) -> Any:
        shared = honest(snapshot)
        shared.title = guess("bob", "q1") if snapshot.context.rounds[0].answers else "quiet"
        return shared

    return patch("games.trivia.party.shared_view", leaking)
