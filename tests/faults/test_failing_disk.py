"""A disk that fails or is full: nothing that is not kept was ever on the wire (G3).

At each message that left the server, its disk had the commit that the message tells of, even if the
power had been cut in that moment; a sync that failed counts for nothing. Whoever sends meanwhile is
told `store_unavailable`, and once the disk is well, the rooms go on.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from machine_party.room import RoomKey
from tests.backends.test_sqlite import tmpfs
from tests.faults.cut import cut_at
from tests.faults.disk import PAGE, Loss
from tests.faults.document import check_documents
from tests.faults.traced import PARTY, Client, Recording, TracedServer, record

pytestmark = [pytest.mark.socket, pytest.mark.slow]

ROOMS = 2
CLIENTS = 4
EVENTS = 20
"""Of each client."""
TRIES = 5
"""While the disk is full."""
LITTLE = 64 * 1024
"""Bytes that a file may have when it may not grow: fewer than the log has by then."""
EVERYTHING = Loss(0.0)
"""What was not synced is gone."""

Meanwhile = Callable[[Client], Awaitable[None]]


async def nothing(client: Client) -> None:
    """Nothing else happens."""


async def play(server: TracedServer, meanwhile: Meanwhile = nothing) -> None:
    """Everybody counts up, in rooms of two, and does not give in.

    Args:
        meanwhile: what the first client does, half way.
    """
    together = asyncio.Barrier(CLIENTS)

    async def count(number: int) -> None:
        async with server.join(f"room-{number % ROOMS}") as client:
            for by in range(EVENTS):
                await client.add_surely(by + 1)
                if (number, by) == (0, EVENTS // 2):
                    await meanwhile(client)
            await together.wait()
            await client.look()
            await together.wait()

    await asyncio.gather(*(count(number) for number in range(CLIENTS)))


def check(recording: Recording, folder: Path, extra: int = 0) -> None:
    """Nothing was said too early, everything is kept once, everybody has seen what is kept.

    Args:
        extra: what was added beside, in the first room.
    """
    assert cut_at(recording, before_syncs(recording), [EVERYTHING], folder) == []
    expected = totals(recording)
    expected[RoomKey(PARTY, "room-0")] += extra
    check_documents(recording, expected)
    assert refusals(recording) > 0
    assert "Traceback" not in recording.log
    assert "the store failed, nothing is kept until that is over" in recording.log


def totals(recording: Recording) -> dict[RoomKey, int]:
    """What the counter of each room shows in the end."""
    return dict.fromkeys(recording.rooms.values(), CLIENTS // ROOMS * sum(range(EVENTS + 1)))


def before_syncs(recording: Recording) -> list[int]:
    """When something was said last, before each sync. What is on the disk for sure changes with
    syncs alone: so that stands for all that was said since the one before."""
    syncs = [call.ended for call in recording.calls if call.name in ("fsync", "fdatasync")]
    said = [message.line for message in recording.messages]
    last = {bisect_left(syncs, line): line for line in said}
    return list(last.values())


def refusals(recording: Recording) -> int:
    """How often somebody was told that nothing is kept."""
    codes = [message.body.get("code") for message in recording.messages]
    assert set(codes) <= {None, "store_unavailable"}
    return codes.count("store_unavailable")


def faults(recording: Recording) -> int:
    """How many calls have failed, of those that write."""
    writing = {"pwrite64", "fdatasync", "fsync", "ftruncate"}
    return sum(call.failed for call in recording.calls if call.name in writing)


INJECTED = [
    "fdatasync:error=EIO:when=12+9",
    "fdatasync:error=EIO:when=15..30",
    "fdatasync:error=EIO:when=12..72+2",
    "fdatasync:error=EIO:when=13..200+5",
    "pwrite64:error=EIO:when=60+67",
    "pwrite64:error=ENOSPC:when=80..100",
    "pwrite64:error=ENOSPC:when=61+40",
]
"""Which calls fail (`man strace`), of the thread that writes: it has made 8 syncs and 30 writes
when the server starts."""


@pytest.mark.parametrize("injected", INJECTED)
def test_what_could_not_be_written_was_never_said(tmp_path: Path, injected: str) -> None:
    recording = record(tmp_path, "full", play, "-e", f"inject={injected}")
    assert faults(recording) > 3
    check(recording, tmp_path)


def test_an_answer_before_the_commit_would_be_seen(tmp_path: Path) -> None:
    """The mutant: an answer before the commit."""

    async def play_on(server: TracedServer) -> None:
        async with server.join("room-0") as client:
            with suppress(ConnectionClosed):  # its room falls apart
                for by in range(EVENTS):
                    await client.add(by + 1)

    recording = record(tmp_path, "hasty", play_on, "-e", "inject=fdatasync:error=EIO:when=12+9")
    errors = [
        str(error) for error in cut_at(recording, before_syncs(recording), [EVERYTHING], tmp_path)
    ]
    assert any("acknowledged, and lost" in error for error in errors)


def test_a_document_that_is_not_kept_would_be_seen(tmp_path: Path) -> None:
    recording = record(tmp_path, "full", play)
    check_documents(recording, totals(recording))
    patch = next(m.body for m in recording.messages if m.body.get("layer") == "shared")
    patch["operations"][0]["value"] += 1
    with pytest.raises(AssertionError, match="saw"):
        check_documents(recording, totals(recording))


# -- a full disk -----------------------------------------------------------------------------------


async def while_full(
    fill: Callable[[], object], relieve: Callable[[], object], client: Client
) -> None:
    """Try to count up by one on a disk that is full, and then on one that is not.

    Args:
        fill: makes it full; again each time, as a file that is given up makes room.
    """
    another = f"{client.port:x}".rjust(16, "f") + ".1"
    for _ in range(TRIES):
        fill()
        await client.add(1, another)
    relieve()
    await client.add_surely(1, another)


def fill(file: Path) -> None:
    """Take all the room that there is."""
    with suppress(OSError), file.open("ab", buffering=0) as filler:
        while filler.write(bytes(PAGE)):
            """There was room."""


def test_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    with tmpfs(tmp_path / "disk", "4m"):
        filler = tmp_path / "disk" / "filler"
        full = partial(while_full, partial(fill, filler), filler.unlink)
        recording = record(tmp_path, "full", partial(play, meanwhile=full))
        check(recording, tmp_path, extra=1)


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    def limited(server: TracedServer) -> Awaitable[None]:
        import resource  # which not every system has

        set_limit = partial(resource.prlimit, server.pid, resource.RLIMIT_FSIZE)
        soft, hard = set_limit()
        fill, relieve = (partial(set_limit, (size, hard)) for size in (LITTLE, soft))
        return play(server, partial(while_full, fill, relieve))

    check(record(tmp_path, "full", limited), tmp_path, extra=1)
