"""The round-end truth table, against a model that was written from the rule and not the code.

A question closes exactly when its deadline has come, or when nobody is waited for any more and
somebody who is here has confirmed. Waited for: players who were present when it opened, are
present now, and have not confirmed.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from games.trivia import Trivia, machine
from tests.games.conftest import to
from tests.games.sample import pack
from tests.games.table import Table

EARLY = ["ann", "bob", "cat", "dan"]
LATE = ["eve", "fay"]
WHO = st.sampled_from(EARLY + LATE)
TIME = 20


class RoundEnd(RuleBasedStateMachine):
    """Members come, go, answer and confirm while the first question is open."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(machine, "find", lambda name: pack())
        self.present: set[str] = set()
        self.seated: set[str] = set()
        self.kicked: set[str] = set()
        self.confirmed: set[str] = set()
        self.closed = False

    def teardown(self) -> None:
        self.patch.undo()

    @initialize(players=st.sets(st.sampled_from(EARLY)), gone=st.sets(st.sampled_from(EARLY)))
    def open(self, players: set[str], gone: set[str]) -> None:
        self.table = Table(Trivia(), input={"host_plays": False})
        self.table.join("host", "host")
        self.table.join("starter")
        self.table.send("host", "start")
        for player in sorted(players):
            self.table.join(player)
        for player in sorted(players & gone):
            self.table.presence(player, "gone")
        to(self.table, {"question": "preparation"})
        self.table.kick("starter")
        self.table.tick()
        self.seated, self.present = set(players), players - gone
        self.roster = set(self.present)

    @rule(who=WHO)
    def joins_or_comes_back(self, who: str) -> None:
        step = self.table.join(who)
        assert step.accepted == (who not in self.kicked)
        if step.accepted:
            self.seated.add(who)
            self.present.add(who)
        self.judge()

    @rule(who=WHO, presence=st.sampled_from(["away", "gone"]))
    def is_away_or_gone(self, who: str, presence: Any) -> None:
        if who not in self.seated:
            return
        if presence == "gone":
            self.present.discard(who)
        elif who not in self.present:
            return  # who is gone does not become away
        self.table.presence(who, presence)
        self.judge()

    @rule(who=WHO, by_host=st.booleans())
    def is_kicked(self, who: str, by_host: bool) -> None:
        if who not in self.seated:
            return
        if by_host:
            self.table.send("host", "remove", member=self.table.ids[who])
        else:
            self.table.kick(who)
        self.kicked.add(who)
        for group in (self.seated, self.present, self.confirmed, self.roster):
            group.discard(who)
        self.judge()

    @rule(who=WHO, choice=st.sampled_from("abcdz"))
    def answers(self, who: str, choice: str) -> None:
        if who not in self.seated:
            return
        step = self.table.send(who, "answer", question="q1", choice=choice)
        assert step.accepted == (not self.closed and who not in self.confirmed and choice in "abcd")
        self.judge()

    @rule(who=WHO)
    def confirms(self, who: str) -> None:
        if who not in self.seated:
            return
        step = self.table.send(who, "confirm", question="q1")
        assert step.accepted == (not self.closed and who not in self.confirmed)
        if step.accepted:
            self.confirmed.add(who)
        self.judge()

    @rule()
    def the_server_restarts(self) -> None:
        self.table.restart()

    @precondition(lambda self: not self.closed)
    @rule(seconds=st.floats(0, TIME / 4))
    def time_passes(self, seconds: float) -> None:
        left = self.closes_at - self.table.now
        self.table.pass_time(min(seconds, left))
        self.closed = seconds >= left

    def judge(self) -> None:
        """What the rule says, once it is closed it stays closed."""
        awaited = (self.roster & self.present) - self.confirmed
        self.closed = self.closed or (not awaited and bool(self.present & self.confirmed))

    @property
    def closes_at(self) -> float:
        clock = self.table.snapshot.timer("time_up")
        assert clock is not None
        assert clock.deadline is not None
        return clock.deadline

    @invariant()
    def the_machine_agrees(self) -> None:
        if hasattr(self, "table"):
            assert self.table.value == {"question": "closed" if self.closed else "open"}

    @invariant()
    def the_progress_is_right(self) -> None:
        if hasattr(self, "table"):
            present, confirmed = len(self.present), len(self.present & self.confirmed)
            assert self.table.shared["progress"] == {"confirmed": confirmed, "present": present}


TestRoundEnd = RoundEnd.TestCase
TestRoundEnd.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
