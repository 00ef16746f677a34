"""Downtime, pauses, more time: what each timer does about them, by its policy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_party.core import (
    Cause,
    Extended,
    Paused,
    Restored,
    Resumed,
    Step,
    TimerFired,
    Waiting,
)
from machine_party.core.timer import Policy
from machine_party.errors import DefinitionError
from tests.core.clocks import POLICIES, down, fired, rig, waiting
from tests.core.rig import NOW, Rig

# -- downtime ---------------------------------------------------------------------------------


def test_after_a_downtime_each_does_what_its_policy_says() -> None:
    room = rig()
    room.elapse(4)
    assert down(room, 60).changed
    assert fired(room) == {"deadline": 64, "remaining": 70, "restart": 74}


def test_a_downtime_that_ends_before_the_deadline() -> None:
    room = rig()
    room.elapse(4)
    down(room, 3)
    assert fired(room) == {"deadline": 10, "remaining": 13, "restart": 17}


def test_what_was_due_before_the_downtime_is_due_or_waits_anew() -> None:
    """The process died in the moment in which it would have fired."""
    room = rig()
    room.now += 10.5
    assert down(room, 60).changed
    assert fired(room) == {"deadline": 70.5, "remaining": 70.5, "restart": 80.5}


def test_what_was_due_before_the_downtime_is_not_moved() -> None:
    room = rig(policy="remaining")
    room.now += 10.5
    assert not down(room, 60).changed


def test_it_can_be_down_again_and_again() -> None:
    room = rig(policy="remaining")
    for _ in range(9):
        room.elapse(1)
        down(room, 60)
    assert fired(room) == {"remaining": 9 * 61 + 1}


def test_a_timer_that_began_during_what_counts_as_downtime_loses_none_of_its_wait() -> None:
    """`since` is a stamp, and may be older than the last commit."""
    room = rig()
    room.now += 5
    room.send("arm", n=10, text="remaining")
    room.restart()
    room.now += 60
    room.step(Restored(now=room.now, since=NOW + 1))
    deadlines = [row.deadline - NOW for _, row in room.actor.timers.due(NOW + 1_000)]
    assert deadlines == [10, 74, 75, 75]


def test_nothing_to_do_is_no_commit() -> None:
    room = rig(policy="deadline")
    assert not down(room, 60).changed
    assert not Rig(room.party).step(Restored(now=NOW + 5, since=NOW)).changed
    instant = rig(policy="remaining")
    assert not down(instant, 0).changed


def test_a_time_before_the_downtime_moves_nothing() -> None:
    room = rig(policy="remaining")
    for since in (NOW + 5, NOW + 60):
        assert not room.step(Restored(now=NOW, since=since)).changed


def test_children_go_on_with_what_was_left_too() -> None:
    room = rig()
    room.send("hire")
    room.elapse(4)
    down(room, 60)
    room.elapse(5.9)
    assert room.actor.machines["kid"].context.log == []
    room.elapse(0.1)
    assert room.actor.machines["kid"].context.log == [NOW + 70]


def test_what_is_tried_again_is_held_up_by_no_policy() -> None:
    """Its wait is over; only its machine has raised."""
    for policy in POLICIES:
        room = rig(policy=policy)
        (row,) = room.actor.timers.rows.values()
        row.attempts, row.deadline = 1, NOW + 1
        assert not down(room, 60).changed
        assert room.step(Extended(now=room.now, seconds=60)).code == "not_handled"
        assert fired(room) == {policy: 60}


# -- pauses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("by_service", [True, False])
def test_while_paused_nothing_is_due(by_service: bool) -> None:
    def do(name: str, cause: Cause) -> Step:
        return room.step(cause) if by_service else room.send(name)

    room = rig()
    room.elapse(4)
    assert do("stop", Paused(now=room.now)).changed
    assert (room.actor.timers.due(NOW + 999), room.actor.wake()) == ([], None)
    assert fired(room, 60) == {}
    assert do("go", Resumed(now=room.now)).changed
    assert fired(room) == {"deadline": 64, "remaining": 70, "restart": 74}


def test_a_timer_that_comes_while_it_is_paused_is_not_taken() -> None:
    """They may be in one batch."""
    room = rig(policy="remaining")
    room.now += 10
    room.step(Paused(now=room.now))
    assert not room.step(TimerFired(now=room.now, timer="1")).changed
    room.step(Resumed(now=room.now))
    assert fired(room) == {"remaining": 10}


@pytest.mark.parametrize("cause", [Extended(now=NOW, seconds=5), Restored(now=NOW + 5, since=NOW)])
def test_what_is_on_its_way_for_the_old_deadline_finds_nothing(cause: Cause) -> None:
    room = rig(policy="remaining")
    room.step(cause)
    assert not room.step(TimerFired(now=room.now, timer="1")).changed
    assert fired(room) == {"remaining": 15}


def test_a_second_pause_and_a_second_resume_change_nothing() -> None:
    room = rig(policy="remaining")
    assert not room.step(Resumed(now=room.now)).changed
    room.step(Paused(now=room.now))
    room.elapse(5)
    assert not room.step(Paused(now=room.now)).changed
    room.step(Resumed(now=room.now))
    assert fired(room) == {"remaining": 15}


def test_a_pause_lasts_through_a_downtime_and_covers_it() -> None:
    room = rig()
    room.elapse(4)
    room.step(Paused(now=room.now))
    room.elapse(10)
    assert not down(room, 60).changed
    assert room.actor.snapshot().paused
    room.elapse(10)
    room.step(Resumed(now=room.now))
    assert fired(room) == {"deadline": 84, "remaining": 90, "restart": 94}


def test_what_is_started_while_it_is_paused_waits_its_whole_time() -> None:
    room = rig(policy="deadline")
    room.step(Paused(now=room.now))
    room.elapse(30)
    room.send("arm", n=10, text="remaining")
    assert waiting(room, "remaining") == Waiting(None, 10, 10)
    room.elapse(30)
    room.step(Resumed(now=room.now))
    assert fired(room) == {"deadline": 60, "remaining": 70}


# -- more time --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["remaining", None, "rung"])
@pytest.mark.parametrize("by_service", [True, False])
def test_a_timer_gets_more_time(name: str | None, by_service: bool) -> None:
    room = rig(policy="remaining")
    room.elapse(4)
    if by_service:
        assert room.step(Extended(now=room.now, seconds=30, timer=name)).changed
    else:
        assert room.send("more", seconds=30, text=name or "").changed
    assert waiting(room, "rung") == Waiting(NOW + 40, 40)
    assert fired(room) == {"remaining": 40}


def test_only_the_named_one_gets_it() -> None:
    room = rig()
    room.step(Extended(now=room.now, seconds=30, timer="restart"))
    assert fired(room) == {"deadline": 10, "remaining": 10, "restart": 40}


def test_children_get_it_too() -> None:
    room = rig()
    room.send("hire")
    room.step(Extended(now=room.now, seconds=5))
    room.elapse(14.9)
    assert room.actor.machines["kid"].context.log == []


@pytest.mark.parametrize("policy", POLICIES)
def test_less_than_nothing_is_due_at_once_and_never_in_the_future_again(policy: Policy) -> None:
    room = rig(policy=policy)
    room.elapse(4)
    room.step(Extended(now=room.now, seconds=-100))
    assert waiting(room, policy) == Waiting(NOW - 90, 0)
    down(room, 60)
    assert fired(room, 0) == {policy: 64}


@pytest.mark.parametrize(("seconds", "fires"), [(5, 75), (-5, 65), (-100, 64)])
def test_more_time_during_a_pause(seconds: float, fires: float) -> None:
    room = rig(policy="remaining")
    room.elapse(4)
    room.step(Paused(now=room.now))
    room.elapse(60)
    room.step(Extended(now=room.now, seconds=seconds))
    room.step(Resumed(now=room.now))
    assert fired(room) == {"remaining": fires}


def test_more_time_for_nobody_is_refused_to_a_service_and_nothing_to_a_machine() -> None:
    room = rig(policy="remaining")
    step = room.step(Extended(now=room.now, seconds=5, timer="gone"))
    assert (step.code, step.reason) == ("not_handled", "No timer 'gone' is waiting.")
    step = room.send("more", seconds=5, text="gone")
    assert step.accepted
    empty = Rig(room.party).step(Extended(now=NOW, seconds=5))
    assert empty.reason == "No timer is waiting."


def test_seconds_are_a_number() -> None:
    room = rig()
    step = room.step(Extended(now=room.now, seconds=float("nan")))
    assert (step.code, step.path, step.changed) == ("bad_request", "$.seconds", False)
    with pytest.raises(DefinitionError, match="extend_timers with inf seconds has no end"):
        room.send("more", seconds=float("inf"))


# -- any course of things ------------------------------------------------------------------------

TIMES = st.integers(0, 30)
HALTS = st.lists(
    st.one_of(
        st.tuples(st.just("up"), TIMES),
        st.tuples(st.just("down"), TIMES),
        st.tuples(st.just("paused"), TIMES),
    ),
    max_size=12,
)


@given(HALTS, st.integers(1, 60))
def test_remaining_waits_its_seconds_of_running_time_and_no_other(
    halts: list[tuple[str, int]], seconds: int
) -> None:
    """The model: a stop watch that runs while the room does."""
    room, ran, expected = rig(seconds, "remaining"), 0, None
    for kind, time in halts:
        if kind == "up":
            if expected is None and ran + time >= seconds:
                expected = room.now - NOW + seconds - ran
            ran += time
            room.elapse(time)
        elif kind == "down":
            down(room, time)
        else:
            room.step(Paused(now=room.now))
            room.elapse(time)
            room.step(Resumed(now=room.now))
    expected = expected if expected is not None else room.now - NOW + seconds - ran
    assert fired(room) == {"remaining": expected}


@given(HALTS, st.sampled_from(POLICIES))
def test_a_pause_is_to_a_timer_what_a_downtime_is(
    halts: list[tuple[str, int]], policy: Policy
) -> None:
    dead, paused = rig(10, policy), rig(10, policy)
    for kind, time in halts:
        if kind == "up":
            dead.elapse(time)
            paused.elapse(time)
        else:
            down(dead, time)
            paused.step(Paused(now=paused.now))
            paused.elapse(time)
            paused.step(Resumed(now=paused.now))
    assert fired(dead) == fired(paused)
