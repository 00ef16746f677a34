"""What python-statemachine does by itself, pinned: the core is built around these facts.

A fact that turns red after an upgrade is not a bug here. It says which of our workarounds
(named in each docstring) has to be looked at again. Nothing of ours is imported.
"""

from __future__ import annotations

import threading
from typing import Any

import pytest
from statemachine import Event, State, StateChart
from statemachine.engines.async_ import AsyncEngine
from statemachine.engines.sync import SyncEngine
from statemachine.event_data import TriggerData
from statemachine.exceptions import InvalidDefinition, TransitionNotAllowed
from statemachine.model import Model
from statemachine.orderedset import OrderedSet
from statemachine.state import HistoryState

JOIN_SECONDS = 10
"""How long a test waits for a thread that should end at once."""


class Toggle(StateChart[Any]):
    """Two states, and a record of what was entered."""

    off = State(initial=True)
    on = State()
    flip = off.to(on) | on.to(off)
    set_off = on.to(off)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        vars(self)["entered"] = []
        super().__init__(*args, **kwargs)

    def on_enter_state(self, state: State) -> None:
        vars(self)["entered"].append(state.id)


def entered(machine: StateChart[Any]) -> list[str]:
    """The ids of the states that `machine` has entered, in order."""
    found: list[str] = vars(machine)["entered"]
    return found


def active(machine: StateChart[Any]) -> list[str]:
    """The values of the active states, in the library's order."""
    return list(machine.configuration_values)


# -- timers: why `RoomEngine.put` diverts delayed events -----------------------------------


class VirtualTime:
    """Stands for `monotonic` and `sleep` where the library has imported them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        self.slept = 0.0
        monkeypatch.setattr("statemachine.engines.sync.monotonic", self.read)
        monkeypatch.setattr("statemachine.event_data.monotonic", self.read)
        monkeypatch.setattr("statemachine.engines.sync.sleep", self.sleep)

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> VirtualTime:
    return VirtualTime(monkeypatch)


def test_a_delayed_event_sleeps_inside_the_processing_loop(time: VirtualTime) -> None:
    """`send` comes back only when the delay is over: a room would stand still."""
    machine = Toggle()

    machine.send("flip", delay=250)

    assert time.slept >= 0.25
    assert active(machine) == ["on"]


def test_a_delay_counts_milliseconds(time: VirtualTime) -> None:
    machine = Toggle()

    trigger = Event(id="flip", delay=1500).build_trigger(machine=machine)

    assert trigger.execution_time == time.now + 1.5


def test_a_declared_delay_sleeps_too(time: VirtualTime) -> None:
    class Kettle(StateChart[Any]):
        cold = State(initial=True)
        hot = State()
        boil = Event(cold.to(hot), delay=100)
        cool = hot.to(cold)

    Kettle().send("boil")

    assert time.slept >= 0.1


def test_leaving_a_state_does_not_cancel_its_delayed_events(time: VirtualTime) -> None:
    """Our timers are owned by the state that set them."""
    fired: list[str] = []

    class Question(StateChart[Any]):
        open = State(initial=True)
        closed = State()
        close = open.to(closed)
        timeout = closed.to(closed, on="note")
        begin = open.to.itself(internal=True, on="arm")

        def arm(self) -> None:
            self.send("timeout", delay=50)
            self.send("close")

        def note(self) -> None:
            fired.append("timeout")

    Question().send("begin")

    assert fired == ["timeout"]


def test_cancel_event_cancels_by_send_id(time: VirtualTime) -> None:
    class Question(StateChart[Any]):
        open = State(initial=True)
        closed = State()
        close = open.to(closed)
        again = closed.to(open)
        begin = open.to.itself(internal=True, on="arm")

        def arm(self) -> None:
            self.send("close", delay=50, send_id="deadline")
            self.cancel_event("deadline")

    machine = Question()
    machine.send("begin")

    assert active(machine) == ["open"]


def test_what_is_queued_does_not_survive_pickling() -> None:
    """The queues are the engine's, and the engine is not part of the state."""
    machine = Toggle()

    assert "_engine" not in machine.__getstate__()  # type: ignore[no-untyped-call]


# -- invokes: why the room runs them ------------------------------------------------------


def test_an_invoke_holds_a_thread_each() -> None:
    """The sync engine has no pool: eight invokes are eight threads at the same moment."""
    together = threading.Barrier(9)
    threads: set[int] = set()

    def wait_for_all() -> None:
        threads.add(threading.get_ident())
        together.wait(JOIN_SECONDS)

    class Loading(StateChart[Any]):
        busy = State(initial=True, invoke=[_numbered(wait_for_all, n) for n in range(8)])
        idle = State()
        stop = busy.to(idle)
        again = idle.to(busy)

    machine = Loading()
    together.wait(JOIN_SECONDS)
    _join_invokes(machine)

    assert len(threads) == 8
    assert threading.get_ident() not in threads


def _numbered(function: Any, number: int) -> Any:
    """A function of its own for each invoke: the library drops equal callbacks of a state."""

    def invoke() -> None:
        function()

    invoke.__name__ = f"invoke_{number}"
    return invoke


def _join_invokes(machine: StateChart[Any]) -> None:
    for invocation in list(machine._engine._invoke_manager._active.values()):
        if invocation.thread is not None:
            invocation.thread.join(JOIN_SECONDS)
            assert not invocation.thread.is_alive()


def test_an_invoke_that_fails_arrives_as_error_execution() -> None:
    """And not as an error of its own: ours is `error.invoke.<id>`."""
    arrived = threading.Event()

    def fail() -> None:
        raise RuntimeError("no network")

    class Loading(StateChart[Any]):
        busy = State(initial=True, invoke=fail)
        failed = State(final=True)
        error_execution = busy.to(failed)

        def on_enter_failed(self, error: Exception) -> None:
            assert str(error) == "no network"
            arrived.set()

    machine = Loading()

    assert arrived.wait(JOIN_SECONDS)
    _join_invokes(machine)


def test_an_invoke_id_is_random() -> None:
    """Hence not the same in a re-run: ours are counters."""
    ids: list[str] = []
    finished = threading.Event()

    def load(ctx: Any) -> None:
        ids.append(ctx.invokeid)
        if len(ids) == 2:
            finished.set()

    class Loading(StateChart[Any]):
        busy = State(initial=True, invoke=load)
        idle = State()
        stop = busy.to(idle)
        again = idle.to(busy)

    first, second = Loading(), Loading()

    assert finished.wait(JOIN_SECONDS)
    _join_invokes(first)
    _join_invokes(second)
    assert {name.split(".")[0] for name in ids} == {"busy"}
    assert ids[0] != ids[1]


# -- coroutines: why they are wrapped or refused at class creation ------------------------


async def fetch() -> int:
    raise AssertionError("never awaited")


class AsyncWork:
    """An invoke handler whose `run` is a coroutine function."""

    async def run(self, ctx: Any) -> int:
        raise AssertionError("never awaited")


def test_an_async_callback_selects_the_async_engine() -> None:
    class Toggling(StateChart[Any]):
        off = State(initial=True)
        on = State()
        flip = off.to(on) | on.to(off)

        async def on_enter_on(self) -> None:
            raise AssertionError("never awaited")

    assert isinstance(Toggling()._engine, AsyncEngine)


def test_an_async_invoke_selects_the_async_engine() -> None:
    class Loading(StateChart[Any]):
        idle = State(initial=True)
        busy = State(invoke=fetch)
        start = idle.to(busy)
        stop = busy.to(idle)

    assert isinstance(Loading()._engine, AsyncEngine)


def test_an_object_with_async_run_does_not_and_is_never_spawned() -> None:
    """It is accepted until its state is entered; then the *sender* gets the error."""

    class Loading(StateChart[Any]):
        idle = State(initial=True)
        busy = State(invoke=AsyncWork())
        start = idle.to(busy)
        stop = busy.to(idle)

    machine = Loading()
    assert isinstance(machine._engine, SyncEngine)

    with pytest.raises(InvalidDefinition, match=r"async run\(\) on the sync engine"):
        machine.send("start")

    assert active(machine) == ["busy"]
    assert machine._engine._invoke_manager._active == {}


# -- declarations: why our State and our class checks exist -------------------------------


def test_a_state_takes_no_tags() -> None:
    with pytest.raises(TypeError, match="tags"):
        State(tags=["open"])  # type: ignore[call-arg]


def test_tags_in_a_compound_body_are_dropped() -> None:
    class Quiz(StateChart[Any]):
        class question(State.Compound):
            tags = ["playing"]
            open = State(initial=True)
            closed = State()
            close = open.to(closed)
            reopen = closed.to(open)

        restart = question.to.itself()  # type: ignore[attr-defined]

    assert not hasattr(Quiz.question, "tags")


def test_a_compound_takes_no_tags_as_a_keyword() -> None:
    with pytest.raises(TypeError, match="tags"):

        class question(State.Compound, tags=["playing"]):
            open = State(initial=True)


class Twins(StateChart[Any]):
    """Two compounds whose children have the same ids."""

    class left(State.Compound):
        open = State(initial=True)
        shut = State()
        close_left = open.to(shut)

    class right(State.Compound):
        open = State(initial=True)
        shut = State()
        close_right = open.to(shut)

    cross = left.to(right)
    back = right.to(left)


def test_a_state_id_used_twice_corrupts_the_configuration() -> None:
    """No error: `left` is active with the child of `right`, and obeys its events."""
    machine = Twins()

    leaf = next(state for state in machine.configuration if state.is_atomic)
    assert active(machine) == ["left", "open"]
    assert leaf.parent is not None
    assert leaf.parent.id == "right"

    machine.send("close_left")
    assert active(machine) == ["left", "open"]

    machine.send("close_right")
    assert active(machine) == ["left", "shut"]


def test_a_state_named_like_a_method_shadows_it() -> None:
    class Announcing(StateChart[Any]):
        idle = State(initial=True)
        send = State()  # type: ignore[assignment]
        go = idle.to(send)
        back = send.to(idle)

    with pytest.raises(TypeError, match="not callable"):
        Announcing().send("go")  # type: ignore[operator]


# -- errors: why `catch_errors_as_events` is off -------------------------------------------


def _raise_on_enter(machine: StateChart[Any]) -> None:
    raise RuntimeError("a mistake in the game")


class Swallowing(StateChart[Any]):
    off = State(initial=True)
    on = State(enter=_raise_on_enter)
    flip = off.to(on) | on.to(off)


class Raising(Swallowing):
    catch_errors_as_events = False


def test_a_raise_is_swallowed_by_default_and_its_state_stays_entered() -> None:
    machine = Swallowing()

    assert machine.send("flip") is None
    assert active(machine) == ["on"]


def test_without_error_events_a_raise_propagates_and_the_configuration_is_put_back() -> None:
    machine = Raising()

    with pytest.raises(RuntimeError, match="a mistake in the game"):
        machine.send("flip")

    assert active(machine) == ["off"]


def test_a_raise_in_after_does_not_put_the_configuration_back() -> None:
    """So a rollback restores the last commit, and does not trust the library's own."""

    class Late(StateChart[Any]):
        catch_errors_as_events = False
        off = State(initial=True)
        on = State()
        flip = off.to(on, after="fail")
        back = on.to(off)

        def fail(self) -> None:
            raise RuntimeError("too late")

    machine = Late()
    with pytest.raises(RuntimeError, match="too late"):
        machine.send("flip")

    assert active(machine) == ["on"]


def test_a_raise_in_a_validator_propagates_even_where_errors_are_swallowed() -> None:
    """Hence `refuse` in a validator is safe: no action has run."""

    class Checked(StateChart[Any]):
        off = State(initial=True)
        on = State()
        flip = off.to(on, validators="check")
        back = on.to(off)

        def check(self) -> None:
            raise PermissionError("not you")

    machine = Checked()
    with pytest.raises(PermissionError, match="not you"):
        machine.send("flip")

    assert active(machine) == ["off"]


def test_a_raise_drops_what_was_queued_behind_it() -> None:
    class Chain(StateChart[Any]):
        catch_errors_as_events = False
        off = State(initial=True)
        on = State()
        flip = off.to(on) | on.to(off)
        start = off.to.itself(internal=True, on="queue_and_fail")

        def queue_and_fail(self) -> None:
            self.send("flip")
            raise RuntimeError("a mistake in the game")

    machine = Chain()
    with pytest.raises(RuntimeError, match="a mistake in the game"):
        machine.send("start")
    machine.send("nothing")

    assert active(machine) == ["off"]


# -- hooks: the private methods that `RoomEngine` overrides are called when it thinks ------


class Watching(SyncEngine):
    """Notes its hooks among the actions of the machine, in order."""

    def note(self, what: str) -> None:
        vars(self.sm).setdefault("noted", []).append(what)

    def microstep(self, *args: Any, **kwargs: Any) -> Any:
        self.note("microstep")
        return super().microstep(*args, **kwargs)

    def _add_state_to_configuration(self, target: State) -> None:
        self.note(f"add {target.id}")
        super()._add_state_to_configuration(target)

    def _remove_state_from_configuration(self, state: State) -> None:
        self.note(f"remove {state.id}")
        super()._remove_state_from_configuration(state)

    def _handle_final_state(self, target: State, on_entry_result: list[Any]) -> None:
        self.note(f"final {target.id} {on_entry_result}")
        super()._handle_final_state(target, on_entry_result)


def test_the_engines_hooks_are_called_around_the_actions() -> None:
    """A state is added before its entry actions, and removed after its exit actions."""

    class Quiz(StateChart[Any]):
        playing = State(initial=True)
        finished = State(final=True, donedata="result")
        finish = playing.to(finished, on="act")

        def _get_engine(self) -> Watching:
            return Watching(self)

        def _note(self, what: str) -> None:
            vars(self).setdefault("noted", []).append(what)

        def on_enter_playing(self) -> None:
            self._note("enter playing")

        def on_exit_playing(self) -> None:
            self._note("exit playing")

        def act(self) -> None:
            self._note("act")

        def result(self) -> str:
            return "won"

    machine = Quiz()
    machine.send("finish")

    assert vars(machine)["noted"] == [
        "add playing",
        "enter playing",
        "microstep",
        "exit playing",
        "remove playing",
        "act",
        "add finished",
        "final finished ['won']",
    ]


# -- sending: why the engine is asked, and why payloads are one `data` ---------------------


def test_send_returns_none_whether_handled_or_not() -> None:
    machine = Toggle()

    assert machine.send("set_off") is None
    assert active(machine) == ["off"]
    assert machine.send("flip") is None
    assert active(machine) == ["on"]
    assert machine.send("nobody_knows_this") is None


def test_send_takes_any_attribute_of_that_name_for_the_event() -> None:
    """Hence what a client sends is never looked up on the machine."""
    with pytest.raises(AttributeError, match="name"):
        Toggle().send("model")


def test_the_engine_knows_whether_an_event_was_handled() -> None:
    """`_take_external_event` answers with the engine's sentinel when nothing was enabled."""
    machine = Toggle()
    engine = machine._engine
    assert isinstance(engine, SyncEngine)

    def take(event: str) -> bool:
        trigger = TriggerData(machine=machine, event=Event(id=event))
        return engine._take_external_event(trigger) is not engine._sentinel

    assert not take("set_off")
    assert take("flip")


def test_strict_machines_raise_instead() -> None:
    class Strict(Toggle):
        allow_event_without_transition = False

    with pytest.raises(TransitionNotAllowed):
        Strict().send("set_off")


def test_a_machine_that_is_done_ignores_events() -> None:
    class Once(StateChart[Any]):
        open = State(initial=True)
        closed = State(final=True)
        close = open.to(closed)

    machine = Once()
    machine.send("close")

    assert machine.is_terminated
    assert machine.send("close") is None


def test_source_and_target_in_a_payload_are_overwritten() -> None:
    seen: dict[str, Any] = {}

    class Move(StateChart[Any]):
        here = State(initial=True)
        there = State()
        go = here.to(there, on="note")
        back = there.to(here)

        def note(self, source: State, target: State, word: str) -> None:
            seen.update(source=source.id, target=target.id, word=word)

    Move().send("go", source="pocket", target="hat", word="kept")

    assert seen == {"source": "here", "target": "there", "word": "kept"}


def test_a_delay_in_a_payload_is_obeyed(time: VirtualTime) -> None:
    payload: dict[str, Any] = {"delay": 5000}

    Toggle().send("flip", **payload)

    assert time.slept >= 5


def test_a_raising_guard_counts_as_enabled() -> None:
    """Hence `can` is not the library's `enabled_events`."""

    class Guarded(StateChart[Any]):
        catch_errors_as_events = False
        off = State(initial=True)
        on = State()
        flip = off.to(on, cond="broken")
        back = on.to(off)

        def broken(self) -> bool:
            raise RuntimeError("a mistake in a guard")

    machine = Guarded()

    assert [event.id for event in machine.enabled_events()] == ["flip"]
    with pytest.raises(RuntimeError, match="a mistake in a guard"):
        machine.send("flip")


def test_an_eventless_loop_does_not_end() -> None:
    """The library counts microsteps and has no limit: only the counter's raise ends this."""

    class Spin(StateChart[Any]):
        catch_errors_as_events = False
        left = State(initial=True)
        right = State()
        left.to(right, on="count")
        right.to(left, on="count")
        start = left.to(right)

        def count(self) -> None:
            vars(self)["steps"] = vars(self).get("steps", 0) + 1
            if vars(self)["steps"] == 5000:
                raise OverflowError("5000 microsteps")

    with pytest.raises(OverflowError, match="5000 microsteps"):
        Spin()


@pytest.mark.parametrize(
    ("declared", "sent", "matches"),
    [
        ("done.invoke", "done.invoke.load", True),
        ("done.invoke.load", "done.invoke.load.7f3a", True),
        ("done.invoke.*", "done.invoke.load", True),
        ("done.invoke.load", "done.invoke.loader", False),
        ("done.invoke.load", "done.invoke", False),
        ("*", "anything.at.all", True),
    ],
)
def test_event_names_match_by_prefix(declared: str, sent: str, matches: bool) -> None:
    assert Event(id=declared).match(sent) is matches


def test_an_underscored_done_event_is_also_the_dotted_one() -> None:
    class Loading(StateChart[Any]):
        busy = State(initial=True)
        idle = State()
        done_invoke_busy = busy.to(idle)
        again = idle.to(busy)

    machine = Loading()
    machine.send("done.invoke.busy.1")

    assert active(machine) == ["idle"]


# -- the end: why the root's output is captured --------------------------------------------


def test_donedata_of_a_compound_arrives_with_its_done_event() -> None:
    seen: list[int] = []

    class Quiz(StateChart[Any]):
        class question(State.Compound):
            open = State(initial=True)
            closed = State(final=True, donedata="result")
            close = open.to(closed)

        finished = State(final=True)
        done_state_question = question.to(finished, on="note")

        def result(self) -> dict[str, int]:
            return {"points": 3}

        def note(self, points: int) -> None:
            seen.append(points)

    Quiz().send("close")

    assert seen == [3]


def test_donedata_of_the_root_goes_nowhere() -> None:
    class Quiz(StateChart[Any]):
        playing = State(initial=True)
        finished = State(final=True, donedata="result")
        finish = playing.to(finished)

        def result(self) -> dict[str, int]:
            return {"points": 3}

    machine = Quiz()

    assert machine.send("finish") is None
    assert machine.is_terminated


# -- restore: why a room can be woken without running its actions --------------------------


class Regions(StateChart[Any]):
    """Two regions with a history, and an end."""

    class game(State.Parallel):
        class clock(State.Compound):
            running = State(initial=True)
            stopped = State()
            stop = running.to(stopped)
            run = stopped.to(running)

        class door(State.Compound):
            shut = State(initial=True)
            open = State()
            last = HistoryState(type="deep")
            push = shut.to(open)
            pull = open.to(shut)

    paused = State()
    finished = State(final=True)
    pause = game.to(paused)
    resume = paused.to(game.door.last)
    finish = game.to(finished) | paused.to(finished)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        vars(self)["entered"] = []
        super().__init__(*args, **kwargs)

    def on_enter_state(self, state: State) -> None:
        vars(self)["entered"].append(state.id)


def restored(*values: str, kind: Any = OrderedSet) -> Regions:
    """`Regions` as it comes back from `values`, the way a room does it."""
    model = Model()
    model.state = kind(values) if len(values) > 1 else values[0]
    return Regions(model=model)


def test_a_state_set_before_construction_is_restored_without_entry_actions() -> None:
    machine = restored("game", "clock", "stopped", "door", "open")

    assert entered(machine) == []
    assert active(machine) == ["game", "clock", "stopped", "door", "open"]

    machine.send("run")
    assert entered(machine) == ["running"]


def test_several_states_are_an_ordered_set_and_nothing_else() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        _ = restored("game", "clock", "stopped", "door", "open", kind=list).configuration


def test_one_state_is_kept_as_its_bare_value() -> None:
    machine = Toggle()

    assert machine.model.state == "off"
    assert entered(machine) == ["off"]


def test_the_configuration_keeps_the_order_of_entering() -> None:
    """Not document order; transitions are selected in it, so it is part of what is stored."""
    machine = Regions()

    machine.send("stop")

    assert active(machine) == ["game", "clock", "door", "shut", "stopped"]


def test_a_machine_restored_in_its_final_state_thinks_that_it_runs() -> None:
    """Hence `engine.running` is set from the stored status."""
    machine = restored("finished")

    assert not machine.is_terminated

    machine._engine.running = False
    assert machine.send("resume") is None
    assert active(machine) == ["finished"]


def test_history_values_are_states_and_can_be_put_back_from_the_map() -> None:
    machine = Regions()
    machine.send("push")
    machine.send("pause")
    remembered = [state.id for state in machine.history_values["last"]]
    assert remembered == ["open"]

    again = restored("paused")
    again.history_values["last"] = [Regions.states_map[value] for value in remembered]
    again.send("resume")

    assert "open" in active(again)
