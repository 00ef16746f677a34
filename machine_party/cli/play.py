"""`machine-party play`: a room in this terminal."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

import typer

__all__ = ["play"]

_SCHEMES = ("http", "https", "ws", "wss")
_ROOM_PATH = re.compile(r"/parties/[^/]+/[^/]+$")


def play(
    url: Annotated[str, typer.Argument(help="A room: http://host:8000/parties/trivia/abc234")],
    name: Annotated[str | None, typer.Option(help="How the others see you.")] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="MACHINE_PARTY_TOKEN",
            help="Who you are. On the command line others see it: prefer the variable.",
        ),
    ] = None,
    ask_token: Annotated[bool, typer.Option("--ask-token", help="Ask for the token.")] = False,
) -> None:
    """Join a room and play it in this terminal."""
    from client_facade.play import play as play_room

    _check_room_url(url)
    if ask_token:
        token = typer.prompt("Token", hide_input=True).strip()
    play_room(url, name=name, token=token)


def _check_room_url(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:  # http://[
        parts = urlsplit("")
    if parts.scheme not in _SCHEMES or not parts.hostname or not _ROOM_PATH.search(parts.path):
        raise typer.BadParameter(
            f"{url!r} is not the address of a room; "
            "it looks like http://host:8000/parties/trivia/abc234"
        )
