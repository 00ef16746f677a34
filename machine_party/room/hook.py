"""A party's hooks: plain or async, run by the room, in order, without holding anybody up."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import Any

__all__ = ["Hooks"]

logger = logging.getLogger("machine_party.room")


class Hooks:
    """The running hooks of one room. One that raises is reported and harms nobody."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: set[asyncio.Task[None]] = set()

    def call(self, hook: Callable[..., Any], *arguments: Any) -> None:
        """Run a hook now; if it is async, the room owns the rest of it."""
        result = self._start(hook, arguments)
        if inspect.isawaitable(result):
            task = asyncio.create_task(self._finish(hook, result), name=f"hook of {self._name}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def call_and_wait(self, hook: Callable[..., Any], *arguments: Any) -> None:
        """Run the last hook, after all others have ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        result = self._start(hook, arguments)
        if inspect.isawaitable(result):
            await self._finish(hook, result)

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
