"""The screen of any room."""

from __future__ import annotations

from typing import Any

from rich.console import Console, RenderableType

from client_facade import Snapshot
from client_facade.play.scene import Scene, plain, render, state_words

DOCUMENT: dict[str, Any] = {
    "value": {"round": {"table": "open", "timer": "running"}},
    "tags": ["loud"],
    "status": "active",
    "context": {"count": 3, "names": ["Ada", "Bo"], "deep": {"on": True, "off": None}},
    "children": {"dice:1": {"value": "rolled", "context": {"pips": 6}}},
    "can": {"increment": True, "reset": True},
}


def text_of(screen: RenderableType, width: int = 80) -> str:
    console = Console(width=width, force_terminal=False)
    with console.capture() as capture:
        console.print(screen)
    return capture.get()


def scene(document: dict[str, Any], **changes: Any) -> Scene:
    whole: dict[str, Any] = {"title": "counter / lobby", "member": "m1", "now": 0.0, **changes}
    return Scene(snapshot=Snapshot(document), **whole)


def test_it_shows_everything_that_the_member_sees() -> None:
    shown = text_of(render(scene(DOCUMENT, log=("* ring", "! rate_limited"))))
    for part in (
        "counter / lobby", "round.table.open | timer.running", "#loud", "count = 3", "Ada",
        "on = yes", "off = none", "dice:1 (rolled)", "pips = 6", "increment  reset", "* ring",
    ):  # fmt: skip
        assert part in shown


def test_an_end_and_a_lost_connection_are_shown() -> None:
    document = {**DOCUMENT, "status": "error", "error": "boom", "output": {"won": "m1"}, "can": {}}
    shown = text_of(render(scene(document, connected=False)))
    assert "(error: boom)" in shown
    assert "won = m1" in shown
    assert "not connected" in shown
    assert "nothing at the moment" in shown


def test_what_others_typed_cannot_steer_the_terminal() -> None:
    evil = "\x1b[2Jgone\x07\r\u202eba\x9b31m [bold]markup[/bold]"
    document = {**DOCUMENT, "value": evil, "context": {evil: evil}, "can": {evil: True}}
    shown = text_of(render(scene(document, title=evil, log=(evil,))), width=200)
    assert not {"\x1b", "\x07", "\r", "\u202e", "\x9b"} & set(shown)
    assert "[bold]markup[/bold]" in shown


def test_plain_keeps_what_is_harmless() -> None:
    assert plain("Zoë 𝄞 [x] ☃") == "Zoë 𝄞 [x] ☃"


def test_a_state_in_words() -> None:
    assert state_words("idle") == "idle"
    assert state_words({"a": {"b": "c"}}) == "a.b.c"
