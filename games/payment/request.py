"""What a payment asks of the bank: the functions of its invokes.

They run at least once: again after a crash, and again when the machine tries once more. The second
is another invoke, and so `Invocation.key` is another one, too; the key of a request is made of the
payment's own id, and the bank books it once, whoever asks how often.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from games.payment.bank import BankDown, Booking, bank
from games.payment.order import Order
from machine_party import Invocation

__all__ = ["credit", "debit", "refund"]


async def debit(given: Invocation) -> Booking:
    """Take the amount from the payer."""
    order: Order = given.context

    def ask() -> Booking:
        account, opening = f"{order.id}/payer", given.input.balance
        return bank().book(order.debit_key, account, -order.amount, opening=opening)

    return await _answer(given, ask)


async def credit(given: Invocation) -> Booking:
    """Give it to the payee."""
    order: Order = given.context
    return await _answer(
        given, lambda: bank().book(order.credit_key, f"{order.id}/payee", order.amount)
    )


async def refund(given: Invocation) -> Booking:
    """Undo both: of a request without an answer nobody knows whether it was booked."""
    order: Order = given.context

    def ask() -> Booking:
        bank().undo(order.credit_key)
        return bank().undo(order.debit_key)

    return await _answer(given, ask)


async def _answer(given: Invocation, ask: Callable[[], Booking]) -> Booking:
    """The bank's answer, after the time that its way there and back takes.

    Raises:
        BankDown: it does not answer.
    """
    await asyncio.sleep(given.input.latency / 2)
    if given.context.outage:
        raise BankDown("the bank does not answer, as the payment's input wants it")
    answer = await asyncio.to_thread(ask)
    await asyncio.sleep(given.input.latency / 2)
    return answer
