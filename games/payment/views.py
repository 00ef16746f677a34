"""What members of a payment see: pure functions of its snapshot.

The payer's account is read in `own_view` only, for the payer and for admins.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from games.payment.order import By, Code, Order
from machine_party import Member, Snapshot

__all__ = ["Own", "Shared", "own_view", "shared_view"]


class Line(Struct):
    """A line of the log.

    Attributes:
        at: epoch milliseconds.
        by: who did it; the clock: nobody did anything in time.
    """

    at: int
    code: Code
    by: By


class Account(Struct):
    """The payer's account.

    Attributes:
        balance: in cents.
        reason: why the bank has refused the debit.
    """

    balance: int
    reason: Literal["insufficient_funds"] | None


class Shared(Struct):
    """What everybody with the link sees.

    Attributes:
        id: the payment's. `amount`: in cents.
        attempts: how often the bank was asked for what it is asked for now.
        deadline: when the present wait ends, epoch milliseconds; None: no clock runs.
        duration: how long that wait is in all, milliseconds; None: there is none.
        log: `{number: Line}`, the latest ones; a higher number is later.
    """

    id: str
    payer: str
    payee: str
    amount: int
    attempts: int
    deadline: int | None
    duration: int | None
    log: dict[str, Line]


class Own(Struct):
    """What only I see.

    Attributes:
        pays: whether it is me who pays.
        account: the payer's; only the payer's and an admin's to see.
    """

    pays: bool
    account: Account | None


def shared_view(snapshot: Snapshot[Order]) -> Shared:
    """The same for every role."""
    order = snapshot.context
    deadline, duration = _wait(snapshot)
    return Shared(
        id=order.id,
        payer=order.payer,
        payee=order.payee,
        amount=order.amount,
        attempts=order.attempts if snapshot.has_tag("moving") else 0,
        deadline=deadline,
        duration=duration,
        log={number: Line(entry.at, entry.code, entry.by) for number, entry in order.log.items()},
    )


def own_view(snapshot: Snapshot[Order], member: Member) -> Own:
    """A member's own part."""
    order = snapshot.context
    pays = member.id == order.payer_member
    may_look = pays or member.role == "admin"
    return Own(pays=pays, account=Account(order.balance, order.reason) if may_look else None)


def _wait(snapshot: Snapshot[Order]) -> tuple[int | None, int | None]:
    """When the present wait ends, if its clock runs, and how long it is in all; milliseconds."""
    waiting = snapshot.timer("time_up") or snapshot.timer("retry")
    if waiting is None:
        return None, None
    deadline = None if waiting.deadline is None else round(waiting.deadline * 1_000)
    return deadline, round(waiting.seconds * 1_000)
