"""`machine-party check`: whether today's code can go on with every stored room. For a deploy."""

from __future__ import annotations

import typer

from machine_party.cli.archive import within
from machine_party.cli.console import print_json, print_table, say
from machine_party.cli.fitness import Fitness, fitness_of
from machine_party.cli.games import parties
from machine_party.cli.option import Data, Games, Json, StoreUrl
from machine_party.room import RoomKey, Store

__all__ = ["check"]

Row = dict[str, str | None]


def check(
    store: StoreUrl = None, data: Data = None, games: Games = "games", json: Json = False
) -> None:
    """Load every stored room with today's code; fail if one does not fit, and say why.

    Nothing is changed: run it with the new code before the old server ends.
    """
    kinds = parties(games)

    async def look(store: Store) -> list[Row]:
        keys = [record.key for record in await store.records()]
        return [_row(key, await fitness_of(store, key, kinds)) for key in keys]

    found = within(store, data, look)
    if json:
        print_json(found)
    else:
        _tell(found)
    if _having(found, "problem"):
        raise typer.Exit(1)


def _row(key: RoomKey, fitness: Fitness) -> Row:
    return {"room": str(key), "problem": fitness.problem, "warning": fitness.warning}


def _having(rows: list[Row], what: str) -> list[tuple[str, str]]:
    """`(room, problem)` of those that have one, or a warning."""
    return [(str(row["room"]), found) for row in rows if (found := row[what]) is not None]


def _tell(rows: list[Row]) -> None:
    for what in ("problem", "warning"):
        if found := _having(rows, what):
            print_table(("room", what), found)
    fit = len(rows) - len(_having(rows, "problem"))
    say(f"{fit} of {len(rows)} stored rooms fit today's code.")
