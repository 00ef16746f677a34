"""Invokes: the slow work that a state starts, as tasks which the room owns.

A task starts after the commit that asked for it is stored, is cancelled when the machine drops
its row, and starts again after a restore: at least once, with the same key.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any

import msgspec

from machine_party.core import Actor

__all__ = ["Invocation", "Invocations"]

logger = logging.getLogger("machine_party.room")


@dataclass(frozen=True, slots=True)
class Invocation:
    """What an invoke's function is given.

    Attributes:
        key: the same each time this invoke is run again; hand it to what must happen once.
        state: the state that started it.
        data: the payload of the event that entered the state, JSON-able.
        context: a copy of the machine's context at that commit.
        input: the machine's input.
    """

    key: str
    state: str
    data: Any
    context: Any
    input: Any


class Invocations:
    """The running invokes of one room.

    Args:
        name: of the room, for keys.
        ended: called on the event loop with `(path, invoke id, result, error)`.
    """

    def __init__(self, name: str, ended: Callable[[str, str, Any, str | None], None]) -> None:
        self._name = name
        self._ended = ended
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    def reconcile(self, actor: Actor) -> None:
        """Start what the actor says should run, cancel what it no longer does."""
        wanted = actor.running_invokes()
        for key in [key for key in self._tasks if key not in wanted]:
            self._tasks.pop(key).cancel()
        for key, row in wanted.items():
            if key in self._tasks:
                continue
            path, invoke_id = key
            machine = actor.machines[path]
            function = machine._engine.invoke_handlers(machine.states_map[row.state])[row.index]
            context = msgspec.convert(msgspec.to_builtins(machine.context), type(machine.context))
            name = f"{self._name}/{path}/{invoke_id}"
            given = Invocation(name, row.state, row.data, context, machine.input)
            task = asyncio.create_task(self._run(key, function, given), name=name)
            self._tasks[key] = task

    async def close(self) -> None:
        """Cancel everything and wait until it has ended."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: tuple[str, str], function: Any, given: Invocation) -> None:
        result, error = None, None
        try:
            if iscoroutinefunction(function):
                result = await function(given)
            else:
                result = await asyncio.to_thread(function, given)
            result = msgspec.to_builtins(result, str_keys=True)
        except Exception as raised:
            logger.warning("invoke %s failed", given.key, exc_info=raised)
            error = f"{type(raised).__name__}: {raised}"
        self._ended(*key, result, error)
