"""The rules of the bank that a crash could break: each key is booked once, and no cent is made."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from tests.torture.payments import BALANCE

__all__ = ["check"]

_UNDONE = {"debit", "debit/undone"}
BOOKED: Mapping[str, list[set[str]]] = {
    "succeeded": [{"debit", "credit"}],
    "refunded": [_UNDONE, _UNDONE | {"credit", "credit/undone"}],
    "rejected": [set()],
    "cancelled": [set()],
}
"""What the bank has booked for a payment, by how it has ended."""


def check(file: Path, ends: Mapping[str, str]) -> Iterator[str]:
    """What is wrong in the books.

    Args:
        ends: `{payment's id: the state in which it has ended}`.
    """
    with closing(sqlite3.connect(file)) as db:
        balances = dict(db.execute("SELECT account, balance FROM accounts"))
        rows = db.execute("SELECT key, account, amount FROM ledger WHERE outcome = 'booked'")
        booked: list[tuple[str, str, int]] = rows.fetchall()
    times = Counter(key for key, _account, _amount in booked)
    yield from (f"{key} is booked {n} times" for key, n in times.items() if n > 1)
    for account, balance in balances.items():
        moved = sum(amount for _key, of, amount in booked if of == account)
        if balance != _opening(account) + moved:
            yield f"{account} has {balance}, and {moved} were booked"
    for payment, end in ends.items():
        keys = {key.removeprefix(f"{payment}/") for key in times if key.startswith(payment)}
        if keys not in BOOKED[end]:
            yield f"{payment} is {end}, and these are booked: {keys}"
        accounts = [f"{payment}/{who}" for who in ("payer", "payee")]
        if (total := sum(balances.get(name, _opening(name)) for name in accounts)) != BALANCE:
            yield f"{payment}: {total} are there of {BALANCE}"


def _opening(account: str) -> int:
    return BALANCE if account.endswith("/payer") else 0
