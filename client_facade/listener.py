"""Functions that are called when something happens, none of which can hurt the others.

What must not be here: when they are called, and with what (`facade.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["Listeners", "Report", "Unsubscribe", "report", "same", "when_changed"]

T = TypeVar("T")
R = TypeVar("R")
Unsubscribe = Callable[[], None]
Report = Callable[[str, BaseException], None]


def report(message: str, error: BaseException) -> None:
    """Tells the running loop's exception handler: by default that is the log."""
    asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})


class Listeners(Generic[T]):
    """Plain functions of one argument, called in the order in which they came.

    Args:
        report: where the exception of a listener goes.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._functions: dict[object, Callable[[T], object]] = {}

    def add(self, function: Callable[[T], object]) -> Unsubscribe:
        """Calls `function` from now on, until what is returned is called."""
        key = object()
        self._functions[key] = function
        return lambda: self._functions.pop(key, None) and None

    def call(self, argument: T) -> None:
        """Calls everyone who is still subscribed when it is their turn."""
        for key in tuple(self._functions):
            function = self._functions.get(key)
            if function is not None:
                self._call(function, argument)

    def _call(self, function: Callable[[T], object], argument: T) -> None:
        try:
            function(argument)
        except (Exception, asyncio.CancelledError) as error:  # that of a future it has looked at
            self._report(f"a listener of the façade failed: {function!r}", error)


def when_changed(
    selector: Callable[[T], R],
    function: Callable[[R], object],
    equals: Callable[[R, R], bool],
    *,
    immediate: bool,
) -> Callable[[T], None]:
    """A listener that calls `function` with what `selector` gives, when that has changed.

    Its first call only takes note, unless `immediate`.
    """
    seen: list[R] = []

    def listen(argument: T) -> None:
        selected = selector(argument)
        first = not seen
        if not first and equals(seen[0], selected):
            return
        seen[:] = [selected]
        if immediate or not first:
            function(selected)

    return listen


def same(left: Any, right: Any) -> bool:
    """The default of `watch`: the same object, or an equal one."""
    return left is right or bool(left == right)
