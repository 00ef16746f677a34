"""A party's hooks: plain or async, run by the room, in order, without holding anybody up."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import Any

__all__ = ["Hooks"]

logger = logging.getLogger("machine_party.room")


LAST_SECONDS = 10.0
"""How long a room that ends waits for its hooks: less than the time a server is given to end."""


class Hooks:
    """The running hooks of one room. One that raises is reported and harms nobody."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: set[asyncio.Task[None]] = set()
        self._abandoned = False

    @property
    def running(self) -> bool:
        """Whether any has not ended yet."""
        return bool(self._tasks)

    def call(self, hook: Callable[..., Any], *arguments: Any) -> None:
        """Run a hook now; if it is async, the room owns the rest of it."""
        if self._abandoned:
            return
        result = self._start(hook, arguments)
        if inspect.isawaitable(result):
            name = f"{self._name}: the hook {hook.__qualname__}"
            task = asyncio.create_task(self._finish(hook, result), name=name)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def call_and_wait(self, hook: Callable[..., Any], *arguments: Any) -> None:
        """Run the last hook, after all others have ended or had their time."""
        await self._end_all()
        self.call(hook, *arguments)
        await self._end_all()

    def abandon(self) -> None:
        """Cancel everything, and call no hook any more."""
        self._abandoned = True
        for task in self._tasks:
            task.cancel()

    async def _end_all(self) -> None:
        """Wait for what runs; cancel what takes too long."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=LAST_SECONDS)
        for task in late:
            logger.error("%s takes more than %g s and is cancelled", task.get_name(), LAST_SECONDS)
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _start(self, hook: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        try:
            return hook(*arguments)
        except Exception:
            logger.exception("%s: the hook %s raised", self._name, hook.__qualname__)
            return None

    async def _finish(self, hook: Callable[..., Any], result: Any) -> None:
        try:
            await result
        except Exception:
            logger.exception("%s: the hook %s raised", self._name, hook.__qualname__)
