"""The lookout: who waits for a room to go on, without a connection."""

from __future__ import annotations

import asyncio

from machine_party.errors import PeerError

__all__ = ["Lookout"]


class Lookout:
    """Those who wait for a version."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[None], int] = {}

    def __bool__(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)

    async def wait(self, after: int) -> None:
        """Return when a version above `after` is released.

        Raises:
            PeerError: the room has ended first.
        """
        released: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[released] = after
        try:
            await released
        finally:
            del self._waiting[released]

    def released(self, version: int) -> None:
        """That version may be seen now."""
        for future, after in self._waiting.items():
            if version > after and not future.done():
                future.set_result(None)

    def end(self, error: PeerError) -> None:
        """There will be no other version here."""
        for future in self._waiting:
            if not future.done():
                future.set_exception(error)
