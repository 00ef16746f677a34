"""The player in rooms on the real server; and through pipes, as a script would."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from typing import Any

import pytest
from rich.console import RenderableType

from client_facade import Closed
from client_facade.play import play_room
from client_facade.play.player import Player
from client_facade.play.terminal import PipeTerminal, TtyTerminal, read_lines
from games.counter import Counter
from games.trivia import Trivia
from machine_party.testing import OpenRoom, StagedMember, VirtualClock
from tests.client_facade.play.test_scene import text_of


class ScriptTerminal:
    """A terminal in memory: lines are typed by the test."""

    live = False

    def __init__(self, *lines: str) -> None:
        self.typed: asyncio.Queue[str | None] = asyncio.Queue()
        self.screens: list[str] = []
        self.said: list[str] = []
        for line in lines:
            self.typed.put_nowait(line)
        if lines:
            self.typed.put_nowait(None)

    async def lines(self) -> AsyncIterator[str]:
        while (line := await self.typed.get()) is not None:
            yield line

    def show(self, screen: RenderableType) -> None:
        self.screens.append(text_of(screen))

    def say(self, text: str) -> None:
        self.said.append(text)

    def close(self) -> None:
        pass


async def play(member: StagedMember, clock: VirtualClock, *lines: str) -> ScriptTerminal:
    terminal = ScriptTerminal(*lines)
    await clock.until(Player(member, terminal, "a room").run(), within=60)
    return terminal


async def test_any_party_can_be_played(open_room: OpenRoom, clock: VirtualClock) -> None:
    room = await open_room(Counter)
    alice = await room.join("Alice")
    terminal = await play(
        alice, clock, "increment by=2", "", "increment by=1000", "fly", "/help", "what is it"
    )
    assert "count = 2" in terminal.screens[-1]
    assert terminal.said[0] == "increment: accepted"
    assert terminal.said[1].startswith("increment: bad_request")
    assert terminal.said[2].startswith("fly: not_allowed")
    assert "sends an event" in terminal.said[3]
    assert "is not key=value" in terminal.said[4]


async def test_a_server_that_does_not_answer_is_named(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @asynccontextmanager
    async def connect(_url: str, **_who: Any) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr("client_facade.play.connect", connect)
    waiting = asyncio.create_task(play_room("http://u:secret@host:8000/parties/counter/x"))
    await clock.advance(2)
    assert capsys.readouterr().err == ""
    await clock.advance(60)
    told = "host:8000 does not answer yet. It is tried again; Ctrl-C ends this.\n"
    assert capsys.readouterr().err == told
    waiting.cancel()


async def test_what_others_do_is_shown(open_room: OpenRoom, clock: VirtualClock) -> None:
    room = await open_room(Counter)
    alice, bob = await room.join("Alice"), await room.join("Bob")
    terminal = ScriptTerminal()
    playing = asyncio.create_task(Player(alice, terminal, "a room").run())
    await clock.settle()
    await bob.send("increment", by=9)
    await clock.settle()
    assert "count = 9" in terminal.screens[-1]
    terminal.typed.put_nowait("/quit")
    await playing


async def test_whoever_is_thrown_out_is_told(open_room: OpenRoom, clock: VirtualClock) -> None:
    room = await open_room(Counter)
    alice = await room.join("Alice")
    playing = asyncio.create_task(Player(alice, ScriptTerminal(), "a room").run())
    await clock.settle()
    await clock.until(room.room.kick(alice.member), within=1)
    await clock.settle()
    with pytest.raises(Closed):
        await playing


async def test_a_quiz_from_the_lobby_to_the_ranking(
    open_room: OpenRoom, clock: VirtualClock
) -> None:
    short = {"countdown": 1, "prep": 1, "time": 2, "pause": 1, "recap": 1}
    room = await open_room(Trivia, input={"durations": short})
    alice = await room.join("Alice")
    terminal = ScriptTerminal("", "/wait question.open", "1", "", "/wait recap", "/wait ranking")
    await clock.until(Player(alice, terminal, "a quiz").run(), within=600)
    assert terminal.said[:3] == ["ready: accepted", "answer: accepted", "confirm: accepted"]
    assert any("Right:" in screen for screen in terminal.screens)
    assert "The game is over." in terminal.screens[-1]


async def test_a_script_that_waits_for_a_line(open_room: OpenRoom, clock: VirtualClock) -> None:
    room = await open_room(Counter)
    alice = await room.join("Alice")
    terminal = ScriptTerminal("/wait counting", "increment")
    await clock.until(Player(alice, terminal, "a room").run(), within=5)
    assert terminal.said == ["increment: accepted"]


def test_lines_come_through_a_pipe() -> None:
    reading, writing = os.pipe()
    os.write(writing, "eins\r\nzwei\n\nübrig".encode())
    os.close(writing)

    async def read() -> list[str]:
        return [line async for line in read_lines(reading)]

    assert asyncio.run(read()) == ["eins", "zwei", "", "übrig"]
    os.close(reading)


def test_a_pipe_terminal_prints_what_differs() -> None:
    out = StringIO()
    terminal = PipeTerminal(0, out)
    terminal.show("one")
    terminal.show("one")
    terminal.say("[said]")
    terminal.show("two")
    terminal.close()
    assert out.getvalue().splitlines() == ["one", "[said]", "two"]


def test_a_tty_keeps_what_is_being_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    size = os.terminal_size((20, 6))
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_: size)
    out = StringIO()
    terminal: Any = TtyTerminal(0, out)
    out.truncate(0)
    terminal.say("accepted")
    terminal.show("\n".join("abcdefgh"))
    drawn = out.getvalue()
    assert drawn.lstrip("\0").startswith("\x1b7\x1b[H")
    assert drawn.endswith("\x1b8")
    assert "d" in drawn
    assert "e\x1b[K" not in drawn, "the prompt's line and the one above it are not drawn over"
    assert "accepted" in drawn
    terminal.close()
    assert out.getvalue().endswith("\x1b[?1049l")
