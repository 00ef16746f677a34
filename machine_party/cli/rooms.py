"""`machine-party rooms`: the rooms that are kept, and how each is."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from machine_party.cli.archive import within
from machine_party.cli.console import print_json, print_table, say, when
from machine_party.cli.fitness import fitness_of
from machine_party.cli.games import parties
from machine_party.cli.option import Data, Games, Json, StoreUrl
from machine_party.core import Party
from machine_party.room import RoomRecord, Store
from machine_party.room.downtime import STALE_SECONDS

__all__ = ["rooms"]

Row = dict[str, Any]


def rooms(
    party: Annotated[str | None, typer.Option(help="Only those of this party.")] = None,
    store: StoreUrl = None,
    data: Data = None,
    games: Games = "games",
    json: Json = False,
) -> None:
    """List the rooms that are kept, beside a running server or without one."""
    kinds = parties(games)

    async def look(store: Store) -> list[Row]:
        return [await _row(store, record, kinds) for record in await store.records(party)]

    found = within(store, data, look)
    if json:
        print_json(found)
    elif not found:
        say(_none(party, kinds))
    else:
        print_table(
            ("room", "version", "size", "last activity", "state", "wakes at", "members", "problem"),
            [_told(row) for row in found],
        )


def _none(party: str | None, kinds: dict[str, Party]) -> str:
    if party is None or party in kinds:
        return f"No room{f' of {party}' if party else ''} is kept there."
    return f"No room of {party} is kept there; there are these parties: {', '.join(kinds)}"


async def _row(store: Store, record: RoomRecord, kinds: dict[str, Party]) -> Row:
    fitness = await fitness_of(store, record.key, kinds)
    return {
        "room": str(record.key),
        "version": record.version,
        "bytes": record.bytes,
        "last_activity": fitness.now,
        "state": _state(record),
        "node": record.node,
        "wakes_at": record.wake,
        "members": fitness.members,
        "problem": fitness.problem,
    }


def _state(record: RoomRecord) -> str:
    """`asleep`; `live`: in the memory of a server that runs; `down`: its server does not run."""
    if record.asleep:
        return "asleep"
    alive_at = record.alive_at
    return "live" if alive_at is not None and time.time() - alive_at < STALE_SECONDS else "down"


def _told(row: Row) -> tuple[str, ...]:
    members = "?" if row["members"] is None else str(len(row["members"]))
    return (
        row["room"],
        str(row["version"]),
        _size(row["bytes"]),
        when(row["last_activity"]),
        row["state"],
        when(row["wakes_at"]),
        members,
        row["problem"] or "",
    )


def _size(count: int) -> str:
    return f"{count} B" if count < 10_000 else f"{count / 1000:.0f} kB"
