"""Projections: nothing leaves that is not declared, and a digest tells a change from none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, field

from machine_party.core import (
    ChildView,
    ClientEvent,
    Machine,
    Member,
    Party,
    Snapshot,
    State,
    View,
    project_own,
    project_shared,
    same,
)
from machine_party.core.projection import Projection
from machine_party.errors import UndeclaredError
from tests.core.rig import Rig

SECRET = "the answer is 42"


class Card(Struct):
    name: str


class SecretCard(Card):
    answer: str = SECRET


class Shared(Struct):
    cards: dict[str, Card] = field(default_factory=dict)
    pile: list[list[Card]] = field(default_factory=list)
    one: Card | None = None
    scalar: int | float | bool | str | None = None


class SecretShared(Shared):
    answer: str = SECRET


class Own(Struct):
    mine: Card | None = None


class Note(Struct):
    text: str


class SecretNote(Note):
    answer: str = SECRET


class Go(ClientEvent):
    pass


class Hurry(ClientEvent):
    pass


class Context(Struct):
    """What the views of `Table` give back, put there by the tests."""

    shared: Any = None
    own: Any = None


class TableMachine(Machine[Context]):
    class game(State.Compound, tags=["running", "b"]):
        open = State(initial=True, tags=["a"])

    go = game.to.itself()
    hurry = game.to.itself(cond="is_host")

    def is_host(self, member: Member | None) -> bool:
        return member is not None and member.role == "host"


class Table(Party):
    machine = TableMachine
    events = (Go, Hurry)
    shared_children = {"card:*": Card, "deck": Shared}
    own_children = {"note:*": Note}

    def shared(self, snapshot: Snapshot[Context], audience: str) -> View[Shared]:
        view: View[Shared] = snapshot.context.shared
        return view

    def own(self, snapshot: Snapshot[Context], member: Member) -> View[Own]:
        view: View[Own] = snapshot.context.own
        return view


class Bare(Table):
    """Views that return a context and nothing more."""

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:  # type: ignore[override]
        shared: Shared = snapshot.context.shared
        return shared

    def own(self, snapshot: Snapshot[Context], member: Member) -> Own:  # type: ignore[override]
        own: Own = snapshot.context.own
        return own


def shared_of(view: Any, *, table: type[Party] = Table) -> Projection:
    rig = Rig(table())
    rig.context.shared = view
    return project_shared(rig.party, rig.root, rig.actor.snapshot(), "player", "player")


def own_of(view: Any, *, role: str = "player") -> Projection:
    rig = Rig(Table())
    rig.context.own = view
    member = rig.join(role=role)
    return project_own(rig.party, rig.root, rig.actor.snapshot(), member)


def test_a_shared_document_is_the_machines_state_and_the_declared_context() -> None:
    document = shared_of(Shared(one=Card("ann")), table=Bare).document()
    assert document == {
        "value": {"game": "open"},
        "tags": ["a", "b", "running"],
        "status": "active",
        "can": {"go": True},
        "context": {"cards": {}, "pile": [], "one": {"name": "ann"}, "scalar": None},
        "children": {},
        "output": None,
        "error": None,
    }


def test_an_own_document_is_what_only_the_member_can_and_sees() -> None:
    view = View(context=Own(Card("ann")))
    context = {"mine": {"name": "ann"}}
    assert own_of(view).document() == {"can": {}, "context": context, "children": {}}
    assert own_of(view, role="host").document()["can"] == {"hurry": True}


class Sharing(Party):
    machine = TableMachine
    events = (Go, Hurry)

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
        return Shared()


def test_a_party_without_own_view_has_an_own_layer_all_the_same() -> None:
    rig = Rig(Sharing())
    host = rig.join(role="host")
    projection = project_own(rig.party, rig.root, rig.actor.snapshot(), host)
    assert projection.document() == {"can": {"hurry": True}, "context": {}, "children": {}}


# -- only what is declared ----------------------------------------------------------------------

HIDING = st.just(SecretCard("ann"))
CARDS = HIDING | st.builds(Card, st.sampled_from(["ann", "bob"]))
VIEWS = st.builds(
    Shared,
    cards=st.dictionaries(st.sampled_from(["a", "b"]), CARDS, max_size=2),
    pile=st.lists(st.lists(CARDS, max_size=2), max_size=2),
    one=st.none() | CARDS,
    scalar=st.sampled_from([None, True, False, 1, 0, 1.0, "", "1"]),
)


@given(VIEWS)
def test_only_declared_fields_leave_however_deep_a_subclass_is(view: Shared) -> None:
    for projection in (shared_of(view, table=Bare), shared_of(View(context=view))):
        assert SECRET not in str(projection.document())
    children = {"deck": ChildView(context=view), "card:1": ChildView(context=Card("x"))}
    document = shared_of(View(context=Shared(), children=children)).document()
    assert SECRET not in str(document)


def test_a_projection_that_sends_all_it_is_given_is_found_out() -> None:
    import msgspec

    view = Shared(cards={"a": SecretCard("ann")})
    assert SECRET in str(msgspec.to_builtins(view))
    assert SECRET not in str(shared_of(view, table=Bare).document())


@pytest.mark.parametrize(
    "view", [SecretShared(), Own(), None, {"cards": {}}, View(context=Shared())]
)
def test_a_view_returns_exactly_what_it_declares(view: Any) -> None:
    with pytest.raises(UndeclaredError, match="Return Shared, as it declares"):
        shared_of(view, table=Bare)


@pytest.mark.parametrize("view", [View(context=SecretShared()), Shared(), View(context=None)])
def test_so_does_a_full_view(view: Any) -> None:
    with pytest.raises(UndeclaredError, match="Return Shared, as it declares"):
        shared_of(view)


# -- digests --------------------------------------------------------------------------------------

EXACT = st.builds(
    Shared,
    cards=st.dictionaries(st.sampled_from("ab"), st.builds(Card, st.sampled_from("xy"))),
    one=st.none() | st.builds(Card, st.sampled_from("xy")),
    scalar=st.sampled_from([None, True, False, 1, 0, 1.0, 0.0, "", "1", "true"]),
)


@given(EXACT, EXACT)
def test_digests_are_equal_if_and_only_if_the_documents_are(first: Shared, second: Shared) -> None:
    one, other = shared_of(first, table=Bare), shared_of(second, table=Bare)
    assert (one.digest == other.digest) == same(one.document(), other.document())


@given(VIEWS, VIEWS)
def test_equal_digests_always_mean_equal_documents(first: Shared, second: Shared) -> None:
    """What is hidden may change a digest; the diff of the documents is empty then."""
    one, other = shared_of(first, table=Bare), shared_of(second, table=Bare)
    if one.digest == other.digest:
        assert same(one.document(), other.document())


def test_true_is_not_one() -> None:
    true, one, real = (shared_of(Shared(scalar=x), table=Bare) for x in (True, 1, 1.0))
    assert len({true.digest, one.digest, real.digest}) == 3
    assert true.document()["context"]["scalar"] is True
    assert type(one.document()["context"]["scalar"]) is int
    assert type(real.document()["context"]["scalar"]) is float


def test_the_order_of_keys_does_not_count() -> None:
    first = Shared(cards={"a": Card("x"), "b": Card("y")})
    second = Shared(cards={"b": Card("y"), "a": Card("x")})
    assert shared_of(first, table=Bare).digest == shared_of(second, table=Bare).digest


def test_a_document_shares_nothing_with_the_context() -> None:
    view = Shared(pile=[[Card("x")]])
    document = shared_of(view, table=Bare).document()
    view.pile[0].append(Card("y"))
    assert document["context"]["pile"] == [[{"name": "x"}]]


@pytest.mark.parametrize("key", ["__proto__", "prototype", "constructor"])
def test_keys_that_would_poison_a_client_are_refused(key: str) -> None:
    child = {f"card:{key}": ChildView(context=Card("x"))}
    assert shared_of(View(context=Shared(one=Card(key)), children=child)).document()
    for cards in ({key: Card("x")}, {"a": Card("x"), key: Card(key)}):
        with pytest.raises(UndeclaredError, match="not safe"):
            shared_of(Shared(cards=cards), table=Bare).document()


# -- children and overrides ------------------------------------------------------------------


def test_a_child_is_shown_as_declared() -> None:
    child = ChildView(context=Card("x"), value="open", tags=["b", "a"], status="done", output=3)
    document = shared_of(View(context=Shared(), children={"card:1": child})).document()
    assert document["children"] == {
        "card:1": {
            "value": "open",
            "tags": ["a", "b"],
            "status": "done",
            "context": {"name": "x"},
            "output": 3,
        }
    }


@pytest.mark.parametrize(
    ("key", "child"),
    [
        ("other", ChildView(context=Card("x"))),
        ("note:1", ChildView(context=Note("x"))),
        ("card:1", ChildView(context=Note("x"))),
        ("card:1", ChildView(context=SecretCard("x"))),
        ("card:1", Card("x")),
        ("decks", ChildView(context=Shared())),
    ],
)
def test_a_child_outside_the_declared_patterns_is_refused(key: str, child: Any) -> None:
    with pytest.raises(UndeclaredError, match="is not declared"):
        shared_of(View(context=Shared(), children={key: child}))


def test_each_layer_has_its_own_children() -> None:
    note = {"note:1": ChildView(context=Note("x"))}
    assert own_of(View(context=Own(), children=note)).document()["children"].keys() == {"note:1"}
    with pytest.raises(UndeclaredError, match="is not declared"):
        own_of(View(context=Own(), children={"card:1": ChildView(context=Card("x"))}))


def test_a_view_may_show_less_or_more_than_the_machine_says() -> None:
    view = View(
        context=Shared(), value="hidden", tags=["z", "y"], status="error", output=True, error="boom"
    )
    document = shared_of(view).document()
    assert document["value"] == "hidden"
    assert document["tags"] == ["y", "z"]
    assert (document["status"], document["output"], document["error"]) == ("error", True, "boom")


def test_an_own_view_overrides_nothing_that_is_shared() -> None:
    view = View(context=Own(), value="mine", tags=["a"], status="done", output=1, error="x")
    assert own_of(view).document().keys() == {"can", "context", "children"}


@pytest.mark.parametrize("output", [{"answer": SECRET}, [SECRET], object()])
def test_an_output_is_a_scalar_or_a_struct(output: Any) -> None:
    with pytest.raises(UndeclaredError, match="Give a Struct or a scalar"):
        shared_of(View(context=Shared(), output=output))


def test_an_outputs_fields_are_those_that_it_declares() -> None:
    class Result(Struct):
        winner: Card

    document = shared_of(View(context=Shared(), output=Result(SecretCard("ann")))).document()
    assert document["output"] == {"winner": {"name": "ann"}}

    class Loose(Struct):
        anything: Any

    with pytest.raises(UndeclaredError):
        shared_of(View(context=Shared(), output=Loose(SECRET)))
