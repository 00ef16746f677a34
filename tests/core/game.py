"""A game that uses everything: history, regions, children, timers, invokes, randomness, members."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st
from msgspec import Struct, field

from machine_party.core import (
    Cause,
    ChildView,
    Emit,
    Extended,
    HistoryState,
    InvokeEnded,
    Joined,
    Kicked,
    Machine,
    Member,
    Party,
    Paused,
    PresenceChanged,
    Restored,
    Resumed,
    Sent,
    Snapshot,
    State,
    TimerFired,
    Unkicked,
    View,
    Waiting,
)
from machine_party.core.timer import Policy
from tests.core.rig import NOW, event, party_of

POLICIES: tuple[Policy, ...] = get_args(Policy)
ENTRIES: list[str] = []
"""The states that were entered, in this process: what restores a room must add none."""


async def load(invocation: Any) -> None:
    raise AssertionError("an invoke is run by the room")


class Box(Struct):
    label: str
    parts: list[int] = field(default_factory=list)


class Context(Struct):
    log: list[str] = field(default_factory=list)
    rolls: list[float] = field(default_factory=list)
    by_member: dict[str, int] = field(default_factory=dict)
    numbered: dict[int, Box] = field(default_factory=dict)
    anything: Any = None
    entered: int = 0


class Noise(Emit):
    text: str


class Pawn(Machine[Context]):
    here = State(initial=True)
    there = State()
    home = State(final=True, donedata="steps")
    walk = here.to(there, on="step") | there.to(here, on="step")
    arrive = there.to(home)
    tire = here.to.itself(on="step") | there.to.itself(on="step")

    def on_enter_state(self, state: Any) -> None:
        ENTRIES.append(state.id)

    def on_enter_there(self) -> None:
        self.context.entered += 1
        self.after(3, "tire")

    def step(self) -> None:
        self.context.rolls.append(self.random.random())
        self.send_parent("noted", {"n": len(self.context.rolls)})

    def steps(self) -> Box:
        return Box("steps", [len(self.context.rolls)])


class GameMachine(Machine[Context]):
    Children = (Pawn,)
    lobby = State(initial=True, tags=["waiting"])

    class game(State.Parallel, tags=["running", "busy", "open", "late"]):
        class round(State.Compound):
            asking = State(initial=True)
            judging = State(invoke=load)
            pawn = State(invoke=Pawn)
            memory = HistoryState()
            memory.to(asking)
            answer = asking.to(judging)
            done_invoke_judging = judging.to(asking, on="note")
            error_invoke_judging = judging.to(pawn, on="note")
            done_invoke_pawn = pawn.to(asking, on="note")
            late = asking.to(judging) | judging.to.itself()

        class chat(State.Compound):
            quiet = State(initial=True)
            loud = State()
            shout = quiet.to(loud)
            hush = loud.to(quiet, cond="is_late")
            calm = loud.to(quiet)

    over = State(final=True, donedata="result")

    start = lobby.to(game, cond="somebody_is_here")
    pause = game.to(lobby)
    resume = lobby.to(game.round.memory)
    finish = game.to(over)
    lobby.to(game, cond="crowded")

    roll = game.to(None, on="do_roll") | lobby.to.itself(internal=True, on="do_roll")
    keep = game.to(None, on="do_keep") | lobby.to.itself(internal=True, on="do_keep")
    plan = game.to(None, on="do_plan") | lobby.to.itself(internal=True, on="do_plan")
    forget = game.to(None, on="do_forget") | lobby.to.itself(internal=True, on="do_forget")
    hire = game.to(None, on="do_hire")
    fire = game.to(None, on="do_fire")
    push = game.to(None, on="do_push")
    promote = game.to(None, on="do_promote") | lobby.to.itself(internal=True, on="do_promote")
    hold = game.to(None, on="do_hold") | lobby.to.itself(internal=True, on="do_hold")
    go_on = game.to(None, on="do_go_on") | lobby.to.itself(internal=True, on="do_go_on")
    prolong = game.to(None, on="do_prolong") | lobby.to.itself(internal=True, on="do_prolong")
    noted = game.to(None, on="note") | lobby.to.itself(internal=True, on="note")
    rung = game.to(None, on="do_ring") | lobby.to.itself(internal=True, on="do_ring")
    member_joined = lobby.to.itself(internal=True, on="greet") | game.to(None, on="greet")
    member_gone = lobby.to.itself(internal=True, on="greet")

    refuse_early = game.to(None, validators="refuses") | lobby.to.itself(validators="refuses")
    refuse_late = game.to(None, on="spoils_and_refuses") | lobby.to(game, on="spoils_and_refuses")
    blow = game.to(None, on="spoils") | lobby.to(game, on="spoils")
    blow_later = game.to(None, after="spoils") | lobby.to(game, after="spoils")
    arm = game.to(None, on="do_arm") | lobby.to.itself(internal=True, on="do_arm")
    bomb = game.to(None, on="spoils") | lobby.to.itself(internal=True, on="spoils")

    # -- guards --------------------------------------------------------------------------

    def somebody_is_here(self) -> bool:
        return any(member.present for member in self.members.values())

    def crowded(self) -> bool:
        return len(self.members) > 3

    def is_late(self) -> bool:
        return self.now > NOW + 20

    def refuses(self) -> None:
        self.refuse("no")

    # -- actions ---------------------------------------------------------------------------

    def on_enter_state(self, state: Any) -> None:
        ENTRIES.append(state.id)
        self.context.entered += 1
        self.context.log = [*self.context.log, state.id][-8:]

    def on_enter_asking(self) -> None:
        self.after(10, "late")

    def on_enter_lobby(self) -> None:
        self.after(30, "rung", {"n": 1}, policy="remaining")

    def do_roll(self, data: Any, member: Member | None) -> None:
        self.context.rolls.append(self.random.random() + data.n)
        if member is not None:
            self.context.by_member.pop(member.id, None)
            self.context.by_member[member.id] = data.n
            self.emit(Noise(f"{member.name} rolls"))

    def do_keep(self, data: Any) -> None:
        parts = self.context.numbered.setdefault(data.n, Box(data.text)).parts
        parts.append(len(parts))
        self.context.anything = {"text": data.text, "list": [data.n]}

    def do_plan(self, data: Any) -> None:
        policy = POLICIES[data.n % len(POLICIES)]
        self.after(data.n, "rung", {"n": data.n}, id=f"plan {data.n}", policy=policy)

    def do_forget(self, data: Any) -> None:
        self.cancel_event(f"plan {data.n}")

    def do_hold(self) -> None:
        self.pause_timers()

    def do_go_on(self) -> None:
        self.resume_timers()

    def do_prolong(self, data: Any) -> None:
        self.extend_timers(data.n - 1, "late")

    def do_ring(self, data: Any) -> None:
        self.note(data)
        if isinstance(self.context.anything, dict):
            self.context.anything["list"].append(data)

    def do_hire(self, data: Any) -> None:
        if f"p{data.n}" not in self._children:
            self.spawn(Pawn, f"p{data.n}", input=Box("new"))

    def do_fire(self, data: Any) -> None:
        self.stop_child(f"p{data.n}")

    def do_push(self, data: Any) -> None:
        self.send_to(f"p{data.n}", "walk")

    def do_promote(self, data: Any, member: Member | None) -> None:
        if member is not None:
            self.set_role(member.id, "host" if member.role == "player" else "player")
            self.rename(member.id, f"Name {data.n}")

    def note(self, data: Any) -> None:
        self.context.log = [*self.context.log, str(data)][-8:]

    def greet(self, member: Member) -> None:
        self.note(member.name)

    def do_arm(self, data: Any) -> None:
        self.after(data.n, "bomb")

    def spoils(self) -> None:
        self.context.log.append("spoilt")
        self.context.numbered.clear()
        self.send_to("p0", "walk")
        self.emit(Noise("spoilt"), to="*")
        self.after(1, "rung", {"n": 99})
        raise RuntimeError("broken")

    def spoils_and_refuses(self) -> None:
        self.context.log.append("spoilt")
        self.refuse("no")

    def result(self) -> Box:
        return Box("over", [len(self.context.rolls)])


PLAIN = (
    "start", "pause", "resume", "finish", "roll", "keep", "plan", "forget", "hire", "fire", "push",
    "promote", "hold", "go_on", "prolong", "answer", "late", "shout", "hush", "calm", "walk",
    "arrive", "refuse_early", "arm",
)  # fmt: skip
RAISING = ("blow", "blow_later", "refuse_late")
NAMES = (*PLAIN, *RAISING, "unheard_of")
CHILDREN = (None, None, None, "p0", "p1", "pawn.2", "nobody")
IDENTITIES = ("ann", "bob", "cyd", "dee")


class Shown(Struct):
    """What everybody sees: nearly all of it."""

    log: list[str]
    entered: int
    waits: dict[str, Waiting | None]
    paused: bool


class Card(Struct):
    rolls: list[float]
    tires: Waiting | None


class Mine(Struct):
    name: str
    rolled: int | None


def _shared(self: Party, snapshot: Snapshot[Context], audience: str) -> View[Shown]:
    context = snapshot.context
    waits = {name: snapshot.timer(name) for name in ("late", "rung", "plan 1", "plan 2", "bomb")}
    shown = Shown(context.log, context.entered, waits, snapshot.paused)
    output = snapshot.output and snapshot.output["label"]
    return View(context=shown, children=_cards(snapshot), output=output)


def _cards(snapshot: Snapshot[Context]) -> dict[str, ChildView[Card]]:
    return {
        key: ChildView(value=child.value, context=Card(child.context.rolls, child.timer("tire")))
        for key, child in snapshot.children.items()
    }


def _own(self: Party, snapshot: Snapshot[Context], member: Member) -> Mine:
    return Mine(member.name, snapshot.context.by_member.get(member.id))


def game() -> Party:
    events = [event(name) for name in (*PLAIN, *RAISING)]
    return party_of(
        GameMachine, events=tuple(events), emits=(Noise,), refusals={"no": "No."}, max_members=5,
        shared=_shared, own=_own, shared_children={"*": Card},
    )  # fmt: skip


# -- anything that can happen, as Hypothesis sees it: causes name what may or may not exist -----

NUMBERS = st.integers(0, 2)
Step_ = tuple[str, Any]
SENDS = st.builds(
    lambda name, n, who, child: ("sent", (name, n, who, child)),
    st.sampled_from(PLAIN) | st.sampled_from(NAMES),
    NUMBERS,
    st.sampled_from([None, 0, 1, 2]),
    st.sampled_from(CHILDREN),
)
OTHERS = st.one_of(
    st.tuples(st.just("joined"), st.sampled_from(IDENTITIES)),
    st.tuples(
        st.just("presence"), st.tuples(NUMBERS, st.sampled_from(["away", "gone", "connected"]))
    ),
    st.tuples(st.just("timer"), NUMBERS),
    st.tuples(st.just("invoke"), st.tuples(NUMBERS, st.booleans())),
    st.tuples(st.sampled_from(["kicked", "unkicked"]), NUMBERS),
    st.tuples(st.sampled_from(["restored", "paused", "resumed", "extended"]), NUMBERS),
)
HAPPENINGS = st.lists(st.tuples(SENDS | OTHERS, st.integers(-1, 6)), max_size=25)


def cause_of(actor: Any, happening: Step_, now: float) -> Cause:
    """The cause that a happening is in the actor's state: the nth member, timer or invoke."""
    kind, what = happening
    members = list(actor.roster.members)
    match kind:
        case "sent":
            name, n, who, child = what
            member = _nth(members, who) if who is not None else None
            data = {"n": n, "text": "text"}
            return Sent(now=now, type=name, data=data, member=member, child=child)
        case "joined":
            return Joined(now=now, identity=what, role="player", name=what)
        case "presence":
            return PresenceChanged(now=now, member=_nth(members, what[0]), presence=what[1])
        case "kicked":
            return Kicked(now=now, member=_nth(members, what))
        case "restored" | "paused" | "resumed" | "extended":
            return _halt(kind, what, now)
        case _:
            return _cause_of_waiting(actor, happening, now)


def _halt(kind: str, n: int, now: float) -> Cause:
    match kind:
        case "restored":
            return Restored(now=now, since=now - 2 * n)
        case "paused":
            return Paused(now=now)
        case "resumed":
            return Resumed(now=now)
        case _:
            return Extended(now=now, seconds=2 * n - 1, timer=(None, "rung", "nothing")[n])


def _cause_of_waiting(actor: Any, happening: Step_, now: float) -> Cause:
    kind, what = happening
    match kind:
        case "timer":
            return TimerFired(now=now, timer=_nth(list(actor.timers.rows), what))
        case "invoke":
            path, key = _nth([*actor.running_invokes(), ("", "")], what[0])
            error = "OSError: failed" if what[1] else None
            return InvokeEnded(now=now, path=path, invoke=key, result={"n": [1]}, error=error)
        case _:
            return Unkicked(now=now, member=_nth(list(actor.roster.kicked), what))


def _nth(items: list[Any], index: int) -> Any:
    return items[index % len(items)] if items else "nobody"
