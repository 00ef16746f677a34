"""What a payment knows: who pays whom how much, what the bank has said, and a log."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

__all__ = ["LONGEST_LOG", "By", "Code", "Entry", "Order"]

LONGEST_LOG = 50
"""Entries. A payment has some ten; only a bank that is down for long makes more."""

By = Literal["payer", "admin", "bank", "clock"]
Code = Literal[
    "created",
    "confirmed",
    "timed_out",
    "approved",
    "rejected",
    "withdrawn",
    "debited",
    "debit_refused",
    "credited",
    "unanswered",
    "gave_up",
    "refunded",
    "nothing_taken",
]


class Entry(Struct):
    """A line of the log.

    Attributes:
        at: epoch milliseconds.
        by: who did it; the clock: nobody did anything in time.
    """

    at: int
    code: Code
    by: By


class Order(Struct, kw_only=True):
    """The context.

    Attributes:
        id: names this payment to the bank: no other one ever has it.
        payer, payee: how they are called. `amount`: in cents.
        payer_member: the id of the member who pays, once somebody has said so.
        balance: of the payer's account, as far as the bank has told, in cents.
        reason: why the bank has refused the debit; the payer's business.
        attempts: how often the request at hand has been made.
        outage: whether the bank does not answer to it.
        log: `{number: Entry}`, the latest `LONGEST_LOG`. `logged`: how many there were.
    """

    id: str
    payer: str
    payee: str
    amount: int
    balance: int
    payer_member: str | None = None
    reason: Literal["insufficient_funds"] | None = None
    attempts: int = 0
    outage: bool = False
    log: dict[str, Entry] = field(default_factory=dict)
    logged: int = 0

    @property
    def debit_key(self) -> str:
        return f"{self.id}/debit"

    @property
    def credit_key(self) -> str:
        return f"{self.id}/credit"

    def write(self, at: float, code: Code, by: By) -> None:
        """Add a line to the log.

        Args:
            at: epoch seconds.
        """
        self.logged += 1
        self.log[str(self.logged)] = Entry(round(at * 1_000), code, by)
        self.log.pop(str(self.logged - LONGEST_LOG), None)
