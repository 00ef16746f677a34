"""Batches: each event is all or nothing, and what raises disturbs nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from machine_party.core import (
    Actor,
    BatchResult,
    Cause,
    InvokeEnded,
    Joined,
    Machine,
    Party,
    Postponed,
    PresenceChanged,
    Sent,
    State,
    Step,
    TimerFired,
    run_batch,
)
from machine_party.core.batch import MAX_ATTEMPTS
from tests.core.game import HAPPENINGS, RAISING, SENDS, Step_, cause_of, game, load
from tests.core.rig import NOW, Notes, Rig, party_of
from tests.core.test_actor import Walk, strict


def run(party: Party, dump: dict[str, Any], causes: list[Cause], version: int = 1) -> BatchResult:
    return run_batch(party, Actor.restore(party, dump), dump, causes, version=version)


def walked(happenings: list[tuple[Step_, int]]) -> Walk:
    walk = Walk(game())
    walk.take(("joined", "ann"), 0)
    walk.take(("sent", ("start", 0, 0, None)), 1)
    for happening, seconds in happenings:
        walk.take(happening, seconds)
    return walk


def causes_of(walk: Walk, happenings: list[tuple[Step_, int]]) -> list[Cause]:
    """Causes as they would reach the room at the walk's state."""
    now, causes = walk.now, []
    for happening, seconds in happenings:
        now += seconds
        causes.append(cause_of(walk.actor, happening, now))
    return causes


def raisers(walk: Walk) -> st.SearchStrategy[Cause]:
    """Events that raise after they have changed a lot, or that are refused."""
    names = st.sampled_from([*RAISING, "refuse_early", "unheard_of"])
    return names.map(lambda name: Sent(now=walk.now, type=name, data={"n": 1, "text": ""}))


# -- all or nothing -----------------------------------------------------------------------------


@given(HAPPENINGS, st.lists(st.tuples(SENDS, st.integers(-1, 3)), max_size=10), st.data())
@settings(max_examples=60)
def test_a_batch_with_raisers_is_the_batch_without_them(
    before: list[tuple[Step_, int]], happenings: list[tuple[Step_, int]], data: st.DataObject
) -> None:
    walk = walked(before)
    quiet = [c for c in causes_of(walk, happenings) if c.type not in (*RAISING, "arm")]  # type: ignore[union-attr]
    mixed: list[Cause] = list(quiet)
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(mixed)))
        mixed.insert(place, data.draw(raisers(walk)))
    assert_same_but_for_raisers(walk, quiet, mixed)


def assert_same_but_for_raisers(walk: Walk, quiet: list[Cause], mixed: list[Cause]) -> None:
    """Places seed randomness, so the quiet batch is run at the places that it has in the mix."""
    dump = walk.actor.dump()
    result = run(walk.party, dump, mixed)
    alone, outcomes = Actor.restore(walk.party, dump), []
    for place, cause in enumerate(mixed):
        if any(cause is other for other in quiet):
            outcomes.append(alone.step(cause, version=1, index=place))
    assert strict(result.actor.dump()) == strict(alone.dump())
    kept = zip(mixed, result.steps, strict=True)
    assert [step for cause, step in kept if any(cause is other for other in quiet)] == outcomes


def test_an_engine_that_lets_a_raiser_leave_traces_is_found_out() -> None:
    walk = walked([])
    blow = Sent(now=NOW, type="blow", data={"n": 1})
    actor = Actor.restore(walk.party, walk.actor.dump())
    with pytest.raises(RuntimeError):
        actor.step(blow, version=1, index=0)
    assert strict(actor.dump()) != strict(walk.actor.dump())
    assert strict(run(walk.party, walk.actor.dump(), [blow]).actor.dump()) == strict(
        walk.actor.dump()
    )


@given(HAPPENINGS, HAPPENINGS)
@settings(max_examples=60)
def test_replaying_the_committed_causes_gives_the_same_dump(
    before: list[tuple[Step_, int]], happenings: list[tuple[Step_, int]]
) -> None:
    walk = walked(before)
    dump = walk.actor.dump()
    result = run(walk.party, dump, causes_of(walk, happenings), version=7)
    replayed = Actor.restore(walk.party, dump)
    for place, cause in result.committed():
        replayed.step(cause, version=7, index=place)
    assert strict(replayed.dump()) == strict(result.actor.dump())


def test_a_replay_with_another_seed_is_found_out() -> None:
    walk = walked([])
    result = run(
        walk.party, walk.actor.dump(), causes_of(walk, [(("sent", ("roll", 0, 0, None)), 1)])
    )
    other = Actor.restore(walk.party, {**walk.actor.dump(), "seed": "other"})
    for place, cause in result.committed():
        other.step(cause, version=1, index=place)
    other.seed = "seed"
    assert strict(other.dump()) != strict(result.actor.dump())


@given(HAPPENINGS)
def test_nothing_changed_means_that_nothing_is_to_be_stored(
    happenings: list[tuple[Step_, int]],
) -> None:
    walk = walked(happenings[:10])
    dump = walk.actor.dump()
    result = run(walk.party, dump, causes_of(walk, happenings[10:]))
    if not result.changed:
        assert result.committed() == []
        assert strict(result.actor.dump()) == strict(dump)


# -- outcomes ------------------------------------------------------------------------------------


def outcomes(*names: str) -> list[tuple[bool, str | None]]:
    walk = walked([])
    causes: list[Cause] = [Sent(now=NOW, type=name, data={"n": 1}) for name in names]
    result = run(walk.party, walk.actor.dump(), causes)
    return [(step.accepted, step.code) for step in result.steps]


def test_only_the_raiser_is_told() -> None:
    assert outcomes("roll", "blow", "roll", "blow_later", "shout") == [
        (True, None), (False, "error"), (True, None), (False, "error"), (True, None),
    ]  # fmt: skip


def test_a_refusal_is_the_same_from_a_guard_and_from_an_action() -> None:
    assert outcomes("refuse_early", "refuse_late") == [(False, "no"), (False, "no")]


def test_a_raisers_reason_tells_nothing_of_the_error() -> None:
    walk = walked([])
    result = run(walk.party, walk.actor.dump(), [Sent(now=NOW, type="blow", data={"n": 1})])
    (step,) = result.steps
    assert isinstance(step, Step)
    assert "broken" not in str(step)
    assert (step.emits, step.reply, step.changed) == ([], None, False)


# -- what has no sender ----------------------------------------------------------------------


class Fragile(Machine[Notes]):
    idle = State(initial=True)
    busy = State(invoke=load)
    work = idle.to(busy)
    done_invoke_busy = busy.to(idle, on="fails")
    tick = idle.to.itself(internal=True, on="fails") | busy.to.itself(internal=True, on="fails")
    say_no = idle.to.itself(internal=True, on="refuses")
    arm = idle.to.itself(internal=True, on="do_arm")
    member_joined = idle.to.itself(internal=True, on="fails")
    member_away = idle.to.itself(internal=True, on="fails")
    member_gone = idle.to.itself(internal=True, on="refuses")

    BROKEN = True

    def do_arm(self, data: Any) -> None:
        self.after(1, data.text)

    def fails(self) -> None:
        self.context.count += 1
        if type(self).BROKEN:
            raise RuntimeError("broken")

    def refuses(self) -> None:
        self.context.count += 1
        self.refuse("no")


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> Rig:
    """A room with one member, whose machine is broken from now on."""
    monkeypatch.setattr(Fragile, "BROKEN", False)
    rig = Rig(party_of(Fragile, refusals={"no": "No."}))
    rig.join("ann")
    monkeypatch.setattr(Fragile, "BROKEN", True)
    return rig


def batch(rig: Rig, *causes: Cause) -> BatchResult:
    rig.version += 1
    result = run(rig.party, rig.actor.dump(), list(causes), version=rig.version)
    rig.actor = result.actor
    return result


def fire_next(rig: Rig) -> BatchResult:
    ((key, timer),) = rig.actor.timers.rows.items()
    rig.now = timer.deadline
    return batch(rig, TimerFired(now=rig.now, timer=key))


def test_a_raising_timer_is_tried_again_after_1_2_and_4_seconds_and_then_given_up(
    fragile: Rig,
) -> None:
    fragile.send("arm", text="tick")
    for seconds in (1, 2, 4):
        result = fire_next(fragile)
        assert result.given_up is None
        assert fragile.actor.timers.next_deadline() == fragile.now + seconds
        fragile.restart()
    result = fire_next(fragile)
    assert f"raised {MAX_ATTEMPTS + 1} times" in str(result.given_up)
    assert fragile.context.count == 1


def test_a_timer_that_works_again_fires_once(fragile: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    fragile.send("arm", text="tick")
    fire_next(fragile)
    monkeypatch.setattr(Fragile, "BROKEN", False)
    fire_next(fragile)
    assert (fragile.context.count, fragile.actor.timers.rows) == (2, {})


def test_a_postponed_timer_is_replayed_as_such(fragile: Rig) -> None:
    fragile.send("arm", text="tick")
    dump = fragile.actor.dump()
    result = fire_next(fragile)
    ((place, cause),) = result.committed()
    assert isinstance(cause, Postponed)
    replayed = Actor.restore(fragile.party, dump)
    replayed.step(cause, version=fragile.version, index=place)
    assert replayed.dump() == result.actor.dump()


def test_a_timer_that_the_game_refuses_is_done(fragile: Rig) -> None:
    """It does not raise, so that a room is not given up for saying no."""
    fragile.send("arm", text="say_no")
    result = fire_next(fragile)
    assert (result.given_up, fragile.actor.timers.rows) == (None, {})
    assert fragile.context.count == 1


def test_a_raising_presence_change_keeps_the_presence_and_tells_the_machine_later(
    fragile: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ann,) = fragile.root.members
    batch(fragile, PresenceChanged(now=fragile.now, member=ann, presence="away"))
    assert fragile.root.members[ann].presence == "away"
    (timer,) = fragile.actor.timers.rows.values()
    assert (timer.event, timer.member, timer.attempts) == ("member_away", ann, 1)
    monkeypatch.setattr(Fragile, "BROKEN", False)
    fire_next(fragile)
    assert fragile.context.count == 2


def test_a_refused_presence_change_keeps_the_presence(fragile: Rig) -> None:
    (ann,) = fragile.root.members
    batch(fragile, PresenceChanged(now=fragile.now, member=ann, presence="gone"))
    assert fragile.root.members[ann].presence == "gone"
    assert fragile.actor.timers.rows == {}


def test_a_raising_invoke_result_ends_the_invoke_and_is_told_later(
    fragile: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    fragile.send("work")
    batch(fragile, InvokeEnded(now=fragile.now, path="", invoke="busy.1", result=[1]))
    assert fragile.actor.running_invokes() == {}
    (timer,) = fragile.actor.timers.rows.values()
    assert (timer.event, timer.data, timer.state) == ("done.invoke.busy.1", [1], "busy")
    monkeypatch.setattr(Fragile, "BROKEN", False)
    fire_next(fragile)
    assert fragile.value == "idle"


def test_the_log_says_which_cause_raised_and_not_what_was_in_it(
    fragile: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    fragile.send("work")
    ended = InvokeEnded(now=fragile.now, path="", invoke="busy.1", result=["opensesame"])
    batch(fragile, ended)
    assert "the end of invoke busy.1 raised, attempt 1" in caplog.text
    assert "opensesame" not in caplog.text


def test_a_join_that_raises_is_refused(fragile: Rig) -> None:
    result = batch(fragile, Joined(now=fragile.now, identity="bob", role="player"))
    (step,) = result.steps
    assert (step.accepted, step.code, result.changed) == (False, "error", False)
    assert len(fragile.root.members) == 1


def test_client_events_never_count_towards_giving_up(fragile: Rig) -> None:
    causes = [Sent(now=fragile.now, type="tick") for _ in range(10)]
    assert batch(fragile, *causes).given_up is None
