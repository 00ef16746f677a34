"""A client's seat in a room, through all kills: it notes all that it is told in the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, Literal

from client_facade import Facade, Snapshot, connect
from machine_party.protocol import ClientSync, Receipt
from machine_party.room import RoomKey
from tests.torture.ledger import Acknowledged, Ledger, Sight

__all__ = ["Impatient", "SocketSeat"]

SOON = 0.03
"""The longest that a client of these tests waits until it connects again, seconds."""


class Impatient(Random):
    """Where a façade's jitter comes from: it comes back at once, however often it has failed."""

    def uniform(self, a: float, b: float) -> float:
        return super().uniform(a, min(b, SOON))


class SocketSeat:
    """A seat by WebSocket, with the Python façade.

    Args:
        back: called whenever the façade has caught up after a connect.
    """

    def __init__(
        self,
        url: str,
        ledger: Ledger,
        *,
        name: str,
        codec: Literal["msgpack", "json"],
        seed: int,
        token: str | None = None,
        back: Callable[[], None],
    ) -> None:
        self.url, self.name, self.random = url, name, Random(seed)
        self.key = RoomKey(*url.rsplit("/", 2)[1:])
        self.facade: Facade[Any] = connect(
            url,
            name=name,
            token=token,
            codec=codec,
            random=Impatient(self.random.getrandbits(64)),
            facade=self._made,
        )
        self._ledger = ledger
        self._back = back
        self.facade.subscribe(self._shown)
        self.facade.on_connection(self._connected)

    async def send(self, type: str, **fields: Any) -> Receipt:
        """Send an event until it is answered."""
        receipt = await self.facade.send(type, **fields)
        told = Acknowledged(self.facade.member, {"type": type, **fields}, receipt)
        self._ledger.acknowledged[self.key].append(told)
        return receipt

    async def pause(self, most: float) -> None:
        """As long as a quick player thinks."""
        await asyncio.sleep(self.random.uniform(0, most))

    async def close(self) -> None:
        """Leave."""
        await self.facade.close()

    @property
    def token(self) -> str | None:
        """The credential."""
        return self.facade.token

    @property
    def document(self) -> Any:
        """What the seat shows now."""
        return self.facade.snapshot.document

    def _made(self, sync: ClientSync) -> Facade[Any]:
        self._sync = sync
        return Facade(sync)

    def _shown(self, snapshot: Snapshot[Any]) -> None:
        sight = Sight(self.facade.member, self._sync.version, snapshot.document)
        self._ledger.sights[self.key].append(sight)

    def _connected(self, connected: bool) -> None:
        if connected:
            self._back()
