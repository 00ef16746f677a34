"""A party: what its class may declare, and what it makes of what comes from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct
from statemachine import Event

from machine_party.core import ClientEvent, Emit, Machine, Member, Party, Snapshot, State, View
from machine_party.errors import DefinitionError, PeerError, UndeclaredError
from tests.core.rig import Notes, Nothing, event, party_of
from tests.core.test_definition import MACHINE, refusal


class Idle(Machine[Notes]):
    idle = State(initial=True)
    add = idle.to.itself(internal=True)
    close = idle.to.itself(internal=True)
    odd = idle.to.itself(internal=True)


class Part(Struct):
    size: Annotated[int, Meta(ge=1)]


class Add(ClientEvent):
    by: Annotated[int, Meta(ge=1, le=100)] = 1
    parts: dict[str, list[Part]] = {}


class Close(ClientEvent):
    roles = ("host",)


class Shared(Struct):
    count: int


class Own(Struct):
    mine: int


class Room(Party):
    machine = Idle
    events = (Add, Close)

    def shared(self, snapshot: Snapshot[Any], audience: str) -> Shared:
        return Shared(1)


# -- what comes from outside ------------------------------------------------------------------


def refused(type: str, data: Any, role: str | None) -> PeerError:
    with pytest.raises(PeerError) as raised:
        Room().decode(type, data, role)
    return raised.value


def test_a_payload_becomes_its_declared_type() -> None:
    decoded = Room().decode("add", {"by": 2, "parts": {"a": [{"size": 1}]}}, "player")
    assert decoded == Add(by=2, parts={"a": [Part(1)]})


@given(st.text() | st.sampled_from(["add", "close", "member_left", "done.invoke.x", "party.hello"]))
def test_unknown_and_forbidden_give_one_answer(type: str) -> None:
    for role in ("player", "stranger"):
        if role == "player" and type == "add":
            continue
        error = refused(type, {"by": "nonsense"}, role)
        forbidden = refused("close", {}, "player")
        assert error.code == forbidden.code == "not_allowed"
        assert error.reason == forbidden.reason.replace("'close'", repr(type))
        assert error.path == forbidden.path


def test_the_comparison_of_answers_can_fail() -> None:
    """An answer that says more for a known type differs from the one for an unknown one."""
    assert refused("close", {}, "player").reason != refused("add", {"by": 0}, "player").reason


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"by": 0}, "$.event.by"),
        ({"by": "1"}, "$.event.by"),
        ({"by": True}, "$.event.by"),
        ({"by": 1.5}, "$.event.by"),
        ({"parts": {"a": [{"size": 1}, {"size": 0}]}}, "$.event.parts[...][1].size"),
        ({"extra": 1}, "$.event"),
        ({"type": "add"}, "$.event"),
        ([], "$.event"),
    ],
)
def test_a_bad_payload_is_refused_where_it_is_bad(data: Any, path: str) -> None:
    error = refused("add", data, "player")
    assert (error.code, error.path) == ("bad_request", path)
    assert "`$" not in error.reason


def test_a_service_may_send_anything_that_is_declared() -> None:
    assert Room().decode("close", {}, None) == Close()
    assert refused("odd", {}, None).code == "not_allowed"


def test_what_a_role_may_send() -> None:
    room = Room()
    assert room.sendable("player") == {"add"}
    assert room.sendable("host") == {"add", "close"}
    assert room.sendable("screen") == frozenset()


class Options(Struct):
    pack: str
    rounds: Annotated[int, Meta(ge=1)] = 3


class Chosen(Room):
    Input = Options


def test_the_input_is_checked_and_comes_back_from_the_store() -> None:
    chosen = Chosen()
    assert (
        chosen.convert_input({"pack": "a"}) == Options("a") == chosen.input_of_stored({"pack": "a"})
    )
    with pytest.raises(PeerError) as raised:
        chosen.convert_input({"pack": "a", "rounds": 0})
    assert (raised.value.code, raised.value.path) == ("bad_request", "$.input.rounds")
    with pytest.raises(PeerError, match="required field"):
        chosen.convert_input(None)


def test_a_party_without_input_takes_none() -> None:
    assert Room().convert_input(None) is Room().convert_input({}) is None
    with pytest.raises(PeerError, match="takes no input"):
        Room().convert_input({"pack": "a"})


# -- what follows from the class --------------------------------------------------------------


class ABCQuizRoom(Room):
    pass


class Called(Room):
    name = "another"


def test_names_and_types() -> None:
    assert (Room.name, ABCQuizRoom.name, Called.name) == ("room", "abcquiz-room", "another")
    assert Room.event_types == {"add": Add, "close": Close}
    assert (event("x").type, Add.type) == ("x", "add")


def test_the_answer_to_a_member_guard_is_each_members_own() -> None:
    class Guarded(Machine[Notes]):
        idle = State(initial=True)
        add = idle.to.itself(cond="is_host")
        close = idle.to.itself()

        def is_host(self, member: Member) -> bool:
            return member.role == "host"

    assert type(party_of(Guarded)).own_can == {"add"}

    def audience(self: Party, member: Member) -> str:
        return "everybody"

    assert type(party_of(Guarded, audience=audience)).own_can == {"add", "close"}


# -- what is refused --------------------------------------------------------------------------


def defining(**attributes: Any) -> Callable[[], Any]:
    return lambda: party_of(Idle, **attributes)


class Loud(Emit):
    anything: Any


class LooseReply(Struct):
    items: list  # type: ignore[type-arg]


class Listing(Struct, array_like=True):
    count: int


EVENTS = {
    "two events have the type 'add'": (event("add"), Add),
    "no transition of Idle handles 'missing'": (event("missing"),),
    "the event type 'member_left' is one of ours": (event("member_left"),),
    "the event type 'party.hello' is one of ours": (event("party.hello"),),
    "the event type 'done.invoke.x' is one of ours": (event("done.invoke.x"),),
    "the event type 'done_invoke_x' is one of ours": (event("done_invoke_x"),),
    "the event type 'done_state_x' is one of ours": (event("done_state_x"),),
    "the event type 'error_x' is one of ours": (event("error_x"),),
    "the event type 'constructor' is one of ours": (event("constructor"),),
    "are a string": (event("add", roles="player"),),
    "LooseReply.items[] may hold anything": (event("add", reply=LooseReply),),
}


@pytest.mark.parametrize("text", EVENTS)
def test_events_are_declared_rightly(text: str) -> None:
    assert text in refusal(defining(events=EVENTS[text]))


def test_a_client_event_is_handled_at_once() -> None:
    class Slow(Machine[Notes]):
        idle = State(initial=True)
        add = Event(idle.to.itself(), delay=1_000)

    assert "'add' is declared with a delay" in refusal(
        lambda: party_of(Slow, events=(event("add"),))
    )


def test_an_event_that_only_a_child_handles_is_fine() -> None:
    class Parent(Machine[Notes]):
        Children = (Idle,)
        only = State(initial=True)
        go = only.to.itself()

    assert type(party_of(Parent, events=(event("odd"),))).event_types.keys() == {"odd"}
    assert "handles 'missing'" in refusal(lambda: party_of(Parent, events=(event("missing"),)))


def test_what_is_sent_besides_the_views_is_declared_too() -> None:
    assert "Loud.anything may hold anything" in refusal(defining(emits=(Loud,)))
    assert "LooseReply.items[]" in refusal(defining(shared_children={"a": LooseReply}))
    assert "is array_like" in refusal(defining(own_children={"a": Listing}))


def test_a_context_is_declared_so_that_it_comes_back() -> None:
    class Unordered(Struct):
        seen: dict[str, set[int]] = {}

    class Foreign(Struct):
        machine: Idle | None = None

    for context, text in ((Unordered, "Use dict[str, bool]"), (Foreign, "cannot be")):
        idle = State(initial=True)
        body = {"idle": idle, "go": idle.to.itself(), "__orig_bases__": (Machine[context],)}  # type: ignore[valid-type]
        machine = MACHINE("Strange", (Machine,), body)
        assert text in refusal(lambda machine=machine: party_of(machine))  # type: ignore[misc]


def test_a_machine_says_what_its_context_is() -> None:
    class Bare(Machine):  # type: ignore[type-arg]
        idle = State(initial=True)
        go = idle.to.itself()

    assert "Write class Bare(Machine[Context])" in refusal(lambda: party_of(Bare))


def test_a_context_field_belongs_to_one_layer() -> None:
    def own(self: Party, snapshot: Snapshot[Any], member: Member) -> Shared:
        return Shared(1)

    def shared(self: Party, snapshot: Snapshot[Any], audience: str) -> Shared:
        return Shared(1)

    assert "both views have the context field 'count'" in refusal(defining(shared=shared, own=own))
    assert type(party_of(Idle, shared=shared)).own_view is None


class Tagged(Struct, tag=True):
    a: int


class AlsoTagged(Struct, tag=True):
    b: int


def test_a_tag_is_a_field_too() -> None:
    def own(self: Party, snapshot: Snapshot[Any], member: Member) -> Tagged:
        return Tagged(1)

    def shared(self: Party, snapshot: Snapshot[Any], audience: str) -> AlsoTagged:
        return AlsoTagged(1)

    assert "the context field 'type'" in refusal(defining(shared=shared, own=own))


@pytest.mark.parametrize(
    ("shared", "own"), [("a", "a"), ("a:*", "a:1"), ("a:1", "a:*"), ("a*", "ab*"), ("*", "x")]
)
def test_a_child_belongs_to_one_layer(shared: str, own: str) -> None:
    children = {"shared_children": {shared: Nothing}, "own_children": {own: Nothing}}
    assert "A child belongs to one layer" in refusal(defining(**children))


@pytest.mark.parametrize(
    ("shared", "own"), [("a", "b"), ("a:*", "b:*"), ("a:*", "a"), ("ab*", "ac")]
)
def test_children_that_do_not_overlap_are_fine(shared: str, own: str) -> None:
    party_of(Idle, shared_children={shared: Nothing}, own_children={own: Nothing})


# -- emits, replies, refusals -----------------------------------------------------------------


class Hush(Emit):
    pass


class Ask(ClientEvent):
    type = "add"
    reply: ClassVar = Own


def test_what_is_undeclared_is_said_with_what_to_write() -> None:
    room = Room()
    with pytest.raises(UndeclaredError, match="Add Hush to emits"):
        room.check_emit(Hush)
    with pytest.raises(UndeclaredError, match="Add 'no' to refusals"):
        room.reason("no")
    with pytest.raises(UndeclaredError, match="Write reply: ClassVar = Own"):
        room.encode_reply("add", Own(1))


def test_a_reply_is_of_exactly_the_declared_type() -> None:
    class MoreThanOwn(Own):
        secret: str = "secret"

    asked = party_of(Idle, events=(Ask,))
    assert asked.encode_reply("add", Own(1)) == {"mine": 1}
    with pytest.raises(UndeclaredError):
        asked.encode_reply("add", MoreThanOwn(1))


def test_a_full_view_is_declared_as_one() -> None:
    def shared(self: Party, snapshot: Snapshot[Any], audience: str) -> View[Shared]:
        return View(context=Shared(1))

    assert type(party_of(Idle, shared=shared)).shared_view.full
    assert not Room.shared_view.full
    with pytest.raises(DefinitionError):
        party_of(Idle, shared=lambda self, snapshot, audience: Shared(1))
