"""A server that is ended and begun again, in every way that is drawn."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.torture.nursery import Nursery, ServerProcess
from tests.torture.orders import Orders
from tests.torture.place import Place

__all__ = ["RANDOMLY", "Siege"]

RANDOMLY = "at a random moment"

LONGEST_LIFE = 1.2
"""Seconds until the latest random moment, counted from the server's start: so some are before it
serves anybody."""

CRASH_SECONDS = 4.0
"""How long a crash point is waited for; then the server ends all the same, at a random moment."""

MOST_HITS = 4
"""The crash point's hit that ends the server is drawn up to this one."""


class Siege:
    """The server at a place.

    Args:
        folder: for its files.
        store, mutant: as in `Orders`.
    """

    def __init__(
        self,
        nursery: Nursery,
        place: Place,
        folder: Path,
        random: Random,
        *,
        store: str | None = None,
        mutant: str | None = None,
    ) -> None:
        self._nursery = nursery
        self._place = place
        self._folder = folder
        self._random = random
        self._store, self._mutant = store, mutant

    async def kill(self, ways: Sequence[str], kills: int, done: Counter[str]) -> None:
        """End so many servers, in each of these ways as often; counts them in `done`."""
        deck: list[str] = []
        for _ in range(kills):
            deck = deck or self._random.sample(ways, len(ways))
            done[await self._one(deck.pop())] += 1
            self._place.lost()

    async def take_over(self, times: int) -> None:
        """So often, a server goes on with the rooms of one that lives, and does not know of it."""
        for _ in range(times):
            server = await self._start()
            await asyncio.sleep(self._random.uniform(0.5, 2 * LONGEST_LIFE))
            server.lose_the_network()
            await self._place.deserted()

    async def peace(self) -> None:
        """A server that nothing happens to."""
        await self._start()

    async def _start(self, *, crash: str | None = None, hit: int = 1) -> ServerProcess:
        return await self._nursery.start(
            Orders.at(
                self._place.port, self._folder,
                crash=crash, hit=hit, store=self._store, mutant=self._mutant,
            )
        )  # fmt: skip

    async def _one(self, way: str) -> str:
        """One server's life; how it really ended."""
        if way == RANDOMLY:
            server = await self._start()
            await asyncio.sleep(self._random.uniform(0, LONGEST_LIFE))
        else:
            server = await self._start(crash=way, hit=self._random.randint(1, MOST_HITS))
            if await server.ended(CRASH_SECONDS):
                return way
        await server.kill()
        return RANDOMLY
