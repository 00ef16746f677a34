"""Who decides what, and what becomes of the money when the bank does not answer."""

from __future__ import annotations

import pytest

from games.payment.machine import APPROVAL_SECONDS, RETRIES
from games.payment.order import LONGEST_LOG
from tests.games.payment.desk import Desk


def test_a_payment_that_nothing_disturbs() -> None:
    desk = Desk(amount=2_500, balance=10_000).approved()
    assert desk.value == {"approved": "debiting"}
    desk.answer(balance=7_500)
    assert desk.value == {"debited": "crediting"}
    desk.answer(balance=2_500)
    assert (desk.value, desk.snapshot.status) == ("succeeded", "done")
    assert desk.own("ada")["account"] == {"balance": 7_500, "reason": None}
    assert desk.log == [
        "created by admin",
        "confirmed by payer",
        "approved by payer",
        "debited by bank",
        "credited by bank",
    ]


def test_who_confirms_is_asked_and_nobody_else() -> None:
    desk = Desk()
    assert desk.send("admin", "confirm").code == "not_allowed"
    assert desk.send("ada", "confirm").accepted
    assert desk.send("bob", "confirm").code == "not_handled"
    for who in ("bob", "admin"):
        for decision in ("approve", "reject"):
            assert desk.send(who, decision).code == "not_handled"
    assert desk.send("ada", "reject").accepted
    assert (desk.value, desk.log[-1]) == ("rejected", "rejected by payer")


def test_after_ten_seconds_an_admin_decides_and_the_payer_no_longer() -> None:
    desk = Desk()
    desk.send("ada", "confirm")
    desk.pass_time(APPROVAL_SECONDS - 0.001)
    assert desk.value == "awaiting_approval"
    desk.pass_time(0.001)
    assert desk.value == "awaiting_admin_approval"
    assert desk.send("ada", "approve").code == "not_handled"
    assert desk.send("bob", "approve").code == "not_handled"
    assert desk.send("admin", "approve").accepted
    assert desk.asked == ["debiting"]
    assert desk.log[-2:] == ["timed_out by clock", "approved by admin"]


def test_a_countdown_ends_with_its_state() -> None:
    desk = Desk().approved()
    assert desk.actor.timers.rows == {}


def test_an_admin_says_no() -> None:
    desk = Desk()
    desk.send("ada", "confirm")
    desk.tick()
    desk.send("admin", "reject")
    assert (desk.value, desk.log[-1]) == ("rejected", "rejected by admin")


@pytest.mark.parametrize("confirmed", [False, True])
def test_an_admin_cancels_what_is_not_decided(confirmed: bool) -> None:
    desk = Desk()
    if confirmed:
        desk.send("ada", "confirm")
    assert desk.send("ada", "cancel").code == "not_allowed"
    assert desk.send("admin", "cancel").accepted
    assert (desk.value, desk.log[-1]) == ("cancelled", "withdrawn by admin")


def test_what_is_approved_is_cancelled_by_nobody() -> None:
    desk = Desk().approved()
    assert desk.send("admin", "cancel").code == "not_handled"


def test_too_little_money_is_an_answer_and_not_a_failure() -> None:
    desk = Desk(amount=900, balance=100).approved()
    desk.answer("insufficient_funds", 100)
    assert (desk.value, desk.log[-1]) == ("cancelled", "debit_refused by bank")
    assert desk.own("ada")["account"] == {"balance": 100, "reason": "insufficient_funds"}


def test_a_debit_that_was_undone_is_no_lack_of_money() -> None:
    """Of a room that was brought back from an older copy, the bank remembers more than it does."""
    desk = Desk(balance=500).approved()
    desk.answer("void")
    assert desk.value == {"refunding": "returning"}
    desk.answer("void")
    assert (desk.value, desk.log[-1]) == ("cancelled", "nothing_taken by bank")
    assert desk.own("ada")["account"] == {"balance": 500, "reason": None}


def test_a_debit_without_an_answer_is_tried_again_later_and_later() -> None:
    desk = Desk().approved()
    waits = []
    for _ in range(RETRIES):
        desk.no_answer()
        assert desk.value == {"approved": "debit_unanswered"}
        (timer,) = desk.actor.timers.rows.values()
        waits.append(timer.deadline - desk.now)
        desk.tick()
        assert desk.asked == ["debiting"]
    assert waits == [1, 2, 4]
    desk.answer(balance=1)
    assert desk.value == {"debited": "crediting"}
    assert desk.shared["attempts"] == 1


def test_a_debit_that_is_given_up_is_undone_as_nobody_knows_whether_it_was_booked() -> None:
    desk = Desk().approved()
    for _ in range(RETRIES):
        desk.no_answer()
        desk.tick()
    desk.no_answer()
    assert desk.value == {"refunding": "returning"}
    desk.answer("void")
    assert desk.value == "cancelled"
    assert desk.log[-2:] == ["gave_up by bank", "nothing_taken by bank"]


def test_a_credit_that_is_given_up_is_refunded() -> None:
    desk = Desk(amount=100, balance=500).approved()
    desk.answer(balance=400)
    for _ in range(RETRIES):
        desk.no_answer()
        desk.tick()
    desk.no_answer()
    assert desk.value == {"refunding": "returning"}
    desk.answer(balance=500)
    assert (desk.value, desk.log[-1]) == ("refunded", "refunded by bank")
    assert desk.own("ada")["account"]["balance"] == 500


def test_a_refund_is_never_given_up() -> None:
    desk = Desk().approved()
    desk.answer(balance=1)
    desk.answer("void")
    waits = []
    for _ in range(100):
        desk.no_answer()
        (timer,) = desk.actor.timers.rows.values()
        waits.append(timer.deadline - desk.now)
        desk.tick()
    assert waits[:8] == [1, 2, 4, 8, 16, 32, 64, 64]
    assert max(waits) == 64
    assert len(desk.shared["log"]) == LONGEST_LOG
    desk.answer(balance=2)
    assert desk.value == "refunded"
    assert desk.log[-1] == "refunded by bank"


@pytest.mark.parametrize(("rate", "outage"), [(0, False), (1, True)])
def test_whether_the_bank_answers_is_decided_in_the_machine(rate: int, outage: bool) -> None:
    desk = Desk(failures={"debit": rate}).approved()
    assert desk.snapshot.context.outage is outage


def test_half_of_the_requests_fail_at_a_rate_of_one_half() -> None:
    """And the same ones, whenever the room's causes are run again."""
    outages = []
    for _ in range(2):
        desk = Desk(failures={"refund": 0.5}).approved()
        desk.answer(balance=1)
        desk.answer("void")
        seen = []
        for _ in range(200):
            seen.append(desk.snapshot.context.outage)
            desk.no_answer()
            desk.tick()
        outages.append(seen)
    assert outages[0] == outages[1]
    assert 70 < sum(outages[0]) < 130
