"""A room that is stored and restored at any moment goes on as the one that never stopped.

Two rooms get the same; one of them is thrown away and restored now and then, through JSON. After
each batch everything that can be told of a room is compared: what is stored, what each member
sees, what waits and what runs; and the outcome of the batch itself.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_party.core import Actor, BatchResult, Party, project_own, project_shared, run_batch
from machine_party.errors import RestoreError
from tests.core.game import ENTRIES, OTHERS, SENDS, Step_, cause_of, game
from tests.core.rig import NOW

Happening = tuple[Step_, int]
Lose = Callable[[dict[str, Any]], Any]

BATCHES = st.lists(
    st.tuples(
        st.lists(st.tuples(SENDS | OTHERS, st.integers(-1, 6)), min_size=1, max_size=3),
        st.booleans(),
    ),
    max_size=15,
)
"""What happens, batch by batch, and whether the server is restarted before it."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The game raises all the time, and each raise would be logged with its traceback."""
    logger = logging.getLogger("machine_party.room")
    before, logger.disabled = logger.disabled, True
    yield
    logger.disabled = before


class Life:
    """A room's life, without a store: batch after batch on the form that the last one left."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.actor = Actor.start(party, input=None, seed="seed", now=NOW)
        self.form = self.actor.dump()
        self.now, self.version, self.given_up = NOW, 0, False

    def restart(self) -> None:
        stored = msgspec.json.encode(self.form)
        before = len(ENTRIES)
        self.actor = Actor.restore(self.party, msgspec.json.decode(stored))
        assert len(ENTRIES) == before, f"a restore has entered {ENTRIES[before:]}"
        assert strict(self.actor.dump()) == strict(self.form), "a restore has changed something"

    def take(self, happenings: list[Happening]) -> BatchResult:
        causes = []
        for happening, seconds in happenings:
            self.now += seconds
            causes.append(cause_of(self.actor, happening, self.now))
        self.version += 1
        result = run_batch(self.party, self.actor, self.form, causes, version=self.version)
        self.actor, self.form = result.actor, result.form
        self.given_up = result.given_up is not None
        return result

    def told(self) -> Iterator[Any]:
        """All that can be told of the room."""
        yield strict(self.form)
        yield strict(self.actor.dump())
        yield from self._seen()
        yield from (self.actor.wake(), self.actor.running_invokes(), list(self.actor.machines))
        yield (self.actor.timers.next_deadline(), self.actor.timers.due(self.now))

    def _seen(self) -> Iterator[Any]:
        root, snapshot = self.actor.machines[""], self.actor.snapshot()
        for role in ("player", "host"):
            yield strict(project_shared(self.party, root, snapshot, role, role).document())
        for member in snapshot.members.values():
            yield strict(project_own(self.party, root, snapshot, member).document())


def strict(value: Any) -> str:
    """A form that tells True from 1 and one order of keys from another."""
    return json.dumps(value)


def compare(batches: list[tuple[list[Happening], bool]]) -> Life:
    """Fails if the room that is restarted does anything that the steady one does not."""
    steady, stopped = Life(game()), Life(game())
    for happenings, restarted in batches:
        if restarted:
            stopped.restart()
        expected, got = steady.take(happenings), stopped.take(happenings)
        assert (expected.causes, expected.steps) == (got.causes, got.steps)
        assert expected.patch == got.patch
        assert list(steady.told()) == list(stopped.told())
        if steady.given_up:
            break
    return stopped


@given(BATCHES)
def test_a_room_that_is_restored_at_any_moment_is_the_one_that_never_stopped(
    batches: list[tuple[list[Happening], bool]],
) -> None:
    compare([([(("joined", "ann"), 0), (("sent", ("start", 0, 0, None)), 0)], True), *batches])


# -- forms of older code --------------------------------------------------------------------------


@pytest.mark.parametrize(("root", "child"), [(7, 3), (3, 7)])
def test_no_id_is_used_twice_after_a_form_in_which_each_machine_counted_for_itself(
    root: int, child: int
) -> None:
    life = Life(game())
    life.take([(("joined", "ann"), 0), (sent("start"), 0), (sent("hire"), 0)])
    del life.form["next_invoke"]
    life.form["machine"]["next_id"] = root
    life.form["machine"]["children"]["p0"]["next_id"] = child
    life.actor = Actor.restore(life.party, life.form)
    life.form = life.actor.dump()
    life.restart()
    life.take([(sent("answer"), 0)])
    assert list(life.actor.running_invokes()) == [("", "judging.7")]
    assert life.form["next_invoke"] == 8
    assert "next_id" not in strict(life.form)


# -- it can fail ----------------------------------------------------------------------------------


def sent(name: str, n: int = 0, *, who: int | None = None, child: str | None = None) -> Step_:
    return ("sent", (name, n, who, child))


WALK = sent("walk", child="pawn.3")
TOUR: list[Step_] = [
    ("joined", "ann"), ("joined", "bob"), sent("start"), sent("roll", 1, who=0),
    # children and their timers, a pause of all timers, more time
    sent("hire"), sent("push"), sent("shout"), sent("keep", 1), sent("plan", 2), sent("hold"),
    sent("plan", 1), ("resumed", 0), ("extended", 0), sent("prolong", 2), ("restored", 1),
    sent("forget", 1), ("kicked", 1), ("joined", "bob"), ("unkicked", 0), ("joined", "bob"),
    # invokes, history, a child that is invoked
    sent("answer"), sent("pause"), sent("resume"), ("invoke", (0, True)), WALK, sent("hire", 1),
    sent("push", 1), ("invoke", (0, False)), sent("hush"), sent("fire", 1),
    sent("pause"), sent("resume"),
    # an event that raises and is tried again; the timers that are left
    sent("arm"), ("timer", 1), ("timer", 1), ("timer", 2), ("timer", 0), sent("keep", 1),
    sent("late"), ("paused", 0), ("presence", (0, "away")), sent("promote", who=0),
    sent("roll", 2, who=0), ("resumed", 0), ("timer", 0), ("timer", 0), ("timer", 0),
    sent("push"), sent("finish"), sent("roll"),
]  # fmt: skip
"""Everywhere."""


def tour() -> Life:
    """With a restart before each step."""
    return compare([([(step, 2)], True) for step in TOUR])


def test_the_tour_is_the_same_too_and_goes_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what follows could not fail."""
    forms: list[dict[str, Any]] = []
    restart = Life.restart

    def watched(life: Life) -> None:
        forms.append(life.form)
        restart(life)

    monkeypatch.setattr(Life, "restart", watched)
    assert tour().actor.snapshot().status == "done"
    timers = [row for form in forms for row in form["timers"].values()]
    assert {row.get("policy", "deadline") for row in timers} == {"deadline", "remaining", "restart"}
    assert {row.get("path", "") for row in timers} >= {"", "p0"}
    assert any(row.get("attempts") for row in timers)
    machines = [form["machine"] for form in forms]
    assert any(machine["history"] for machine in machines)
    assert any(machine["invokes"] for machine in machines)
    assert {key for machine in machines for key in machine["children"]} >= {"p0", "p1", "pawn.3"}
    assert any(form["paused_at"] is not None for form in forms)
    assert any(form["kicked"] for form in forms)


@contextmanager
def losing(lose: Lose) -> Iterator[None]:
    """Actors that do not know of a part of their state that it must be stored."""
    dump = Actor.dump

    def forgetful(actor: Actor) -> dict[str, Any]:
        form = dump(actor)
        lose(form)
        return form

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Actor, "dump", forgetful)
        yield


def of_timers(**fields: Any) -> Lose:
    def lose(form: dict[str, Any]) -> None:
        for row in form["timers"].values():
            row.update(fields)

    return lose


def of_machine(**fields: Any) -> Lose:
    return lambda form: form["machine"].update(fields)


def of_children(**fields: Any) -> Lose:
    def lose(form: dict[str, Any]) -> None:
        for child in form["machine"]["children"].values():
            child.update(fields)

    return lose


LOSSES: dict[str, Lose] = {
    "seed": lambda form: form.update(seed="another"),
    "now": lambda form: form.update(now=0.0),
    "timers": lambda form: form["timers"].clear(),
    "next_timer": lambda form: form.update(next_timer=1),
    "next_invoke": lambda form: form.update(next_invoke=1),
    "paused_at": lambda form: form.update(paused_at=None),
    "kicked": lambda form: form["kicked"].clear(),
    "seats": lambda form: form["seats"].clear(),
    "history": lambda form: form["machine"]["history"].clear(),
    "invokes": lambda form: form["machine"]["invokes"].clear(),
    "children": lambda form: form["machine"]["children"].clear(),
    "status": of_machine(status="active"),
    "output": of_machine(output=None),
    "a child's configuration": of_children(configuration=["here"]),
    "a child's context": of_children(context={}),
    "a child's invoked_by": of_children(invoked_by=None),
    "a timer's policy": of_timers(policy="deadline"),
    "a timer's seconds": of_timers(seconds=0.0),
    "a timer's data": of_timers(data=None),
    "a timer's state": of_timers(state=None),
    "a timer's path": of_timers(path="", state=None),
    "a timer's send_id": of_timers(send_id=None),
    "a timer's attempts": of_timers(attempts=0),
}


@pytest.mark.parametrize("lost", LOSSES)
def test_an_actor_that_forgets_to_store_a_part_is_found_out(lost: str) -> None:
    """What is stored is the same for both rooms then: only how they go on tells them apart, or
    that the rest does not fit together."""
    with losing(LOSSES[lost]), pytest.raises((AssertionError, RestoreError)):
        tour()


def test_a_restore_that_enters_its_states_again_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    restore = Actor.restore

    def eager(party: Party, stored: Any) -> Actor:
        actor = restore(party, stored)
        root: Any = actor.machines[""]
        for state in root.configuration:
            root.on_enter_state(state)
        return actor

    monkeypatch.setattr(Actor, "restore", eager)
    with pytest.raises(AssertionError, match="a restore has entered"):
        tour()
