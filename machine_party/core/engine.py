"""The engine: all that knows the library's internals, besides `machine.py` and `state.py`.

python-statemachine's own engine sleeps for delayed events inside its processing loop, holds a
thread for each invoke, and forgets both at a restart. Here a delay is a row in the actor's
timer table and an invoke a row in its invoke table; somebody else waits and runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from statemachine.engines.sync import SyncEngine
from statemachine.event import BoundEvent
from statemachine.orderedset import OrderedSet

from machine_party.core.plain import jsonable
from machine_party.core.state import invoke_name, invoked
from machine_party.core.timer import Timer
from machine_party.errors import DefinitionError, EndlessLoop

if TYPE_CHECKING:
    from statemachine.engines.base import StateTransition
    from statemachine.event_data import TriggerData
    from statemachine.state import State
    from statemachine.transition import Transition

    from machine_party.core.machine import Machine

__all__ = ["MAX_MICROSTEPS", "Invoke", "InvokeTable", "RoomEngine"]

MAX_MICROSTEPS = 1_000
"""No machine of a game needs as many for one event; an eventless loop without end does."""


class Invoke(msgspec.Struct, omit_defaults=True):
    """One running invoke, as data.

    Attributes:
        state: the id of the state that owns it.
        index: which of that state's invokes.
        data: the payload of the event that entered the state, JSON-able.
        function: the name of what it runs, so that a restore does not run another in its place.
    """

    state: str
    index: int
    data: Any = None
    function: str = ""


class InvokeTable:
    """Stands where the library's InvokeManager stands; starts nothing itself.

    A row's id is `<state>.<n>`, so that a transition on `done.invoke.<state>` matches it.
    """

    def __init__(self, engine: RoomEngine) -> None:
        self._engine = engine
        self.rows: dict[str, Invoke] = {}

    def new_id(self, name: str) -> str:
        """`<name>.<n>`, never used before in this room: a child that is spawned again under its id
        must not take what another one of that id has begun for its own."""
        actor = self._engine.sm._actor
        actor.next_invoke += 1
        return f"{name}.{actor.next_invoke - 1}"

    def mark_for_invoke(self, state: State, event_kwargs: dict[str, Any] | None = None) -> None:
        data = jsonable((event_kwargs or {}).get("data"), f"invoke of state {state.id!r}")
        for index, handler in enumerate(self._engine.invoke_handlers(state)):
            invoke_id = self.new_id(state.id)
            if isinstance(handler, type):
                machine = self._engine.sm
                machine._actor.spawn(machine, handler, invoke_id, None, state=state.id)
            else:
                self.rows[invoke_id] = Invoke(
                    state=state.id, index=index, data=data, function=invoke_name(handler)
                )

    def cancel_for_state(self, state: State) -> None:
        for key in [key for key, row in self.rows.items() if row.state == state.id]:
            del self.rows[key]
        children = self._engine.sm._children
        for key in [key for key, child in children.items() if child._invoked_by == state.id]:
            self._engine.sm.stop_child(key)

    def cancel_all(self) -> None:
        self.rows.clear()

    def spawn_pending_sync(self) -> None:
        """The library's moment to start threads. Rows are started by the room instead."""

    def handle_external_event(self, trigger: TriggerData) -> None:
        """The library's finalize and autoforward: not offered."""


class RoomEngine(SyncEngine):
    """A SyncEngine that never waits, never starts a thread, and says what happened."""

    sm: Machine[Any]
    _invoke_manager: InvokeTable  # type: ignore[assignment]

    def __init__(self, sm: Machine[Any]) -> None:
        super().__init__(sm)
        self._invoke_manager = InvokeTable(self)
        self._entering: str | None = None
        self._delivering: TriggerData | None = None
        self._handled = False
        self._microsteps = 0
        self.output: Any = None

    @property
    def invokes(self) -> InvokeTable:
        return self._invoke_manager

    @property
    def entering(self) -> str | None:
        """The state whose entry actions are running, if any: it owns what they start."""
        return self._entering

    def deliver(self, event: str, data: Any, member: Any) -> bool:
        """Run one event to its end; whether it enabled a transition."""
        self._handled, self._microsteps = False, 0
        if not self.running:
            return False
        bound = BoundEvent(id=event, name=event, _sm=self.sm)
        self._delivering = bound.put(data=data, member=member)
        try:
            self.processing_loop()  # type: ignore[no-untyped-call]
        finally:
            self._delivering = None
        return self._handled

    def put(self, trigger_data: TriggerData, internal: bool = False) -> None:
        delay = trigger_data.event.delay if trigger_data.event else 0
        if delay:
            self._put_later(trigger_data, delay / 1000)
        else:
            super().put(trigger_data, internal=internal)

    def cancel_event(self, send_id: str) -> None:
        super().cancel_event(send_id)
        self.sm._actor.timers.cancel_send_id(self.sm._path, send_id)

    def invoke_handlers(self, state: State) -> list[Any]:
        """The functions and Machine classes that a state invokes, in declaration order."""
        callbacks = self.sm._callbacks[state.invoke.key]
        return [invoked(callback.meta.func) for callback in callbacks]

    def invoke_names(self, state: State) -> list[str]:
        """Their names, in this order."""
        return [invoke_name(handler) for handler in self.invoke_handlers(state)]

    def microstep(self, transitions: list[Transition], trigger_data: TriggerData) -> Any:
        self._microsteps += 1
        self.sm._actor.dirty = True
        if self._microsteps > MAX_MICROSTEPS:
            raise EndlessLoop(type(self.sm).__name__, MAX_MICROSTEPS, str(transitions[0]))
        return super().microstep(transitions, trigger_data)

    def stop(self) -> None:
        super().stop()  # type: ignore[no-untyped-call]
        self.sm._actor.timers.cancel_machine(self.sm._path)

    def _put_later(self, trigger: TriggerData, seconds: float) -> None:
        if trigger.args or set(trigger.kwargs) - {"data", "member"}:
            raise DefinitionError(
                f"{type(self.sm).__name__}.send({str(trigger.event)!r})",
                "a delayed event takes its payload as data=",
                "Write send(event, delay=…, data=…); data must be JSON-able.",
            )
        member = trigger.kwargs.get("member")
        self.sm._actor.start_timer(
            Timer(
                event=str(trigger.event),
                deadline=self.sm._actor.now + seconds,
                seconds=seconds,
                data=jsonable(trigger.kwargs.get("data"), f"delayed event {trigger.event!s}"),
                member=member.id if member is not None else None,
                path=self.sm._path,
                state=self._entering,
                send_id=trigger.send_id,
            )
        )

    def _take_external_event(self, external_event: TriggerData) -> Any:
        result = super()._take_external_event(external_event)
        if external_event is self._delivering:
            self._handled = result is not self._sentinel
        return result

    def _get_args_kwargs(self, *args: Any, **kwargs: Any) -> Any:
        """Every handler may take `data` and `member`, whatever event it is run for."""
        positional, keywords = super()._get_args_kwargs(*args, **kwargs)
        keywords.setdefault("data", None)
        keywords.setdefault("member", None)
        return positional, keywords

    def add_ancestor_states_to_enter(
        self, info: StateTransition, ancestor: State, *collected: Any
    ) -> None:
        """Of an internal transition to its own state the library takes all ancestors as entered,
        and so the initial states of every other parallel region: two states of one region."""
        if info.state is not ancestor:
            super().add_ancestor_states_to_enter(info, ancestor, *collected)

    def _enter_states(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super()._enter_states(*args, **kwargs)
        finally:
            self._entering = None

    def _add_state_to_configuration(self, target: State) -> None:
        self._entering = target.id
        super()._add_state_to_configuration(target)

    def _remove_state_from_configuration(self, state: State) -> None:
        self.sm._actor.timers.cancel_state(self.sm._path, state.id)
        super()._remove_state_from_configuration(state)

    def _handle_final_state(self, target: State, on_entry_result: list[Any]) -> None:
        """Donedata is the machine's output, or the `data` of the compound's done event."""
        results = [item for item in on_entry_result if item is not None]
        donedata = jsonable(results[-1], f"donedata of state {target.id!r}") if results else None
        if target.parent is None:
            self.output = donedata
        super()._handle_final_state(target, [{"data": donedata}])


def configuration_of(states: list[Any]) -> Any:
    """State values in the form that the library keeps on its model: none, one, or an OrderedSet."""
    if len(states) < 2:
        return states[0] if states else None
    return OrderedSet(states)
