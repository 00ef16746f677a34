"""Any state, any event: the result is a legal state or a documented refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.trivia import Trivia, machine
from machine_party.core import Actor
from tests.games.sample import pack
from tests.games.table import Table

STATES = (
    "lobby",
    "countdown",
    {"question": "preparation"},
    {"question": "open"},
    {"question": "closed"},
    "recap",
    "ranking",
)
CODES = {"not_handled", "not_allowed", "bad_request", *Trivia.refusals}
ROLES = {"ann": "player", "bob": "player", "host": "host", "wall": "screen"}

WHO = st.sampled_from([*ROLES, None])
QUESTION = st.sampled_from(["q1", "q2", "q3", "q9", ""])
GARBAGE: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["question", "choice", "text", "ready", "step", "member", "x"]),
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=5) | st.just([]),
)
EVENT = st.one_of(
    st.tuples(st.just("ready"), st.fixed_dictionaries({"ready": st.booleans()})),
    st.tuples(
        st.just("answer"),
        st.fixed_dictionaries(
            {"question": QUESTION},
            optional={"choice": st.sampled_from("abcde"), "text": st.text(max_size=9)},
        ),
    ),
    st.tuples(st.just("confirm"), st.fixed_dictionaries({"question": QUESTION})),
    st.tuples(st.just("start"), st.just({})),
    st.tuples(st.just("skip"), st.fixed_dictionaries({"step": st.integers(0, 20)})),
    st.tuples(st.sampled_from(["skip", "extend"]), st.just("now")),
    st.tuples(st.sampled_from(["pause", "resume"]), st.just({})),
    st.tuples(st.just("remove"), st.fixed_dictionaries({"member": st.sampled_from([*ROLES, ""])})),
    st.tuples(st.sampled_from(["time_up", "member_gone", "xyzzy", "done.state.question"]), GARBAGE),
    st.tuples(st.sampled_from(sorted(Trivia.event_types)), GARBAGE),
)
MOVE = st.one_of(
    st.tuples(st.just("send"), WHO, EVENT),
    st.tuples(st.just("tick")),
    st.tuples(st.just("presence"), WHO, st.sampled_from(["away", "gone"])),
    st.tuples(st.just("join"), WHO),
    st.tuples(st.just("kick"), st.sampled_from(["ann", "bob"])),
)


@settings(max_examples=150, deadline=None)
@given(skips=st.integers(0, 13), moves=st.lists(MOVE, max_size=20))
def test_any_state_and_any_event(skips: int, moves: list[tuple[Any, ...]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine, "find", lambda name: pack())
        table = Table(Trivia())
        for who, role in ROLES.items():
            table.join(who, role)
        table.send("host", "start")
        for _ in range(skips):
            table.send("host", "skip", step=table.shared["step"])
        for move in moves:
            play(table, *move)
            check(table)


def play(table: Table, kind: str, who: str | None = None, what: Any = None) -> None:
    seated = who is None or table.ids[who] in table.actor.roster.members
    if kind == "send" and seated:
        type, data = what
        data = {"step": table.shared["step"]} if data == "now" else dict(data)
        if type == "remove" and isinstance(data.get("member"), str):
            data["member"] = table.ids.get(data["member"], "nobody")
        step = table.send(who, type, **data)
        assert step.accepted or (step.code in CODES and step.reason)
    elif kind == "tick" and table.actor.timers.next_deadline() is not None:
        assert table.tick().accepted
    elif kind == "presence" and who is not None and seated:
        table.presence(who, what)
    elif kind == "join" and who is not None:
        table.join(who, ROLES[who])
    elif kind == "kick" and who is not None and seated:
        table.kick(who)


def check(table: Table) -> None:
    """The state is legal, can be shown to everyone, can be stored, and hides what it must."""
    assert table.value in STATES
    for role in ("player", "host", "screen", "spectator"):
        shown = json.dumps(table.document(role))
        if table.value != "recap":
            assert "canary" not in shown
    for who in ROLES:
        if table.ids[who] in table.actor.roster.members:
            table.own_document(who)
    stored = table.actor.dump()
    assert Actor.restore(table.party, stored).dump() == stored
    waits = [timer.event for timer in table.actor.timers.rows.values()]
    assert waits == ([] if table.value in ("lobby", "ranking") else ["time_up"])
    paused = bool(waits) and table.snapshot.paused
    told = [table.shared[each] is not None for each in ("deadline", "left", "duration")]
    assert told == [bool(waits) and not paused, paused, bool(waits)]
    assert table.shared["paused"] == paused
