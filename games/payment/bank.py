"""The bank behind the payments: accounts, and a ledger that has each booking once.

It is another system than the room: what it has booked stays booked, whatever becomes of the room
that asked. So every request has a key, and a request that comes again gets the first answer. What
must not be here: who may pay what to whom, and when it is tried again (`machine.py`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from msgspec import Struct

from machine_party import data_folder

__all__ = ["Bank", "BankDown", "Booking", "bank"]

Outcome = Literal["booked", "insufficient_funds", "void"]

BUSY_SECONDS = 10.0
"""How long a booking waits for another one; each takes milliseconds."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    account TEXT PRIMARY KEY,
    balance INTEGER NOT NULL CHECK (balance >= 0)
) STRICT;
CREATE TABLE IF NOT EXISTS ledger (
    key TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    amount INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    balance INTEGER
) STRICT;
"""


class BankDown(Exception):
    """The bank does not answer. What was asked may have happened: ask again, with the same key."""


class Booking(Struct, frozen=True):
    """The bank's answer to a request.

    Attributes:
        outcome: `booked`; `insufficient_funds`; `void`: the key was undone, and books nothing.
        balance: of the account then, in cents; None: there was no account to look at.
    """

    outcome: Outcome
    balance: int | None = None


class Bank:
    """A bank in one file. Every call is one transaction that is on the disk when it returns.

    Args:
        file: made with its folder if it is not there.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def book(self, key: str, account: str, amount: int, *, opening: int = 0) -> Booking:
        """Add `amount` cents to an account, or take them if it is negative; once for each key.

        Args:
            opening: the balance of an account that is new.

        Raises:
            ValueError: the key has booked something else.
            BankDown: the file cannot be used now.
        """
        with self._transaction() as books:
            return _known(books, key, account, amount) or _book(
                books, key, account, amount, opening
            )

    def undo(self, key: str) -> Booking:
        """Give back what `key` has booked, once. If it has booked nothing, it never will.

        Raises:
            BankDown: the file cannot be used now, or the account has not got it any more.
        """
        with self._transaction() as books:
            row = _row(books, key)
            if row is None:
                _write(books, key, "", 0, Booking("void"))
            if row is None or row[2] != "booked":
                return Booking("void")
            back, account, amount = _undone(key), row[0], -row[1]
            return _known(books, back, account, amount) or _reverse(books, back, account, amount)

    def balance(self, account: str) -> int | None:
        """What an account has, in cents; None: there is none of that name."""
        with self._transaction() as books:
            return _balance(books, account)

    def keys(self) -> list[str]:
        """Every key that has booked something, in the order of the bookings."""
        with self._transaction() as books:
            rows = books.execute("SELECT key FROM ledger WHERE outcome = 'booked' ORDER BY rowid")
            return [key for (key,) in rows]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._open()) as books:
                books.execute("BEGIN IMMEDIATE")
                yield books
                books.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise BankDown(f"{self._file}: {error}") from error

    def _open(self) -> sqlite3.Connection:
        """A connection of this call alone: calls come from whatever thread an invoke has."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        books = sqlite3.connect(self._file, timeout=BUSY_SECONDS, isolation_level=None)
        books.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk
        # More than FULL, which lets a power cut bring the journal back, and so undo a booking.
        books.execute("PRAGMA synchronous = EXTRA")
        books.executescript(_SCHEMA)
        return books


def bank() -> Bank:
    """The bank of this machine: `bank.sqlite` in the data folder, where `serve` has its rooms.

    Always a file: rooms that were restored would ask a bank that has forgotten them.
    """
    return Bank(data_folder() / "bank.sqlite")


# -- inside a transaction ----------------------------------------------------------------------


def _row(books: sqlite3.Connection, key: str) -> tuple[str, int, Outcome, int | None] | None:
    query = "SELECT account, amount, outcome, balance FROM ledger WHERE key = ?"
    row: tuple[str, int, Outcome, int | None] | None = books.execute(query, (key,)).fetchone()
    return row


def _known(books: sqlite3.Connection, key: str, account: str, amount: int) -> Booking | None:
    """The first answer to `key`, if it was asked before."""
    row = _row(books, key)
    if row is None:
        return None
    if row[2] != "void" and row[:2] != (account, amount):
        raise ValueError(f"{key!r} has booked {row[1]} on {row[0]!r}, not {amount} on {account!r}")
    return Booking("void") if _row(books, _undone(key)) else Booking(row[2], row[3])


def _book(books: sqlite3.Connection, key: str, account: str, amount: int, opening: int) -> Booking:
    books.execute("INSERT OR IGNORE INTO accounts VALUES (?, ?)", (account, opening))
    had = _balance(books, account) or 0
    enough = had + amount >= 0
    answer = Booking("booked", had + amount) if enough else Booking("insufficient_funds", had)
    books.execute("UPDATE accounts SET balance = ? WHERE account = ?", (answer.balance, account))
    _write(books, key, account, amount, answer)
    return answer


def _reverse(books: sqlite3.Connection, key: str, account: str, amount: int) -> Booking:
    """Book what was undone. It is never refused for good: whoever asks, asks again."""
    had = _balance(books, account) or 0
    if had + amount < 0:
        raise BankDown(f"{account} has {had}, and {-amount} are to be taken back")
    return _book(books, key, account, amount, 0)


def _undone(key: str) -> str:
    """The key under which `key` is undone."""
    return f"{key}/undone"


def _write(books: sqlite3.Connection, key: str, account: str, amount: int, answer: Booking) -> None:
    row = (key, account, amount, answer.outcome, answer.balance)
    books.execute("INSERT INTO ledger VALUES (?, ?, ?, ?, ?)", row)


def _balance(books: sqlite3.Connection, account: str) -> int | None:
    query = "SELECT balance FROM accounts WHERE account = ?"
    row: tuple[int] | None = books.execute(query, (account,)).fetchone()
    return row[0] if row else None
