"""Captions: every cause has words, and no identity is in them."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from machine_party.core import (
    Cause,
    Extended,
    InvokeEnded,
    Joined,
    Kicked,
    Paused,
    Postponed,
    PresenceChanged,
    Restored,
    Resumed,
    Sent,
    TimerFired,
    Unkicked,
)
from machine_party.room.caption import LONGEST, caption

BEFORE: dict[str, Any] = {
    "seats": {"abc": {"member": {"name": "Ann"}, "identity": "k:secret"}},
    "kicked": {"xyz": {"member": {"name": "Bob"}, "identity": "k:other"}},
    "timers": {"3": {"event": "time_up"}},
}
LATE = TimerFired(now=1.0, timer="3")

CAPTIONS: list[tuple[Cause, str]] = [
    (Sent(now=1.0, type="add", data={"by": 2}, member="abc"), 'Ann (abc) sends add {"by":2}'),
    (Sent(now=1.0, type="go"), "a service sends go"),
    (Sent(now=1.0, type="go", member="gone", child="pawn"), "gone sends go to pawn"),
    (Joined(now=1.0, identity="k:secret", role="player"), "Ann (abc) comes back"),
    (Joined(now=1.0, identity="k:new", role="host", name="Cid"), "Cid comes as host"),
    (Joined(now=1.0, identity="k:new", role="host"), "somebody comes as host"),
    (PresenceChanged(now=1.0, member="abc", presence="away"), "Ann (abc) is away"),
    (Kicked(now=1.0, member="abc"), "a service kicks Ann (abc)"),
    (Unkicked(now=1.0, member="xyz"), "a service lets Bob (xyz) join again"),
    (LATE, "timer 3 fires: time_up"),
    (TimerFired(now=1.0, timer="4"), "timer 4 fires"),
    (Restored(now=9.5, since=1.0), "restored after 8.5 s"),
    (Paused(now=1.0), "a service stops the timers"),
    (Resumed(now=1.0), "a service lets the timers go on"),
    (Extended(now=1.0, seconds=10), "a service gives all timers +10 s"),
    (Extended(now=1.0, seconds=-1.5, timer="bell"), "a service gives timer bell -1.5 s"),
    (InvokeEnded(now=1.0, path="", invoke="pay", result=[1]), "invoke pay ends [1]"),
    (InvokeEnded(now=1.0, path="p", invoke="pay", error="E: no"), "invoke p/pay fails: E: no"),
    (
        Postponed(now=1.0, first=LATE, attempts=2, seconds=2.0),
        "timer 3 fires: time_up: raised, attempt 2; again in 2 s",
    ),
    (
        Postponed(now=1.0, first=LATE, attempts=0, seconds=0.0),
        "timer 3 fires: time_up: refused",
    ),
]


@pytest.mark.parametrize(("cause", "words"), CAPTIONS)
def test_a_cause_in_words(cause: Cause, words: str) -> None:
    assert caption(cause, BEFORE) == words


def test_every_cause_has_words() -> None:
    assert {type(cause) for cause, _ in CAPTIONS} == set(get_args(Cause))


def test_a_long_payload_is_cut() -> None:
    told = caption(Sent(now=1.0, type="say", data={"text": "x" * 5_000}), BEFORE)
    assert len(told) < LONGEST + 50
    assert told.endswith("x…")
