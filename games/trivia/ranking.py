"""Who is where: totals from the stored answers, and ranks from the totals.

Equal points share a rank, and the next rank is skipped: 1, 1, 3. Inside a shared rank players
are listed by more fully right answers, then by the lower mean time of these, then as they
joined: an order for the eye, which makes nobody better.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from games.trivia.input import Speed
from games.trivia.round import Round
from games.trivia.scoring import fraction, points

__all__ = ["Standing", "standings"]


class Standing(Struct, frozen=True):
    """Where a player stands.

    Attributes:
        points: the total, two decimals.
        right: how many answers were fully right.
        mean: seconds that these took on average; 0 without any.
        rank: from 1, shared by equal points. `place`: from 1, everybody's own.
    """

    points: float
    right: int
    mean: float
    rank: int
    place: int


def standings(
    rounds: Sequence[Round], players: Iterable[str], rule: Speed = "none"
) -> dict[str, Standing]:
    """`{player: Standing}`, the best first.

    Args:
        rounds: those that count.
        players: member ids, in the order in which they joined.
    """
    rows = [(*_total(rounds, player, rule), player) for player in players]
    rows.sort(key=lambda row: (-row[0], -row[1], row[2]))
    ranked: dict[str, Standing] = {}
    rank, best = 0, None
    for place, (total, right, mean, player) in enumerate(rows, start=1):
        rank, best = (rank, best) if total == best else (place, total)
        ranked[player] = Standing(total, right, mean, rank, place)
    return ranked


def _total(rounds: Sequence[Round], player: str, rule: Speed) -> tuple[float, int, float]:
    """A player's points, fully right answers, and their mean seconds."""
    answers = [(each, each.answers.get(player)) for each in rounds]
    total = round(sum(points(each, answer, rule) for each, answer in answers), 2)
    times = [answer.seconds for each, answer in answers if answer and fraction(each, answer) == 1]
    return total, len(times), round(sum(times) / len(times), 3) if times else 0.0
