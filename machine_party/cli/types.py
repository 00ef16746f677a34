"""`machine-party types`: a party's types for TypeScript, in a file."""

from __future__ import annotations

import os
from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import typer

from machine_party.cli.console import fail
from machine_party.cli.games import party_of
from machine_party.cli.option import Games
from machine_party.core import party_types

__all__ = ["types"]


def types(
    party: Annotated[str, typer.Argument(help="The name of a party: trivia")],
    games: Games = "games",
    output: Annotated[Path | None, typer.Option(help="The file to write; else printed.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if the file is stale.")
    ] = False,
) -> None:
    """Write a party's types for TypeScript: its states, views and events."""
    if check and output is None:
        raise typer.BadParameter("--check compares a file: name it with --output")
    text = party_types(type(party_of(party, games)))
    if output is None:
        typer.echo(text, nl=False)
    elif check:
        _check_current(output, text)
    else:
        _write(output, text)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise typer.BadParameter(f"cannot write {file}: {error.strerror or error}") from None


def _check_current(file: Path, text: str) -> None:
    """Fails, with the first line that differs, if the file is not what would be written."""
    fix = "Write it anew: the same command without --check"
    if not os.path.isfile(file):  # pathlib's raises where this user may not look
        fail(f"There is no {file}.", fix)
    there = file.read_text("utf-8", errors="replace").splitlines()
    for at, (old, new) in enumerate(zip_longest(there, text.splitlines()), 1):
        if old != new:
            fail(f"{file} is stale, from line {at} on.", f"- {old or ''}\n+ {new or ''}\n{fix}")
