"""A virtual loop for each run: the examples of a property begin anew, and so does a game that is
played twice.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from machine_party.testing import VirtualClock, VirtualLoop

__all__ = ["on_a_loop"]

T = TypeVar("T")


def on_a_loop(main: Callable[[VirtualClock], Coroutine[Any, Any, T]]) -> T:
    """Run that to its end, on a loop and a clock of its own."""
    loop = VirtualLoop()
    try:
        return loop.run(main(VirtualClock(loop)))
    finally:
        loop.cancel_all()
        loop.close()
