"""Trivia: the quiz that a company plays on an evening. See `docs/trivia.md`."""

from games.trivia.party import Trivia

__all__ = ["Trivia"]
