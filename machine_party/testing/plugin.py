"""The pytest plugin: coroutine tests on virtual time, and rooms in memory.

A coroutine test that asks for one of the fixtures here runs on a `VirtualLoop` of its own; any
other test is left alone. What must not be here: how the loop or a room works.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from machine_party.testing.clock import VirtualClock
from machine_party.testing.loop import VirtualLoop, describe_tasks

if TYPE_CHECKING:  # pytest loads this plugin everywhere: the server only where a room is opened
    from machine_party.core import Party
    from machine_party.protocol import Limits
    from machine_party.room import Store
    from machine_party.testing.room import StagedRoom

__all__ = ["OpenRoom", "clock", "open_room", "virtual_loop"]


@pytest.fixture
def virtual_loop() -> Iterator[VirtualLoop]:
    """The event loop of this test. Its time moves only when `clock` moves it.

    What no test would see otherwise fails the test at its end: an exception that only reached
    the loop's handler.
    """
    loop = VirtualLoop()
    failures: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, failure: failures.append(failure))
    yield loop
    loop.cancel_all()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    for failure in failures:
        raise AssertionError(failure["message"]) from failure.get("exception")


@pytest.fixture
def clock(virtual_loop: VirtualLoop) -> VirtualClock:
    """The clock of this test's loop: `await clock.advance(seconds)`."""
    return VirtualClock(virtual_loop)


class OpenRoom(Protocol):
    """The fixture `open_room`: `await open_room(Counter, input=…, seed=…)`."""

    async def __call__(
        self,
        party: type[Party],
        *,
        input: Any = None,
        seed: str = "seed",
        id: str = "room",
        limits: Limits | None = None,
        store: Store | None = None,
    ) -> StagedRoom:
        """See `machine_party.testing.room.open_room`; the test's end closes the room."""


@pytest.fixture
def open_room(virtual_loop: VirtualLoop, clock: VirtualClock) -> Iterator[OpenRoom]:
    """Opens rooms in memory, over the real server, and closes them after the test.

    When everyone has left and the server has ended, nothing may be left of them: a task that
    nobody has ended fails the test.
    """
    from machine_party.testing import room

    rooms: list[StagedRoom] = []

    async def open_one(party: type[Party], **options: Any) -> StagedRoom:
        given = {name: option for name, option in options.items() if option is not None}
        rooms.append(await room.open_room(party, clock, **given))
        return rooms[-1]

    yield open_one
    for staged in rooms:
        virtual_loop.run(staged.close())
    if rooms and (left := asyncio.all_tasks(virtual_loop)):
        raise AssertionError(f"tasks are left after the end:\n{describe_tasks(virtual_loop)}{left}")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a coroutine test on its virtual loop, if it has one."""
    loop = pyfuncitem.funcargs.get("virtual_loop")
    if not isinstance(loop, VirtualLoop) or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs}
    loop.run(pyfuncitem.obj(**arguments))
    return True
