"""Alarms through downtime: a room whose server is killed around a deadline, once or twice.

Nobody is connected to the room and nobody asks for it: it has to wake by itself. When an alarm
rang by our own clock is known from how far ahead that server's clock was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from time import time
from typing import Any

from client_facade import connect
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.room import RoomKey
from machine_party.room.committer import restored_form
from tests.torture.alarm import POLICIES
from tests.torture.audit import states
from tests.torture.ledger import Ledger
from tests.torture.nursery import Nursery, ServerProcess
from tests.torture.orders import Orders
from tests.torture.place import Place, free_port

__all__ = ["Life", "Night", "Watch", "faults"]

SECONDS = (0.3, 0.6, 1.8)
"""The alarms of each policy. The server is killed around the second one's deadline."""
ALARMS = len(POLICIES) * len(SECONDS)
CLOSE = 0.03
"""So near to it, seconds."""
DOWN = (0.1, 1.0)
CLOCKS = (0.0, 0.0, 3600.0, -3600.0, 0.4, -0.4)
"""Seconds by which the system's clock of the next server is ahead of ours."""
POINTS = (None, None, "before_commit", "after_commit")
"""Where a server ends; None: around the deadline."""

HITS = range(3, 6)
"""The first commit stores the room, the second that its client has left; then alarms ring."""

NIGHT, DAY = RoomKey("alarm", "night"), RoomKey("alarm", "day")
EXACT = 0.05
"""Seconds: how exactly it is known how far ahead a server's clock is. The shortest wait is six
times as long."""
STAMP = 1.0
"""Seconds between two signs of life: by so much a `remaining` alarm may be late, for each kill."""
LATE = 4.0
"""Seconds: as long as a busy machine may take to start a server, and to wake a room."""


@dataclass(slots=True)
class Life:
    """One server's, by our clock.

    Attributes:
        began: when it was started at the earliest, epoch seconds.
        ended: when it was dead at the latest.
        ahead: how far ahead its clock was, by which alarms rang.
        rang: `{alarm: when}`, by that clock; those that had not rung before.
    """

    began: float
    ended: float = 0.0
    ahead: float = 0.0
    rang: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Night:
    """What happened to one room.

    Attributes:
        wound: when its alarms were set, epoch seconds.
        lives: of its servers, in order.
        rang: `{alarm: [when]}`, as stored in the end.
        times: the room's, after each commit.
    """

    wound: float = 0.0
    lives: list[Life] = field(default_factory=list)
    rang: dict[str, list[float]] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)


def faults(night: Night) -> Iterator[str]:
    """Alarms that were missed, rang twice, early or late; and a clock that went back."""
    for policy in POLICIES:
        for number, seconds in enumerate(SECONDS):
            name = f"{policy} {number}"
            if len(times := night.rang.get(name, [])) != 1:
                yield f"{name} rang {len(times)} times: {night}"
                continue
            which = next(i for i, life in enumerate(night.lives) if name in life.rang)
            due, late = _due(night, policy, seconds, which)
            wrong = times[0] - night.lives[which].ahead - due
            if not -EXACT <= wrong <= late:
                yield f"{name} rang {wrong:+.3f} s from when it was due: {night}"
    if sorted(night.times) != night.times:
        yield f"the room's time went back: {night}"


def _due(night: Night, policy: str, seconds: float, which: int) -> tuple[float, float]:
    """When an alarm that rang in that life was due, by our clock, and how late it may have been."""
    life = night.lives[which]
    if policy == "deadline":  # is of the server's clock
        return max(night.wound + seconds - life.ahead, life.began if which else 0), LATE
    if policy == "restart":
        return (life.began if which else night.wound) + seconds, LATE
    lives = night.lives[: which + 1]
    down = sum(after.began - before.ended for before, after in pairwise(lives))
    return night.wound + seconds + down, LATE + which * STAMP


class Watch:
    """Lets a night happen.

    Args:
        folder: for the servers' files; empty.
        mutant: the defect that all servers have.
    """

    def __init__(
        self, nursery: Nursery, folder: Path, seed: int, *, mutant: str | None = None
    ) -> None:
        self._nursery = nursery
        self._folder = folder
        self._random = Random(seed)
        self._mutant = mutant
        self._place = Place(free_port(), Ledger(), seed)
        self._night = Night()

    async def watch(self) -> Night:
        """Wind the alarms, kill the server once or twice, and wait until all have rung."""
        point = self._random.choice(POINTS)
        server = await self._begin(0.0, point)
        self._night.wound = await self._wind()
        await self._end(
            server, self._night.wound + SECONDS[1] + self._random.uniform(-CLOSE, CLOSE)
        )
        if self._random.random() < 0.5:
            server = await self._begin(self._random.choice(CLOCKS), None)
            await self._end(server, time() + self._random.uniform(0, SECONDS[1]))
        server = await self._begin(self._random.choice(CLOCKS), None)
        await self._all_have_rung()
        await self._end(server, time())
        await self._place.client.aclose()
        return self._night

    async def _begin(self, ahead: float, point: str | None) -> ServerProcess:
        if self._night.lives:
            await asyncio.sleep(self._random.uniform(*DOWN))
        orders = Orders.at(
            self._place.port, self._folder, alarms=True, clock_ahead=ahead,
            crash=point, hit=self._random.choice(HITS), mutant=self._mutant,
        )  # fmt: skip
        self._night.lives.append(life := Life(time()))
        server = await self._nursery.start(orders)
        await self._place.served()
        async with connect(self._url(DAY)) as day:
            await asyncio.sleep(EXACT)  # until it has asked for the time, too
            life.ahead = day.server_now() - time()
        return server

    async def _wind(self) -> float:
        async with connect(self._url(NIGHT)) as room:
            receipt = await room.send("wind", seconds=SECONDS)
            assert receipt.status == "accepted", receipt
            return float(receipt.result["wound"])

    async def _end(self, server: ServerProcess, at: float) -> None:
        """Kill it then, if it has not done so itself; and see what it has done."""
        if not await server.ended(max(0.0, at - time())):
            await server.kill()
        life = self._night.lives[-1]
        life.ended = time()
        store = SqliteStore(self._folder / "data" / "rooms.sqlite")
        try:
            await self._look(store, life)
        finally:
            await store.close()

    async def _look(self, store: SqliteStore, life: Life) -> None:
        night, rang = self._night, await self._rang(store)
        life.rang = {name: times[0] for name, times in rang.items() if name not in night.rang}
        night.rang = rang
        history = await store.history(NIGHT)
        assert history is not None
        night.times = [form["actor"]["now"] for _, form in states(history, [])]

    async def _rang(self, store: SqliteStore) -> dict[str, list[float]]:
        found = await store.read(NIGHT)
        assert found is not None
        rang: dict[str, Any] = restored_form(found)["actor"]["machine"]["context"]["rang"]
        return rang

    async def _all_have_rung(self) -> None:
        """Returns when they have, or when it is too late for that."""
        until = time() + SECONDS[-1] + LATE + 2 * STAMP
        store = SqliteStore(self._folder / "data" / "rooms.sqlite")
        try:
            while (  # noqa: ASYNC110  it is another process that is waited for
                time() < until and len(await self._rang(store)) < ALARMS
            ):
                await asyncio.sleep(0.1)
        finally:
            await store.close()

    def _url(self, key: RoomKey) -> str:
        return f"{self._place.url}/parties/{key.party}/{key.room}"
