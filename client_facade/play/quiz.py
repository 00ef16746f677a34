"""The screen and the words of a quiz: pure, for a room that shows what the trivia party shows.

What must not be here: what is right or allowed; the server knows, and the snapshot tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from rich.console import RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from client_facade.play.command import Command, Mistake, Send, command_from
from client_facade.play.scene import Scene, frame, plain
from client_facade.snapshot import Snapshot

__all__ = ["fits", "quiz_command", "render"]

SHOWN = frozenset({"players", "question", "progress", "reveal", "deadline", "step"})
#: Of a countdown's bar, in cells.
BAR = 30


def fits(snapshot: Snapshot[Any]) -> bool:
    """Whether this snapshot is a quiz's."""
    return isinstance(snapshot.context, Mapping) and set(snapshot.context) >= SHOWN


# What a line means -------------------------------------------------------------------------


def quiz_command(line: str, snapshot: Snapshot[Any]) -> Command | None:
    """The command that a line means in a quiz.

    A number or a letter chooses an option, any text answers a text question, an empty line
    confirms (or says ready in the lobby); the rest is as in any room.
    """
    word = line.strip()
    if word.startswith("/") and word not in ("/confirm", "/pass"):
        return command_from(line)
    if snapshot.matches("question.open") and snapshot.can("answer"):
        return _answer(word, snapshot.context["question"]) or command_from(line)
    return _elsewhere(word, snapshot) or command_from(line)


def _answer(word: str, question: Mapping[str, Any]) -> Command | None:
    if word in ("", "/confirm", "/pass"):
        return Send({"type": "confirm", "question": question["id"]})
    if question["kind"] == "text":
        return Send({"type": "answer", "question": question["id"], "text": word})
    letter = _option(word, list(question["options"]))
    if letter is None and word.isalnum() and len(word) <= 2:
        return Mistake(f"choose 1 to {len(question['options'])}")
    if letter is None:
        return None
    return Send({"type": "answer", "question": question["id"], "choice": letter})


def _option(word: str, letters: list[str]) -> str | None:
    if word.isdecimal() and 1 <= int(word) <= len(letters):
        return letters[int(word) - 1]
    return next((letter for letter in letters if letter.casefold() == word.casefold()), None)


def _elsewhere(word: str, snapshot: Snapshot[Any]) -> Command | None:
    match word.split(maxsplit=1):
        case [] if snapshot.can("ready"):
            return Send({"type": "ready", "ready": True})
        case ["unready"]:
            return Send({"type": "ready", "ready": False})
        case ["skip"]:
            return Send({"type": "skip", "step": snapshot.context["step"]})
        case ["remove", name] if "=" not in name:
            return _remove(name, snapshot.context["players"])
    return None


def _remove(name: str, players: Mapping[str, Any]) -> Command:
    for member, player in players.items():
        if player["name"].casefold() == name.casefold():
            return Send({"type": "remove", "member": member})
    return Mistake(f"nobody here is called {name!r}")


# What the screen shows ---------------------------------------------------------------------


def render(scene: Scene) -> RenderableType:
    """The screen of a quiz."""
    snapshot = scene.snapshot
    parts: Iterable[RenderableType]
    if snapshot.matches("question"):
        parts = _question(scene)
    elif snapshot.matches("recap"):
        parts = _recap(scene)
    elif snapshot.matches("ranking"):
        parts = [Text("The game is over.", style="bold"), _ranking(scene)]
    else:
        parts = _lobby(scene)
    return frame(scene, *parts)


def _lobby(scene: Scene) -> Iterable[RenderableType]:
    context = scene.snapshot.context
    table = Table("player", "ready", box=None)
    for member, player in _by_name(context["players"]):
        mark = "yes" if player["ready"] else ""
        table.add_row(_name(scene, member, player), mark)
    yield Text(plain(context.get("title") or "Quiz"), style="bold")
    yield table
    if context["deadline"] is not None:
        yield _countdown(scene, "starts in")
    elif scene.snapshot.can("ready"):
        yield Text("Enter: I am ready", style="italic")
    if scene.snapshot.can("start"):
        yield Text("start: begin now", style="italic")


def _question(scene: Scene) -> Iterable[RenderableType]:
    context, snapshot = scene.snapshot.context, scene.snapshot
    question, draft = context["question"], context.get("answer") or {}
    yield _heading(question)
    yield Text(plain(question["prompt"]), style="bold")
    for number, (letter, text) in enumerate(question["options"].items(), 1):
        chosen = draft.get("choice") == letter
        yield Text(
            f" {'>' if chosen else ' '} {number}  {plain(text)}", "reverse" if chosen else ""
        )
    if draft.get("text"):
        yield Text(f" > {plain(draft['text'])}", style="reverse")
    if (progress := context["progress"]) is not None:
        yield Text(f"{progress['confirmed']} of {progress['present']} have confirmed", style="dim")
    if snapshot.matches("question.closed"):
        yield Text("closed", style="bold")
    else:
        yield _countdown(scene, "time left" if snapshot.matches("question.open") else "opens in")
    yield Text(_hint(snapshot, question, draft), style="italic")


def _hint(snapshot: Snapshot[Any], question: Mapping[str, Any], draft: Mapping[str, Any]) -> str:
    if draft.get("confirmed"):
        return "confirmed"
    if not snapshot.can("answer"):
        return ""
    text = question["kind"] == "text"
    how = "type your answer" if text else f"1 to {len(question['options'])}: choose"
    return f"{how}; Enter: {'confirm' if draft else 'pass'}"


def _recap(scene: Scene) -> Iterable[RenderableType]:
    context = scene.snapshot.context
    question, reveal = context["question"], context["reveal"]
    options = question["options"]
    yield _heading(question)
    yield Text(plain(question["prompt"]), style="bold")
    right = [options.get(letter, letter) for letter in reveal["choices"]] + reveal["texts"]
    yield Text(plain("Right: " + " / ".join(right)), style="green")
    if reveal["explanation"]:
        yield Text(plain(reveal["explanation"]), style="italic")
    table = Table("player", "answer", "points", box=None)
    for member, player in _by_name(context["players"]):
        given = reveal["answers"].get(member)
        if given is not None:
            answer = options.get(given["choice"], given["text"]) or "passed"
            table.add_row(_name(scene, member, player), plain(answer), _points(given["points"]))
    yield table
    yield _ranking(scene)
    yield _countdown(scene, "goes on in")


def _ranking(scene: Scene) -> RenderableType:
    players = scene.snapshot.context["players"]
    ranked = sorted(
        (item for item in players.items() if item[1]["rank"] is not None),
        key=lambda item: item[1]["place"] or 0,
    )
    table = Table("rank", "player", "points", box=None)
    for member, player in ranked:
        table.add_row(f"{player['rank']}.", _name(scene, member, player), _points(player["points"]))
    return table


def _heading(question: Mapping[str, Any]) -> Text:
    place = f"question {question['number']} of {question['total']}"
    category = f"{question['category']} ({question['category_number']}/{question['categories']})"
    worth = f"{_points(question['points'])} points"
    return Text(plain(f"{category} - {place} - {worth}"), style="dim")


def _by_name(players: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The order of keys means nothing, and differs between who was there and who came later."""
    return sorted(players.items(), key=lambda item: str(item[1]["name"]).casefold())


def _name(scene: Scene, member: str, player: Mapping[str, Any]) -> Text:
    """Who it is; whether it is me, and whether they are here."""
    here = player["presence"] == "connected"
    note = "" if here else f" ({player['presence']})"
    style = "bold" if member == scene.member else "" if here else "dim"
    return Text(plain(player["name"]) + note, style=style)


def _countdown(scene: Scene, what: str) -> RenderableType:
    """The seconds until the deadline, and a bar of what is left of a minute at most."""
    deadline = scene.snapshot.context["deadline"]
    if deadline is None or scene.now is None:
        return Text("")
    left = max(0.0, deadline / 1000 - scene.now)
    table = Table.grid(padding=(0, 1))
    table.add_row(f"{what} {ceil(left)} s", ProgressBar(60.0, min(left, 60.0), width=BAR))
    return table


def _points(points: float) -> str:
    """Points without a needless `.0`."""
    return f"{points:g}"
