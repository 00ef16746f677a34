"""What a server has promised by what it said, and whether a disk keeps it.

Whoever was told of a commit, in whatever message, may rely on it: it is in the journal, with the
event that made it, once.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from machine_party.backends.store.sqlite import SqliteStore
from machine_party.errors import StoreError
from machine_party.room import History, RoomKey
from tests.faults.syscall import Call
from tests.faults.traced import DATABASE, Recording
from tests.faults.wire import Message

__all__ = ["Promises", "check_order", "histories", "sends"]

_MARK = re.compile(rb"[0-9a-f]{16}(?:\.\d+)?")


class Promises:
    """What has been said of the rooms so far.

    Attributes:
        acknowledged: `{room: ids of the sends}`.
        versions: `{room: the last commit that anybody was told of}`; of a room that is not used
            yet nothing is kept, and nothing is promised.
    """

    def __init__(self) -> None:
        self.acknowledged: dict[RoomKey, set[str]] = {}
        self.versions: dict[RoomKey, int] = {}

    def take(self, room: RoomKey, message: Message) -> None:
        """Something was said."""
        body = message.body
        if body.get("status") in ("accepted", "duplicate"):
            self.acknowledged.setdefault(room, set()).add(body["id"])
        if room in self.acknowledged and "version" in body:
            self.versions[room] = max(body["version"], self.versions.get(room, 0))

    def check(self, files: Mapping[str, bytes], folder: Path) -> None:
        """Open what a power cut has left, and look for what was promised.

        Args:
            folder: an empty one, to put the files into.

        Raises:
            AssertionError: something is missing, or the file is damaged.
        """
        for name, content in files.items():
            (folder / name).write_bytes(content)
        try:
            found = asyncio.run(histories(folder / DATABASE, self.acknowledged))
        except StoreError as error:
            raise AssertionError(f"the file is damaged: {error}") from error
        told = _integrity(folder / DATABASE)
        assert told == [("ok",)], f"the file is damaged: {told}"
        for room in self.acknowledged:
            self._check_room(room, found[room])

    def _check_room(self, room: RoomKey, history: History | None) -> None:
        kept = Counter(sends(history)) if history else Counter()
        lost = self.acknowledged[room] - kept.keys()
        assert not lost, f"{room}: acknowledged, and lost: {sorted(lost)}"
        twice = {id for id, times in kept.items() if times > 1}
        assert not twice, f"{room}: kept twice: {sorted(twice)}"
        version, told = history.version if history else 0, self.versions[room]
        assert told <= version, f"{room}: told of version {told}, and lost: {version} is kept"


def _integrity(file: Path) -> object:
    """What SQLite says of a file: all of its faults, or the one that it cannot look beyond."""
    with closing(sqlite3.connect(file)) as db:
        try:
            return db.execute("PRAGMA integrity_check").fetchall()
        except sqlite3.DatabaseError as error:
            return error


async def histories(file: Path, rooms: Iterable[RoomKey]) -> dict[RoomKey, History | None]:
    """All that is kept of the rooms."""
    store = SqliteStore(file)
    try:
        return {room: await store.history(room) for room in rooms}
    finally:
        await store.close()


def sends(history: History) -> list[str]:
    """The ids of the sends that are kept: those that the first form remembers (the one that has
    made the room), and the journal's."""
    causes: Iterable[Any] = (cause for entry in history.entries for _, cause in entry.causes)
    _, form = history.forms[0]
    windows = (window for clients in form["windows"].values() for window in clients.items())
    remembered = [f"{client}.{n}" for client, window in windows for n in window["answers"]]
    return remembered + [cause.id for cause in causes if getattr(cause, "id", None)]


def check_order(recording: Recording) -> int:
    """Each receipt leaves after a sync that follows the write of its journal entry.

    Returns how many were looked at.

    Raises:
        AssertionError: one left too early.
    """
    receipts = [m for m in recording.messages if m.body.get("status") == "accepted"]
    written = _first_writes(recording, {_mark(m.body["id"]) for m in receipts})
    syncs = [call for call in recording.calls if call.name in ("fsync", "fdatasync")]
    for receipt in receipts:
        write = written[_mark(receipt.body["id"])]
        assert any(_between(sync, write, receipt) for sync in syncs), (
            f"the receipt of {receipt.body['id']} left at line {receipt.line}; its entry was "
            f"written at line {write.begun}, and not synced in between"
        )
    return len(receipts)


def _between(sync: Call, write: Call, receipt: Message) -> bool:
    right = sync.place == write.place and not sync.failed
    return right and write.ended <= sync.begun and sync.ended < receipt.line


def _mark(id: str) -> str:
    """By what a send is found in what is written. The one that makes a room is not in the journal,
    but in the form's windows, by its client."""
    return id.removesuffix(".1")


def _first_writes(recording: Recording, marks: set[str]) -> dict[str, Call]:
    """`{mark: the write that had it first}`."""
    found: dict[str, Call] = {}
    for call in recording.calls:
        if call.name == "pwrite64" and call.place.startswith(str(recording.folder)):
            for mark in marks.intersection(map(bytes.decode, _marks(call.data))):
                found.setdefault(mark, call)
    assert not marks - found.keys(), f"never written: {sorted(marks - found.keys())}"
    return found


def _marks(data: bytes) -> list[bytes]:
    found = _MARK.findall(data)
    return found + [mark.removesuffix(b".1") for mark in found]
