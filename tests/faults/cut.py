"""Cutting the power of a recorded run, again and again, and looking at what is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.faults.disk import Disk, Loss, steps
from tests.faults.promise import Promises
from tests.faults.traced import Recording

__all__ = ["cut_at"]

SEED = 7


def cut_at(
    recording: Recording, moments: Sequence[int], losses: Sequence[Loss], folder: Path
) -> list[AssertionError]:
    """Cut the power at each of the moments; what was promised by then and not kept.

    Args:
        moments: lines of the log, rising; the cut comes after it.
        losses: what a cut takes, in turn.
        folder: where files can be put.
    """
    random, found = Random(SEED), list[AssertionError]()
    for number, (disk, promises) in enumerate(_at(recording, moments)):
        left = disk.cut(losses[number % len(losses)], random)
        with TemporaryDirectory(dir=folder) as place:
            try:
                promises.check(left, Path(place))
            except AssertionError as error:
                found.append(error)
    return found


def _at(recording: Recording, moments: Sequence[int]) -> Iterator[tuple[Disk, Promises]]:
    """The disk, and what was promised, at each of the moments."""
    disk, promises = Disk(recording.folder), Promises()
    calls, messages = list(steps(recording.calls))[::-1], recording.messages[::-1]
    for moment in moments:
        while calls and calls[-1][0] <= moment:
            _, ends, call = calls.pop()
            disk.step(ends, call)
        while messages and messages[-1].line <= moment:
            message = messages.pop()
            promises.take(recording.room(message), message)
        yield disk, promises
