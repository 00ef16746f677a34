"""Measuring side by side: rounds of each work in turn, and the best of each.

Noise only ever adds, so the best round is the truest; taking turns lets a busy moment of the
machine hit both sides.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import perf_counter

__all__ = ["Clock", "Work", "side_by_side"]

Work = Callable[[], object]
Clock = Callable[[Work, Work], tuple[float, float]]
"""Gives the seconds that one call of each work takes."""

ROUNDS = 15
LEAST_SECONDS = 0.02
"""A round repeats its work until it takes so long, so that the clock's grain does not count."""


def side_by_side(first: Work, second: Work, rounds: int = ROUNDS) -> tuple[float, float]:
    """Seconds that one call of each takes, in the best of its `rounds` rounds."""
    works = {work: _repeats(work) for work in (first, second)}
    best = dict.fromkeys(works, float("inf"))
    gc.disable()
    try:
        for _ in range(rounds):
            for work, repeats in works.items():
                best[work] = min(best[work], _round(work, repeats) / repeats)
    finally:
        gc.enable()
    return best[first], best[second]


def _repeats(work: Work) -> int:
    repeats = 1
    while _round(work, repeats) < LEAST_SECONDS:
        repeats *= 2
    return repeats


def _round(work: Work, repeats: int) -> float:
    started = perf_counter()
    for _ in range(repeats):
        work()
    return perf_counter() - started
