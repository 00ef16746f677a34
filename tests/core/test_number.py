"""Numbers and texts that cannot be stored: who makes one has raised; it costs nothing to look for
them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from msgspec import Struct, field

from machine_party.core import (
    Actor,
    BatchResult,
    Cause,
    ClientEvent,
    Emit,
    InvokeEnded,
    Machine,
    Party,
    Sent,
    State,
    TimerFired,
    run_batch,
)
from machine_party.core.plain import flaw_of, is_storable, storable_text
from tests.core.game import load
from tests.core.rig import NOW, Nothing

NUMBERS = [math.nan, math.inf, -math.inf]
LONE = b"\xff".decode("utf-8", "surrogateescape")
"""As Python has it in a file's name that is not UTF-8 (PEP 383)."""
TEXTS = [LONE, "\ud83d", "\ude00\ud83d"]


class Set(ClientEvent):
    """Puts a number where it says. Text, as a client has no NaN to send."""

    where: str = "mean"
    value: str = "1"


class Label(Struct):
    text: str


class Spell(ClientEvent):
    """Puts a text that is not Unicode where it says."""

    reply = Label
    where: str = "log"


class Told(Emit):
    value: float


class Spelt(Emit):
    text: str


class Reply(Struct):
    value: float


class Ask(ClientEvent):
    reply = Reply
    value: str = "1"


class Scores(Struct):
    mean: float = 0.0
    rows: list[dict[str, float]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


class ScoreMachine(Machine[Scores]):
    idle = State(initial=True)
    busy = State(invoke=load)
    set = idle.to.itself(internal=True, on="do_set")
    ask = idle.to.itself(internal=True, on="do_ask")
    spell = idle.to.itself(internal=True, on="do_spell")
    tick = idle.to.itself(internal=True, on="do_tick")
    work = idle.to(busy)
    done_invoke_busy = busy.to(idle, on="do_tick")

    def do_set(self, data: Set) -> None:
        value = float(data.value)
        self.context.log.append(data.value)
        match data.where:
            case "mean":
                self.context.mean = value
            case "rows":
                self.context.rows.append({"a": 1.0, "b": value})
            case "timer":
                self.after(1.0, "tick", {"value": value})
            case "bad tick":
                self.after(1.0, "tick")
            case "emit":
                self.emit(Told(value=value), "*")

    def do_ask(self, data: Ask) -> None:
        self.context.log.append(data.value)
        self.reply(Reply(value=float(data.value)))

    def do_spell(self, data: Spell) -> None:
        match data.where:
            case "log":
                self.context.log.append(LONE)
            case "key":
                self.context.names[LONE] = "a"
            case "inner key":
                self.context.names = {"a": "b", LONE: "c"}
            case "timer":
                self.after(1.0, "tick", {"name": LONE})
            case "emit":
                self.emit(Spelt(text=LONE), "*")
            case "reply":
                self.reply(Label(text=LONE))

    def do_tick(self) -> None:
        self.context.log.append("tick")
        self.context.mean = math.inf - math.inf


class Work(ClientEvent):
    """Starts the invoke."""


class Score(Party):
    machine = ScoreMachine
    events = (Set, Ask, Spell, Work)
    emits = (Told, Spelt)

    def shared(self, snapshot: Any, audience: str) -> Nothing:
        return Nothing()


def started() -> Actor:
    return Actor.start(Score(), input=None, seed="seed", now=NOW)


def sent(where: str, value: float | str) -> Sent:
    return Sent(now=NOW, type="set", data={"where": where, "value": str(value)})


def spelt(where: str) -> Sent:
    return Sent(now=NOW, type="spell", data={"where": where})


def run(actor: Actor, *causes: Cause) -> BatchResult:
    return run_batch(actor.party, actor, actor.dump(), causes, version=1)


def where(plain: Any) -> str | None:
    """The path of its first flaw."""
    flaw = flaw_of(plain)
    return None if flaw is None else flaw.path


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("where", "path"),
    [
        ("mean", "/machine/context/mean"),
        ("rows", "/machine/context/rows/1/b"),
        ("timer", "/timers/1/data/value"),
    ],
)
def test_who_makes_one_is_rejected_and_nobody_else(
    number: float, where: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    result = run(started(), sent("rows", 2), sent(where, number), sent("rows", 3))
    assert [step.accepted for step in result.steps] == [True, False, True]
    bad = result.steps[1]
    assert (bad.code, bad.changed, bad.emits, bad.reply) == ("error", False, [], None)
    assert "nan" not in str(bad.reason)
    assert "NaN" not in str(bad.reason)
    assert [place for place, _ in result.committed()] == [0, 2]
    alone = started()
    for place, cause in ((0, sent("rows", 2)), (2, sent("rows", 3))):
        alone.step(cause, version=1, index=place)
    assert result.actor.dump() == result.form == alone.dump()
    assert path in caplog.text
    assert "became NaN or infinite" in caplog.text


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("log", "/machine/context/log/1"),
        ("key", r"/machine/context/names/\udcff"),
        ("inner key", r"/machine/context/names/\udcff"),
        ("timer", "/timers/1/data/name"),
    ],
)
def test_so_is_who_makes_a_text_that_is_not_unicode(
    place: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    result = run(started(), sent("rows", 2), spelt(place), sent("rows", 3))
    assert [step.code for step in result.steps] == [None, "error", None]
    assert is_storable(result.form)
    assert f"{path} became text with a lone surrogate, which cannot be stored" in caplog.text


@pytest.mark.parametrize("place", ["emit", "reply"])
def test_nor_is_such_a_text_sent(place: str) -> None:
    result = run(started(), spelt(place))
    assert (result.steps[0].code, result.changed, result.patch) == ("error", False, [])


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "cause",
    [sent("emit", "{}"), Sent(now=NOW, type="ask", data={"value": "{}"})],
    ids=["emit", "reply"],
)
def test_what_is_sent_has_none_either(number: float, cause: Sent) -> None:
    data = {**cause.data, "value": str(number)}
    result = run(started(), Sent(now=NOW, type=cause.type, data=data))
    assert (result.steps[0].code, result.changed, result.patch) == ("error", False, [])


def test_a_timer_that_makes_one_is_tried_again_and_given_up() -> None:
    actor = run(started(), sent("bad tick", 0)).actor
    for seconds in (1, 2, 4):
        ((key, timer),) = actor.timers.rows.items()
        result = run(actor, TimerFired(now=timer.deadline, timer=key), sent("rows", 1))
        assert (result.given_up, result.steps[1].accepted) == (None, True)
        assert is_storable(result.form)
        actor = result.actor
        assert actor.timers.next_deadline() == timer.deadline + seconds
    ((key, timer),) = actor.timers.rows.items()
    result = run(actor, TimerFired(now=timer.deadline, timer=key))
    assert "became NaN" in str(result.given_up)


def test_an_invoke_whose_result_makes_one_is_tried_again() -> None:
    actor = run(started(), Sent(now=NOW, type="work")).actor
    ((path, invoke),) = actor.running_invokes()
    result = run(actor, InvokeEnded(now=NOW, path=path, invoke=invoke, result=1))
    assert result.given_up is None
    assert result.actor.timers.next_deadline() == NOW + 1
    assert is_storable(result.form)


def test_without_looking_it_would_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("machine_party.core.batch._unstorable", lambda _patch: None)
    result = run(started(), sent("mean", math.nan))
    assert result.steps[0].accepted
    assert not is_storable(result.patch)


def test_only_what_has_changed_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []
    actor = run(started(), *(sent("rows", number) for number in range(100))).actor

    def look(plain: Any) -> bool:
        looked.append(plain)
        return True

    monkeypatch.setattr("machine_party.core.batch.is_storable", look)
    run(actor, sent("mean", 2))
    assert looked == [
        [
            {"op": "replace", "path": "/machine/context/mean", "value": 2.0},
            {"op": "add", "path": "/machine/context/log/100", "value": "2"},
        ]
    ]


@pytest.mark.parametrize("flawed", [*NUMBERS, *TEXTS])
def test_where_it_is(flawed: float | str) -> None:
    plain = {"a": [1, {"b/c": flawed}], "d": (flawed,)}
    assert not is_storable(plain)
    assert where(plain) == "/a/1/b/c"
    assert where(flawed) == ""


def test_a_key_is_a_text_too() -> None:
    plain = {"a": [{LONE: math.nan}]}
    assert not is_storable(plain)
    assert where(plain) == r"/a/0/\udcff"


def test_other_numbers_and_texts_are_none() -> None:
    plain = [0, -1.5, 2**70, 1e308, True, None, "NaN", {"nan": "Infinity", "\U0001f600": "é\x00"}]
    assert is_storable(plain)
    assert where(plain) is where([10**5000]) is None


@pytest.mark.parametrize("text", ["", "a", "é", "\U0001f600", r"\udcff"])
def test_a_text_that_can_be_stored_stays_as_it_is(text: str) -> None:
    assert storable_text(text) == text
    assert storable_text(text + LONE) == text + r"\udcff"
