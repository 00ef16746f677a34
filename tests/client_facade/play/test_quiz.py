"""The quiz's screen and words, on documents as the trivia party shows them."""

from __future__ import annotations

from typing import Any

import pytest

from client_facade import Snapshot
from client_facade.play.command import Help, Mistake, Quit, Send, Wait
from client_facade.play.quiz import fits, quiz_command, render
from client_facade.play.scene import Scene
from tests.client_facade.play.test_scene import text_of

NOW = 1_700_000_000.0
DEADLINE = int((NOW + 12.4) * 1000)


def player(name: str, **changes: Any) -> dict[str, Any]:
    usual = {"presence": "connected", "ready": False, "confirmed": False}
    return {"name": name, "points": 0.0, "rank": None, "place": None, **usual, **changes}


QUESTION = {
    "id": "q1",
    "number": 3,
    "total": 10,
    "category": "Rivers",
    "category_number": 1,
    "categories": 2,
    "kind": "radio",
    "prompt": "Which is longest?",
    "points": 10.0,
    "options": {"b": "Nile", "a": "Rhine"},
}
CONTEXT: dict[str, Any] = {
    "title": "Geography",
    "players": {"m1": player("Ada"), "m2": player("Bo", presence="away", ready=True)},
    "question": None,
    "progress": None,
    "reveal": None,
    "step": 4,
    "deadline": None,
    "plays": True,
    "answer": None,
}


def snapshot(value: Any, can: str = "", **context: Any) -> Snapshot[Any]:
    return Snapshot(
        {
            "value": value,
            "can": dict.fromkeys(can.split(), True),
            "context": {**CONTEXT, **context},
        }
    )


def shown(state: Snapshot[Any], now: float | None = NOW) -> str:
    return text_of(render(Scene("trivia / X", state, "m1", now)))


LOBBY = snapshot("lobby", "ready start")
OPEN = snapshot(
    {"question": "open"},
    "answer confirm skip",
    question=QUESTION,
    progress={"confirmed": 1, "present": 2},
    deadline=DEADLINE,
)
TEXT = snapshot(
    {"question": "open"}, "answer confirm", question={**QUESTION, "kind": "text", "options": {}}
)


def test_it_knows_a_quiz() -> None:
    assert fits(LOBBY)
    assert not fits(Snapshot({"context": {"count": 1}}))
    assert not fits(Snapshot({}))


@pytest.mark.parametrize(
    ("state", "line", "event"),
    [
        (LOBBY, "", {"type": "ready", "ready": True}),
        (LOBBY, "ready", {"type": "ready"}),
        (LOBBY, "unready", {"type": "ready", "ready": False}),
        (LOBBY, "start", {"type": "start"}),
        (LOBBY, "remove bo", {"type": "remove", "member": "m2"}),
        (OPEN, "1", {"type": "answer", "question": "q1", "choice": "b"}),
        (OPEN, " A ", {"type": "answer", "question": "q1", "choice": "a"}),
        (OPEN, "", {"type": "confirm", "question": "q1"}),
        (OPEN, "/confirm", {"type": "confirm", "question": "q1"}),
        (OPEN, "confirm question=q9", {"type": "confirm", "question": "q9"}),
        (TEXT, "the Nile", {"type": "answer", "question": "q1", "text": "the Nile"}),
        (TEXT, "42", {"type": "answer", "question": "q1", "text": "42"}),
        (TEXT, "", {"type": "confirm", "question": "q1"}),
        (snapshot("recap", "skip"), "skip", {"type": "skip", "step": 4}),
    ],
)
def test_a_line_is_an_event(state: Snapshot[Any], line: str, event: dict[str, Any]) -> None:
    assert quiz_command(line, state) == Send(event)


@pytest.mark.parametrize(
    ("line", "command"),
    [("/quit", Quit()), ("/help", Help()), ("/wait recap", Wait("recap"))],
)
def test_controls_are_as_everywhere(line: str, command: Any) -> None:
    for state in (LOBBY, OPEN, TEXT):
        assert quiz_command(line, state) == command


@pytest.mark.parametrize(
    ("state", "line"), [(OPEN, "3"), (OPEN, "0"), (OPEN, "z"), (LOBBY, "remove Zoe")]
)
def test_a_mistake_says_why(state: Snapshot[Any], line: str) -> None:
    assert isinstance(quiz_command(line, state), Mistake)


def test_nothing_to_say_is_nothing() -> None:
    assert quiz_command("", snapshot("recap")) is None


def test_the_lobby() -> None:
    text = shown(LOBBY)
    for part in ("Geography", "Ada", "Bo (away)", "yes", "Enter: I am ready", "start: begin now"):
        assert part in text


def test_everybody_sees_the_same_order() -> None:
    """Whoever came later has the players in another order of keys."""
    players = LOBBY.context["players"]
    backwards = snapshot("lobby", players=dict(reversed(players.items())))
    there, later = shown(snapshot("lobby", players=dict(players))), shown(backwards)
    assert there == later
    assert there.index("Ada") < there.index("Bo")


def test_the_countdown() -> None:
    assert "starts in 13 s" in shown(snapshot("countdown", deadline=DEADLINE))
    assert "starts in 0 s" in shown(snapshot("countdown", deadline=DEADLINE), now=NOW + 60)
    assert "starts in" not in shown(snapshot("countdown", deadline=DEADLINE), now=None)


def test_the_open_question() -> None:
    text = shown(OPEN)
    for part in (
        "Rivers (1/2) - question 3 of 10 - 10 points", "Which is longest?", "1  Nile", "2  Rhine",
        "1 of 2 have confirmed", "time left 13 s", "1 to 2: choose; Enter: pass",
    ):  # fmt: skip
        assert part in text


def test_my_answer_is_marked() -> None:
    draft = {"question": "q1", "choice": "a", "text": None, "confirmed": False}
    state = snapshot({"question": "open"}, "answer", question=QUESTION, answer=draft)
    assert "> 2  Rhine" in shown(state)
    assert "Enter: confirm" in shown(state)
    confirmed = snapshot(
        {"question": "open"}, "answer", question=QUESTION, answer={**draft, "confirmed": True}
    )
    assert "confirmed" in shown(confirmed)
    written = snapshot(
        {"question": "closed"}, question=QUESTION, answer={**draft, "choice": None, "text": "Nil"}
    )
    assert "> Nil" in shown(written)
    assert "closed" in shown(written)


def test_the_preparation_shows_no_options() -> None:
    state = snapshot(
        {"question": "preparation"}, question={**QUESTION, "options": {}}, deadline=DEADLINE
    )
    assert "opens in 13 s" in shown(state)
    assert "Nile" not in shown(state)


def test_the_recap() -> None:
    reveal = {
        "choices": ["b"],
        "texts": [],
        "explanation": "By a little.",
        "answers": {
            "m1": {"choice": "b", "text": None, "points": 10.0},
            "m2": {"choice": None, "text": None, "points": 0.0},
            "mx": {"choice": "a", "text": None, "points": 0.0},
        },
    }
    players = {
        "m1": player("Ada", points=10.0, rank=1, place=1),
        "m2": player("Bo", rank=2, place=2),
    }
    text = shown(snapshot("recap", question=QUESTION, reveal=reveal, players=players))
    for part in ("Right: Nile", "By a little.", "passed", "1.", "2."):
        assert part in text


def test_the_ranking_is_by_place() -> None:
    players = {
        "m1": player("Ada", points=2.5, rank=2, place=2),
        "m2": player("Bo", points=7.0, rank=1, place=1),
        "m3": player("Cleo"),
    }
    text = shown(snapshot("ranking", players=players))
    assert text.index("Bo") < text.index("Ada")
    assert "2.5" in text
    assert "Cleo" not in text


def test_names_and_answers_cannot_steer_the_terminal() -> None:
    evil = "\x1b[2J\u202e[red]"
    state = snapshot(
        {"question": "open"},
        question={**QUESTION, "prompt": evil, "category": evil, "options": {"a": evil}},
        players={"m1": player(evil)},
        title=evil,
    )
    for each in (state, snapshot("lobby", players={"m1": player(evil)}, title=evil)):
        assert not {"\x1b", "\u202e"} & set(shown(each))
