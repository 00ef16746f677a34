from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from games.trivia import Trivia, machine
from games.trivia.pack import Pack, find
from tests.games.sample import pack
from tests.games.table import Table

Tables = Callable[..., Table]

__all__ = ["Tables", "to"]


@pytest.fixture
def packs(monkeypatch: pytest.MonkeyPatch) -> dict[str, Pack]:
    """The packs that rooms find by name; `sample` is the small one of `sample.py`."""
    known = {"sample": pack(), "general": find("general")}

    def found(name: str) -> Pack:
        if name not in known:
            raise FileNotFoundError(name)
        return known[name]

    monkeypatch.setattr(machine, "find", found)
    return known


@pytest.fixture
def seat(packs: dict[str, Pack]) -> Tables:
    """`seat("ann", "bob", host=True, **input)`: a room of the sample pack with players in it."""

    def seated(*players: str, host: bool = False, room: str = "room", **input: Any) -> Table:
        table = Table(Trivia(), input={"pack": "sample", **input}, seed=room)
        if host:
            table.join("host", "host")
        for player in players:
            table.join(player)
        return table

    return seated


@pytest.fixture
def opened(seat: Tables) -> Tables:
    """As `seat`, with the first question open."""

    def at_first_question(*players: str, **rest: Any) -> Table:
        table = seat(*players, **rest)
        for player in players:
            table.send(player, "ready")
        to(table, {"question": "open"})
        return table

    return at_first_question


def to(table: Table, value: Any) -> None:
    """Let the time run until the machine is there."""
    while table.value != value:
        table.tick()
