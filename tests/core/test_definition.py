"""Every declaration that the library would take and go wrong with later is refused, with a fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Struct
from statemachine import Event

from machine_party.core import HistoryState, Machine, State
from machine_party.core.definition import definition_hash
from machine_party.core.fit import check_configuration
from machine_party.errors import DefinitionError
from tests.core.rig import Notes, Rig

MACHINE: Any = type(Machine)
"""Makes a machine of a body that is put together at run time."""


def refusal(define: Callable[[], Any]) -> str:
    """What is said when `define` makes its class."""
    with pytest.raises(DefinitionError) as raised:
        define()
    assert raised.value.fix
    return str(raised.value)


# -- ids ------------------------------------------------------------------------------------


def test_a_state_id_is_used_once_in_the_whole_machine() -> None:
    def define() -> None:
        class Twice(Machine[Notes]):
            class question(State.Compound):
                open = State(initial=True)

            class answer(State.Compound):
                open = State(initial=True)

            go = question.to(answer) | answer.to(question)

    text = refusal(define)
    assert "two states are called 'open'" in text
    assert "answer_open" in text


def test_so_is_a_history_states() -> None:
    """The library would keep one memory for both."""

    def define() -> None:
        class Twice(Machine[Notes]):
            class question(State.Compound):
                one = State(initial=True)
                memory = HistoryState()
                memory.to(one)

            class answer(State.Compound):
                two = State(initial=True)
                memory = HistoryState()
                memory.to(two)

            go = question.to(answer.memory) | answer.to(question.memory)

    assert "two states are called 'memory'" in refusal(define)


def test_a_history_says_what_it_is_without_a_memory() -> None:
    """The library would enter a compound state and none of its children."""

    def define() -> None:
        class Forgetful(Machine[Notes]):
            idle = State(initial=True)

            class question(State.Compound):
                one = State(initial=True)
                memory = HistoryState()

            go = idle.to(question.memory) | question.to(idle)

    assert "Write memory.to(some_state)" in refusal(define)


@pytest.mark.parametrize("name", ["now", "context", "send", "emit", "model", "constructor"])
def test_a_state_is_not_called_like_what_every_machine_has(name: str) -> None:
    state = State(initial=True)
    body = {name: state, "go": state.to.itself(), "__orig_bases__": (Machine[Notes],)}
    assert "Rename the state" in refusal(lambda: MACHINE("Named", (Machine,), body))


@pytest.mark.parametrize("name", ["now", "context", "send", "reply", "model", "constructor"])
def test_an_event_is_not_called_like_what_every_machine_has(name: str) -> None:
    state = State(initial=True)
    body = {"idle": state, name: state.to.itself(), "__orig_bases__": (Machine[Notes],)}
    assert "Rename the event" in refusal(lambda: MACHINE("Named", (Machine,), body))


def test_a_state_hides_no_method_and_no_property() -> None:
    def method() -> None:
        class Hidden(Machine[Notes]):
            class game(State.Compound):
                open = State(initial=True)

            go = game.to.itself()

            def open(self) -> None: ...

    def prop() -> None:
        class Hidden(Machine[Notes]):
            class game(State.Compound):
                ready = State(initial=True)

            go = game.to.itself()

            @property
            def ready(self) -> bool:
                return True

    assert "the state 'open' would hide" in refusal(method)
    assert "the state 'ready' would hide" in refusal(prop)


def test_an_event_hides_no_method() -> None:
    def nested() -> None:
        class Hidden(Machine[Notes]):
            class game(State.Compound):
                ready = State(initial=True)
                add = ready.to.itself()

            go = game.to.itself()

            def add(self) -> None: ...

    class Adds:
        def add(self) -> None: ...

    def inherited() -> None:
        class Hidden(Adds, Machine[Notes]):
            ready = State(initial=True)
            add = ready.to.itself()

    for define in (nested, inherited):
        assert "the event 'add' would hide" in refusal(define)


def test_an_event_declared_by_a_decorated_function_hides_nothing() -> None:
    class Decorated(Machine[Notes]):
        ready = State(initial=True)

        @ready.to.itself()  # type: ignore[untyped-decorator]
        def add(self) -> None:
            self.context.count += 1

    rig = Rig(Decorated)
    assert rig.send("add").accepted
    assert rig.context.count == 1


def test_a_state_is_stored_by_its_id() -> None:
    def define() -> None:
        class Valued(Machine[Notes]):
            idle = State(initial=True, value=1)
            go = idle.to.itself()

    assert "Drop value=" in refusal(define)


# -- structure ------------------------------------------------------------------------------


def test_what_the_library_refuses_is_refused_in_our_words() -> None:
    def define() -> None:
        class Trap(Machine[Notes]):
            idle = State(initial=True)
            trap = State()
            go = idle.to(trap)

    assert "no outgoing transition" in refusal(define)


def test_a_subclass_adds_no_transitions_to_its_base() -> None:
    class Base(Machine[Notes]):
        idle = State(initial=True)
        go = idle.to.itself()

    def define() -> None:
        class Derived(Base):
            extra = State(final=True)
            leave = Base.idle.to(extra)

    assert "Write them in Base" in refusal(define)


def test_an_internal_transition_of_a_compound_to_itself_would_restart_it() -> None:
    def define() -> None:
        class Restarting(Machine[Notes]):
            class game(State.Compound):
                one = State(initial=True)
                two = State()
                step = one.to(two)

            add = game.to.itself(internal=True)

    assert "Write game.to(None, on=…)" in refusal(define)

    class Staying(Machine[Notes]):
        class game(State.Compound):
            one = State(initial=True)
            two = State()
            step = one.to(two)

        add = game.to(None, on="do_add")

        def do_add(self) -> None:
            self.context.count += 1

    rig = Rig(Staying)
    rig.send("step")
    assert rig.send("add").accepted
    assert (rig.value, rig.context.count) == ({"game": "two"}, 1)


class Tree(Machine[Notes]):
    idle = State(initial=True)

    class game(State.Parallel):
        class left(State.Compound):
            left_a = State(initial=True)
            left_b = State()
            step = left_a.to(left_b)

        right = State()

    start = Event(idle.to(game))
    stop = game.to(idle)


@pytest.mark.parametrize("active", [["idle"], ["game", "left", "left_a", "right"]])
def test_a_legal_configuration_is_taken(active: list[str]) -> None:
    check_configuration(Tree, active)


@pytest.mark.parametrize(
    "active",
    [
        [],
        ["gone"],
        ["idle", "game"],
        ["game"],
        ["left_a"],
        ["game", "left", "right"],
        ["game", "left", "left_a"],
        ["game", "left", "left_a", "left_b", "right"],
        ["idle", "left_a"],
    ],
)
def test_an_illegal_one_is_not(active: list[str]) -> None:
    with pytest.raises(ValueError, match=r"has no state|cannot be in"):
        check_configuration(Tree, active)


class Other(Struct):
    """Another context."""


async def load(invocation: Any) -> None: ...


def store(invocation: Any) -> None: ...


def test_the_hash_tells_one_declaration_from_another() -> None:
    def machine(**arguments: Any) -> type[Any]:
        state: Any = State(initial=True, **arguments)
        body = {"idle": state, "go": state.to.itself(), "__orig_bases__": (Machine[Notes],)}
        kind: type[Any] = MACHINE("Hashed", (Machine,), body)
        return kind

    def of(kind: type[Any], context: type[Any] = Notes, input: Any = None) -> str:
        return definition_hash([(kind, context)], input)

    plain = of(machine())
    assert plain == of(machine())
    assert plain != of(machine(tags=["a"]))
    assert plain != of(machine(), Other)
    assert plain != of(machine(), input=Other)
    assert plain != of(machine(invoke=load))
    assert of(machine(invoke=load)) != of(machine(invoke=[load, store]))
    assert plain != definition_hash([(machine(), Notes), (machine(), Notes)], None)
