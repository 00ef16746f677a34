"""Code that changed between save and restore: what is migrated, and what is said of the rest."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

import pytest
from msgspec import Struct, field

from machine_party.core import Actor, HistoryState, Machine, Party, Sent, State
from machine_party.core.definition import all_states
from machine_party.errors import DefinitionError, RestoreError
from tests.core.rig import NOW, Notes, Nothing, Rig, event, legal, party_of

Form = dict[str, Any]
MACHINE: Any = type(Machine)


def load(invocation: Any) -> None: ...


def save(invocation: Any) -> None: ...


class Box(Struct):
    n: int = 0


class Sparse(Struct, omit_defaults=True, tag_field="kind", tag=True):
    n: int = 0


@dataclass
class Data:
    n: int = 0


class Score(Struct):
    points: int = 0
    by_member: dict[str, list[dict[str, int]]] = field(default_factory=dict)
    boxes: list[Box] = field(default_factory=list)
    sparse: Sparse = field(default_factory=Sparse)
    numbered: dict[int, Box] = field(default_factory=dict)
    data: Data = field(default_factory=Data)

    def __post_init__(self) -> None:
        if self.points < 0:
            raise RuntimeError("less than nothing")


class Pawn(Machine[Score]):
    here = State(initial=True)
    step = here.to.itself(internal=True)


class Board(Machine[Score]):
    Children = (Pawn,)
    idle = State(initial=True)

    class playing(State.Compound):
        first = State(initial=True, invoke=[load, save])
        second = State()
        memory = HistoryState()
        memory.to(first)
        turn = first.to(second)

    begin = idle.to(playing)
    rest = playing.to(idle)
    late = playing.to(idle) | idle.to.itself(internal=True)

    def on_enter_playing(self) -> None:
        self.after(10, "late", {"n": 1})
        if not self._child_ids:
            self.spawn(Pawn, "pawn")
        self.context.points = 5
        self.context.by_member = {"ann": [{"kills": 1}]}


class Game(Party):
    machine = Board
    events = (event("begin"), event("turn"), event("rest"), event("late"))

    def shared(self, snapshot: Any, audience: str) -> Nothing:
        return Nothing()


def stored() -> Form:
    """A room of today: playing, with a child, a timer, two invokes and a history."""
    rig = Rig(Game())
    rig.send("begin")
    rig.send("rest")
    rig.send("begin")
    return rig.actor.dump()


def changed(change: Callable[[Form], Any], *, elsewhere: bool = True) -> Form:
    """That room, with a difference; `elsewhere`: as another definition's."""
    form = copy.deepcopy(stored())
    if elsewhere:
        form["definition"] = "another"
    change(form)
    return form


def restored(form: Form, **attributes: Any) -> Actor:
    """The room under today's code, with other `schema_version`, `migrations` …"""
    game: Any = type("Game", (Game,), attributes)
    return Actor.restore(game(), form)


# -- migrations -------------------------------------------------------------------------------


def test_a_form_of_an_older_schema_is_brought_to_todays_one_step_at_a_time() -> None:
    def to_2(form: Form) -> Form:
        form["machine"]["context"]["score"] = form["machine"]["context"].pop("marks")
        return form

    def to_3(form: Form) -> Form:
        context = form["machine"]["context"]
        context["points"] = context.pop("score") * 2
        return {**form}

    def old(form: Form) -> None:
        form["machine"]["context"]["marks"] = form["machine"]["context"].pop("points")
        del form["party_schema"]

    form = changed(old)
    before = copy.deepcopy(form)
    actor = restored(form, schema_version=3, migrations={1: to_2, 2: to_3})
    assert actor.machines[""].context.points == 10
    assert form == before, "what is stored was changed"
    dump = actor.dump()
    assert (dump["party_schema"], dump["definition"]) == (3, Game.definition)
    assert restored(dump, schema_version=3, migrations={1: to_2, 2: to_3}).dump() == dump


def test_a_form_of_today_is_not_migrated() -> None:
    def never(form: Form) -> Form:
        raise AssertionError

    form = {**stored(), "party_schema": 2}
    assert restored(form, schema_version=2, migrations={1: never}).dump() == form


@pytest.mark.parametrize(
    ("schema", "what"),
    [
        (3, "it was stored in schema 3, and this code has schema 2. Deploy the code that stored"),
        ("x", "it was stored in schema 'x', and this code has schema 2."),
        (0, "it was stored in schema 0, and this code has schema 2."),
        (None, "it was stored in schema None, and this code has schema 2."),
    ],
)
def test_a_schema_that_this_code_does_not_know(schema: Any, what: str) -> None:
    form = {**stored(), "party_schema": schema}
    with pytest.raises(RestoreError, match=f"party game: {what}"):
        restored(form, schema_version=2, migrations={1: dict})


def test_a_schema_that_is_too_old() -> None:
    what = r"stored in schema 1, and no migration leads on from 1. Add migrations\[1\]"
    with pytest.raises(RestoreError, match=what):
        restored(stored(), schema_version=3, migrations={2: dict})


def test_a_form_of_another_machine_party() -> None:
    with pytest.raises(RestoreError, match=r"form 99.*Use the release that stored it"):
        restored({**stored(), "schema": 99})


@pytest.mark.parametrize(
    ("migrate", "what"),
    [
        (lambda form: form["machine"]["gone"], r"raised KeyError\('gone'\). Mend migrations\[1\]"),
        (lambda form: form.clear(), r"returned NoneType. Let migrations\[1\] return the form"),
        (lambda form: {}, "missing required field"),
    ],
)
def test_a_migration_that_goes_wrong(migrate: Any, what: str) -> None:
    form = stored()
    before = copy.deepcopy(form)
    with pytest.raises(RestoreError, match=what):
        restored(form, schema_version=2, migrations={1: migrate})
    assert form == before


async def slow(form: Form) -> Form:
    return form


@pytest.mark.parametrize(
    ("attributes", "what"),
    [
        ({"schema_version": 0}, "schema_version is 0. Give a number from 1"),
        ({"schema_version": True}, "schema_version is True"),
        ({"schema_version": "2"}, "schema_version is '2'"),
        ({"schema_version": 2}, r"migrations has \[\], and schema_version is 2.*{1: …}"),
        ({"schema_version": 3, "migrations": {1: dict}}, r"migrations has \[1\].*up to 2"),
        ({"schema_version": 4, "migrations": {1: dict, 3: dict}}, r"migrations has \[1, 3\]"),
        ({"schema_version": 2, "migrations": {0: dict, 1: dict}}, r"migrations has \[0, 1\]"),
        ({"schema_version": 2, "migrations": {1: dict, 2: dict}}, r"migrations has \[1, 2\]"),
        ({"migrations": {1: dict}}, "schema_version is 1. Raise schema_version"),
        ({"schema_version": 2, "migrations": {1: slow}}, r"migrations\[1\] is no plain function"),
        ({"schema_version": 2, "migrations": {1: None}}, r"migrations\[1\] is no plain function"),
    ],
)
def test_what_a_party_declares_is_checked(attributes: Any, what: str) -> None:
    with pytest.raises(DefinitionError, match=what):
        type("Game", (Game,), attributes)


def test_the_oldest_migrations_may_be_dropped() -> None:
    type("Game", (Game,), {"schema_version": 4, "migrations": {2: dict, 3: dict}})


# -- what is not migrated, and does not fit --------------------------------------------------


def set_at(path: str, value: Any) -> Callable[[Form], None]:
    def change(form: Form) -> None:
        *parents, last = path.split(".")
        for key in parents:
            form = form[key]
        form[last] = value

    return change


def the_timer(**fields: Any) -> Callable[[Form], None]:
    def change(form: Form) -> None:
        (row,) = form["timers"].values()
        row.update(fields)

    return change


def the_invoke(**fields: Any) -> Callable[[Form], None]:
    return lambda form: next(iter(form["machine"]["invokes"].values())).update(fields)


ALWAYS = [
    (set_at("machine.configuration", ["gone"]), "Board has no state 'gone'"),
    (set_at("machine.configuration", ["playing"]), r"Board cannot be in \['playing'\] at once"),
    (set_at("machine.history.memory", ["gone"]), "history 'memory' remembers 'gone'"),
    (set_at("machine.history.memory", ["idle"]), r"history 'memory' remembers \['idle'\], which"),
    (set_at("machine.history.memory", ["first", "second"]), "which cannot be entered there any"),
    (set_at("machine.history.memory", []), r"remembers \[\], which cannot be entered there any"),
    (set_at("machine.history", {"gone": ["first"]}), r"no history 'gone', in which \['first'\]"),
    (set_at("machine.children.pawn.kind", "Rook"), "'Rook', which is none of Board.Children"),
    (set_at("machine.children.pawn.invoked_by", "gone"), "the child 'pawn' belongs to 'gone'"),
    (set_at("machine.context.points", "many"), "Expected `int`, got `str`"),
    (set_at("machine.context.points", -1), r"RuntimeError\('less than nothing'\)"),
    (the_timer(state="second"), "the timer for 'late' belongs to 'second', which is not an active"),
    (the_timer(path="rook"), "the timer for 'late' is of the child 'rook'"),
    (the_timer(data={"n": "one"}), "what a timer sends does not fit 'late': Expected `int`"),
    (the_invoke(state="second"), "belongs to 'second', which is not an active state"),
    (the_invoke(index=7), "ran 'load', and invoke 7 of 'first' is not there any more"),
    (the_invoke(index=1), "ran 'load', and invoke 1 of 'first' is 'save' now"),
    (the_invoke(function="gone"), "ran 'gone', and invoke 0 of 'first' is 'load' now"),
]
"""Wrong under any definition."""

LOST = [
    (the_timer(event="bell", data=None), "Board: a timer will send 'bell', which no transition"),
    (set_at("machine.context.old", 1), "Board: the stored context.old is no field any more"),
    (set_at("machine.context.by_member.ann", [{"kills": 1, "old": 1}]), None),
    (set_at("machine.context.boxes", [{"old": 1}]), r"context.boxes\[0\].old is no field"),
    (set_at("machine.context.sparse", {"n": 0, "old": 1}), "context.sparse.old is no field"),
    (set_at("machine.context.sparse", {"n": 0, "kind": "Sparse"}), None),
    (set_at("machine.context.numbered", {"1": {"old": 1}}), "context.numbered.1.old is no field"),
    (set_at("machine.context.data", {"n": 1, "old": 1}), "context.data.old is no field"),
    (set_at("machine.children.pawn.context.old", 1), "Pawn: the stored context.old is no field"),
    (set_at("machine.input", {"pack": 1}), "Board: the stored input is no field any more"),
]
"""What would restore without a word, and be lost. None: nothing would."""


@pytest.mark.parametrize(("change", "what"), ALWAYS)
@pytest.mark.parametrize("elsewhere", [True, False])
def test_what_does_not_fit_is_said_and_what_to_do(change: Any, what: str, elsewhere: bool) -> None:
    with pytest.raises(RestoreError, match=what) as caught:
        restored(changed(change, elsewhere=elsewhere))
    assert str(caught.value).startswith("party game: ")
    assert "Write a migration (docs/migrate.md), or deploy the code" in str(caught.value)


@pytest.mark.parametrize(("change", "what"), LOST)
def test_what_another_definition_would_lose_is_said(change: Any, what: str | None) -> None:
    if what is None:
        restored(changed(change))
    else:
        with pytest.raises(RestoreError, match=what):
            restored(changed(change))


def test_a_form_of_another_definition_that_fits_goes_on() -> None:
    actor = restored(changed(lambda form: None))
    assert actor.dump() == stored()


def test_an_older_form_without_todays_fields_goes_on() -> None:
    def old(form: Form) -> None:
        del form["party_schema"], form["paused_at"]
        for row in form["machine"]["invokes"].values():
            del row["function"]

    actor = restored(changed(old))
    assert actor.dump()["paused_at"] is None


# -- history ----------------------------------------------------------------------------------


STATES: Any = type(State.Compound)
Play = dict[str, tuple[str, ...]]

ATOMIC: Play = {"a": ("a1", "a2"), "b": ()}
COMPOUND: Play = {"a": ("a1", "a2"), "b": ("b1", "b2")}
MORE: Play = {**COMPOUND, "c": ("c1", "c2")}
SHORT: Play = {"a": ("a1",), "b": ()}


def region(*names: str) -> Any:
    """A state with these inside; the event `to_x` leads from the first to the last, which is x."""
    inside = {name: State(initial=name == names[0]) for name in names}
    first, last = inside[names[0]], inside[names[-1]]
    return STATES("region", (State.Compound,), {**inside, f"to_{names[-1]}": first.to(last)})


def arena(kind: str, play: Play, *, parallel: bool = False, other: str = "y") -> Party:
    """A game whose state `play` has these states, with those inside, and a history `memory`.

    Args:
        other: the last state inside of the state `other`.
    """
    states = {name: region(*inside) if inside else State() for name, inside in play.items()}
    first, second, *_ = states.values()
    memory = HistoryState(type=kind)
    memory.to(first)
    swap = {} if parallel else {"swap": first.to(second) | second.to(first)}
    base = State.Parallel if parallel else State.Compound
    playing = STATES("play", (base,), {**states, **swap, "memory": memory})
    off, elsewhere, generic = State(initial=True), region("x", other), Machine
    moves = {
        "go": off.to(playing),
        "leave": playing.to(off) | off.to(elsewhere) | elsewhere.to(off),
        "back": off.to(memory),
        "__orig_bases__": (generic[Notes],),
    }
    body = {"off": off, "play": playing, "other": elsewhere, **moves}
    return party_of(MACHINE("Arena", (Machine,), body))


def left(party: Party, *events: str) -> Form:
    """A room that was in `play`, in which these were sent, and is not any more."""
    rig = Rig(party)
    for name in ("go", *events, "leave"):
        rig.send(name)
    return rig.actor.dump()


def back(party: Party, form: Form) -> Any:
    """The state in which `memory` leaves the room; it can be restored from there."""
    actor = Actor.restore(party, form)
    actor.step(Sent(now=NOW + 9, type="back"), version=9, index=0)
    return Actor.restore(party, actor.dump()).snapshot().value


BOTH = {"play": COMPOUND, "parallel": True}
"""States of `play` that are active at once."""


@pytest.mark.parametrize(
    ("kind", "before", "event", "after", "memory"),
    [
        ("deep", {"play": ATOMIC}, "swap", {"play": COMPOUND}, ["b"]),
        ("deep", {"play": COMPOUND}, "swap", {"play": ATOMIC}, ["b", "b1"]),
        ("deep", {"play": ATOMIC}, "to_a2", {"play": SHORT, "other": "a2"}, ["a", "a2"]),
        ("deep", BOTH, "to_a2", {"play": COMPOUND}, ["a", "a2", "b", "b1"]),
        ("shallow", BOTH, "to_a2", {"play": COMPOUND}, ["a", "b"]),
        ("shallow", {"play": ATOMIC}, "swap", {"play": {"a": ("a1",), "c": ("b",)}}, ["b"]),
    ],
)
def test_a_history_that_cannot_be_entered_any_more_is_refused(
    kind: str, before: Any, event: str, after: Any, memory: list[str]
) -> None:
    form = left(arena(kind, **before), event)
    assert sorted(form["machine"]["history"]["memory"]) == memory
    found = r"remembers \[.*\], which cannot be entered there any more|'b1', which is no state"
    with pytest.raises(RestoreError, match=found):
        Actor.restore(arena(kind, **after), form)


@pytest.mark.parametrize(
    ("kind", "before", "event", "after", "value"),
    [
        ("deep", {"play": ATOMIC}, "to_a2", {"play": COMPOUND}, {"a": "a2"}),
        ("shallow", {"play": ATOMIC}, "swap", {"play": COMPOUND}, {"b": "b1"}),
        ("shallow", {"play": COMPOUND}, "swap", {"play": ATOMIC}, "b"),
        ("shallow", {"play": ATOMIC}, "to_a2", {"play": SHORT, "other": "a2"}, {"a": "a1"}),
        ("deep", {"play": COMPOUND}, "swap", BOTH, {"a": "a1", "b": "b1"}),
        ("deep", BOTH, "to_a2", {**BOTH, "play": MORE}, {"a": "a2", "b": "b1", "c": "c1"}),
        ("shallow", BOTH, "to_a2", {**BOTH, "play": MORE}, {"a": "a1", "b": "b1", "c": "c1"}),
    ],
)
def test_a_history_that_can_be_entered_goes_on(
    kind: str, before: Any, event: str, after: Any, value: Any
) -> None:
    assert back(arena(kind, **after), left(arena(kind, **before), event)) == {"play": value}


@pytest.mark.parametrize("kind", ["shallow", "deep"])
@pytest.mark.parametrize("today", [{"play": ATOMIC}, {"play": COMPOUND}, {**BOTH, "play": MORE}])
def test_whatever_a_history_remembers_it_leads_to_a_legal_state_or_is_refused(
    kind: str, today: Any
) -> None:
    party = arena(kind, **today)
    form, entered = left(party), 0
    states = [state.id for state in all_states(party.machine.states)]
    for memory in chain.from_iterable(combinations(states, count) for count in range(5)):
        form["machine"]["history"]["memory"] = [*memory]
        try:
            actor = Actor.restore(party, form)
        except RestoreError:
            continue
        actor.step(Sent(now=NOW + 9, type="back"), version=9, index=0)
        assert legal(actor.machines[""]), memory
        assert "play" in actor.machines[""].configuration_values, memory
        entered += 1
    assert entered > 1


# -- the definition's hash ----------------------------------------------------------------------


def hash_of(**body: Any) -> str:
    """Of a party whose machine has one state, and what `body` adds."""
    context = body.pop("context", Notes)
    arguments = body.pop("idle", {})
    idle: Any = State(initial=True, **arguments)
    attributes = {"idle": idle, "go": idle.to.itself(on="act"), "act": act, **body}
    generic: Any = Machine
    machine = MACHINE("M", (Machine,), {**attributes, "__orig_bases__": (generic[context],)})
    return party_of(machine, events=(event("go"),)).definition


def act(self: Any) -> None: ...


def act_otherwise(self: Any) -> None:
    self.context.count += 1


class Other(Machine[Score]):
    idle = State(initial=True)
    go = idle.to.itself()


def test_it_changes_with_what_a_stored_form_refers_to() -> None:
    child = hash_of(Children=(Pawn,))
    hashes = [hash_of(), hash_of(context=Score), hash_of(idle={"invoke": load}), child]
    hashes += [hash_of(idle={"invoke": save}), hash_of(Children=(Other,))]
    assert len(set(hashes)) == len(hashes)


def test_it_does_not_change_with_the_code_of_an_action() -> None:
    assert hash_of(act=act_otherwise) == hash_of()


def test_it_is_the_same_for_the_same_declaration() -> None:
    assert hash_of() == hash_of()
    assert Rig(Game()).actor.dump()["definition"] == Game.definition
