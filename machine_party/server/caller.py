"""Whoever has sent a request and waits for a long answer: still there, or to be let go.

ASGI tells that they have gone. That the server is about to end, and how to drop them, are an
extension of ours (`uvicorn_http.py` provides it): without it, they are held until the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from starlette.types import Receive, Scope

__all__ = ["EXTENSION", "Caller", "HttpExtension"]

EXTENSION = "machine_party.http"
"""The ASGI extension's name, in `scope["extensions"]`; its value is an `HttpExtension`."""


class HttpExtension(NamedTuple):
    """What our server adds to a request.

    Attributes:
        draining: set when the server wants to end.
        abort: drops the connection, unsent bytes included.
    """

    draining: asyncio.Event
    abort: Callable[[], None]


class Caller:
    """Of one request. Whether they have gone can be asked once its body is read.

    Args:
        scope, receive: of the request.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        extension: HttpExtension | None = (scope.get("extensions") or {}).get(EXTENSION)
        self.draining = extension.draining if extension else asyncio.Event()
        self._abort = extension.abort if extension else None
        self._receive = receive

    async def gone(self) -> None:
        """Returns once they have gone away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def abort(self) -> None:
        """Drops them. On plain ASGI, whoever answers must just return."""
        if self._abort is not None:
            self._abort()
            await self.gone()
