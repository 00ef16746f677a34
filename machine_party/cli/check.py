"""`machine-party check`: whether today's code can go on with every stored room. For a deploy."""

from __future__ import annotations

import typer

from machine_party.cli.archive import within
from machine_party.cli.console import print_json, print_table, say
from machine_party.cli.fitness import fitness_of
from machine_party.cli.games import parties
from machine_party.cli.option import Data, Games, Json, StoreUrl
from machine_party.room import Store

__all__ = ["check"]


def check(
    store: StoreUrl = None, data: Data = None, games: Games = "games", json: Json = False
) -> None:
    """Load every stored room with today's code; fail if one does not fit, and say why.

    Nothing is changed: run it with the new code before the old server ends.
    """
    kinds = parties(games)

    async def look(store: Store) -> dict[str, str | None]:
        keys = [record.key for record in await store.records()]
        return {str(key): (await fitness_of(store, key, kinds)).problem for key in keys}

    found = within(store, data, look)
    problems = {room: problem for room, problem in found.items() if problem is not None}
    if json:
        print_json([{"room": room, "problem": problem} for room, problem in found.items()])
    else:
        _tell(len(found), problems)
    if problems:
        raise typer.Exit(1)


def _tell(count: int, problems: dict[str, str]) -> None:
    if problems:
        print_table(("room", "problem"), list(problems.items()))
    fit = count - len(problems)
    say(f"{fit} of {count} stored rooms fit today's code.")
