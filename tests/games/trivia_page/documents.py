"""What the trivia page can be shown: documents of real games, of every state and every role.

A scenario is one game, played on the pure core; it is stopped at each of its scenes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from games.trivia import Trivia, machine
from games.trivia.pack import parse
from tests.games.table import Table

__all__ = ["SCENARIOS", "Scenario", "documents"]

GENERAL = """
title: Friday quiz
categories:
  - name: Planet Earth
    questions:
      - type: radio
        prompt: Which ocean is the smallest?
        options:
          - {text: The Arctic Ocean, correct: true}
          - {text: The Southern Ocean}
          - {text: The Indian Ocean, weight: 0.5}
          - {text: The Atlantic Ocean}
        explanation: >-
          The Arctic Ocean covers some 14 to 15 million square kilometres, less than a tenth of
          the Pacific.
      - type: text
        prompt: Which river carries more water to the sea than any other?
        answers: [Amazon]
        explanation: The Amazon brings about a fifth of all the river water that reaches the oceans.
"""

_OPTION = "an option that goes on and on, for its author had a lot to say about all this, "

LONG = json.dumps(
    {
        "title": "The very long evening of questions about everything " * 2,
        "categories": [
            {
                "name": "Donaudampfschifffahrtsgesellschaftskapitänsmützen and other things",
                "questions": [
                    {
                        "type": "radio",
                        "prompt": "Which of these sentences about our world is the right one? " * 7,
                        "options": [
                            {"text": f"{number}: {_OPTION * 2}".strip(), "correct": number == 3}
                            for number in range(1, 9)
                        ],
                        "explanation": "This is so because the world is as it is. " * 20,
                    },
                    {
                        "type": "text",
                        "prompt": "Kraftfahrzeughaftpflichtversicherung" * 4 + " means what?",
                        "answers": [("insurance " * 19).strip()],
                    },
                ],
            }
        ],
    }
)

SCRIPTS = """
title: مسابقة 🎉 חידון
categories:
  - name: لغات العالم 🌍
    questions:
      - type: radio
        prompt: ما هي عاصمة فرنسا؟ (Paris, 巴黎, פריז)
        options:
          - {text: باريس 🗼, correct: true}
          - {text: "לונדון"}
          - {text: "東京 <b>not bold</b>"}
          - {text: "😀😃😄😁😆"}
          - {text: "Mixed عربي and English"}
        explanation: "باريس هي عاصمة فرنسا. <script>alert(1)</script>"
      - type: text
        prompt: איך אומרים שלום בערבית? 👋
        answers: [سلام]
"""


@dataclass(frozen=True)
class Scenario:
    """A game that is played: its questions, its players, and what the room is made with."""

    pack: str
    players: Sequence[str]
    input: Mapping[str, Any]


NAMES = ["Alice", "Bob", "Chloé", "Dmitri", "Eszter", "Farid", "Grace", "Hiroshi"]
ODD = [
    "WWWWWWWWWWWWWWWWWWWWWWWW",
    "Maximiliane-Charlotte II",
    "محمد عبد الرحمن",
    "👩‍👩‍👧‍👦 family 👍🏽",
    "<b>bold</b> & “q”",
    "שרה",
    "i",
    "山田太郎",
]

SCENARIOS = {
    "two": Scenario(GENERAL, NAMES[:2], {}),
    "eight": Scenario(GENERAL, NAMES, {}),
    "long": Scenario(LONG, ODD, {}),
    "scripts": Scenario(SCRIPTS, ODD, {}),
    "sixty": Scenario(GENERAL, [f"{NAMES[n % 8]} {n}" for n in range(1, 61)], {}),
    "plays": Scenario(GENERAL, NAMES[:3], {"host_plays": True}),
}

TEXTS = ("Amazon", "amazon!", "The Nile", "nile", "Yangtze", "Rhine", "Danube", "سلام", "شاي", "Po")
ROLES = ("player", "host", "screen", "spectator")


def documents(scenario: Scenario) -> dict[str, Any]:
    """`{scene: {now, members: {role: id}, documents: {role: document}}}`, in their order."""
    pack = parse("gallery.yaml", scenario.pack)
    with patch.object(machine, "find", lambda name: pack):
        table = Table(Trivia(), input=dict(scenario.input), seed="gallery")
        table.join("Hilda", "host")
        table.join("screen", "screen")
        table.join("watcher", "spectator")
        return {scene: _seen(table, scenario) for scene in _played(table, scenario.players)}


def _played(table: Table, players: Sequence[str]) -> Iterator[str]:
    """Plays a game, and stops at each scene."""
    yield from _gathering(table, players)
    for kind in ("radio", "text"):
        yield from _question(table, players, kind)
    for kind in ("radio", "text"):
        while table.value != "recap" or table.shared["question"]["kind"] != kind:
            table.tick()
        table.pass_time(3)
        yield f"{kind}-recap"
    table.tick()
    yield "ranking"


def _gathering(table: Table, players: Sequence[str]) -> Iterator[str]:
    yield "empty"
    for player in players:
        table.join(player)
    yield "lobby"
    for player in players[1::2]:
        table.send(player, "ready")
    if len(players) > 3:
        table.presence(players[2], "away")
        table.presence(players[3], "gone")
    yield "half-ready"
    table.send(players[0], "ready")
    yield "ready"
    table.send("Hilda", "start")
    table.pass_time(1.2)
    yield "countdown"


def _question(table: Table, players: Sequence[str], kind: str) -> Iterator[str]:
    _to(table, "preparation")
    table.pass_time(1)
    yield f"{kind}-preparation"
    _to(table, "open")
    table.pass_time(3)
    yield f"{kind}-open"
    for number, player in enumerate(players):
        if number % 7 != 6:
            _answer(table, player, number, kind)
    yield f"{kind}-chosen"
    table.send("Hilda", "pause")
    yield f"{kind}-paused"
    table.send("Hilda", "resume")
    for player in players[1::2]:
        _confirm(table, player)
    table.pass_time(12)
    yield f"{kind}-urgent"
    if len(players) > 2:
        _confirm(table, players[0])
        yield f"{kind}-locked"
    _to(table, "closed")
    yield f"{kind}-closed"


def _to(table: Table, state: str) -> None:
    while table.value != {"question": state}:
        table.tick()


def _answer(table: Table, player: str, number: int, kind: str) -> None:
    question = table.shared["question"]
    if kind == "text":
        given = {"text": TEXTS[number % len(TEXTS)]}
    else:
        letters = sorted(question["options"])
        given = {"choice": letters[(number * number) % len(letters)]}
    table.send(player, "answer", question=question["id"], **given)


def _confirm(table: Table, player: str) -> None:
    table.send(player, "confirm", question=table.shared["question"]["id"])


def _seen(table: Table, scenario: Scenario) -> dict[str, Any]:
    who = {
        "player": scenario.players[0],
        "host": "Hilda",
        "screen": "screen",
        "spectator": "watcher",
    }
    seated = {role: name for role, name in who.items() if name in table.ids}
    return {
        "now": table.now * 1000,
        "members": {role: table.ids[name] for role, name in seated.items()},
        "documents": {role: _merged(table, role, name) for role, name in seated.items()},
    }


def _merged(table: Table, role: str, name: str) -> dict[str, Any]:
    """The whole document: the layers have no field in common."""
    shared, own = table.document(role), table.own_document(name)
    return {**shared, **{part: {**shared[part], **own[part]} for part in ("context", "can")}}
