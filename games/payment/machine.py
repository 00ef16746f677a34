"""The statechart of a payment: who decides what, and what happens if the bank does not answer."""

from __future__ import annotations

from typing import Any

from games.payment.input import PaymentInput
from games.payment.order import By, Code, Order
from games.payment.request import credit, debit, refund
from machine_party import Machine, Member, State

__all__ = ["APPROVAL_SECONDS", "RETRIES", "PaymentMachine"]

APPROVAL_SECONDS = 10.0
"""The payer's time to approve; afterwards an admin decides."""

RETRIES = 3
"""How often a debit or a credit is tried again: after 1, 2 and 4 seconds."""

LONGEST_BACKOFF = 6
"""As a power of two: 64 seconds between two tries of a refund, which is never given up."""


class PaymentMachine(Machine[Order]):
    """Confirmed, approved, debited, succeeded; or rejected, cancelled, refunded."""

    needs_confirm = State(tags=["waiting"], initial=True)
    awaiting_approval = State(tags=["waiting"])
    awaiting_admin_approval = State(tags=["waiting"])

    class approved(State.Compound, tags=["moving"]):
        debiting = State(initial=True, invoke=debit)
        debit_unanswered = State()

    class debited(State.Compound, tags=["moving"]):
        crediting = State(initial=True, invoke=credit)
        credit_unanswered = State()

    class refunding(State.Compound, tags=["moving"]):
        returning = State(initial=True, invoke=refund)
        return_unanswered = State()

    succeeded = State(tags=["final"], final=True)
    rejected = State(tags=["final"], final=True)
    cancelled = State(tags=["final"], final=True)
    refunded = State(tags=["final"], final=True)

    confirm = needs_confirm.to(awaiting_approval, on="take_payer")
    approve = awaiting_approval.to(approved, cond="pays", on="note_approval")
    approve |= awaiting_admin_approval.to(approved, cond="is_admin", on="note_approval")
    reject = awaiting_approval.to(rejected, cond="pays", on="note_rejection")
    reject |= awaiting_admin_approval.to(rejected, cond="is_admin", on="note_rejection")
    cancel = needs_confirm.to(cancelled, on="note_withdrawal")
    cancel |= awaiting_approval.to(cancelled, on="note_withdrawal")
    time_up = awaiting_approval.to(awaiting_admin_approval, on="note_time_up")

    done_invoke_debiting = approved.debiting.to(debited, cond="is_booked", on="note_debit")
    done_invoke_debiting |= approved.debiting.to(cancelled, cond="is_refused", on="note_refusal")
    done_invoke_debiting |= approved.debiting.to(refunding, on="give_up")
    error_invoke_debiting = approved.debiting.to(approved.debit_unanswered, cond="may_retry")
    error_invoke_debiting |= approved.debiting.to(refunding, on="give_up")

    done_invoke_crediting = debited.crediting.to(succeeded, cond="is_booked", on="note_credit")
    done_invoke_crediting |= debited.crediting.to(refunding, on="give_up")
    error_invoke_crediting = debited.crediting.to(debited.credit_unanswered, cond="may_retry")
    error_invoke_crediting |= debited.crediting.to(refunding, on="give_up")

    done_invoke_returning = refunding.returning.to(refunded, cond="is_booked", on="note_refund")
    done_invoke_returning |= refunding.returning.to(cancelled, on="note_nothing_taken")
    error_invoke_returning = refunding.returning.to(refunding.return_unanswered)

    retry = approved.debit_unanswered.to(approved.debiting)
    retry |= debited.credit_unanswered.to(debited.crediting)
    retry |= refunding.return_unanswered.to(refunding.returning)

    def initial(self, input: PaymentInput) -> Order:
        return Order(
            id=f"{self.random.getrandbits(64):016x}",
            payer=input.payer,
            payee=input.payee,
            amount=input.amount,
            balance=input.balance,
        )

    # -- guards ----------------------------------------------------------------------------

    def pays(self, member: Member | None) -> bool:
        return member is not None and member.id == self.context.payer_member

    def is_admin(self, member: Member | None) -> bool:
        """A service, which may send anything, decides as an admin does."""
        return member is None or member.role == "admin"

    def is_booked(self, data: Any) -> bool:
        return bool(data["outcome"] == "booked")

    def is_refused(self, data: Any) -> bool:
        return bool(data["outcome"] == "insufficient_funds")

    def may_retry(self) -> bool:
        return self.context.attempts <= RETRIES

    # -- what is noted -----------------------------------------------------------------------

    def take_payer(self, member: Member | None) -> None:
        self.context.payer_member = member.id if member else None
        self._note("confirmed", "payer")

    def note_approval(self, member: Member | None) -> None:
        self._note("approved", self._decider(member))

    def note_rejection(self, member: Member | None) -> None:
        self._note("rejected", self._decider(member))

    def note_withdrawal(self) -> None:
        self._note("withdrawn", "admin")

    def note_time_up(self) -> None:
        self._note("timed_out", "clock")

    def note_debit(self, data: Any) -> None:
        self.context.balance = data["balance"]
        self._note("debited", "bank")

    def note_refusal(self, data: Any) -> None:
        self.context.reason, self.context.balance = "insufficient_funds", data["balance"]
        self._note("debit_refused", "bank")

    def note_credit(self) -> None:
        self._note("credited", "bank")

    def give_up(self) -> None:
        self._note("gave_up", "bank")

    def note_refund(self, data: Any) -> None:
        self.context.balance = data["balance"]
        self._note("refunded", "bank")

    def note_nothing_taken(self) -> None:
        self._note("nothing_taken", "bank")

    # -- states ----------------------------------------------------------------------------

    def on_enter_needs_confirm(self) -> None:
        self._note("created", "admin")

    def on_enter_awaiting_approval(self) -> None:
        # By the wall clock, also if the server is down meanwhile: the payer was told ten seconds,
        # and who comes back too late has lost nothing but the decision.
        self.after(APPROVAL_SECONDS, "time_up", policy="deadline")

    def on_enter_approved(self) -> None:
        self.context.attempts = 0

    def on_enter_debited(self) -> None:
        self.context.attempts = 0

    def on_enter_refunding(self) -> None:
        self.context.attempts = 0

    def on_enter_debiting(self) -> None:
        self._ask(self.input.failures.debit)

    def on_enter_crediting(self) -> None:
        self._ask(self.input.failures.credit)

    def on_enter_returning(self) -> None:
        self._ask(self.input.failures.refund)

    def on_enter_debit_unanswered(self) -> None:
        self._wait()

    def on_enter_credit_unanswered(self) -> None:
        self._wait()

    def on_enter_return_unanswered(self) -> None:
        self._wait()

    # -- small words -----------------------------------------------------------------------

    def _ask(self, failure_rate: float) -> None:
        """One more request; whether it is answered is decided here, where it can be replayed."""
        self.context.attempts += 1
        self.context.outage = self.random.random() < failure_rate

    def _wait(self) -> None:
        """Until the next try, twice as long each time."""
        self._note("unanswered", "bank")
        self.after(2.0 ** min(self.context.attempts - 1, LONGEST_BACKOFF), "retry")

    def _decider(self, member: Member | None) -> By:
        return "payer" if self.pays(member) else "admin"

    def _note(self, code: Code, by: By) -> None:
        self.context.write(self.now, code, by)
