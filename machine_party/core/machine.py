"""`Machine`: a python-statemachine StateChart with a typed context and the room's own powers.

What an action may touch is here: the context, the room's clock and randomness, timers, emits,
children, members. Everything else (who sends, who sees, when it is stored) is not its concern.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, TypeVar, get_args, get_origin

import msgspec
from statemachine import StateChart
from statemachine.exceptions import InvalidDefinition
from statemachine.factory import StateMachineMetaclass
from statemachine.model import Model
from statemachine.state import State as LibraryState

from machine_party.core.definition import check_machine, mend_events
from machine_party.core.engine import RoomEngine, configuration_of
from machine_party.core.event import Emit
from machine_party.core.fit import check_configuration
from machine_party.core.fit import check_machine as check_stored
from machine_party.core.member import Member
from machine_party.core.plain import jsonable
from machine_party.core.snapshot import Snapshot, Status
from machine_party.core.state import state_tags
from machine_party.core.state_form import MachineState
from machine_party.core.timer import Policy, Timer, Waiting
from machine_party.errors import DefinitionError, Refused
from machine_party.protocol import StateValue

if TYPE_CHECKING:
    from machine_party.core.actor import Actor

__all__ = ["Machine"]

C = TypeVar("C")

_LIBRARY_ATTRIBUTES = frozenset({"model", "history_values", "state_field"})
"""What the library sets on an instance, so that it is not in `dir(Machine)`."""


class _MachineType(StateMachineMetaclass):
    """Refuses at class creation what would go wrong silently at run time."""

    def __init__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> None:
        try:
            super().__init__(name, bases, attrs)  # type: ignore[arg-type]
        except InvalidDefinition as error:
            raise DefinitionError(name, str(error).rstrip("."), "Change its body.") from error
        if len(cls.states):
            mend_events(cls)
            check_machine(cls, bases, attrs, reserved=frozenset(dir(Machine)) | _LIBRARY_ATTRIBUTES)


class Machine(StateChart[Any], Generic[C], metaclass=_MachineType):
    """The statechart of a party: `class Quiz(Machine[Context])`, with `Context` a msgspec Struct.

    Handlers are plain functions and take any of `data` (the event, of its declared type) and
    `member` (who sent it; None for timers and internal events).
    """

    catch_errors_as_events: bool = False
    """With the library's default a raise is swallowed and the state stays entered."""

    enable_self_transition_entries: bool = False
    """With the library's default an internal transition to its own state runs its entry actions:
    every answer would start the question's timer again."""

    Children: ClassVar[tuple[type[Machine[Any]], ...]] = ()
    """The Machine classes that this one may `spawn`."""

    def __init__(
        self, actor: Actor, *, path: str = "", input: Any = None, stored: MachineState | None = None
    ) -> None:
        self._actor, self._path, self._input = actor, path, input
        self._context = _context_of(self, stored, input)
        self._children = {}
        self._invoked_by = stored.invoked_by if stored else None
        if stored:
            check_configuration(type(self), stored.configuration)
        model = Model()
        model.state = configuration_of(stored.configuration) if stored else None
        super().__init__(model=model)
        if stored:
            self._restore(stored)

    _actor: Actor
    _path: str
    _input: Any
    _context: C
    _children: dict[str, Machine[Any]]
    _invoked_by: str | None
    _engine: RoomEngine

    # -- what an action may read ---------------------------------------------------------

    @property
    def context(self) -> C:
        """The only state that an action may change. A tree: nothing in it is there twice."""
        return self._context

    @property
    def input(self) -> Any:
        """What the room was created with, of the party's `Input` type."""
        return self._input

    @property
    def now(self) -> float:
        """The event's time, epoch seconds. The same when the event is re-run or replayed."""
        return self._actor.now

    @property
    def random(self) -> Random:
        """Randomness that is the same when the event is re-run or replayed."""
        return self._actor.random

    @property
    def members(self) -> Mapping[str, Member]:
        """`{member id: Member}` of the room, in joining order."""
        return self._actor.roster.members

    def timer(self, name: str) -> Waiting | None:
        """This machine's timer of that `id` or event, the first to come; None: none waits."""
        return self._actor.timers.find(self._path, name, self.now)

    # -- what an action may do -----------------------------------------------------------

    def initial(self, input: Any) -> C:
        """The first context. Override it to use the room's `input`."""
        context: C = context_type(type(self))()
        return context

    def after(
        self,
        seconds: float,
        event: str,
        data: Any = None,
        *,
        id: str | None = None,
        policy: Policy = "deadline",
    ) -> None:
        """Send `event` to this machine after `seconds`.

        Called while a state is being entered, the timer belongs to that state and is cancelled
        when it is left; otherwise it belongs to the machine.

        Args:
            data: the payload, JSON-able.
            id: a name for `cancel_event`, `extend_timers` and `timer`.
            policy: what downtime and a pause do to it: see `Policy`. (A `send(…, delay=…)` has a
                deadline.)
        """
        self._check_seconds(seconds, f"after({event!r})")
        timer = Timer(
            event=event,
            deadline=self.now + seconds,
            seconds=float(seconds),
            data=jsonable(data, f"after({event!r})"),
            path=self._path,
            state=self._engine.entering,
            send_id=id,
            policy=policy,
        )
        self._actor.start_timer(timer)

    def pause_timers(self) -> None:
        """Stop all timers of the room, those of children too, until `resume_timers`. Events and
        invokes go on."""
        self._actor.pause_timers()

    def resume_timers(self) -> None:
        """Let the room's timers go on, each as its policy says."""
        self._actor.resume_timers()

    def extend_timers(self, seconds: float, id: str | None = None) -> None:
        """Give the room's timers more time; with negative seconds, less. What has come due and
        is tried again is not held up.

        Args:
            id: only those of this `id` or event; None: all. None of that name is no error.
        """
        self._check_seconds(seconds, "extend_timers")
        self._actor.extend_timers(seconds, id)

    def emit(self, message: Emit, to: str | None = None) -> None:
        """Send a declared `Emit` once the commit is stored.

        Args:
            to: a member's id, an audience, or `"*"` for everyone; the sender by default.
        """
        self._actor.emit(message, to)

    def reply(self, result: msgspec.Struct) -> None:
        """Answer the event that is being handled: the result in its sender's receipt.

        Raises:
            UndeclaredError: `result` is not of the event's declared `reply` type.
        """
        self._actor.reply(result)

    def refuse(self, code: str) -> NoReturn:
        """Refuse the event for a reason declared in `Party.refusals`; nothing of it happens."""
        self._actor.party.reason(code)
        raise Refused(code)

    def spawn(self, machine: type[Machine[Any]], id: str | None = None, input: Any = None) -> str:
        """Start a child machine; its id. When it is done, `done.invoke.<id>` arrives here.

        Args:
            input: JSON-able; the child gets plain dicts, lists and scalars.
        """
        return self._actor.spawn(self, machine, id, input)

    def send_to(self, child: str, event: str, data: Any = None) -> None:
        """Send to a child, after this event is done. An unknown child is ignored, as in XState.

        Args:
            data: the payload, JSON-able; the child gets a copy, of the event's declared type.
        """
        self._actor.post(child_path(self._path, child), event, data)

    def send_parent(self, event: str, data: Any = None) -> None:
        """Send to the machine that spawned this one, after this event is done."""
        if self._path:
            self._actor.post(self._path.rpartition("/")[0], event, data)

    def stop_child(self, child: str) -> None:
        """Stop a child and everything that it started."""
        self._actor.stop(self, child)

    def kick(self, member_id: str) -> None:
        """Take a member's seat and connections away, until `unkick`."""
        self._actor.kick(member_id)

    def unkick(self, member_id: str) -> None:
        """Let a kicked member join again."""
        self._actor.unkick(member_id)

    def set_role(self, member_id: str, role: str) -> None:
        """Give a member another role; from the next commit on it sees that role's view."""
        self._actor.set_role(member_id, role)

    def rename(self, member_id: str, name: str) -> None:
        """Give a member another name; it is cleaned and made unique."""
        self._actor.rename(member_id, name)

    # -- for the actor and the room ------------------------------------------------------

    @property
    def _status(self) -> Status:
        return "active" if self._engine.running else "done"

    @property
    def _child_ids(self) -> list[str]:
        return list(self._children)

    def _check_seconds(self, seconds: float, call: str) -> None:
        if not isfinite(seconds):
            what = f"{call} with {seconds} seconds has no end"
            raise DefinitionError(type(self).__name__, what, "Give a number of seconds.")

    def _snapshot(self, waiting: Mapping[str, Mapping[str, Waiting]]) -> Snapshot[C]:
        """`waiting`: the room's timers, as `Timers.waiting` gives them."""
        active = {state.id for state in self.configuration}
        tags: set[str] = set()
        for state in self.configuration:
            tags |= state_tags(state)
        return Snapshot(
            value=_value(list(self.states), active, parallel=False),
            status=self._status,
            tags=frozenset(tags),
            context=self._context,
            children={key: child._snapshot(waiting) for key, child in self._children.items()},
            output=self._engine.output,
            members=self.members,
            timers=waiting.get(self._path, {}),
            paused=self._actor.timers.paused_at is not None,
        )

    def _stored(self) -> MachineState:
        """The persisted form, of this machine and its children."""
        history = {key: [s.value for s in states] for key, states in self.history_values.items()}
        return MachineState(
            kind=type(self).__name__,
            input=self.input,
            configuration=list(self.configuration_values),
            history=history,
            context=self._context,
            status=self._status,
            output=self._engine.output,
            invokes=self._engine.invokes.rows,
            invoked_by=self._invoked_by,
            children={key: child._stored() for key, child in self._children.items()},
        )

    def _restore(self, stored: MachineState) -> None:
        """Raises ValueError if `stored` does not fit the declaration."""
        check_stored(self, stored)
        for state_id, values in stored.history.items():
            self.history_values[state_id] = [self.states_map[value] for value in values]
        engine = self._engine
        engine.running = stored.status == "active"
        engine.output = stored.output
        engine.invokes.rows = dict(stored.invokes)

    def _get_engine(self) -> RoomEngine:
        return RoomEngine(self)


def context_type(machine: type[Machine[Any]]) -> type[Any]:
    """The `Context` of `Machine[Context]`."""
    for base in machine.__mro__:
        for generic in getattr(base, "__orig_bases__", ()):
            origin, arguments = get_origin(generic), get_args(generic)
            if isinstance(origin, type) and issubclass(origin, Machine):
                if isinstance(arguments[0], type) and issubclass(arguments[0], msgspec.Struct):
                    return arguments[0]
    raise DefinitionError(
        machine.__name__,
        "it does not say what its context is",
        f"Write class {machine.__name__}(Machine[Context]) with Context a msgspec.Struct.",
    )


def child_path(parent: str, child: str) -> str:
    """The path of a child: the root's is `""`, its child's `"a"`, that one's child `"a/b"`."""
    return f"{parent}/{child}" if parent else child


def _context_of(machine: Machine[C], stored: MachineState | None, input: Any) -> C:
    if stored is None:
        return machine.initial(input)
    context: C = msgspec.convert(stored.context, context_type(type(machine)), str_keys=True)
    return context


def _value(states: list[LibraryState], active: set[str], *, parallel: bool) -> StateValue:
    """The active part of a level of the tree, nested as XState nests it."""
    here = [state for state in states if state.id in active]
    if not parallel and len(here) == 1 and not here[0].states:
        return here[0].id
    return {state.id: _inner_value(state, active) for state in here}


def _inner_value(state: LibraryState, active: set[str]) -> StateValue:
    return _value(state.states, active, parallel=state.parallel) if state.states else {}
