"""A reading: a recording looked at with today's code, and what is said when that goes wrong."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from machine_party.cli.console import fail, warn
from machine_party.errors import NotRecorded, RestoreError
from machine_party.room.recording import Recording

__all__ = ["reading", "tell_gaps"]

_VIEWS = logging.getLogger("machine_party.room")
"""Where a room reports that a view has raised."""


@contextmanager
def reading(recording: Recording) -> Iterator[None]:
    """What goes wrong inside, as a sentence; what a view raises, once.

    Raises:
        typer.Exit: it cannot be read.
        typer.BadParameter: what is asked for is not in it.
    """
    views = _Views()
    _VIEWS.addFilter(views)
    try:
        yield
    except RestoreError as error:
        fix = f"Versions that fit: replay --at or --from; all of it: export {recording.key}"
        fail(f"{recording.key}: {error}", fix)
    except NotRecorded as error:
        raise typer.BadParameter(str(error)) from None
    finally:
        _VIEWS.removeFilter(views)


class _Views(logging.Filter):
    """Tells once what a live room would log, with a traceback, at every commit."""

    def __init__(self) -> None:
        super().__init__()
        self._told: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is about something else."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        (frame,) = traceback.extract_tb(error.__traceback__)[-1:]
        what = f"{type(error).__name__}: {error} ({frame.filename}, line {frame.lineno})"
        if what not in self._told:
            self._told.add(what)
            warn(f"A view raises {what}. Where it does, its part is not shown")
        return False


def tell_gaps(recording: Recording, span: range | None = None) -> None:
    """Say which versions cannot be read.

    Args:
        span: of those that are asked for; None: all.
    """
    for first, last, why in recording.gaps(span):
        which = f"Version {first}" if first == last else f"Versions {first} to {last}"
        warn(f"{which} of {recording.key} cannot be read: {why}")
