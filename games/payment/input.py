"""What a payment is made with."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from msgspec import Meta, Struct

__all__ = ["Failures", "PaymentInput"]

Who = Annotated[str, Meta(min_length=1, max_length=40)]
Cents = Annotated[int, Meta(ge=0, le=100_000_000)]
Amount = Annotated[int, Meta(ge=1, le=100_000_000)]
Rate = Annotated[float, Meta(ge=0, le=1)]
RefundRate = Annotated[float, Meta(ge=0, le=0.9)]
"""Not always: what was taken has to be given back one day."""
Latency = Annotated[float, Meta(ge=0, le=10)]

_JOINERS = "\u200c\u200d"
"""Of several scripts, and of emoji."""


class Failures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often the bank does not answer: 0 never, 1 always, for each kind of request."""

    debit: Rate = 0.0
    credit: Rate = 0.0
    refund: RefundRate = 0.0


class PaymentInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The room's input, `{}` at the least.

    Attributes:
        payer, payee: how they are called. `amount`: in cents.
        balance: what the payer's account has at the beginning, in cents.
        latency: how long the bank takes to answer, in seconds.
        failures: how often it does not.
    """

    payer: Who = "Ada"
    payee: Who = "Bob"
    amount: Amount = 10_000
    balance: Cents = 50_000
    latency: Latency = 1.0
    failures: Failures = Failures()

    def __post_init__(self) -> None:
        """Names as the payer reads them: one that turns the words around could swap the two.

        Raises:
            ValueError: a name is not one.
        """
        if not (_is_name(self.payer) and _is_name(self.payee)):
            reason = "payer and payee need a visible character, and no control or direction ones"
            raise ValueError(reason)


def _is_name(text: str) -> bool:
    hidden = any(unicodedata.category(char)[0] == "C" for char in text if char not in _JOINERS)
    return bool(text.strip(_JOINERS + " ").strip()) and not hidden
