"""Any state, any event: the result is a legal state or a documented refusal."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from games.payment import Payment
from machine_party.core import Actor
from tests.games.payment.desk import Desk

STATES: tuple[Any, ...] = (
    "needs_confirm",
    "awaiting_approval",
    "awaiting_admin_approval",
    {"approved": "debiting"},
    {"approved": "debit_unanswered"},
    {"debited": "crediting"},
    {"debited": "credit_unanswered"},
    {"refunding": "returning"},
    {"refunding": "return_unanswered"},
    "succeeded",
    "rejected",
    "cancelled",
    "refunded",
)
CODES = {"not_handled", "not_allowed", "bad_request"}
WAITS = {"awaiting_approval": ["time_up"]}
WHO = ("admin", "ada", "bob")
CANARY = 83_719_205

INTERNAL = ["time_up", "retry", "done.invoke.debiting", "error.invoke.crediting", "xyzzy"]
DATA = st.dictionaries(st.sampled_from(["x", "outcome"]), st.none() | st.integers(0, 3))
SEND = st.tuples(
    st.just("send"),
    st.sampled_from([*WHO, None]),
    st.sampled_from([*Payment.event_types, *INTERNAL]),
    st.just({}) | DATA,
)
MOVE = st.one_of(
    SEND,
    st.tuples(st.just("tick")),
    st.tuples(st.just("answer"), st.sampled_from(["booked", "insufficient_funds", "void"])),
    st.tuples(st.just("no answer")),
    st.tuples(st.just("presence"), st.sampled_from(WHO), st.sampled_from(["away", "gone"])),
    st.tuples(st.just("restart")),
)


@settings(max_examples=200, deadline=None)
@given(begun=st.booleans(), moves=st.lists(MOVE, max_size=25))
def test_any_state_and_any_event(begun: bool, moves: list[tuple[Any, ...]]) -> None:
    desk = Desk(balance=CANARY)
    if begun:
        desk.approved()
    for move in moves:
        play(desk, *move)
        check(desk)


def play(desk: Desk, kind: str, *what: Any) -> None:
    match kind:
        case "send":
            who, type, data = what
            step = desk.send(who, type, **data)
            assert step.accepted or (step.code in CODES and step.reason)
        case "tick" if desk.actor.timers.rows:
            assert desk.tick().accepted
        case "answer" if desk.asked:
            assert desk.answer(what[0], CANARY).accepted
        case "no answer" if desk.asked:
            assert desk.no_answer().accepted
        case "presence":
            desk.presence(*what)
        case "restart":
            desk.restart()


def check(desk: Desk) -> None:
    """The state is legal, can be shown to everyone, can be stored, and hides what it must."""
    value = desk.value
    assert value in STATES
    assert desk.snapshot.has_tag("final") == (desk.snapshot.status == "done")
    for role in ("user", "admin"):
        assert str(CANARY) not in json.dumps(desk.document(role))
    for who in WHO:
        knows = who == "admin" or desk.ids[who] == desk.snapshot.context.payer_member
        assert (str(CANARY) in json.dumps(desk.own_document(who))) == knows
    stored = desk.actor.dump()
    assert Actor.restore(desk.party, stored).dump() == stored
    check_what_goes_on(desk, value)


def check_what_goes_on(desk: Desk, value: Any) -> None:
    """Something goes on by itself in every state but where a person decides, or all is over."""
    waits = [timer.event for timer in desk.actor.timers.rows.values()]
    inner = next(iter(value.values())) if isinstance(value, dict) else value
    if inner.endswith("unanswered"):
        assert (waits, desk.asked) == (["retry"], [])
    elif isinstance(value, dict):
        assert (waits, desk.asked) == ([], [inner])
    else:
        assert (waits, desk.asked) == (WAITS.get(value, []), [])
    assert (desk.shared["deadline"] is None) == (not waits)
