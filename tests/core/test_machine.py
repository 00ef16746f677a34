"""What an action may read and do, and how a machine's state reads from outside."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from machine_party.core import Machine, Member, State
from machine_party.errors import DefinitionError
from tests.core.rig import NOW, Notes, Rig, event, party_of


class Handlers(Machine[Notes]):
    idle = State(initial=True)
    none = idle.to.itself(internal=True, on="takes_none")
    both = idle.to.itself(internal=True, on="takes_both")
    one = idle.to.itself(internal=True, on="takes_member")
    other = idle.to.itself(internal=True, on="takes_data")
    inline = idle.to.itself(internal=True, on=lambda machine: machine.context.log.append("inline"))

    def on_enter_idle(self, data: Any, member: Member | None) -> None:
        self.context.log.append(["entered", data, member])

    def takes_none(self) -> None:
        self.context.log.append("none")

    def takes_both(self, data: Any, member: Member) -> None:
        self.context.log.append([data.n, member.name])

    def takes_member(self, member: Member | None) -> None:
        self.context.log.append(member and member.name)

    def takes_data(self, data: Any) -> None:
        self.context.log.append(data.text)


def test_a_handler_takes_any_of_data_and_member() -> None:
    rig = Rig(Handlers)
    ann = rig.join("ann")
    for name in ("none", "both", "one", "other", "inline"):
        assert rig.send(name, member=ann.id, n=3, text="hi").accepted
    rig.send("one")
    assert rig.context.log[1:] == ["none", [3, "ann"], "ann", "hi", "inline", None]


def test_a_handler_that_no_event_started_gets_none_for_both() -> None:
    assert Rig(Handlers).context.log == [["entered", None, None]]


class Dice(Machine[Notes]):
    idle = State(initial=True)
    roll = idle.to.itself(internal=True, on="do_roll")

    def do_roll(self) -> None:
        self.context.log.append([self.now, self.random.random()])


def test_randomness_comes_from_the_seed_and_the_place_of_the_event() -> None:
    first, again = Rig(Dice), Rig(Dice)
    for rig in (first, again):
        rig.send("roll")
        rig.send("roll")
    assert first.context.log == again.context.log
    assert first.context.log[0] != first.context.log[1]


def test_now_never_goes_back() -> None:
    rig = Rig(Dice)
    for now in (NOW + 5, NOW - 5, NOW + 7):
        rig.now = now
        rig.send("roll")
    assert [at for at, _ in rig.context.log] == [NOW + 5, NOW + 5, NOW + 7]


def test_what_did_not_happen_does_not_move_the_clock() -> None:
    """It is not in the journal, so a replay would not know of it."""
    rig = Rig(party_of(Dice, events=(event("roll"),)))
    rig.now = NOW + 5
    before = rig.actor.dump()
    assert not rig.send("unheard_of").accepted
    assert rig.actor.dump() == before


# -- values, tags, status --------------------------------------------------------------------


class Show(Machine[Notes]):
    lobby = State(initial=True, tags=["waiting"])

    class game(State.Parallel, tags=["running"]):
        class round(State.Compound, tags=["round"]):
            open = State(initial=True, tags=["answering"])
            closed = State()
            close = open.to(closed)

        class chat(State.Compound):
            quiet = State(initial=True)
            loud = State(tags=["noisy"])
            shout = quiet.to(loud)

    over = State(final=True, donedata="result")
    start = lobby.to(game)
    stop = game.to(over)

    def result(self) -> dict[str, int]:
        return {"rounds": 3}


def test_the_value_nests_as_xstate_nests_it() -> None:
    rig = Rig(Show)
    assert rig.value == "lobby"
    rig.send("start")
    assert rig.value == {"game": {"round": "open", "chat": "quiet"}}
    rig.send("shout")
    assert rig.value == {"game": {"round": "open", "chat": "loud"}}
    rig.send("stop")
    assert rig.value == "over"


class Switches(Machine[Notes]):
    class board(State.Parallel):
        left = State()
        right = State()

    flip = board.left.to.itself(internal=True)


def test_a_region_without_states_of_its_own_is_an_empty_object() -> None:
    assert Rig(Switches).value == {"board": {"left": {}, "right": {}}}


def test_the_tags_are_those_of_all_active_states() -> None:
    rig = Rig(Show)
    assert rig.actor.snapshot().tags == {"waiting"}
    rig.send("start")
    rig.send("shout")
    snapshot = rig.actor.snapshot()
    assert snapshot.tags == {"running", "round", "answering", "noisy"}
    assert snapshot.has_tag("noisy")
    assert not snapshot.has_tag("waiting")


def test_a_string_is_not_a_list_of_tags() -> None:
    with pytest.raises(DefinitionError, match=r"Write tags=\['open'\]"):
        State(tags="open")


def test_a_machine_that_is_done_has_an_output_and_handles_nothing() -> None:
    rig = Rig(Show)
    assert rig.actor.snapshot().status == "active"
    rig.send("start")
    rig.send("stop")
    snapshot = rig.actor.snapshot()
    assert (snapshot.status, snapshot.output) == ("done", {"rounds": 3})
    assert rig.send("start").code == "not_handled"


class Winner(Struct):
    name: str


class Inner(Machine[Notes]):
    class match(State.Compound):
        playing = State(initial=True)
        won = State(final=True, donedata="winner")
        win = playing.to(won)

    celebration = State()
    done_state_match = match.to(celebration, on="note")
    again = celebration.to(match)

    def winner(self) -> Winner:
        return Winner("ann")

    def note(self, data: Any) -> None:
        self.context.log.append(data)


def test_the_donedata_of_a_compound_is_the_data_of_its_done_event() -> None:
    rig = Rig(Inner)
    rig.send("win")
    assert rig.value == "celebration"
    assert rig.context.log == [{"name": "ann"}]


# -- timers ---------------------------------------------------------------------------------


class Quiz(Machine[Notes]):
    asking = State(initial=True)
    waiting = State()
    late = asking.to(waiting) | waiting.to.itself(internal=True, on="note")
    skip = asking.to(waiting)
    again = asking.to.itself()
    touch = asking.to.itself(internal=True)
    remind = asking.to.itself(internal=True, on="plan")
    calm = asking.to.itself(internal=True, on="forget")
    forever = asking.to.itself(internal=True, on="endless")

    def on_enter_asking(self) -> None:
        self.after(10, "late", {"n": 1, "text": "over"})

    def plan(self) -> None:
        self.after(20, "late", {"n": 2}, id="reminder", policy="remaining")

    def forget(self) -> None:
        self.cancel_event("reminder")

    def endless(self) -> None:
        self.after(float("inf"), "late")

    def note(self, data: Any) -> None:
        self.context.log.append([self.now - NOW, data.n])


def test_after_sends_the_event_when_its_time_comes() -> None:
    rig = Rig(Quiz)
    rig.elapse(9.5)
    assert rig.value == "asking"
    rig.elapse(0.5)
    assert rig.value == "waiting"


def test_a_timer_of_a_state_is_cancelled_when_the_state_is_left() -> None:
    rig = Rig(Quiz)
    rig.send("skip")
    assert rig.actor.timers.rows == {}


def test_a_timer_starts_anew_when_its_state_is_entered_again_and_not_otherwise() -> None:
    rig = Rig(Quiz)
    rig.elapse(6)
    rig.send("touch")
    assert rig.actor.timers.next_deadline() == NOW + 10
    rig.send("again")
    assert rig.actor.timers.next_deadline() == NOW + 16
    assert len(rig.actor.timers.rows) == 1


def test_a_timer_that_no_entry_started_belongs_to_the_machine() -> None:
    rig = Rig(Quiz)
    rig.send("remind")
    rig.send("skip")
    (timer,) = rig.actor.timers.rows.values()
    assert (timer.state, timer.send_id, timer.policy) == (None, "reminder", "remaining")
    rig.elapse(20)
    assert rig.context.log == [[20.0, 2]]


def test_a_timer_is_cancelled_by_its_id() -> None:
    rig = Rig(Quiz)
    rig.send("remind")
    rig.send("calm")
    assert [timer.send_id for timer in rig.actor.timers.rows.values()] == [None]


def test_a_timer_needs_an_end() -> None:
    with pytest.raises(DefinitionError, match="has no end"):
        Rig(Quiz).send("forever")


class Ending(Machine[Notes]):
    busy = State(initial=True)
    over = State(final=True)
    plan = busy.to.itself(internal=True, on="do_plan")
    note = busy.to.itself(internal=True)
    stop = busy.to(over)

    def do_plan(self) -> None:
        self.after(5, "note")


def test_the_end_of_the_machine_cancels_its_timers() -> None:
    rig = Rig(Ending)
    rig.send("plan")
    assert len(rig.actor.timers.rows) == 1
    rig.send("stop")
    assert rig.actor.timers.rows == {}


# -- subclasses -------------------------------------------------------------------------------


class Base(Machine[Notes]):
    idle = State(initial=True)
    add = idle.to.itself(internal=True, on="do_add")

    def do_add(self) -> None:
        self.context.log.append("base")


class Derived(Base):
    def do_add(self) -> None:
        self.context.log.append("derived")


def test_a_subclass_overrides_methods_and_leaves_its_base_alone() -> None:
    for kind, word in ((Derived, "derived"), (Base, "base"), (Derived, "derived")):
        rig = Rig(kind)
        rig.send("add")
        assert rig.context.log == [word]
