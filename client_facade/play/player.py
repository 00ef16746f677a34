"""The player: carries out what is typed, and shows what changes.

What must not be here: how a screen looks (`scene.py`, `quiz.py`), or bytes of a terminal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from rich.console import RenderableType

from client_facade.facade import Facade
from client_facade.play import quiz, scene
from client_facade.play.command import (
    HELP,
    Command,
    Help,
    Mistake,
    Quit,
    Send,
    Wait,
    command_from,
)
from client_facade.play.scene import Scene, plain
from client_facade.play.terminal import Terminal
from client_facade.snapshot import Snapshot
from machine_party.protocol import QueueFull, Receipt

__all__ = ["Player"]

#: Seconds between two screens of a countdown.
TICK = 0.5


class Player:
    """Plays a room in a terminal.

    Args:
        room: a façade that is ready.
        terminal: where the person is.
        title: of the room.
    """

    def __init__(self, room: Facade[Any], terminal: Terminal, title: str) -> None:
        self._room, self._terminal, self._title = room, terminal, title
        self._log: list[str] = []

    async def run(self) -> None:
        """Until the end of the input, or `/quit`.

        Raises:
            Closed: the room does not let this member go on.
        """
        undo = [
            self._room.subscribe(lambda _: self._show()),
            self._room.on("*", lambda event: self._note(f"* {_words(event)}")),
            self._room.on_error(lambda error: self._note(f"! {error.code}: {error.reason}")),
        ]
        self._show()
        try:
            await self._until_one_ends(self._obey(), self._keep_showing(), self._until_closed())
        finally:
            for each in undo:
                each()

    async def _until_one_ends(self, *parts: Any) -> None:
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _until_closed(self) -> None:
        await self._room.wait_for(lambda _: False)

    async def _keep_showing(self) -> None:
        """Countdowns run on, and connections break, without a new snapshot."""
        while True:
            await asyncio.sleep(TICK)
            if self._terminal.live:
                self._show()

    # What is typed ---------------------------------------------------------------------------

    async def _obey(self) -> None:
        async for line in self._terminal.lines():
            command = self._command(line)
            if isinstance(command, Quit):
                return
            if command is not None:
                await self._carry_out(command)

    def _command(self, line: str) -> Command | None:
        snapshot = self._room.snapshot
        if quiz.fits(snapshot):
            return quiz.quiz_command(line, snapshot)
        return command_from(line)

    async def _carry_out(self, command: Command) -> None:
        match command:
            case Send(event=event, child=child):
                await self._send(event, child)
            case Wait(state=state):
                await self._room.wait_for(lambda snapshot: snapshot.matches(state))
            case Help():
                self._say(HELP)
            case Mistake(text=text):
                self._say(text)

    async def _send(self, event: dict[str, Any], child: str | None) -> None:
        try:
            sending = self._room.send_to(child, event) if child else self._room.send(event)
            self._say(_outcome(event["type"], await sending))
        except QueueFull as error:
            self._say(str(error))

    # What is shown ---------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        self._terminal.say(plain(text))
        self._show()

    def _note(self, text: str) -> None:
        self._log = [*self._log[-20:], text]
        self._show()

    def _show(self) -> None:
        shown = Scene(
            title=self._title,
            snapshot=self._room.snapshot,
            member=self._room.member,
            now=self._room.server_now() if self._terminal.live else None,
            connected=self._room.connected,
            log=tuple(self._log),
        )
        self._terminal.show(_renderer(shown.snapshot)(shown))


def _renderer(snapshot: Snapshot[Any]) -> Callable[[Scene], RenderableType]:
    return quiz.render if quiz.fits(snapshot) else scene.render


def _outcome(type: str, receipt: Receipt) -> str:
    if receipt.code is not None:
        return f"{type}: {receipt.code}: {receipt.reason or 'rejected'}"
    reply = "" if receipt.result is None else f": {receipt.result}"
    return f"{type}: {receipt.status}{reply}"


def _words(event: Any) -> str:
    fields = " ".join(f"{key}={value}" for key, value in event.items() if key != "type")
    return f"{event['type']} {fields}".strip()
