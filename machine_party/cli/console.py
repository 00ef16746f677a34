"""What commands print on: the terminal's two streams, and how a command fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

__all__ = ["fail", "flush", "give_up", "out", "print_json", "print_table", "say", "warn", "when"]

out = Console(soft_wrap=True, highlight=False, emoji=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)

_C0, _C1 = range(0x20), range(0x7F, 0xA0)
"""What commands a terminal (ECMA-48; DEL too): what players have typed is shown, and must not."""
_CONTROLS = dict.fromkeys((*_C0, *_C1), "\ufffd") | {9: " ", 10: " "}
_IN_JSON = {code: f"\\u{code:04x}" for code in _C1}
"""RFC 8259, section 7, wants only those of C0 to be escaped."""


def say(line: str) -> None:
    """Print a line as it is; a narrow terminal wraps it."""
    out.print(line.translate(_CONTROLS), markup=False)


def warn(line: str) -> None:
    """Print a line for people only: where output goes into a file or a program, it does not."""
    err.print(line.translate(_CONTROLS), markup=False)


def fail(what: str, fix: str) -> NoReturn:
    """End the command with 1, saying what is wrong and what to do.

    Raises:
        typer.Exit: always.
    """
    _complain(what, fix)
    raise typer.Exit(1)


def _complain(what: str, fix: str) -> None:
    err.print(f"[bold red]{escape(what)}[/]\n{escape(fix)}")


def flush() -> None:
    """Let out what was printed.

    Raises:
        OSError: it cannot be written.
    """
    if sys.stdout is not None:
        sys.stdout.flush()


def give_up(error: OSError) -> NoReturn:
    """End the command with 1 because the system refused something: a full disk, printed to.

    Raises:
        SystemExit: always.
    """
    if sys.stdout is not None:  # else what is left is written, and fails again, at the very end
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):  # whoever reads it has seen enough
        where = "" if error.filename is None else f"{error.filename}: "
        _complain(f"{where}{error.strerror or error}.", "What was printed is not complete")
    sys.exit(1)


def print_json(value: Any) -> None:
    """Print a value for programs."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    typer.echo(text.translate(_IN_JSON))


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table, a row a line. Nothing is cut."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    for row in (titles, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        say("  ".join(cells).rstrip())


def when(seconds: float | None) -> str:
    """A time for people, as this machine's clock shows it; empty if there is none."""
    if seconds is None:
        return ""
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M:%S}"
