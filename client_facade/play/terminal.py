"""Terminals: where lines come from and where screens go. One for people, one for pipes.

What must not be here: what is shown (`scene.py`), or what a line means (`command.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import threading
from collections.abc import AsyncIterator
from io import StringIO
from typing import Protocol, TextIO

from rich.console import Console, RenderableType

__all__ = ["PipeTerminal", "Terminal", "TtyTerminal", "read_lines", "terminal"]

#: ECMA-48 and DEC private sequences: home, erase to the end of line or screen, save and restore
#: the cursor, the alternate screen.
HOME, ERASE_LINE, ERASE_SCREEN = "\x1b[H", "\x1b[K", "\x1b[2J"
SAVE, RESTORE = "\x1b7", "\x1b8"
ENTER_SCREEN, LEAVE_SCREEN = "\x1b[?1049h", "\x1b[?1049l"


class Terminal(Protocol):
    """What a player needs of a terminal."""

    #: Whether the screen goes on changing by itself, as a countdown does.
    live: bool

    def lines(self) -> AsyncIterator[str]:
        """What is typed, line by line, to the end of the input."""

    def show(self, screen: RenderableType) -> None:
        """Shows a screen in place of the last one."""

    def say(self, text: str) -> None:
        """Tells the outcome of something."""

    def close(self) -> None:
        """Leaves the terminal as it was."""


class PipeTerminal:
    """For scripts: screens are printed one after the other, when they differ.

    Args:
        input: the file descriptor to read from.
        output: where to print to.
        width: of a screen, in cells.
    """

    live = False

    def __init__(self, input: int = 0, output: TextIO | None = None, width: int = 80) -> None:
        self._input = input
        self._console = Console(
            file=output or sys.stdout, width=width, force_terminal=False, highlight=False
        )
        self._shown = ""

    def lines(self) -> AsyncIterator[str]:
        """What comes through the pipe."""
        return read_lines(self._input)

    def show(self, screen: RenderableType) -> None:
        """Prints the screen, unless it is the one that was printed last."""
        with self._console.capture() as capture:
            self._console.print(screen)
        if capture.get() != self._shown:
            self._shown = capture.get()
            self._console.file.write(self._shown)
            self._console.file.flush()

    def say(self, text: str) -> None:
        """Prints a line."""
        self._console.print(text, markup=False)

    def close(self) -> None:
        """Nothing was changed."""


class TtyTerminal:
    """For people: the screen above, the line that is being typed below, undisturbed.

    Args:
        input: the file descriptor of the keyboard.
        output: the terminal.
    """

    live = True

    def __init__(self, input: int = 0, output: TextIO | None = None) -> None:
        self._input, self._output = input, output or sys.stdout
        self._said = ""
        self._write(ENTER_SCREEN + ERASE_SCREEN)
        self._prompt()

    async def lines(self) -> AsyncIterator[str]:
        """What is typed. After each line the prompt is empty again."""
        async for line in read_lines(self._input):
            self._said = ""
            self._write(ERASE_SCREEN)
            self._prompt()
            yield line

    def show(self, screen: RenderableType) -> None:
        """Draws over the screen, and leaves the cursor and what is being typed alone."""
        width, height = shutil.get_terminal_size()
        rows = _rows(screen, width)[: height - 2]
        rows += [""] * (height - 2 - len(rows)) + [self._said[: width - 1]]
        drawn = "\n".join(row + ERASE_LINE for row in rows)
        self._write(f"{SAVE}{HOME}{drawn}{RESTORE}")

    def say(self, text: str) -> None:
        """Shows a line above the prompt, with the next screen."""
        self._said = text

    def close(self) -> None:
        """Gives the terminal back."""
        self._write(LEAVE_SCREEN)

    def _prompt(self) -> None:
        self._write(f"\x1b[{shutil.get_terminal_size().lines};1H{ERASE_LINE}> ")

    def _write(self, text: str) -> None:
        self._output.write(text)
        self._output.flush()


def terminal() -> Terminal:
    """The terminal that this program runs in."""
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    return TtyTerminal(sys.stdin.fileno()) if interactive else PipeTerminal(sys.stdin.fileno())


async def read_lines(descriptor: int) -> AsyncIterator[str]:
    """The lines of a file descriptor, be it a pipe, a file or a terminal.

    A thread reads, because not everything that can be stdin can be polled. It is a daemon: a
    read from a terminal cannot be interrupted, and nobody waits for it at the end.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        with contextlib.suppress(OSError, RuntimeError):  # closed; the loop has ended
            while data := os.read(descriptor, 4096):
                loop.call_soon_threadsafe(queue.put_nowait, data)
            loop.call_soon_threadsafe(queue.put_nowait, b"")

    threading.Thread(target=read, name="terminal reader", daemon=True).start()
    rest = b""
    while data := await queue.get():
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line.decode(errors="replace").rstrip("\r")
    if rest:
        yield rest.decode(errors="replace")


def _rows(screen: RenderableType, width: int) -> list[str]:
    console = Console(file=StringIO(), width=width, force_terminal=True, highlight=False)
    with console.capture() as capture:
        console.print(screen)
    return capture.get().splitlines()
