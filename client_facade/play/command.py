"""What a typed line means: pure, from (line, snapshot) to a command.

    increment by=2          sends {"type": "increment", "by": 2}
    @dice:1 roll            sends to a child machine
    /wait question.open     waits until the machine is there (for scripts)
    /quit  /help

What must not be here: carrying commands out (`player.py`), or a game's own words (`quiz.py`).
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

__all__ = ["HELP", "Command", "Help", "Mistake", "Quit", "Send", "Wait", "command_from"]

HELP = (
    "type key=value …  sends an event; values are JSON, or else text.  "
    "@child type …  sends it to a child.  /wait state  /help  /quit"
)


@dataclass(frozen=True, slots=True)
class Send:
    """Send an event, to the machine or to one of its children."""

    event: dict[str, Any]
    child: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait until the machine is in a state."""

    state: str


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave."""


@dataclass(frozen=True, slots=True)
class Help:
    """Tell what can be typed."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """The line means nothing; `text` says why."""

    text: str


Command = Send | Wait | Quit | Help | Mistake


def command_from(line: str) -> Command | None:
    """The command that a line means, or None for an empty one."""
    line = line.strip()
    if not line:
        return None
    if line.startswith("/"):
        return _control(line[1:].split())
    try:
        words = shlex.split(line)
    except ValueError as error:
        return Mistake(f"{error}; quote a text with spaces: name='Ada L.'")
    child = words.pop(0)[1:] if words[0].startswith("@") else None
    return _event(words, child)


def _control(words: list[str]) -> Command:
    match words:
        case ["quit" | "q" | "exit"]:
            return Quit()
        case ["help" | "h" | "?"]:
            return Help()
        case ["wait", state]:
            return Wait(state)
    return Mistake(f"there is no such command; {HELP}")


def _event(words: list[str], child: str | None) -> Command:
    if not words:
        return Mistake("an event begins with its type: @child roll times=2")
    event: dict[str, Any] = {"type": words[0]}
    for word in words[1:]:
        key, equals, text = word.partition("=")
        if not equals or not key:
            return Mistake(f"{word!r} is not key=value")
        if key in event:
            return Mistake(f"{key!r} is there already")
        event[key] = _value(text)
    return Send(event, child)


def _value(text: str) -> Any:
    """The JSON value that a text is, or the text."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError:
        return text


def _refuse(name: str) -> None:
    """NaN and Infinity are not JSON (RFC 8259): then they are words."""
    raise ValueError(name)
