"""What the library would do by sleeping, by threads, or silently, and what happens instead."""

from __future__ import annotations

from typing import Any

import pytest
from statemachine import Event

from machine_party.core import HistoryState, Machine, State
from machine_party.core.engine import MAX_MICROSTEPS, Invoke
from machine_party.errors import DefinitionError, EndlessLoop
from tests.core.rig import NOW, Notes, Rig, event, legal, party_of

# -- delays -----------------------------------------------------------------------------------


class Kettle(Machine[Notes]):
    cold = State(initial=True)
    hot = State()
    gone = State(final=True)
    warm = cold.to.itself(internal=True, on="do_warm")
    spill = cold.to.itself(internal=True, on="do_spill")
    calm = cold.to.itself(internal=True, on="do_calm")
    boil = cold.to(hot, on="note")
    whistle = Event(hot.to.itself(internal=True, on="note"), delay=3_000)
    cool = hot.to(cold)
    pour = hot.to(gone)

    def do_warm(self, data: Any, member: Any) -> None:
        self.send("boil", delay=2_500, send_id="fire", data=data, member=member)

    def do_spill(self) -> None:
        self.send("boil", delay=1, water=3)

    def do_calm(self) -> None:
        self.cancel_event("fire")

    def on_enter_hot(self) -> None:
        self.send("whistle")

    def note(self, data: Any, member: Any) -> None:
        self.context.log.append([self.now - NOW, data and data.n, member and member.name])


class Cooker(Kettle):
    """A machine that is subclassed."""


@pytest.mark.parametrize("kind", [Kettle, Cooker])
def test_a_delay_is_a_row_and_counts_milliseconds(kind: type[Kettle]) -> None:
    rig = Rig(kind)
    ann = rig.join()
    rig.send("warm", member=ann.id, n=7)
    (timer,) = rig.actor.timers.rows.values()
    assert (timer.event, timer.deadline, timer.send_id) == ("boil", NOW + 2.5, "fire")
    rig.elapse(2.5)
    assert rig.context.log == [[2.5, 7, "ann"]]
    rig.elapse(3)
    assert rig.context.log[1:] == [[5.5, None, None]]


def test_a_declared_delay_belongs_to_the_state_that_sent_it() -> None:
    rig = Rig(Kettle)
    rig.send("boil")
    assert [timer.state for timer in rig.actor.timers.rows.values()] == ["hot"]
    rig.send("cool")
    assert rig.actor.timers.rows == {}


def test_a_delayed_event_is_cancelled_by_its_send_id() -> None:
    rig = Rig(Kettle)
    rig.send("warm")
    rig.send("calm")
    assert rig.actor.timers.rows == {}


def test_a_delayed_event_takes_no_loose_payload() -> None:
    with pytest.raises(DefinitionError, match="takes its payload as data="):
        Rig(Kettle).send("spill")


# -- invokes ----------------------------------------------------------------------------------


async def fetch(invocation: Any) -> None:
    raise AssertionError("an invoke is run by the room")


def compute(invocation: Any) -> None:
    raise AssertionError("an invoke is run by the room")


class Child(Machine[Notes]):
    working = State(initial=True)
    ready = State(final=True, donedata="result")
    finish = working.to(ready)

    def result(self) -> str:
        return "made"


class Loader(Machine[Notes]):
    Children = (Child,)
    idle = State(initial=True)
    both_at_once = State(invoke=[fetch, compute])
    child = State(invoke=Child)
    over = State(final=True)
    load = idle.to(both_at_once)
    work = idle.to(child)
    finish = both_at_once.to(over)
    stop = both_at_once.to(idle) | child.to(idle)
    done_invoke_both_at_once = both_at_once.to.itself(internal=True, on="note")
    error_invoke_both_at_once = both_at_once.to(idle, on="note")
    done_invoke_child = child.to(idle, on="note")

    def note(self, data: Any) -> None:
        self.context.log.append(data)


def test_an_invoke_is_a_row_named_by_its_state_and_a_counter() -> None:
    rig = Rig(Loader)
    rig.send("load", n=3)
    data = {"n": 3, "text": ""}
    assert rig.actor.running_invokes() == {
        ("", "both_at_once.1"): Invoke("both_at_once", 0, data, "fetch"),
        ("", "both_at_once.2"): Invoke("both_at_once", 1, data, "compute"),
    }
    handlers = rig.root._engine.invoke_handlers(rig.root.states_map["both_at_once"])
    assert handlers == [fetch, compute]


def test_a_result_arrives_once_and_leaves_the_other_invoke_running() -> None:
    rig = Rig(Loader)
    rig.send("load")
    rig.end_invoke("both_at_once.1", {"a": 1})
    assert not rig.end_invoke("both_at_once.1", {"a": 1}).changed
    assert rig.context.log == [{"a": 1}]
    assert list(rig.actor.running_invokes()) == [("", "both_at_once.2")]


def test_a_failure_arrives_as_error_invoke_even_for_a_state_with_underscores() -> None:
    rig = Rig(Loader)
    rig.send("load")
    rig.end_invoke("both_at_once.2", error="OSError: no network")
    assert (rig.value, rig.context.log) == ("idle", ["OSError: no network"])


def test_the_machine_keeps_a_copy_of_a_result() -> None:
    rig, result = Rig(Loader), {"a": [1]}
    rig.send("load")
    rig.end_invoke("both_at_once.1", result)
    rig.context.log[0]["a"].append(2)
    assert result == {"a": [1]}


@pytest.mark.parametrize("how", ["stop", "finish"])
def test_invokes_end_with_their_state_and_with_the_machine(how: str) -> None:
    rig = Rig(Loader)
    rig.send("load")
    rig.send(how)
    assert rig.actor.running_invokes() == {}


def test_ids_are_never_used_twice() -> None:
    rig = Rig(Loader)
    for _ in range(2):
        rig.send("load")
        rig.send("stop")
    rig.send("load")
    assert list(rig.actor.running_invokes()) == [("", "both_at_once.5"), ("", "both_at_once.6")]


def test_an_invoked_machine_is_a_child_until_its_state_is_left() -> None:
    rig = Rig(Loader)
    rig.send("work")
    assert list(rig.actor.machines) == ["", "child.1"]
    rig.send("stop")
    assert list(rig.actor.machines) == [""]


def test_an_invoked_machine_that_is_done_moves_its_parent_on() -> None:
    rig = Rig(Loader)
    rig.send("work")
    rig.send("finish", child="child.1")
    assert (rig.value, rig.context.log) == ("idle", ["made"])
    assert list(rig.actor.machines) == [""]


# -- handled, and loops ----------------------------------------------------------------------


class Door(Machine[Notes]):
    closed = State(initial=True)
    open = State()
    alarmed = State()
    knock = closed.to.itself(internal=True)
    enter = closed.to(open, cond="is_known")
    leave = open.to(closed)
    warn = closed.to.itself(internal=True, on="count")
    closed.to(alarmed, cond="too_many")
    calm = alarmed.to(closed)

    def is_known(self) -> bool:
        return False

    def too_many(self) -> bool:
        return self.context.count > 0 or self.now > NOW + 60

    def count(self) -> None:
        self.context.count += 1


def test_it_is_said_whether_an_event_was_handled() -> None:
    rig = Rig(Door)
    assert rig.send("knock").accepted
    for name in ("enter", "leave"):
        step = rig.send(name)
        assert (step.accepted, step.code, step.changed) == (False, "not_handled", False)


def test_eventless_transitions_are_looked_at_after_every_event() -> None:
    rig = Rig(Door)
    rig.send("warn")
    assert rig.value == "alarmed"


def test_eventless_transitions_are_looked_at_after_an_event_that_nothing_handles() -> None:
    rig = Rig(Door)
    rig.now += 61
    step = rig.send("leave")
    assert (step.code, step.changed, rig.value) == ("not_handled", True, "alarmed")


class Spinner(Machine[Notes]):
    still = State(initial=True)
    left = State()
    right = State()
    spin = still.to(left)
    chatter = still.to.itself(internal=True, on="again")
    left.to(right, cond="always")
    right.to(left, cond="always")

    def always(self) -> bool:
        return True

    def again(self) -> None:
        self.send("chatter")


@pytest.mark.parametrize("how", ["spin", "chatter"])
def test_a_loop_without_end_is_stopped(how: str) -> None:
    with pytest.raises(EndlessLoop, match=f"after {MAX_MICROSTEPS} microsteps"):
        Rig(Spinner).send(how)


class Countdown(Machine[Notes]):
    counting = State(initial=True)
    tick = counting.to.itself(internal=True, on="do_tick")

    def do_tick(self) -> None:
        self.context.count += 1
        if self.context.count < MAX_MICROSTEPS:
            self.send("tick")


def test_a_long_chain_that_ends_is_none() -> None:
    rig = Rig(Countdown)
    rig.send("tick")
    assert rig.context.count == MAX_MICROSTEPS


# -- library traps ------------------------------------------------------------------------------


class Regions(Machine[Notes]):
    class board(State.Parallel):
        class left(State.Compound):
            left_a = State(initial=True)
            left_b = State()
            turn_left = left_a.to(left_b) | left_b.to(left_a)
            stay_left = left_b.to.itself(internal=True)

        class right(State.Compound):
            right_a = State(initial=True)
            right_b = State()
            turn_right = right_a.to(right_b) | right_b.to(right_a)
            memory = HistoryState()
            memory.to(right_a)

    away = State()
    leave = board.to(away)
    back = away.to(board.right.memory)


def test_an_internal_transition_leaves_the_other_regions_alone() -> None:
    rig = Rig(Regions)
    rig.send("turn_left")
    rig.send("turn_right")
    rig.send("stay_left")
    assert legal(rig.root)
    assert rig.value == {"board": {"left": "left_b", "right": "right_b"}}


def test_history_brings_back_one_region_and_starts_the_others() -> None:
    rig = Rig(Regions)
    for name in ("turn_left", "turn_right", "leave", "back"):
        assert rig.send(name).accepted
    assert legal(rig.root)
    assert rig.value == {"board": {"left": "left_a", "right": "right_b"}}


def _edited(after_reload: bool) -> type[Machine[Notes]]:
    """Two functions of one name, one qualified name and the same variables."""
    if after_reload:

        class Edited(Machine[Notes]):
            idle = State(initial=True)
            add = idle.to.itself(internal=True, on="do_add")

            def do_add(self, data: Any) -> None:
                self.context.log.append(data.n)

    else:

        class Edited(Machine[Notes]):  # type: ignore[no-redef]
            idle = State(initial=True)
            add = idle.to.itself(internal=True, on="do_add")

            def do_add(self) -> None:
                data = "before"
                self.context.log.append(data)

    return Edited


def test_a_handler_defined_anew_is_called_with_its_own_parameters() -> None:
    """The library keeps signatures by qualified name and variable names."""
    for after_reload, expected in ((False, "before"), (True, 5), (False, "before")):
        rig = Rig(_edited(after_reload))
        rig.send("add", n=5)
        assert rig.context.log == [expected]


class Lambdas(Machine[Notes]):
    idle = State(initial=True)
    one = idle.to.itself(internal=True, cond=lambda data: data.n == 1)
    two = idle.to.itself(internal=True, cond=lambda member, data: data.n == 2 and member is None)
    three = idle.to.itself(internal=True, cond=lambda machine: machine.context.count == 0)
    four = idle.to.itself(internal=True, unless=[lambda data: data.n == 4])


def test_guards_may_be_lambdas() -> None:
    rig = Rig(Lambdas)
    for n, name in enumerate(["one", "two"], start=1):
        assert rig.send(name, n=n).accepted
        assert not rig.send(name, n=0).accepted
    assert rig.send("three").accepted
    assert rig.send("four").accepted
    assert not rig.send("four", n=4).accepted


class Pair(Machine[Notes]):
    idle = State(initial=True)
    error_report = idle.to.itself(internal=True, on="note")
    done_drawing = idle.to.itself(internal=True, on="note")
    ask = idle.to.itself(internal=True, on="do_ask")

    def do_ask(self) -> None:
        self.send("error_report", data="own name")
        self.send("error.report.more", data="dotted")
        self.send("done_drawing", data="drawn")

    def note(self, data: Any) -> None:
        self.context.log.append(data)


def test_names_that_the_library_gives_a_second_form_keep_the_first() -> None:
    rig = Rig(party_of(Pair, events=(event("ask"),)))
    rig.send("ask")
    assert rig.context.log == ["own name", "dotted", "drawn"]
