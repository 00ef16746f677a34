"""What a typed line means in any room."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_facade.play.command import Help, Mistake, Quit, Send, Wait, command_from


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("increment", {"type": "increment"}),
        ("increment by=2", {"type": "increment", "by": 2}),
        ("say text='two words'", {"type": "say", "text": "two words"}),
        ("set on=true off=null x=1.5", {"type": "set", "on": True, "off": None, "x": 1.5}),
        ("sort order=[3,1,2] to='{\"a\":1}'", {"type": "sort", "order": [3, 1, 2], "to": {"a": 1}}),
        ("say text=a=b", {"type": "say", "text": "a=b"}),
        ("say text=", {"type": "say", "text": ""}),
        ("say text=NaN", {"type": "say", "text": "NaN"}),
    ],
)
def test_an_event(line: str, event: dict[str, Any]) -> None:
    assert command_from(line) == Send(event)


def test_an_event_for_a_child() -> None:
    assert command_from("@dice:1 roll times=2") == Send({"type": "roll", "times": 2}, "dice:1")


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/quit", Quit()),
        ("/q", Quit()),
        ("/help", Help()),
        ("/wait question.open", Wait("question.open")),
        ("", None),
        ("   ", None),
    ],
)
def test_a_control(line: str, command: Any) -> None:
    assert command_from(line) == command


@pytest.mark.parametrize(
    "line",
    ["/nonsense", "increment 2", "increment =2", "say 'open", "@dice", "a by=1 by=2", "a type=b"],
)
def test_a_mistake_says_why(line: str) -> None:
    command = command_from(line)
    assert isinstance(command, Mistake)
    assert command.text


@given(st.text())
def test_no_line_fails(line: str) -> None:
    command = command_from(line)
    assert command is None or isinstance(command, Send | Wait | Quit | Help | Mistake)
