"""A power cut at any moment: what was acknowledged is on the disk (G2).

A real server is traced while it is played on. Its receipts leave after the sync that made their
events durable; and its files, rebuilt as a power cut could have left them at many moments, have
every event that was acknowledged by then. `synchronous=NORMAL` is the control: it keeps the file
whole, and loses what was acknowledged.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from random import Random

import pytest
from hypothesis import settings

from tests.faults.cut import cut_at
from tests.faults.disk import LOSSES
from tests.faults.promise import check_order
from tests.faults.traced import Client, Recording, TracedServer, Visitor, record

pytestmark = [pytest.mark.socket, pytest.mark.slow]

ROOMS = 3
CLIENTS = 6
EVENTS = 60
"""Of each client; in all so many that SQLite carries its log into the database meanwhile."""

CUTS = settings().max_examples * 3
"""300, and nightly 15,000."""
CONTROLS = 60
"""Cuts of what must fail."""


async def play(server: TracedServer) -> None:
    """Everybody counts up, in rooms of two who have a connection and one who has none."""
    coming: list[AbstractAsyncContextManager[Client | Visitor]] = [
        *(server.join(f"room-{number % ROOMS}") for number in range(CLIENTS)),
        *(server.visit(f"room-{number}") for number in range(ROOMS)),
    ]
    await asyncio.gather(*(_count(somebody) for somebody in coming))


async def _count(somebody: AbstractAsyncContextManager[Client | Visitor]) -> None:
    async with somebody as client:
        for by in range(EVENTS):
            await client.add(by + 1)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return record(tmp_path_factory.mktemp("full"), "full", play)


def cut_often(recording: Recording, folder: Path, cuts: int) -> list[AssertionError]:
    """Cut the power so often, half of it right after something was said; what was not kept."""
    random, said = Random(7), [message.line for message in recording.messages]
    anywhere = range(said[0], recording.calls[-1].ended + 1)
    moments = random.choices(said, k=cuts // 2) + random.choices(anywhere, k=cuts - cuts // 2)
    return cut_at(recording, sorted(moments), LOSSES, folder)


def test_nothing_was_said_but_what_was_traced(recording: Recording) -> None:
    """Else it would prove nothing."""
    for port, heard in recording.heard.items():
        traced = [message.body for message in recording.messages if message.peer == port]
        assert heard == traced[: len(heard)]
    receipts = [message for message in recording.messages if "status" in message.body]
    assert len(receipts) == (CLIENTS + ROOMS) * EVENTS
    assert recording.log == ""


def test_the_log_was_carried_into_the_database(recording: Recording) -> None:
    """Else the moments that are the most intricate would not be among those that are cut."""
    said = recording.messages[len(recording.messages) // 10].line, recording.messages[-1].line
    database = [c for c in recording.calls if c.name == "pwrite64" and c.place.endswith("sqlite")]
    assert any(said[0] < call.begun < said[1] for call in database)


def test_a_receipt_leaves_after_its_entry_was_synced(recording: Recording) -> None:
    assert check_order(recording) == (CLIENTS + ROOMS) * EVENTS


def test_what_was_acknowledged_survives_a_power_cut(recording: Recording, tmp_path: Path) -> None:
    assert cut_often(recording, tmp_path, CUTS) == []


def test_with_less_synchronization_it_would_be_lost(tmp_path: Path) -> None:
    """The control: the file stays whole, and has not what was acknowledged.

    A few cuts fall between a patch and its receipt: these lose what was told, not yet acknowledged.
    """
    normal = record(tmp_path, "normal", play)
    with pytest.raises(AssertionError, match="not synced in between"):
        check_order(normal)
    lost = cut_often(normal, tmp_path, CONTROLS)
    assert len(lost) > CONTROLS / 3
    assert all(", and lost: " in str(error) for error in lost)


def test_without_synchronization_the_file_would_be_damaged(tmp_path: Path) -> None:
    """The other control: of what SQLite itself relies on."""
    damaged = cut_often(record(tmp_path, "off", play), tmp_path, CONTROLS)
    assert any("the file is damaged" in str(error) for error in damaged)


def test_an_answer_before_the_commit_would_be_seen(tmp_path: Path) -> None:
    """The mutant: an answer before the commit."""
    hasty = record(tmp_path, "hasty", play)
    with pytest.raises(AssertionError, match="not synced in between"):
        check_order(hasty)
    assert cut_often(hasty, tmp_path, CONTROLS)
