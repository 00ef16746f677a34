"""Invokes: the slow work that a state starts, as tasks which the room owns.

A task starts after the commit that asked for it is stored, is cancelled when the machine drops
its row, and starts again after a restore: at least once, with the same key.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any

import msgspec

from machine_party.core import Actor, InvokeEnded, Machine
from machine_party.core.definition import transitions_of
from machine_party.core.engine import Invoke
from machine_party.core.plain import refuse_unstorable, storable_text
from machine_party.room.clock import Clock

__all__ = ["ERROR_LENGTH", "Invocation", "Invocations"]

logger = logging.getLogger("machine_party.room")

ERROR_LENGTH = 1_000
"""Characters of an error that a machine is told: what somebody reads of it. An exception may quote
a whole answer or statement, and its text stays in the journal and, mostly, in the context."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What an invoke's function is given.

    Attributes:
        key: the same each time this invoke is run again, and no other one's; hand it to what must
            happen once.
        state: the state that started it.
        data: a copy of the payload of the event that entered the state, JSON-able.
        context: a copy of the machine's context at that commit.
        input: a copy of the machine's input.
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
        ended: called on the event loop with the cause of each that has ended.
    """

    def __init__(self, name: str, clock: Clock, ended: Callable[[InvokeEnded], None]) -> None:
        self._name = name
        self._clock = clock
        self._ended = ended
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._cancelled: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> bool:
        """Whether any runs, or its result has not been stored yet."""
        return bool(self._tasks or self._cancelled)

    def reconcile(self, actor: Actor) -> None:
        """Start what the actor says should run, cancel what it no longer does."""
        wanted = actor.running_invokes()
        for key in [key for key in self._tasks if key not in wanted]:
            self._cancel(key)
        for key, row in wanted.items():
            if key not in self._tasks:
                self._start(key, row, actor)

    async def close(self) -> None:
        """Cancel everything and wait until it has ended."""
        self.abandon()
        await asyncio.gather(*self._cancelled, return_exceptions=True)

    def abandon(self) -> None:
        """Cancel everything."""
        for key in list(self._tasks):
            self._cancel(key)

    def _start(self, key: tuple[str, str], row: Invoke, actor: Actor) -> None:
        path, invoke_id = key
        machine = actor.machines[path]
        name = f"{self._name}/{_life(actor)}/{path}/{invoke_id}"
        function = machine._engine.invoke_handlers(machine.states_map[row.state])[row.index]
        data, context, input = deepcopy((row.data, machine.context, machine.input))
        given = Invocation(name, row.state, data, context, input)
        expected = _takes(machine, f"error.invoke.{invoke_id}")
        self._tasks[key] = asyncio.create_task(self._run(key, function, given, expected), name=name)

    def _cancel(self, key: tuple[str, str]) -> None:
        task = self._tasks.pop(key)
        task.cancel()
        self._cancelled.add(task)
        task.add_done_callback(self._cancelled.discard)

    async def _run(
        self, key: tuple[str, str], function: Any, given: Invocation, expected: bool
    ) -> None:
        """`expected`: whether the machine knows what to do about an error."""
        result, error = None, None
        try:
            result = _storable(await _call(function, given))
        except asyncio.CancelledError:
            if _being_cancelled():
                raise
            error = "CancelledError: something that it waited for was cancelled"
        except Exception as raised:
            error = _told(raised)
            _log(given.key, error, raised, expected=expected)
        path, id = key
        now = self._clock.now()
        self._ended(InvokeEnded(now=now, path=path, invoke=id, result=result, error=error))


async def _call(function: Any, given: Invocation) -> Any:
    if iscoroutinefunction(function):
        return await function(given)
    return await asyncio.to_thread(function, given)


def _storable(result: Any) -> Any:
    """The result as JSON-able data.

    Raises:
        TypeError, ValueError: it cannot be stored: its type, or text that is not Unicode.
        DefinitionError: it holds a number that JSON has not.
    """
    data = msgspec.json.encode(result)
    if b"null" in data:  # which is what msgspec writes for NaN
        refuse_unstorable(msgspec.to_builtins(result, str_keys=True), "what the invoke returned")
    return msgspec.json.decode(data)


def _told(raised: Exception) -> str:
    """`<type>: <text>`, as it can be stored, of any exception of anybody's."""
    try:
        text = str(raised)
    except Exception as error:
        text = f"its text cannot be had ({type(error).__name__})"
    told = storable_text(f"{type(raised).__name__}: {text}")
    return told if len(told) <= ERROR_LENGTH else f"{told[: ERROR_LENGTH - 1]}…"


def _log(key: str, told: str, raised: Exception, *, expected: bool) -> None:
    """What a machine expects is no trouble: where it was raised is for who debugs."""
    logger.warning("invoke %s failed: %s", key, told, exc_info=None if expected else raised)
    if expected:
        logger.debug("invoke %s was raised here", key, exc_info=raised)


def _takes(machine: Machine[Any], event: str) -> bool:
    """Whether it has a transition for that event, in whatever state."""
    return any(transition.match(event) for transition in transitions_of(type(machine)))


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _life(actor: Actor) -> str:
    """Tells a room from another one of the same name, made after the first had vanished."""
    return hashlib.blake2s(actor.seed.encode(), digest_size=4).hexdigest()
