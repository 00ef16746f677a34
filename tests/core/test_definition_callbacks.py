"""Which callbacks a machine may have: plain functions that are there, and invokes of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest

from machine_party.core import Machine, State
from machine_party.core.definition import check_names
from machine_party.errors import DefinitionError
from tests.core.rig import Notes
from tests.core.test_definition import MACHINE, refusal


async def slow(*_arguments: Any) -> bool:
    return False


async def stream() -> AsyncIterator[int]:
    yield 1


class Callable_:
    __name__ = "callable_"

    async def __call__(self) -> bool:
        return False


class Listens:
    async def on_enter_idle(self) -> None: ...


def _body(**extra: Any) -> Callable[[], Any]:
    """A machine's class with more in its body."""

    def define() -> Any:
        idle = State(initial=True)
        body = {"idle": idle, "go": idle.to.itself(), "__orig_bases__": (Machine[Notes],)}
        return MACHINE("Slow", (Machine,), {**body, **extra})

    return define


def _with(**callback: Any) -> Callable[[], Any]:
    """A machine whose transition has a callback."""

    def define() -> Any:
        idle = State(initial=True)
        body = {"idle": idle, "go": idle.to.itself(**callback), "slow": slow, "fast": len}
        body |= {"late": property(slow), "static": staticmethod(slow)}
        return MACHINE("Slow", (Machine,), {**body, "__orig_bases__": (Machine[Notes],)})

    return define


FORMS = {
    "by convention, of a state": _body(on_enter_idle=slow),
    "by convention, of leaving it": _body(on_exit_idle=slow),
    "by convention, of any state": _body(on_enter_state=slow),
    "by convention, of an event": _body(on_go=slow),
    "by convention, before": _body(before_go=slow),
    "by convention, after any": _body(after_transition=slow),
    "before every event": _body(prepare_event=slow),
    "of a listener": _body(listeners=[Listens]),
    "of a listening object": _body(listeners=[Listens()]),
    "by name": _with(on="slow"),
    "given as a function": _with(on=slow),
    "partly given": _with(on=partial(slow, 1)),
    "given as an object": _with(on=Callable_()),
    "a generator": _with(on=stream),
    "a guard": _with(cond="slow"),
    "a guard in an expression": _with(cond="fast and not slow"),
    "a negative guard": _with(unless="slow"),
    "a property as a guard": _with(cond="late"),
    "a static function": _with(cond="static"),
    "a validator": _with(validators="slow"),
    "before": _with(before="slow"),
    "after": _with(after=["fast", "slow"]),
}


@pytest.mark.parametrize("form", FORMS)
def test_no_callback_is_async(form: str) -> None:
    assert "Callbacks are plain def" in refusal(FORMS[form])


def test_nor_is_one_in_a_states_body_or_made_by_a_decorator() -> None:
    def of_a_state() -> None:
        class Slow(Machine[Notes]):
            idle = State(initial=True, enter=slow)
            go = idle.to.itself()

    def nested() -> None:
        class Slow(Machine[Notes]):
            class game(State.Compound):
                idle = State(initial=True)
                go = idle.to.itself()

                async def on_enter_idle(self) -> None: ...

            stop = game.to.itself()

    def decorated() -> None:
        class Slow(Machine[Notes]):
            idle = State(initial=True)
            go = idle.to.itself()

            @idle.enter  # type: ignore[untyped-decorator]
            async def greet(self) -> None: ...

    def of_an_event() -> None:
        class Slow(Machine[Notes]):
            idle = State(initial=True)

            @idle.to.itself()  # type: ignore[untyped-decorator]
            async def go(self) -> None: ...

    for define in (of_a_state, nested, decorated, of_an_event):
        assert "Callbacks are plain def" in refusal(define)


def test_plain_callbacks_of_all_these_forms_are_fine() -> None:
    """Else the test above could not fail."""

    def fast(*_arguments: Any) -> bool:
        return True

    assert _body(on_enter_idle=fast, prepare_event=fast, on_go=fast)()
    assert _with(on=fast, cond="fast and fast", before=partial(fast, 1))()


def test_an_invoke_is_a_function_or_a_declared_machine() -> None:
    def state(invoke: Any, **extra: Any) -> Callable[[], Any]:
        return lambda: _body(idle=(idle := State(initial=True, invoke=invoke)), go=idle.to(idle))()

    class Runs:
        def run(self, context: Any) -> None: ...

    class Other(Machine[Notes]):
        idle = State(initial=True)
        go = idle.to.itself()

    for by_name in (state("load"), _body(on_invoke_idle=slow), _body(on_invoke_state=len)):
        assert "async def" in (text := refusal(by_name)) or "State(invoke=function)" in text
    assert "Give a function" in refusal(state(Runs()))
    assert "Write Children = (Other,)" in refusal(state(Other))
    for fine in (slow, len, [slow, len], partial(slow, 1)):
        assert state(fine)()


def test_a_machine_that_is_played_has_all_the_callbacks_that_it_names() -> None:
    with pytest.raises(DefinitionError, match="the callback 'missing' is not there"):
        check_names(_missing())


def _missing() -> Any:
    class Base(Machine[Notes]):
        idle = State(initial=True)
        go = idle.to.itself(cond="In('idle') and missing")

    return Base


def test_a_base_class_may_name_what_its_subclass_has() -> None:
    class Derived(_missing()):  # type: ignore[misc]
        def missing(self) -> bool:
            return True

    check_names(Derived)
