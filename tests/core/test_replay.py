"""The same causes give the same room, in another process too, whose sets and hashes are in another
order; and so does the hash of a definition, which is stored."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from random import Random
from typing import Any

import msgspec
import pytest

from machine_party.core import Actor, Cause, Joined, Sent, TimerFired, run_batch
from tests.core.game import cause_of
from tests.core.replay import PARTIES, Recording, replayed
from tests.core.rig import NOW
from tests.core.test_restore import TOUR, strict


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The game raises on purpose."""
    monkeypatch.setattr(logging.getLogger("machine_party.room"), "disabled", True)


Course = Generator[list[Cause], Actor, None]
"""What happens to a room: batches out, the actor as the last one left it back in."""


def recorded(party: str, input: Any, course: Callable[[Actor], Course]) -> Recording:
    """A room to which those things happen, and what its journal says of them."""
    kind = PARTIES[party]
    recording = Recording(party, input)
    actor = Actor.start(kind, input=kind.convert_input(input), seed="seed", now=NOW)
    playing, form, version = course(actor), actor.dump(), 0
    batch: list[Cause] | None = next(playing)
    while batch is not None:
        result = run_batch(kind, actor, form, batch, version=version + 1)
        actor, form, version = result.actor, result.form, version + result.changed
        recording.causes += [(version, place, cause) for place, cause in result.committed()]
        batch = _after(playing, actor)
    assert strict(replayed(recording)["form"]) == strict(form), "not even in this process"
    return recording


def _after(playing: Course, actor: Actor) -> list[Cause] | None:
    try:
        return playing.send(actor)
    except StopIteration:
        return None


def everything(actor: Actor) -> Course:
    yield [Joined(now=NOW, identity=who, role="player", name=who) for who in ("ann", "bob", "cat")]
    yield [Sent(now=NOW + 1, type="strange.event")]
    pair: Any = {"at": [1, 2], "pair": ["l", "r"], "target": {"id": "x"}}
    yield [Sent(now=NOW + 2, type="hit", data=pair), Sent(now=NOW + 3, type="poke")]


def game(actor: Actor) -> Course:
    for second, step in enumerate(TOUR):
        actor = yield [cause_of(actor, step, NOW + 2 * second)]


def trivia(actor: Actor) -> Course:
    random, names = Random(7), ("ann", "bob", "cat")
    joins: list[Cause] = [Joined(now=NOW, identity=name, role="player") for name in names]
    actor = yield [Joined(now=NOW, identity="host", role="host"), *joins]
    actor = yield [Sent(now=NOW, type="start")]
    while (due := actor.timers.next_deadline()) is not None:
        if actor.snapshot().matches("question.open"):
            actor = yield list(_answers(actor, due - random.random(), random))
        actor = yield [TimerFired(now=due, timer=key) for key, _ in actor.timers.due(due)]


def _answers(actor: Actor, now: float, random: Random) -> Iterator[Cause]:
    question = actor.snapshot().context.current.id
    for member in list(actor.roster.members)[1:]:
        data = {"question": question, "choice": random.choice("abcd")}
        yield Sent(now=now, type="answer", data=data, member=member)


ROOMS: list[tuple[str, Any, Callable[[Actor], Course]]] = [
    ("everything", None, everything),
    ("game", None, game),
    ("trivia", {"speed": "linear"}, trivia),
]


def elsewhere(recording: Recording, hash_seed: str) -> dict[str, Any]:
    """What another process makes of it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.replay"],
        input=msgspec.json.encode(recording),
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = msgspec.json.decode(done.stdout)
    return found


@pytest.mark.parametrize(("party", "input", "course"), ROOMS)
def test_another_process_makes_the_same_of_it(party: str, input: Any, course: Any) -> None:
    recording = recorded(party, input, course)
    assert len(recording.causes) >= 5
    here = replayed(recording)
    for hash_seed in ("1", "2"):
        assert strict(elsewhere(recording, hash_seed)) == strict(here)


def test_the_recordings_reach_the_end() -> None:
    forms = {name: replayed(recorded(name, input, course))["form"] for name, input, course in ROOMS}
    assert forms["everything"]["machine"]["configuration"][0] == "fight"
    assert [forms[name]["machine"]["status"] for name in ("game", "trivia")] == ["done", "done"]
    rounds = forms["trivia"]["machine"]["context"]["rounds"]
    assert all(asked["answers"] for asked in rounds if asked["question"]["type"] == "radio")
