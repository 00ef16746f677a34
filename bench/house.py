"""Rooms for the measurements: one of a counter, and one of trivia in the middle of a question."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import cycle
from typing import ClassVar

from games.counter import Counter
from games.trivia import Trivia
from machine_party.core import Grant
from machine_party.room import Room, Rooms, Store, loop
from machine_party.room.clock import LoopClock

__all__ = ["KINDS", "Player", "Seated", "house", "wait_asleep"]

PATIENCE = 60.0
"""Seconds until a thousand rooms must be asleep; it takes a few."""
PLAYERS = 4
LONG = {"countdown": 0.01, "prep": 0.01, "time": 600}
"""Durations: a question comes at once, and stays."""


class Quick(Counter):
    """A counter that waits for nobody: a commit for each event, and who has left is soon gone."""

    name: ClassVar[str] = "quick"
    patch_interval: ClassVar[float] = 0.0
    grace: ClassVar[float] = 1.0


class Quiz(Trivia):
    """Trivia, likewise."""

    name: ClassVar[str] = "quiz"
    patch_interval: ClassVar[float] = 0.0
    grace: ClassVar[float] = 2.0


Player = Callable[[], Awaitable[object]]
"""Sends one event, which makes one commit, and waits for its receipt."""
Seated = Callable[[Rooms, str], Awaitable[tuple[Room, Player]]]
"""Makes a room of that name, and somebody who plays there."""


@asynccontextmanager
async def house(store: Store, sleep_seconds: float = loop.SLEEP_SECONDS) -> AsyncIterator[Rooms]:
    """The rooms of a server, without its network.

    Args:
        sleep_seconds: after so long without any use, a room goes to sleep.
    """
    usual, loop.SLEEP_SECONDS = loop.SLEEP_SECONDS, sleep_seconds
    rooms = Rooms([Quick(), Quiz()], store=store, clock=LoopClock(), alone=True)
    try:
        yield rooms
    finally:
        await rooms.close()
        loop.SLEEP_SECONDS = usual


async def wait_asleep(rooms: Rooms) -> None:
    """Return when no room is in memory any more."""
    async with asyncio.timeout(PATIENCE):
        while rooms.list():  # noqa: ASYNC110  nobody is told of it
            await asyncio.sleep(0.02)


def _grant(number: int) -> Grant:
    return Grant(identity=f"g:{number}", role="player", name=f"Player {number}")


async def _counter(rooms: Rooms, name: str) -> tuple[Room, Player]:
    room = await rooms.open(Quick.name, name)
    member = await room.seat(_grant(0))

    async def play() -> None:
        await room.send({"type": "increment"}, member=member.id)

    await play()
    return room, play


async def _quiz(rooms: Rooms, name: str) -> tuple[Room, Player]:
    room = await rooms.create(Quiz.name, name, {"seed": 1, "durations": LONG})
    seats = await asyncio.gather(*(room.seat(_grant(number)) for number in range(PLAYERS)))
    members = [seat.id for seat in seats]
    await asyncio.gather(*(room.send({"type": "ready"}, member=member) for member in members))
    question = await _question(room)
    choices = cycle("ab")

    async def play() -> None:
        answer = {"type": "answer", "question": question, "choice": next(choices)}
        receipt = await room.send(answer, member=members[0])
        assert receipt.status == "accepted", receipt

    await play()
    return room, play


async def _question(room: Room) -> str:
    """The id of the open question, once it is."""
    async with asyncio.timeout(PATIENCE):
        while True:
            document, _, version = await room.document()
            if document["value"] == {"question": "open"}:
                id: str = document["context"]["question"]["id"]
                return id
            await room.wait_commit(version)


KINDS: Mapping[str, Seated] = {"counter": _counter, "trivia": _quiz}
