"""`kill -9` at any instant: what was acknowledged is there, once, and the file is whole (G1).

A power cut is another test's: the page cache survives a kill, whatever is synchronized.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import sqlite3
import sys
import time
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from machine_party.backends.store.sqlite import SqliteStore
from machine_party.backends.store.sqlite_writer import SqliteWriter
from machine_party.core import Sent
from machine_party.room import Entry, RoomKey
from machine_party.room.committer import restored_form
from tests.backends.journal import EPOCH, NODE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]

KILLS = settings().max_examples // 5
"""20, and nightly 1,000."""
WRITERS = 6
CHECKPOINT_EVERY = 17
KEPT = 40
"""How many versions of history stay."""
MILLISECONDS = 150
READY = -1

ROOMS = [RoomKey("board", f"room-{number}") for number in range(WRITERS)]


def write_until_killed(path: Path, acknowledged: Connection) -> None:
    """What is killed: writers of a room each, who say what they were acknowledged."""

    async def write(store: SqliteStore, number: int) -> None:
        found = await store.claim(ROOMS[number], NODE)
        assert found is not None
        version, log = found.version, restored_form(found)["actor"]["log"]
        while True:
            version += 1
            patch = [{"op": "add", "path": "/actor/log/-", "value": version}]
            sent = Sent(now=1.5, type="add", data={"filling": "x" * 500})
            added = Entry(version, patch, [(0, sent)])
            await store.append(ROOMS[number], found.epoch, [added], wake=float(version))
            acknowledged.send((number, version))
            log.append(version)
            if version % CHECKPOINT_EVERY == 0:
                form = {"actor": {"log": log}, "windows": {}}
                await store.checkpoint(
                    ROOMS[number], found.epoch, version, form,
                    keep_from=version - KEPT, wake=float(version),
                )  # fmt: skip

    async def main() -> None:
        store = SqliteStore(path)
        acknowledged.send((READY, 0))
        await asyncio.gather(*(write(store, number) for number in range(WRITERS)))

    asyncio.run(main())


def kill_in(path: Path, milliseconds: float) -> dict[int, int]:
    """`{room: the last version that was acknowledged}` of a writer that was killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=write_until_killed, args=(path, sender))
    child.start()
    sender.close()
    last: dict[int, int] = {}
    with receiver:
        until = None
        try:
            while True:
                if until is None or receiver.poll(max(0.0, until - time.monotonic())):
                    number, version = receiver.recv()
                    last[number] = max(version, last.get(number, 0))
                    until = until or time.monotonic() + milliseconds / 1000
                if time.monotonic() > until and child.is_alive():
                    child.kill()
                    until += 60
        except EOFError:
            child.join()
    return last


async def begin(path: Path) -> None:
    store = SqliteStore(path)
    for key in ROOMS:
        form: dict[str, Any] = {"actor": {"log": []}, "windows": {}}
        await store.create(key, EPOCH, 0, form, node=NODE, wake=None)
    await store.close()


async def check(path: Path, last: dict[int, int], epoch: int) -> dict[int, int]:
    """Compare what is there, `{room: version}`, with what was acknowledged."""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    store, versions = SqliteStore(path), dict[int, int]()
    for number, key in enumerate(ROOMS):
        found = await store.claim(key, NODE)
        assert found is not None
        assert found.epoch > epoch
        assert found.version - last[number] in (0, 1), "an acknowledged commit is lost"
        assert restored_form(found)["actor"]["log"] == list(range(1, found.version + 1))
        history = await store.history(key)
        assert history is not None
        oldest, _ = history.forms[0]
        assert oldest <= max(0, found.version - KEPT)
        for at, whole in history.forms:
            assert whole["actor"]["log"] == list(range(1, at + 1))
        versions[number] = found.version
    assert {record.version: record.wake for record in await store.records()} == {
        version: float(version) if version else None for version in versions.values()
    }
    await store.close()
    return versions


def kills(path: Path, times: int) -> int:
    """Kill writers of a new file so often; how many commits there are in the end."""
    asyncio.run(begin(path))
    instants, there = random.Random(7), dict.fromkeys(range(WRITERS), 0)
    for kill in range(times):
        acknowledged = kill_in(path, instants.uniform(0, MILLISECONDS))
        there = asyncio.run(check(path, there | acknowledged, EPOCH + kill))
    return sum(there.values())


def test_what_was_acknowledged_survives_a_kill_at_any_instant(tmp_path: Path) -> None:
    assert kills(tmp_path / "x.db", KILLS) > KILLS * WRITERS


def test_an_answer_before_the_commit_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "write_until_killed", write_too_early)
    with pytest.raises(AssertionError, match="an acknowledged commit is lost"):
        kills(tmp_path / "x.db", 20)


def write_too_early(path: Path, acknowledged: Connection) -> None:
    """A mutant: it answers when the statements have run, and commits a moment later."""

    def late(self: SqliteWriter, connection: sqlite3.Connection, group: list[object]) -> None:
        for work in group:
            work.run(connection)  # type: ignore[attr-defined]
        if not connection.in_transaction:
            connection.execute("BEGIN")

    SqliteWriter._write = late  # type: ignore[method-assign, assignment]
    write_until_killed(path, acknowledged)
