"""A real event loop for a test: disks and servers take real time.

It is uvloop, as in the server. What only reached the loop's exception handler fails the test.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import uvloop

__all__ = ["RealLoop", "real_loop_of_a_test"]

SECONDS = 30
"""That one test may take, so that none hangs."""


class RealLoop:
    """Runs a test's coroutine, within `SECONDS`."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner

    def run(self, main: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(asyncio.wait_for(main, SECONDS))


@contextmanager
def real_loop_of_a_test() -> Iterator[RealLoop]:
    failures: list[dict[str, Any]] = []
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop().set_exception_handler(lambda _, failure: failures.append(failure))
        yield RealLoop(runner)
    for failure in failures:
        raise AssertionError(failure["message"]) from failure.get("exception")
