"""What a trivia room is made with."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from games.trivia.question import Seconds

__all__ = ["Durations", "Speed", "TriviaInput"]

Speed = Literal["none", "linear"]
"""`none`: only being right counts. `linear`: an answer at the last moment is worth half."""

PackName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class Durations(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seconds.

    Attributes:
        countdown: between "everybody is ready" and the first question.
        prep, time: for every question, whatever the pack says; None: as the pack says.
        pause: after a question has closed.
        recap: for each question of the recap.
    """

    countdown: Seconds = 5.0
    prep: Seconds | None = None
    time: Seconds | None = None
    pause: Seconds = 2.0
    recap: Seconds = 12.0


class TriviaInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The room's input, `{}` at the least.

    Attributes:
        pack: the name of a pack.
        seed: rooms of one seed deal the options of a pack in the same order; None: at random.
        host_plays: hosts are players too. No view tells a host more than a player.
        speed: how the time that an answer took counts.
    """

    pack: PackName = "general"
    seed: int | None = None
    host_plays: bool = False
    speed: Speed = "none"
    durations: Durations = Durations()
