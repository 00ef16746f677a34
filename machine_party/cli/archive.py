"""The archive: the store of a server, running or not, as commands look at it.

Commands look and do not own: a store that is not there is not made, and no room changes hands.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import typer

from machine_party.backends.folder import data_folder
from machine_party.backends.store import open_store
from machine_party.cli.console import fail, warn
from machine_party.errors import Damaged, RestoreError, StoreError
from machine_party.room import History, RoomKey, RoomRecord, Store
from machine_party.room.recording import Recording
from machine_party.server.storage import ROOMS

__all__ = ["record_of", "recording_of", "room_key", "within"]

T = TypeVar("T")

_ADDRESS = re.compile(r"(?:.*/parties/)?([^/?#]+)/([^/?#]+)/?(?:[?#].*)?")


def room_key(text: str) -> RoomKey:
    """The room that a command line means: `trivia/abc234`, or a whole address.

    Raises:
        typer.BadParameter: it is no address of a room.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise typer.BadParameter(
            f"{text!r} is no room; a room is trivia/abc234, or its whole address: "
            "http://host:8000/parties/trivia/abc234"
        )
    return RoomKey(*found.groups())


def within(url: str | None, data: Path | None, do: Callable[[Store], Coroutine[Any, Any, T]]) -> T:
    """What `do` finds in the store.

    Raises:
        typer.Exit: there is no such store, or it cannot be used.
    """
    address = url or f"sqlite:///{(data or data_folder()).absolute() / ROOMS}"

    async def look() -> T:
        store = open_store(address, must_exist=True)
        try:
            return await do(store)
        finally:
            await store.close()

    try:
        return asyncio.run(look())
    except StoreError as error:
        fail(f"{error}", "Another store is named with --store, a folder with --data")


async def record_of(store: Store, key: RoomKey) -> RoomRecord:
    """What the store knows of a room.

    Raises:
        typer.BadParameter: it is not kept; says which are, the nearest first.
    """
    records = {record.key: record for record in await store.records()}
    if key not in records:
        raise typer.BadParameter(f"there is no room {key}; {_there([*map(str, records)], key)}")
    return records[key]


async def recording_of(store: Store, key: RoomKey) -> Recording:
    """All that can be read of a room.

    Raises:
        typer.BadParameter: it is not kept.
        typer.Exit: it cannot be read.
    """
    await record_of(store, key)
    try:
        history = await _history(store, key)
        found = None if history is None else Recording.of(key, history)
    except RestoreError as error:
        fail(f"What is kept of {key} cannot be read: {error}", "Restore a backup of the store")
    if found is None:
        fail(f"{key} has just been deleted.", "See what is there: machine-party rooms")
    return found


async def _history(store: Store, key: RoomKey) -> History | None:
    """All of it that can be read, with a warning if that is not all.

    Raises:
        RestoreError: nothing can.
    """
    try:
        return await store.history(key)
    except Damaged as error:
        warn(f"Not all that is kept can be read: {error}")
        left: History = error.left
        return left


def _there(rooms: list[str], key: RoomKey) -> str:
    if not rooms:
        return "no room is kept there"
    near = get_close_matches(str(key), rooms, n=3, cutoff=0.0)
    more = f" and {len(rooms) - len(near)} more" if len(rooms) > len(near) else ""
    return f"there is: {', '.join(near)}{more}"
