"""A member of a staged room: a real façade, with a test's hand on its network.

What must not be here: how a member gets in (`room.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from client_facade import Facade, Receipt
from machine_party.protocol import ClientSync
from machine_party.testing.asgi import AsgiNetwork
from machine_party.testing.clock import VirtualClock
from machine_party.testing.wiretap import Wiretap

__all__ = ["StagedMember"]

#: Virtual seconds that a room may take to answer: it holds a commit back for its party's patch
#: interval, and a store may take its time.
ANSWER_SECONDS = 5.0


class StagedMember(Facade[Any]):
    """A façade in memory. What a façade can do, it can do; time passes as it needs it.

    Attributes:
        network: the way to the server, which a test can break.
        tap: everything that the server has sent this way.
    """

    def __init__(
        self, sync: ClientSync, *, network: AsgiNetwork, tap: Wiretap, clock: VirtualClock
    ) -> None:
        super().__init__(sync)
        self.network, self.tap, self._clock = network, tap, clock

    async def send(self, event: str | Mapping[str, Any], /, **fields: Any) -> Receipt:
        """As `Facade.send`. While connected, time passes until the receipt is here."""
        return await self._answered(super().send(event, **fields))

    async def send_to(
        self, child_id: str, event: str | Mapping[str, Any], /, **fields: Any
    ) -> Receipt:
        """As `Facade.send_to`. While connected, time passes until the receipt is here."""
        return await self._answered(super().send_to(child_id, event, **fields))

    async def _answered(self, sending: Coroutine[Any, Any, Receipt]) -> Receipt:
        """Lets time pass until the receipt is here, or the connection is not."""
        answer = asyncio.ensure_future(sending)
        try:
            await self._clock.wait(
                lambda: answer.done() or not self.connected, within=ANSWER_SECONDS
            )
            return await answer
        except BaseException:
            answer.cancel()
            raise

    async def drop(self) -> None:
        """The network breaks: the connection is gone, and stays so until `reconnect`."""
        self.network.drop()
        await self._clock.settle()

    async def reconnect(self) -> None:
        """The network is back; returns once the façade has caught up and its sends are answered."""
        self.network.restore()
        await self._clock.wait(
            lambda: self._sync.ready and not self._sync.unanswered, within=ANSWER_SECONDS
        )

    @property
    def frames(self) -> list[str | bytes]:
        """Every frame that the server has sent to this member, over all of its connections."""
        return self.tap.frames

    @property
    def bytes_seen(self) -> bytes:
        """Every byte that the server has sent to this member, over all of its connections."""
        return self.tap.data

    def assert_never_sees(self, value: Any) -> None:
        """Fails if the server has ever sent `value` to this member, in any form.

        Args:
            value: a string (found within others, too), a number, or a list or dict of such.
        """
        self.tap.assert_never_sees(value)
