"""Where a server is, whichever process it is just now; and the seats that are taken there."""

from __future__ import annotations

import asyncio
import random
import socket
from time import monotonic
from typing import Any, Literal

import httpx

from tests.torture.ledger import Ledger
from tests.torture.seat import SocketSeat

__all__ = ["Place", "free_port"]

BELOW_EPHEMERAL = range(20_000, 32_000)
"""Ports that no system gives to whoever connects: while the server is down, its own stays free."""

_PORTS = iter(random.SystemRandom().sample(BELOW_EPHEMERAL, len(BELOW_EPHEMERAL)))

PATIENCE = 20
"""Seconds until somebody answers; a killed server is back after a fraction of one."""

AGAIN = frozenset({429, 503})
"""Statuses that say: later."""


class Place:
    """One address of a server, and what its clients are told there.

    Args:
        port: on 127.0.0.1.
        seed: of what the clients do.

    Attributes:
        back: seconds from each `lost` until a client was served again.
    """

    def __init__(self, port: int, ledger: Ledger, seed: int) -> None:
        self.port, self.ledger, self.random = port, ledger, random.Random(seed)
        self.url = f"http://127.0.0.1:{port}"
        self.back: list[float] = []
        self.client = httpx.AsyncClient(base_url=self.url, timeout=PATIENCE)
        self._lost: float | None = None

    def lost(self) -> None:
        """The server is gone, now."""
        self._lost = monotonic()

    async def deserted(self) -> None:
        """Returns when nobody listens here any more."""
        async with asyncio.timeout(PATIENCE):
            while await self.listens():  # noqa: ASYNC110  it is another process
                await asyncio.sleep(0.005)

    async def served(self) -> None:
        """Returns when a server listens here."""
        async with asyncio.timeout(PATIENCE):
            while not await self.listens():  # noqa: ASYNC110  it is another process
                await asyncio.sleep(0.005)

    async def listens(self) -> bool:
        """Whether a server listens here now."""
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    def seat(self, url: str, *, name: str, codec: Literal["msgpack", "json"]) -> SocketSeat:
        """A seat by WebSocket."""
        return SocketSeat(
            url, self.ledger, name=name, codec=codec, seed=self.random.getrandbits(64),
            back=self._served,
        )  # fmt: skip

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask by HTTP until there is an answer. What is asked may happen more than once."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    answer = await self.client.request(method, path, **more)
                except httpx.TransportError:
                    await asyncio.sleep(0.01)
                else:
                    if answer.status_code not in AGAIN:
                        return answer
                    await asyncio.sleep(0.05)

    def _served(self) -> None:
        if self._lost is not None:
            self.back.append(monotonic() - self._lost)
            self._lost = None


def free_port() -> int:
    """A port that nobody listens on; each one is given once."""
    while True:
        port = next(_PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
