"""The one task that writes to a connection, and the only place that waits for a slow peer.

What waits to be sent is bounded by `ServerSync`; nobody else ever waits for the peer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

from machine_party.protocol.server import ServerSync
from machine_party.server.limits import ServerLimits
from machine_party.server.transport import Transport

__all__ = ["SlowPeer", "Writer"]


class SlowPeer(Exception):
    """The peer did not take what was sent to it in time."""


class Writer:
    """Writes what `sync` has to send.

    Args:
        sync: the connection's server half.
        transport: where to.
        limits: how much at once, and how long a peer may be stuck.
        refresh: asked for a whole document once a slow peer has caught up; it queues one on
            `sync`, now or later.
    """

    def __init__(
        self,
        sync: ServerSync,
        transport: Transport,
        limits: ServerLimits,
        refresh: Callable[[], None],
    ) -> None:
        self._sync = sync
        self._transport = transport
        self._limits = limits
        self._refresh = refresh
        self._refreshing = False
        self._wake = asyncio.Event()
        self._closing: tuple[int, str] | None = None

    @property
    def closing(self) -> tuple[int, str] | None:
        """The code and the reason of the close that was asked for first."""
        return self._closing

    def wake(self) -> None:
        """Something is queued on `sync`."""
        self._wake.set()

    def close(self, code: int, reason: str) -> None:
        """Close after what is queued; the first reason stands."""
        if self._closing is None:
            self._closing = (code, _short(reason))
        self._wake.set()

    async def run(self) -> None:
        """Writes until it is told to close, and has.

        Raises:
            SlowPeer: the peer is stuck; abort the transport.
            OSError: the connection is gone.
        """
        while self._closing is None:
            await self._wake.wait()
            self._wake.clear()
            await self._drain()
        await self._drain()
        async with _patience(self._limits.stuck_seconds):
            await self._transport.close(*self._closing)

    async def _drain(self) -> None:
        while frames := self._sync.data_to_send():
            for part in _parts(frames, self._limits.write_bytes):
                await self._write(part)
        self._catch_up()

    async def _write(self, frames: Sequence[str | bytes]) -> None:
        if self._transport.writable:
            await self._transport.write(frames)  # a timer for each would cost more than it
            return
        async with _patience(self._limits.stuck_seconds):
            await self._transport.write(frames)

    def _catch_up(self) -> None:
        if not self._sync.needs_update:
            self._refreshing = False
        elif not self._refreshing:
            self._refreshing = True
            self._refresh()


class _patience:
    """`async with _patience(seconds)`: `SlowPeer` instead of a timeout."""

    __slots__ = ("_timeout",)

    def __init__(self, seconds: float) -> None:
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *raised: object) -> None:
        try:
            await self._timeout.__aexit__(*raised)  # type: ignore[arg-type]
        except TimeoutError:
            raise SlowPeer() from None


def _short(reason: str) -> str:
    """A close frame holds 123 bytes of reason (RFC 6455, section 5.5)."""
    return reason.encode()[:123].decode(errors="ignore")


def _parts(frames: Sequence[str | bytes], size: int) -> Iterator[Sequence[str | bytes]]:
    """The frames in order, in runs of about `size`: most of the time one run."""
    start = weight = 0
    for end, frame in enumerate(frames):
        if weight and weight + len(frame) > size:
            yield frames[start:end]
            start, weight = end, 0
        weight += len(frame)
    if start < len(frames):
        yield frames[start:]
