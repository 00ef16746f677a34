"""The command line: serve and play rooms, and look at those that are kept.

A module has one command; what several of them need is in a module of its own noun.
"""

from __future__ import annotations

from typing import Annotated

import typer

from machine_party import __version__
from machine_party.cli import check, delete, export, play, replay, rooms, serve, types
from machine_party.cli.console import flush, give_up, say
from machine_party.cli.games import discover

__all__ = ["app", "discover", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
)


def main() -> None:
    """The entry point of the `machine-party` command."""
    try:
        try:
            app()
        finally:
            flush()
    except OSError as error:
        give_up(error)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"machine-party {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say which it is."),
    ] = False,
) -> None:
    """Multiplayer state machines: serve games, and play them from a terminal."""


for _command in (
    serve.serve,
    play.play,
    rooms.rooms,
    replay.replay,
    export.export,
    check.check,
    delete.delete,
    types.types,
):
    app.command()(_command)
