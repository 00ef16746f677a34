"""`machine-party play URL`: any room, played in a terminal.

The façade does the work; here is what a person sees and types. What must not be here: anything
that another client would need (that belongs to the façade).
"""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import unquote, urlsplit

from client_facade.error import Closed
from client_facade.facade import connect
from client_facade.play.player import Player
from client_facade.play.terminal import Terminal, terminal

__all__ = ["play", "play_room"]

PATIENCE_SECONDS = 3.0
"""How long a person is left without a word while no server answers."""


def play(url: str, *, name: str | None = None, token: str | None = None) -> None:
    """Plays the room at `url` in this terminal, until the person has enough.

    Lines may also come from a pipe: `printf 'increment by=2\\n' | machine-party play URL`.

    Args:
        url: `http://host/parties/{party}/{room}`, as a browser would have it.
        name: how the others see this member.
        token: who this member is.

    Raises:
        SystemExit: 1, with a sentence on stderr: the room does not let this member in, or on.
    """
    try:
        asyncio.run(play_room(url, name=name, token=token))
    except Closed as closed:
        print(f"The room is closed to you: {closed.reason or closed}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        pass


async def play_room(
    url: str,
    *,
    name: str | None = None,
    token: str | None = None,
    where: Terminal | None = None,
) -> None:
    """As `play`, in a running loop.

    Args:
        url, name, token: as for `play`.
        where: another terminal than this program's.

    Raises:
        Closed: the room does not let this member in, or on.
    """
    hint = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, _say_waiting, url)
    try:
        async with connect(url, name=name, token=token) as room:
            hint.cancel()
            screen = where or terminal()
            try:
                await Player(room, screen, _title(url)).run()
            finally:
                screen.close()
    finally:
        hint.cancel()


def _say_waiting(url: str) -> None:
    place = urlsplit(url).netloc.rpartition("@")[2]
    print(f"{place} does not answer yet. It is tried again; Ctrl-C ends this.", file=sys.stderr)


def _title(url: str) -> str:
    """`trivia / ABC234` of `…/parties/trivia/ABC234`."""
    return " / ".join(unquote(part) for part in urlsplit(url).path.split("/")[-2:])
