"""States as a machine's class body declares them: the library's, with tags and safe invokes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from statemachine import HistoryState
from statemachine import State as LibraryState
from statemachine.invoke import _InvokeCallableWrapper
from statemachine.state import NestedStateFactory, _FromState, _ToState

from machine_party.errors import DefinitionError

__all__ = ["HistoryState", "State", "invoke_name", "invoked", "state_tags"]


class CoroutineInvoke:
    """Carries an `async def` invoke past the library, which would take it for an async machine.

    The library never calls `run`: the room awaits `function` once the commit is stored.
    """

    def __init__(self, function: Any) -> None:
        self.function = function
        self.__name__ = getattr(function, "__name__", "invoke")

    async def run(self, _context: Any) -> None:
        raise AssertionError("an invoke is run by the room, never by the library")


def invoked(handler: Any) -> Any:
    """The function or Machine class behind what the library made of `State(invoke=…)`."""
    inner = handler._invoke_handler if isinstance(handler, _InvokeCallableWrapper) else handler
    return inner.function if isinstance(inner, CoroutineInvoke) else inner


def invoke_name(handler: Any) -> str:
    """What a function or Machine class that is invoked is called, in the stored form too."""
    name: str = getattr(handler, "__name__", type(handler).__name__)
    return name


def _wrapped(invoke: Any) -> Any:
    if invoke is None or isinstance(invoke, str):
        return invoke
    items = invoke if isinstance(invoke, list | tuple) else [invoke]
    return [CoroutineInvoke(item) if iscoroutinefunction(item) else item for item in items]


class _Factory(NestedStateFactory):
    """Takes `tags=` where a compound or parallel state's body is opened."""

    def __new__(
        mcs,
        classname: str,
        bases: tuple[type, ...],
        attrs: Mapping[str, Any],
        name: str = "",
        tags: Iterable[str] = (),
        invoke: Any = None,
        **kwargs: Any,
    ) -> Any:
        if bases and invoke is not None:
            kwargs["invoke"] = _wrapped(invoke)
        state = super().__new__(mcs, classname, bases, attrs, name=name, **kwargs)
        if bases:
            state.tags = _tags(tags)  # type: ignore[attr-defined]
        return state

    if TYPE_CHECKING:  # by then it is a State, and has these as a State has them

        @property
        def to(cls) -> _ToState: ...

        @property
        def from_(cls) -> _FromState: ...


class State(LibraryState):
    """A state. As in python-statemachine, plus:

    Args:
        tags: words that `has_tag` finds while the state is active.
        invoke: a plain or `async def` function `(Invocation) -> result`, or a `Machine` class.
            It starts once the commit that entered the state is stored, and is cancelled when
            the state is left. Its result arrives as `done.invoke.<state>`, its failure as
            `error.invoke.<state>`.
    """

    class Compound(metaclass=_Factory):
        """A state with children, one of which is active: `class question(State.Compound): …`."""

    class Parallel(metaclass=_Factory, parallel=True):
        """A state whose children are all active: `class game(State.Parallel): …`."""

    def __init__(
        self, name: str = "", *, tags: Iterable[str] = (), invoke: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(name, invoke=_wrapped(invoke), **kwargs)
        self.tags = _tags(tags)


def _tags(tags: Iterable[str]) -> frozenset[str]:
    if isinstance(tags, str):
        what = f"tags={tags!r} would be {len(tags)} tags of one letter"
        raise DefinitionError("State", what, f"Write tags=[{tags!r}].")
    return frozenset(tags)


def state_tags(state: LibraryState) -> frozenset[str]:
    """The tags declared on a state; none on a state made by the library itself."""
    tags: frozenset[str] = getattr(state, "tags", frozenset())
    return tags
