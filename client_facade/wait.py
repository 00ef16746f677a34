"""Futures of one façade: what somebody waits for, and what fails when the façade is over.

What must not be here: what it is that they wait for (`facade.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from client_facade.error import Closed

__all__ = ["Shielded", "Waits", "settle", "settle_if"]

T = TypeVar("T")


class Waits:
    """Everything that is waited for. Once `fail` was called, there is nothing more to wait for.

    Attributes:
        closed: what it failed with, or None.
    """

    def __init__(self) -> None:
        self.closed: Closed | None = None
        self._futures: set[asyncio.Future[Any]] = set()

    def add(self) -> asyncio.Future[Any]:
        """A new future that fails when the façade is over. Raises `Closed` if it is over."""
        if self.closed is not None:
            raise self.closed.with_traceback(None)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._futures.add(future)
        return future

    @contextmanager
    def future(self) -> Iterator[asyncio.Future[Any]]:
        """As `add`, for as long as the block runs."""
        future = self.add()
        try:
            yield future
        finally:
            self._futures.discard(future)

    def fail(self, closed: Closed) -> None:
        """Fails all of them, once."""
        if self.closed is not None:
            return
        self.closed = closed
        for future in self._futures:
            if not future.done():
                future.set_exception(closed)
                future.exception()  # whoever awaits it is told; nobody has to await `ready`
        self._futures.clear()


class Shielded:
    """A future that can be awaited by many, and that none of them can cancel."""

    def __init__(self, future: asyncio.Future[None]) -> None:
        self._future = future

    def __await__(self) -> Generator[Any, None, None]:
        return asyncio.shield(self._future).__await__()


def settle(future: asyncio.Future[T] | None, result: T) -> None:
    """Gives a future its result, if somebody still waits for it."""
    if future is not None and not future.done():
        future.set_result(result)


def settle_if(predicate: Callable[[T], bool], argument: T, future: asyncio.Future[T]) -> None:
    """Settles `future` with `argument` if that is what was waited for, or if asking failed."""
    if future.done():
        return
    try:
        if predicate(argument):
            future.set_result(argument)
    except Exception as error:
        future.set_exception(error)
    except asyncio.CancelledError:  # that of a future it has looked at
        future.cancel()
