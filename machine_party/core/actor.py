"""The actor: a room's running machines and what they share, driven one cause at a time.

Pure: no I/O, no clock and no randomness of its own. `step` changes the actor in place; whoever
drives it restores the last commit's state when a step raises (see `batch.py`).
"""

from __future__ import annotations

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
from machine_party.core.engine import Invoke
from machine_party.core.event import Emit
from machine_party.core.fit import check_actor, child_kind
from machine_party.core.halt import run_halt
from machine_party.core.letter import Letter, Letters
from machine_party.core.machine import Machine, child_path
from machine_party.core.member import Member
from machine_party.core.migration import state_of_stored
from machine_party.core.name import clean_name
from machine_party.core.plain import POISON, as_declared, jsonable
from machine_party.core.roster import Roster
from machine_party.core.snapshot import Snapshot
from machine_party.core.state_form import ActorState, MachineState, first_invoke
from machine_party.core.step import Emission, Step
from machine_party.core.timer import Timer, Timers
from machine_party.errors import PeerError, Refused, RestoreError, UndeclaredError

if TYPE_CHECKING:
    from machine_party.core.party import Party

__all__ = ["Actor"]


class Actor:
    """The machines of one room. Made with `start` or `restore`."""

    def __init__(self, party: Party, *, seed: str, now: float) -> None:
        self.party = party
        self.seed = seed
        self.now = now
        self.random = Random(f"{seed}:start")
        self.roster = Roster()
        self.timers = Timers()
        self.next_invoke = 1
        self.machines: dict[str, Machine[Any]] = {}
        self.dirty = False
        self._letters = Letters()
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
        actor.machines[""] = root = party.machine(actor, input=input)
        if not root._engine.running:
            actor._ended(root)
        actor._letters.deliver(actor.machines, actor._deliver)
        return actor

    @classmethod
    def restore(cls, party: Party, stored: Any) -> Actor:
        """An actor as `dump` left it. No entry action runs. It shares nothing with `stored`.

        Raises:
            RestoreError: `stored` does not fit today's code.
        """
        try:
            state = state_of_stored(party, stored)
            actor = cls(party, seed=state.seed, now=state.now)
            actor.roster = Roster(state.seats, state.kicked)
            actor.timers = Timers(state.timers, state.next_timer, state.paused_at)
            actor.next_invoke = first_invoke(state)
            actor._restore_machine(party.machine, "", state.machine, party.input_of_stored)
            check_actor(actor, state)
        except RestoreError:
            raise
        except Exception as error:  # a context's own code runs, too
            what = str(error) if isinstance(error, ValueError) else repr(error)
            fix = "Write a migration (docs/migrate.md), or deploy the code that stored it."
            raise RestoreError(f"party {party.name}: {what}. {fix}") from error
        return actor

    def dump(self) -> dict[str, Any]:
        """The persisted form, as plain data that shares nothing with the actor."""
        state = ActorState(
            party_schema=self.party.schema_version,
            definition=self.party.definition,
            seed=self.seed,
            now=self.now,
            machine=self.machines[""]._stored(),
            timers=self.timers.rows,
            next_timer=self.timers.next_id,
            next_invoke=self.next_invoke,
            paused_at=self.timers.paused_at,
            seats=self.roster.seats,
            kicked=self.roster.kicked,
        )
        dumped: dict[str, Any] = msgspec.to_builtins(state, str_keys=True)
        return dumped

    def snapshot(self) -> Snapshot[Any]:
        """The state that views read. It shares the context with the actor: read it at once."""
        return self.machines[""]._snapshot(self.timers.waiting(self.now))

    def wake(self) -> float | None:
        """When the room next has something to do by itself, epoch seconds; None: never."""
        return self.now if self.running_invokes() else self.timers.next_deadline()

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
        before, self.now = self.now, max(self.now, cause.now)
        self.random = Random(f"{self.seed}:{version}:{index}")
        self.dirty = False
        self._letters.clear()
        self._step = step = Step()
        self._event = None
        try:
            self._run(cause)
            self._letters.deliver(self.machines, self._deliver)
        except (PeerError, Refused) as error:
            if self.dirty:
                raise
            step.reject(error, self.party)
        step.changed = self.dirty
        if not step.changed:
            self.now = before  # what did not happen cannot be replayed, nor can its time
        if step.member is not None:
            step.member = self.roster.members.get(step.member.id, step.member)
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
            case _:
                run_halt(self, cause)

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
            self._step.not_handled(cause.type)

    def _run_joined(self, cause: Joined) -> None:
        if self.roster.is_kicked(cause.identity):
            raise PeerError("kicked", "You were removed from this room.")
        member = self.roster.of_identity(cause.identity)
        if member is not None:
            self._step.member = member
            self._reconnected(member)
            return
        if len(self.roster.members) >= self.party.max_members:
            raise PeerError("room_full", "This room is full.")
        self.dirty = True
        member = self.roster.add(cause.identity, cause.name, cause.role, self.random)
        self._step.member = member
        self._deliver("", "member_joined", None, member)

    def _reconnected(self, member: Member) -> None:
        if member.presence != "connected":
            self.dirty = True
            self._step.member = member = self.roster.set_presence(member.id, "connected")
            self._deliver("", "member_connected", None, member)

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
        event, data = cause.event()
        self._deliver(cause.path, event, data, None)

    def _run_postponed(self, cause: Postponed) -> None:
        self.dirty = True
        timer = self._undelivered(cause.first)
        if timer is not None and cause.attempts:
            timer.attempts, timer.deadline = cause.attempts, self.now + cause.seconds
            self.timers.add(timer)

    def _undelivered(self, cause: TimerFired | InvokeEnded | PresenceChanged) -> Timer | None:
        """Take what `cause` stands for as done; the timer that will tell the machine."""
        match cause:
            case TimerFired():
                return self.timers.take(cause.timer)
            case InvokeEnded():
                event, data = cause.event()
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
        self,
        parent: Machine[Any],
        kind: type[Machine[Any]],
        child: str | None,
        input: Any,
        *,
        state: str | None = None,
    ) -> str:
        """Start a child machine. `state`: the parent's state whose invoke it is, if it is one."""
        key = child or parent._engine.invokes.new_id(kind.__name__.lower())
        path = child_path(parent._path, key)
        self._check_spawn(parent, kind, key, path)
        self.dirty = True
        machine = kind(self, path=path, input=jsonable(input, f"the input of {key!r}"))
        machine._invoked_by = state
        self.machines[path] = parent._children[key] = machine
        if not machine._engine.running:
            self._ended(machine)
        return key

    def _check_spawn(
        self, parent: Machine[Any], kind: type[Machine[Any]], key: str, path: str
    ) -> None:
        where = type(parent).__name__
        if kind not in parent.Children:
            what = f"it spawns {kind.__name__}, which it does not declare"
            raise UndeclaredError(where, what, f"Write Children = ({kind.__name__},) in its body.")
        if path in self.machines or "/" in key or key in POISON:
            what = f"the child id {key!r} is taken, unsafe or has a slash"
            raise UndeclaredError(where, what, "Choose another.")

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
        for key, child in state.children.items():
            machine._children[key] = self._restore_machine(
                child_kind(kind, child.kind), child_path(path, key), child, lambda stored: stored
            )
        return machine

    # -- what actions do (called by Machine) -----------------------------------------------

    def start_timer(self, timer: Timer) -> None:
        self.dirty = True
        self.timers.add(timer)

    def pause_timers(self) -> None:
        self.dirty |= self.timers.pause(self.now)

    def resume_timers(self) -> None:
        self.dirty |= self.timers.resume(self.now)

    def extend_timers(self, seconds: float, name: str | None) -> bool:
        """Whether there is one of that `id` or event, or any at all."""
        found = self.timers.extend(seconds, name)
        self.dirty |= found
        return found

    def post(self, path: str, event: str, data: Any) -> None:
        """Send to another machine. Like a timer's, its data is a copy: machines share nothing."""
        plain = jsonable(data, f"the data of {event!r}")
        self._letters.post(Letter(path, event, self.party.typed(event, plain)))

    def emit(self, message: Emit, to: str | None) -> None:
        self.party.check_emit(type(message))
        sender = self._step.member
        target = to if to is not None else (sender.id if sender else None)
        if target is not None:
            payload = {"type": message.type, **as_declared(message, type(message))}
            self._step.emits.append(Emission(target, payload))

    def reply(self, result: Any) -> None:
        if self._event is not None:
            self._step.reply = self.party.encode_reply(self._event.type, result)

    def kick(self, member_id: str) -> None:
        if member_id not in self.roster.members:
            return
        self.dirty = True
        member = self.roster.kick(member_id)
        self._letters.post(Letter("", "member_left", None, member))

    def unkick(self, member_id: str) -> None:
        self.dirty |= member_id in self.roster.kicked
        self.roster.unkick(member_id)

    def set_role(self, member_id: str, role: str) -> None:
        self.dirty = True
        self.roster.set_role(member_id, role)

    def rename(self, member_id: str, name: str) -> None:
        self.dirty = True
        member = self.roster.rename(member_id, clean_name(name))
        self._letters.post(Letter("", "member_renamed", None, member))
