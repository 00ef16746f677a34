"""The context of a trivia room: everything that its machine remembers.

The questions themselves are in here, not the name of a pack: a stored room goes on with what it
began with, whatever becomes of the file. None of it is sent: `views.py` says what is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from games.trivia.input import Durations, Speed, TriviaInput
from games.trivia.pack import Pack
from games.trivia.ranking import Standing
from games.trivia.round import Round, rounds_of
from machine_party import Member

__all__ = ["CLOCK", "Game", "game_of"]

CLOCK = "time_up"
"""The timer of the current wait, by its event."""


class Game(Struct, kw_only=True):
    """A trivia room's memory.

    Attributes:
        rounds: all of them, in the order of asking, category by category.
        asked: how many rounds have begun; the last of these is the current one.
        revealed: how many rounds have been shown in a recap. Only these count in public.
        ready: the members who are ready to start, `{member id: True}`.
        forced: a host started the game, so that nobody can call it off.
        step: counts the waits of the machine, so that a late `skip` does not hit the next one.
        standings: `{member id: Standing}` over the revealed rounds.
    """

    title: str
    rounds: list[Round]
    durations: Durations
    seed: int | None = None
    host_plays: bool = False
    speed: Speed = "none"
    asked: int = 0
    revealed: int = 0
    ready: dict[str, bool] = field(default_factory=dict)
    forced: bool = False
    step: int = 0
    standings: dict[str, Standing] = field(default_factory=dict)

    @property
    def current(self) -> Round:
        """The round that began last."""
        return self.rounds[self.asked - 1]

    @property
    def shown(self) -> Round:
        """The round that the recap shows."""
        return self.rounds[self.revealed - 1]

    @property
    def counted(self) -> Sequence[Round]:
        """The rounds whose answers are public."""
        return self.rounds[: self.revealed]

    @property
    def categories(self) -> list[str]:
        """Their names, in order."""
        return list(dict.fromkeys(each.category for each in self.rounds))

    @property
    def has_more(self) -> bool:
        """Whether there is a round left to ask."""
        return self.asked < len(self.rounds)

    @property
    def category_goes_on(self) -> bool:
        """Whether the next round is of the current one's category."""
        return self.has_more and self.rounds[self.asked].category == self.current.category

    def plays(self, member: Member) -> bool:
        """Whether `member` is a player: takes part, is waited for and is ranked."""
        return member.role == "player" or (member.role == "host" and self.host_plays)

    def players(self, members: Mapping[str, Member]) -> list[Member]:
        """The players among a room's members, in joining order."""
        return [member for member in members.values() if self.plays(member)]

    def is_ready(self, players: Iterable[str]) -> bool:
        """Whether there are `players` and all of them are ready."""
        names = list(players)
        return bool(names) and all(self.ready.get(name, False) for name in names)


def game_of(pack: Pack, input: TriviaInput) -> Game:
    """A game that has not begun."""
    return Game(
        title=pack.title,
        rounds=rounds_of(pack, input.durations),
        durations=input.durations,
        seed=input.seed,
        host_plays=input.host_plays,
        speed=input.speed,
    )
