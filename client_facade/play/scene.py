"""What the screen shows, for any party: pure, from a scene to a Rich renderable.

What must not be here: terminals (`terminal.py`), or a game's own screen (`quiz.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text
from rich.tree import Tree

from client_facade.snapshot import Snapshot

__all__ = ["Scene", "footer", "frame", "plain", "render", "state_words"]

#: Control characters (C0, DEL, C1) and those that turn the direction of text around: what others
#: have typed must not steer this terminal.
UNSAFE = dict.fromkeys(
    (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a screen is a function of.

    Attributes:
        title: of the room.
        snapshot: what the member sees.
        member: the member's id.
        now: the server's clock, in epoch seconds; None for a screen without running countdowns.
        connected: whether the connection is there.
        log: what was said lately, the latest last.
    """

    title: str
    snapshot: Snapshot[Any]
    member: str
    now: float | None
    connected: bool = True
    log: tuple[str, ...] = ()


def render(scene: Scene) -> RenderableType:
    """The screen of a party that has none of its own: state, context, children, events."""
    snapshot = scene.snapshot
    parts: list[RenderableType] = [_tree("context", snapshot.context)]
    parts += [
        _tree(f"child {child_id} ({state_words(child.value)})", child.context)
        for child_id, child in snapshot.children.items()
    ]
    if snapshot.output is not None:
        parts.append(_tree("output", snapshot.output))
    events = "  ".join(snapshot.events) or "nothing at the moment"
    parts.append(Text.assemble(("you can send: ", "dim"), (plain(events), "bold")))
    return frame(scene, *parts)


def frame(scene: Scene, *parts: RenderableType) -> RenderableType:
    """A screen's parts within what every screen has: title, state, tags, log."""
    snapshot = scene.snapshot
    state = state_words(snapshot.value)
    about = f"{state}  {' '.join(f'#{tag}' for tag in sorted(snapshot.tags))}".strip()
    if snapshot.status != "active":
        about += f"  ({snapshot.status}{f': {snapshot.error}' if snapshot.error else ''})"
    body = Panel(
        Group(*parts),
        title=Text(plain(scene.title)),
        title_align="left",
        subtitle=Text(plain(about)),
        subtitle_align="left",
    )
    return Group(body, footer(scene))


def footer(scene: Scene) -> RenderableType:
    """The last things said, and whether the connection is there."""
    lines = [
        Text(plain(line), style="dim", overflow="ellipsis", no_wrap=True) for line in scene.log[-4:]
    ]
    if not scene.connected:
        lines.append(Text("not connected; coming back …", style="bold yellow"))
    return Group(*lines)


def state_words(value: Any) -> str:
    """A state value for people: `question.open`, or regions side by side: `a.x | b.y`."""
    if isinstance(value, Mapping):
        return " | ".join(f"{name}.{state_words(inner)}" for name, inner in value.items())
    return str(value)


def plain(text: str) -> str:
    """A text that others wrote, without what could steer a terminal."""
    return text.translate(UNSAFE)


def _tree(name: str, value: Any) -> Tree:
    """A JSON value as a tree."""
    items: list[tuple[str, Any]] = []
    if isinstance(value, Mapping):
        items = list(value.items())
    elif isinstance(value, list):
        items = [(str(number), item) for number, item in enumerate(value, 1)]
    if not items:
        return Tree(Text.assemble((plain(name), "cyan"), " = ", (_word(value), "bold")))
    tree = Tree(Text(plain(name), style="cyan"))
    for key, item in items:
        tree.add(_tree(key, item))
    return tree


def _word(value: Any) -> str:
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(str(value))
