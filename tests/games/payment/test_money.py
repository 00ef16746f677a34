"""Whatever is lost, repeated or late: no cent appears or vanishes, and the end says what is so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from games.payment import machine
from games.payment.bank import Bank, BankDown, Booking, bank
from games.payment.order import LONGEST_LOG, Order
from games.payment.request import credit, debit, refund
from machine_party import Invocation
from tests.games.payment.desk import Desk

REQUESTS: dict[str, Callable[[Invocation], Coroutine[Any, Any, Booking]]] = {
    "debiting": debit,
    "crediting": credit,
    "returning": refund,
}
PERSON = st.tuples(
    st.sampled_from(["ada", "bob", "admin"]),
    st.sampled_from(["confirm", "approve", "reject", "cancel"]),
)
FATES = st.sampled_from(["answers", "answer lost", "request lost", "killed"])
MOVES = st.lists(FATES | FATES | st.sampled_from(["late", "tick", "restart"]) | PERSON, max_size=30)
APPROVED = (("ada", "confirm"), ("ada", "approve"))
END = [("ada", "confirm"), "tick", ("admin", "approve"), *["answers"] * 40]
"""Everybody does what is to be done, and the bank answers in the end."""


class Transfer:
    """A payment at the real bank, whose requests get lost, are repeated, and arrive later."""

    def __init__(self, runner: asyncio.Runner, books: Bank, **input: Any) -> None:
        self.desk = Desk(latency=0, **input)
        self.books = books
        self._runner = runner
        self._sent: list[tuple[str, Invocation]] = []

    @property
    def order(self) -> Order:
        order: Order = self.desk.snapshot.context
        return order

    @property
    def money(self) -> tuple[int | None, int | None]:
        """The payer's, the payee's."""
        id = self.order.id
        return self.books.balance(f"{id}/payer"), self.books.balance(f"{id}/payee")

    # -- what happens ----------------------------------------------------------------------

    def move(self, move: Any) -> None:
        if isinstance(move, tuple):
            self.desk.send(*move)
        elif move == "tick" and self.desk.actor.timers.rows:
            self.desk.tick()
        elif move == "restart":
            self.desk.restart()
        elif move == "late":
            for state, given in reversed(self._sent):  # threads that their process has forgotten
                self._ask(state, given)
        elif self.desk.snapshot.has_tag("moving"):
            if not self.desk.asked:  # it is time for the next try
                self.desk.tick()
            self.ask(move)

    def ask(self, fate: str) -> None:
        """What becomes of the request at hand."""
        (state,) = self.desk.asked
        given = self._invocation(state)
        self._sent.append((state, given))
        answer = None if fate == "request lost" else self._ask(state, given)
        if fate == "killed":  # booked, and it will be asked again
            self.desk.restart()
        elif answer is None or fate == "answer lost":
            self.desk.no_answer()
        else:
            self.desk.answer(answer.outcome, answer.balance)

    def _ask(self, state: str, given: Invocation) -> Booking | None:
        try:
            return self._runner.run(REQUESTS[state](given))
        except BankDown:
            return None

    def _invocation(self, state: str) -> Invocation:
        context = msgspec.convert(msgspec.to_builtins(self.order), Order)
        return Invocation("key", state, None, context, self.desk.actor.machines[""].input)

    # -- what is always so -------------------------------------------------------------------

    def check(self) -> None:
        payer, payee = self.money
        order, input = self.order, self.desk.actor.machines[""].input
        moving = input.balance - (payer or 0) - (payee or 0) if payer is not None else 0
        assert moving in (0, order.amount)
        assert payee in (None, 0, order.amount)
        keys = self.books.keys()
        assert len(keys) == len(set(keys)) <= 4
        assert len(order.log) <= LONGEST_LOG
        self._check_value((payer, payee), moving)

    def _check_value(self, money: tuple[int | None, int | None], moving: int) -> None:
        value, order = self.desk.value, self.order
        opening = self.desk.actor.machines[""].input.balance
        if value == "succeeded":
            assert money == (opening - order.amount, order.amount)
        elif isinstance(value, str):  # nobody has approved, or it has come to nothing
            assert (money[0] in (None, opening), money[1] in (None, 0), moving) == (True, True, 0)
        if self.desk.snapshot.has_tag("final"):
            assert order.balance == (opening if money[0] is None else money[0])
        assert (order.reason is not None) == ("debit_refused by bank" in self.desk.log)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@settings(max_examples=60, deadline=None)
@example(approved=True, moves=["request lost"] * 2, amount=1, rate=0)  # and one comes too late
@example(approved=True, moves=["answers", *["answer lost"] * 2], amount=1, rate=0)
@example(approved=True, moves=["answers", *["answer lost"] * 2, "killed"], amount=1, rate=0)
@given(
    approved=st.booleans(),
    moves=MOVES,
    amount=st.sampled_from([1, 100, 101]),
    rate=st.sampled_from([0, 0.5]),
)
def test_no_cent_appears_or_vanishes(
    runner: asyncio.Runner,
    tmp_path_factory: pytest.TempPathFactory,
    approved: bool,
    moves: list[Any],
    amount: int,
    rate: float,
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MACHINE_PARTY_DATA", str(tmp_path_factory.mktemp("bank")))
        patched.setattr(machine, "RETRIES", 1)  # what is given up is what is dangerous
        failures = {"debit": rate, "credit": rate, "refund": rate}
        transfer = Transfer(runner, bank(), amount=amount, balance=100, failures=failures)
        for move in [*(APPROVED if approved else []), *moves, *END, "late"]:
            transfer.move(move)
            transfer.check()
        assert transfer.desk.snapshot.status == "done"
