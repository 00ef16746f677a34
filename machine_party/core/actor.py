"""The actor: a room's running machines and what they share, driven one cause at a time.

Pure: no I/O, no clock and no randomness of its own. `step` changes the actor in place; whoever
drives it restores the last commit's state when a step raises (see `batch.py`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from machine_party.core.cause import (
    Cause,
    InvokeEnded,
    Joined,
    Kicked,
    Postponed,
    PresenceChanged,
    Sent,
    TimerFired,
    Unkicked,
)
from machine_party.core.engine import MAX_MICROSTEPS, Invoke
from machine_party.core.event import Emit
from machine_party.core.machine import Machine, child_path
from machine_party.core.member import Member
from machine_party.core.name import clean_name
from machine_party.core.roster import Roster
from machine_party.core.snapshot import Snapshot
from machine_party.core.state_form import ActorState, MachineState
from machine_party.core.timer import Timer, Timers
from machine_party.errors import EndlessLoop, PeerError, Refused, RestoreError, UndeclaredError

if TYPE_CHECKING:
    from machine_party.core.party import Party

__all__ = ["Actor", "Emission", "Step"]

EVERYONE = "*"


@dataclass(frozen=True, slots=True)
class Emission:
    """An emit on its way: `to` is a member's id, an audience or `"*"`; `event` is JSON-able."""

    to: str
    event: dict[str, Any]


@dataclass(slots=True)
class Step:
    """What one cause did.

    Attributes:
        accepted: whether it took effect; else `code` and `reason` say why not.
        changed: whether anything that is stored may have changed.
        member: who joined or sent, after the step.
        reply: the result for the receipt, JSON-able.
    """

    accepted: bool = True
    changed: bool = False
    code: str | None = None
    reason: str | None = None
    path: str | None = None
    reply: Any = None
    member: Member | None = None
    emits: list[Emission] = field(default_factory=list)


@dataclass(slots=True)
class _Letter:
    """An event between machines of one room, delivered after the current one is done."""

    path: str
    event: str
    data: Any = None
    member: Member | None = None


class Actor:
    """The machines of one room. Made with `start` or `restore`."""

    def __init__(self, party: Party, *, seed: str, now: float) -> None:
        self.party = party
        self.seed = seed
        self.now = now
        self.random = Random(f"{seed}:start")
        self.roster = Roster()
        self.timers = Timers()
        self.machines: dict[str, Machine[Any]] = {}
        self.dirty = False
        self._letters: deque[_Letter] = deque()
        self._step = Step()
        self._event: Sent | None = None

    @classmethod
    def start(cls, party: Party, *, input: Any, seed: str, now: float) -> Actor:
        """A new room's actor: initial states entered.

        Args:
            input: of the party's `Input` type.
            now: epoch seconds.
        """
        actor = cls(party, seed=seed, now=now)
        actor.machines[""] = party.machine(actor, input=input)
        actor._deliver_letters()
        return actor

    @classmethod
    def restore(cls, party: Party, stored: Any) -> Actor:
        """An actor as `dump` left it. No entry action runs.

        Raises:
            RestoreError: `stored` does not fit today's code.
        """
        try:
            state = msgspec.convert(stored, ActorState)
            actor = cls(party, seed=state.seed, now=state.now)
            actor.roster = Roster(state.seats, state.kicked)
            actor.timers = Timers(state.timers, state.next_timer)
            actor._restore_machine(party.machine, "", state.machine, party.input_of_stored)
        except (msgspec.ValidationError, KeyError, ValueError) as error:
            raise RestoreError(f"party {party.name}: {error}") from error
        return actor

    def dump(self) -> dict[str, Any]:
        """The persisted form, as plain dicts and lists that share nothing with the actor."""
        state = ActorState(
            definition=self.party.definition,
            seed=self.seed,
            now=self.now,
            machine=_machine_state(self.machines[""]),
            timers=self.timers.rows,
            next_timer=self.timers.next_id,
            seats=self.roster.seats,
            kicked=self.roster.kicked,
        )
        dumped: dict[str, Any] = msgspec.to_builtins(state, str_keys=True)
        return dumped

    def snapshot(self) -> Snapshot[Any]:
        """The state that views read. It shares the context with the actor: read it at once."""
        return self.machines[""]._snapshot()

    # -- one cause -----------------------------------------------------------------------

    def step(self, cause: Cause, *, version: int, index: int) -> Step:
        """Run one cause to its end.

        Args:
            version: the version that the commit will have; `index`: the cause's place in it.
                With the room's seed they seed the step's randomness.

        Raises:
            Refused: the game refuses, with nothing changed if `dirty` is False.
            Exception: whatever an action raised. The actor is then to be thrown away.
        """
        self.now = max(self.now, cause.now)
        self.random = Random(f"{self.seed}:{version}:{index}")
        self.dirty = False
        self._letters.clear()
        self._step = step = Step()
        self._event = None
        try:
            self._run(cause)
            self._deliver_letters()
        except (PeerError, Refused) as error:
            if self.dirty:
                raise
            reject(step, error, self.party)
        step.changed = self.dirty
        return step

    def _run(self, cause: Cause) -> None:
        match cause:
            case Sent():
                self._run_sent(cause)
            case Joined():
                self._run_joined(cause)
            case PresenceChanged():
                self._run_presence(cause)
            case TimerFired():
                self._run_timer(cause)
            case InvokeEnded():
                self._run_invoke(cause)
            case Postponed():
                self._run_postponed(cause)
            case Kicked():
                self.kick(cause.member)
            case Unkicked():
                self.unkick(cause.member)

    def _run_sent(self, cause: Sent) -> None:
        member = self.roster.members.get(cause.member) if cause.member is not None else None
        if cause.member is not None and member is None:
            raise PeerError("not_allowed", "You are not in this room.")
        data = self.party.decode(cause.type, cause.data, member.role if member else None)
        path = cause.child or ""
        if path not in self.machines:
            raise PeerError("no_such_child", "There is no such child.", path="$.actorId")
        self._event, self._step.member = cause, member
        if not self._deliver(path, cause.type, data, member):
            raise_not_handled(cause.type, self._step)

    def _run_joined(self, cause: Joined) -> None:
        if self.roster.is_kicked(cause.identity):
            raise PeerError("kicked", "You were removed from this room.")
        member = self.roster.of_identity(cause.identity)
        if member is not None:
            self._step.member = self._reconnected(member)
            return
        if len(self.roster.members) >= self.party.max_members:
            raise PeerError("room_full", "This room is full.")
        self.dirty = True
        member = self.roster.add(cause.identity, cause.name, cause.role, self.random)
        self._step.member = member
        self._deliver("", "member_joined", None, member)

    def _reconnected(self, member: Member) -> Member:
        if member.presence == "connected":
            return member
        self.dirty = True
        member = self.roster.set_presence(member.id, "connected")
        self._deliver("", "member_connected", None, member)
        return member

    def _run_presence(self, cause: PresenceChanged) -> None:
        member = self.roster.members.get(cause.member)
        if member is None or member.presence == cause.presence:
            return
        self.dirty = True
        member = self.roster.set_presence(member.id, cause.presence)
        self._deliver("", f"member_{cause.presence}", None, member)

    def _run_timer(self, cause: TimerFired) -> None:
        timer = self.timers.take(cause.timer)
        if timer is None or timer.path not in self.machines:
            return
        self.dirty = True
        member = self.roster.members.get(timer.member) if timer.member is not None else None
        data = self.party.typed(timer.event, timer.data)
        self._deliver(timer.path, timer.event, data, member)

    def _run_invoke(self, cause: InvokeEnded) -> None:
        machine = self.machines.get(cause.path)
        if machine is None or cause.invoke not in machine._engine.invokes.rows:
            return
        self.dirty = True
        del machine._engine.invokes.rows[cause.invoke]
        event, data = invoke_event(cause)
        self._deliver(cause.path, event, data, None)

    def _run_postponed(self, cause: Postponed) -> None:
        self.dirty = True
        timer = self._undelivered(cause.first)
        if timer is not None:
            timer.attempts, timer.deadline = cause.attempts, self.now + cause.seconds
            self.timers.add(timer)

    def _undelivered(self, cause: TimerFired | InvokeEnded | PresenceChanged) -> Timer | None:
        """Take what `cause` stands for as done; the timer that will tell the machine."""
        match cause:
            case TimerFired():
                return self.timers.take(cause.timer)
            case InvokeEnded():
                event, data = invoke_event(cause)
                row = self.machines[cause.path]._engine.invokes.rows.pop(cause.invoke)
                return Timer(
                    event=event, data=data, path=cause.path, state=row.state, deadline=self.now
                )
            case PresenceChanged():
                member = self.roster.set_presence(cause.member, cause.presence)
                event = f"member_{cause.presence}"
                return Timer(event=event, member=member.id, deadline=self.now)

    # -- machines ------------------------------------------------------------------------

    def _deliver(self, path: str, event: str, data: Any, member: Member | None) -> bool:
        machine = self.machines[path]
        was_running = machine._engine.running
        handled = machine._engine.deliver(event, data, member)
        if was_running and not machine._engine.running:
            self._ended(machine)
        return handled

    def _deliver_letters(self) -> None:
        delivered = 0
        while self._letters:
            letter = self._letters.popleft()
            if letter.path not in self.machines:
                continue
            delivered += 1
            if delivered > MAX_MICROSTEPS:
                raise EndlessLoop(type(self.machines[""]).__name__, MAX_MICROSTEPS, letter.event)
            self._deliver(letter.path, letter.event, letter.data, letter.member)

    def _ended(self, machine: Machine[Any]) -> None:
        """A machine reached its final state: what it started ends, its parent is told."""
        for child in machine._child_ids:
            self.stop(machine, child)
        machine._engine.stop()
        if machine._path:
            parent, _, child = machine._path.rpartition("/")
            self.post(parent, f"done.invoke.{child}", machine._engine.output)

    def running_invokes(self) -> dict[tuple[str, str], Invoke]:
        """`{(path, invoke id): Invoke}` of what should be running now."""
        return {
            (path, key): row
            for path, machine in self.machines.items()
            for key, row in machine._engine.invokes.rows.items()
        }

    def spawn(
        self, parent: Machine[Any], kind: type[Machine[Any]], child: str | None, input: Any
    ) -> str:
        if kind not in parent.Children:
            raise UndeclaredError(
                type(parent).__name__,
                f"it spawns {kind.__name__}, which it does not declare",
                f"Write Children = ({kind.__name__},) in its body.",
            )
        key = child or _next_child_id(parent, kind)
        path = child_path(parent._path, key)
        if path in self.machines or "/" in key:
            raise UndeclaredError(
                type(parent).__name__,
                f"the child id {key!r} is taken or has a slash",
                "Choose another.",
            )
        self.dirty = True
        machine = kind(self, path=path, input=input)
        self.machines[path] = parent._children[key] = machine
        if not machine._engine.running:
            self._ended(machine)
        return key

    def stop(self, parent: Machine[Any], child: str) -> None:
        machine = parent._children.pop(child, None)
        if machine is None:
            return
        self.dirty = True
        for grandchild in machine._child_ids:
            self.stop(machine, grandchild)
        machine._engine.stop()
        del self.machines[machine._path]

    def _restore_machine(
        self, kind: type[Machine[Any]], path: str, state: MachineState, typed_input: Any
    ) -> Machine[Any]:
        machine = kind(self, path=path, input=typed_input(state.input), stored=state)
        self.machines[path] = machine
        kinds = {child.__name__: child for child in kind.Children}
        for key, child in state.children.items():
            machine._children[key] = self._restore_machine(
                kinds[child.kind], child_path(path, key), child, lambda stored: stored
            )
        return machine

    # -- what actions do (called by Machine) -----------------------------------------------

    def start_timer(self, timer: Timer) -> None:
        self.dirty = True
        self.timers.add(timer)

    def post(self, path: str, event: str, data: Any) -> None:
        self._letters.append(_Letter(path, event, data))

    def emit(self, message: Emit, to: str | None) -> None:
        self.party.check_emit(type(message))
        sender = self._step.member
        target = to if to is not None else (sender.id if sender else None)
        if target is not None:
            payload = {"type": message.type, **msgspec.to_builtins(message)}
            self._step.emits.append(Emission(target, payload))

    def reply(self, result: Any) -> None:
        if self._event is not None:
            self._step.reply = self.party.encode_reply(self._event.type, result)

    def kick(self, member_id: str) -> None:
        if member_id not in self.roster.members:
            return
        self.dirty = True
        member = self.roster.kick(member_id)
        self._letters.append(_Letter("", "member_left", None, member))

    def unkick(self, member_id: str) -> None:
        self.dirty = True
        self.roster.unkick(member_id)

    def set_role(self, member_id: str, role: str) -> None:
        self.dirty = True
        self.roster.set_role(member_id, role)

    def rename(self, member_id: str, name: str) -> None:
        self.dirty = True
        member = self.roster.rename(member_id, clean_name(name))
        self._letters.append(_Letter("", "member_renamed", None, member))


def invoke_event(cause: InvokeEnded) -> tuple[str, Any]:
    """The machine's event for an ended invoke, and its data."""
    if cause.error is None:
        return f"done.invoke.{cause.invoke}", cause.result
    return f"error.invoke.{cause.invoke}", cause.error


def raise_not_handled(event: str, step: Step) -> None:
    """No enabled transition. What eventless transitions did meanwhile stands."""
    step.accepted = False
    step.code, step.reason = "not_handled", f"Nothing handles {event!r} right now."


def reject(step: Step, error: PeerError | Refused, party: Party) -> None:
    """Write a refusal into the step: its code, and the reason that may be told."""
    step.accepted, step.code = False, error.code
    if isinstance(error, Refused):
        step.reason = party.reason(error.code)
    else:
        step.reason, step.path = error.reason, error.path


def _machine_state(machine: Machine[Any]) -> MachineState:
    engine = machine._engine
    return MachineState(
        kind=type(machine).__name__,
        input=machine.input,
        configuration=list(machine.configuration_values),
        history={key: [s.value for s in states] for key, states in machine.history_values.items()},
        context=machine.context,
        status=machine._status,
        output=engine.output,
        invokes=engine.invokes.rows,
        next_id=engine.invokes.next_id,
        children={key: _machine_state(child) for key, child in machine._children.items()},
    )


def _next_child_id(parent: Machine[Any], kind: type[Machine[Any]]) -> str:
    table = parent._engine.invokes
    key = f"{kind.__name__.lower()}.{table.next_id}"
    table.next_id += 1
    return key
