"""An asyncio loop whose time is virtual: nothing waits, and a wait that cannot end fails.

The loop runs whatever is ready. When nothing is, a real loop would sleep until its next timer;
this one first hands control to whoever waits for that moment (`settled`, on which `VirtualClock`
stands), and if nobody does, the test awaits something that nothing will do: `Deadlock`.

Only real work is waited for in real time: jobs in threads, and sockets if a test opens any.

What must not be here: anything of rooms, connections or pytest.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import selectors
from asyncio.events import AbstractEventLoop
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

__all__ = ["Deadlock", "VirtualLoop", "describe_tasks"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

#: Real seconds to wait for a thread or a socket before it counts as one that never answers.
PATIENCE = 10.0
#: Turns of the loop without one moment of rest, after which two tasks wake each other for ever.
RESTLESS = 200_000


class Deadlock(AssertionError):
    """The test awaits something that nothing will do; the text says what everyone waits for."""


class _IdleSelector(selectors.DefaultSelector):
    """The loop's selector: it says when the loop would sleep, instead of sleeping."""

    def __init__(
        self,
        patience: Callable[[], float],
        on_turn: Callable[[], None],
        on_idle: Callable[[], None],
    ) -> None:
        super().__init__()
        self._patience, self._on_turn, self._on_idle = patience, on_turn, on_idle

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        may_sleep = timeout is None or timeout > 0
        ready = super().select(self._patience() if may_sleep else 0)
        if ready or not may_sleep:
            self._on_turn()
            return ready
        self._on_idle()
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A selector loop whose `time()` moves only when `set_time` says so.

    Run a coroutine with `run(main)`. Inside, `VirtualClock` moves the time.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._numbers = itertools.count()
        self._settling: list[asyncio.Future[None]] = []
        self._jobs = 0
        self._turns = 0
        self._main: asyncio.Task[Any] | None = None
        self._verdict: Deadlock | None = None
        self._idle_selector = _IdleSelector(self._patience, self._on_turn, self._on_idle)
        super().__init__(self._idle_selector)
        self._own_sockets = len(self._idle_selector.get_map())

    # Time ----------------------------------------------------------------------------------

    def time(self) -> float:
        """The virtual time in seconds since the loop was made."""
        return self._now

    def set_time(self, when: float) -> None:
        """Moves the time on to `when`; timers that are due run in the loop's next turn."""
        if when < self._now:
            raise ValueError(f"time cannot go back from {self._now} to {when}")
        self._now = when

    def next_deadline(self) -> float | None:
        """When the next timer is due, or None when there is none."""
        timer = self._next_timer()
        return None if timer is None else timer.when()

    async def settled(self) -> None:
        """Returns once nothing is ready: every task waits for a timer or for another task."""
        waiter = self.create_future()
        self._settling.append(waiter)
        await waiter

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As asyncio's; it also notes the deadline, so that the clock can step to it exactly."""
        handle = super().call_at(when, callback, *args, context=context)
        heapq.heappush(self._timers, (when, next(self._numbers), handle))
        return handle

    def _next_timer(self) -> asyncio.TimerHandle | None:
        while self._timers:
            when, _, handle = self._timers[0]
            if when > self._now and not handle.cancelled():
                return handle
            heapq.heappop(self._timers)
        return None

    # Work outside the loop -----------------------------------------------------------------

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """As asyncio's; the loop is not idle while the job runs."""
        future = super().run_in_executor(executor, func, *args)
        self._jobs += 1
        future.add_done_callback(self._job_done)
        return future

    def _job_done(self, _: asyncio.Future[Any]) -> None:
        self._jobs -= 1

    def _patience(self) -> float:
        """How many real seconds to wait for threads and sockets before the loop is idle."""
        sockets = len(self._idle_selector.get_map()) > self._own_sockets
        return PATIENCE if self._jobs or (sockets and not self._settling) else 0.0

    # Running -------------------------------------------------------------------------------

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Runs `main` to its end.

        Raises:
            Deadlock: `main` awaits something that nothing will do. Its traceback ends where
                `main` was waiting.
        """
        task = self.create_task(main, name="test")
        self._main, self._verdict = task, None
        try:
            return self.run_until_complete(task)
        except asyncio.CancelledError as cancelled:
            if self._verdict is None:
                raise
            raise self._verdict from cancelled
        finally:
            self._main = None

    def cancel_all(self) -> None:
        """Cancels every task that is left and lets it clean up."""
        if tasks := asyncio.all_tasks(self):
            self.run_until_complete(_cancel(tasks))

    def _on_turn(self) -> None:
        self._turns += 1
        if self._turns > RESTLESS:
            self._turns = 0
            raise Deadlock(
                f"the loop ran {RESTLESS} turns without rest: tasks wake each other for ever.\n"
                + describe_tasks(self)
            )

    def _on_idle(self) -> None:
        self._turns = 0
        if self._settling:
            self._release_settling()
        else:
            self._give_up()

    def _release_settling(self) -> None:
        waiters, self._settling = self._settling, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _give_up(self) -> None:
        verdict = Deadlock(self._explain())
        if self._main is None or self._main.done() or self._verdict is not None:
            raise verdict
        self._verdict = verdict
        self._main.cancel()

    def _explain(self) -> str:
        timer = self._next_timer()
        hope = (
            "No timer is set, so no advance of the clock would help."
            if timer is None
            else f"The next timer is due in {timer.when() - self._now:g} s; "
            f"`await clock.advance({timer.when() - self._now:g})` would run it."
        )
        return (
            f"the test awaits something that nothing will do (at {self._now:g} s). {hope}\n"
            + describe_tasks(self)
        )


async def _cancel(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def describe_tasks(loop: AbstractEventLoop) -> str:
    """One line per unfinished task: its name and the line at which it waits."""
    tasks = sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
    return "\n".join(f"  {task.get_name()}: {_place(task)}" for task in tasks)


def _place(task: asyncio.Task[Any]) -> str:
    frames = _await_chain(task.get_coro())
    if not frames:
        return "not started"
    return " > ".join(
        f"{frame.f_code.co_qualname} ({frame.f_code.co_filename}:{frame.f_lineno})"
        for frame in frames[-2:]
    )


def _await_chain(coroutine: Any) -> list[Any]:
    """The frames from the task's own coroutine down to the one that waits."""
    frames = []
    while coroutine is not None and getattr(coroutine, "cr_frame", None) is not None:
        frames.append(coroutine.cr_frame)
        coroutine = coroutine.cr_await
    return frames
