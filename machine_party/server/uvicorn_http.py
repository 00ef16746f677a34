"""uvicorn's HTTP protocol with bounds on a request's head, which its fast parser does not have,
and with what ASGI lacks for long answers: word of the server's end, and abort.

Who connects and says nothing, or never comes to an end, is dropped before it is anybody. Nothing
of what a request means is in here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from machine_party.server.caller import EXTENSION, HttpExtension
from machine_party.server.limits import ServerLimits

__all__ = ["PartyHttpProtocol", "http_protocol"]


class PartyHttpProtocol(HttpToolsProtocol):
    """Aborts a connection whose request's head is too long or too late; adds the extension of
    `machine_party.server.caller`.

    Args:
        head_bytes: how long it may be.
        head_seconds: how long it may take.
        arguments: those of uvicorn.
    """

    def __init__(self, *, head_bytes: int, head_seconds: float, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._head_bytes, self._head_seconds = head_bytes, head_seconds
        self._received = 0
        self._patience: asyncio.TimerHandle | None = None
        self._draining = asyncio.Event()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        extension = HttpExtension(self._draining, self.transport.abort)
        self.scope["extensions"] = {EXTENSION: extension}  # type: ignore[dict-item]
        self._begin()

    def on_headers_complete(self) -> None:
        self._end()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._answered():
            self._begin()  # these are neither a request nor silence, which uvicorn ends itself
        if self._patience is not None:
            self._received += len(data)
            if self._received > self._head_bytes:
                self._drop()

    def shutdown(self) -> None:
        super().shutdown()
        self._draining.set()

    def _answered(self) -> bool:
        """Whether the last request has its answer, and there is no other yet."""
        if self.transport.get_protocol() is not self:  # a WebSocket's by now
            return False
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and cycle.response_complete

    def _begin(self) -> None:
        """A head is awaited."""
        if self._patience is None:
            self._received = 0
            self._patience = self.loop.call_later(self._head_seconds, self._drop)

    def _end(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _drop(self) -> None:
        self._end()
        self.transport.abort()


def http_protocol(limits: ServerLimits) -> Callable[..., asyncio.Protocol]:
    """For `uvicorn.Config(http=…)`."""
    return partial(
        PartyHttpProtocol, head_bytes=limits.head_bytes, head_seconds=limits.head_seconds
    )
