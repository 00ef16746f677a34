"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from machine_party.backends.folder import DATA_VARIABLE

__all__ = ["Data", "Games", "Json", "Room", "StoreUrl"]

StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store",
        envvar="MACHINE_PARTY_STORE",
        help="Where rooms are kept: sqlite:///file, postgresql://user@host/database, or "
        "memory: to forget them in the end. By default rooms.sqlite in the data folder.",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        envvar=DATA_VARIABLE,
        help="The data folder; by default machine-party in this user's.",
    ),
]
Games = Annotated[
    str,
    typer.Option(help="The package or module that defines the parties, also in this folder."),
]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
Room = Annotated[
    str, typer.Argument(metavar="PARTY/ROOM", help="A room: trivia/abc234, or its whole address.")
]
