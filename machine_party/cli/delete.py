"""`machine-party delete`: forget a room. Rooms are kept for ever otherwise."""

from __future__ import annotations

from typing import Annotated

import typer

from machine_party.cli.archive import record_of, room_key, within
from machine_party.cli.console import fail, say
from machine_party.cli.option import Data, Room, StoreUrl
from machine_party.errors import Fenced
from machine_party.room import Store

__all__ = ["delete"]


def delete(
    room: Room,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StoreUrl = None,
    data: Data = None,
) -> None:
    """Forget a room and all that is kept of it. Export it first, if it may be missed.

    A server that has it in memory ends it at its next write.
    """
    key = room_key(room)
    record = within(store, data, lambda opened: record_of(opened, key))
    if not yes:
        typer.confirm(f"Delete {key}, at version {record.version}, for good?", abort=True)

    async def forget(store: Store) -> None:
        # By the epoch that is kept and not by a claim: what cannot be read cannot be claimed.
        await store.delete(key, (await record_of(store, key)).epoch)

    try:
        within(store, data, forget)
    except Fenced:
        fail(f"{key} has just been loaded by a server.", "Try again")
    say(f"{key} is deleted.")
