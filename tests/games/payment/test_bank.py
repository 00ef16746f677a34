"""The ledger has each booking once, whoever asks how often, and nothing is half done."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from games.payment.bank import Bank, BankDown, Booking, bank
from tests.faults import strace

ROOT = Path(__file__).parents[3]


@pytest.fixture
def books(tmp_path: Path) -> Bank:
    return Bank(tmp_path / "new" / "bank.sqlite")


def test_an_account_is_opened_when_it_is_first_used(books: Bank) -> None:
    assert books.balance("ada") is None
    assert books.book("1", "ada", -30, opening=100) == Booking("booked", 70)
    assert books.book("2", "ada", -30, opening=100) == Booking("booked", 40)
    assert books.balance("ada") == 40


def test_a_key_books_once_and_is_answered_as_the_first_time(books: Bank) -> None:
    first = books.book("1", "ada", -30, opening=100)
    books.book("2", "ada", -30)
    assert books.book("1", "ada", -30, opening=100) == first == Booking("booked", 70)
    assert books.balance("ada") == 40
    assert books.keys() == ["1", "2"]


def test_a_refusal_is_remembered_too(books: Bank) -> None:
    assert books.book("1", "ada", -101, opening=100) == Booking("insufficient_funds", 100)
    books.book("2", "ada", 50)
    assert books.book("1", "ada", -101) == Booking("insufficient_funds", 100)
    assert books.balance("ada") == 150


def test_the_last_cent_can_be_spent(books: Bank) -> None:
    assert books.book("1", "ada", -100, opening=100) == Booking("booked", 0)


@pytest.mark.parametrize("other", [("bob", -30), ("ada", -31)])
def test_a_key_of_another_booking_is_refused(books: Bank, other: tuple[str, int]) -> None:
    books.book("1", "ada", -30, opening=100)
    with pytest.raises(ValueError, match="has booked -30 on 'ada'"):
        books.book("1", *other)
    assert books.balance("ada") == 70


def test_undoing_gives_back_once(books: Bank) -> None:
    books.book("1", "ada", -30, opening=100)
    assert books.undo("1") == Booking("booked", 100)
    books.book("2", "ada", -60)
    assert books.undo("1") == Booking("booked", 100)
    assert books.balance("ada") == 40


def test_what_was_undone_before_it_came_never_happens(books: Bank) -> None:
    """A request that was given up may still be on its way."""
    assert books.undo("1") == Booking("void")
    assert books.book("1", "ada", -30, opening=100) == Booking("void")
    assert books.balance("ada") is None
    assert books.undo("1") == Booking("void")


def test_undoing_a_refusal_gives_nothing(books: Bank) -> None:
    books.book("1", "ada", -101, opening=100)
    assert books.undo("1") == Booking("void")
    assert books.balance("ada") == 100


def test_twenty_threads_with_one_key_book_once(books: Bank) -> None:
    answers: list[Booking] = []

    def ask() -> None:
        answers.append(books.book("1", "ada", -30, opening=100))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [Booking("booked", 70)] * 20
    assert books.balance("ada") == 70


def test_a_booking_that_fails_in_the_middle_leaves_nothing(
    books: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.book("1", "ada", -30, opening=100)

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("games.payment.bank._write", fail)
        with pytest.raises(BankDown, match="disk is full"):
            books.book("2", "ada", -30)
    assert books.balance("ada") == 70
    assert books.book("2", "ada", -30) == Booking("booked", 40)


def test_a_file_that_is_no_bank_is_a_bank_that_is_down(tmp_path: Path) -> None:
    file = tmp_path / "bank.sqlite"
    file.write_bytes(b"not a database" * 100)
    with pytest.raises(BankDown, match=r"bank\.sqlite: file is not a database"):
        Bank(file).balance("ada")


def test_a_folder_that_cannot_be_made_is_one_too(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BankDown):
        Bank(tmp_path / "file" / "bank.sqlite").balance("ada")


def test_it_is_in_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MACHINE_PARTY_DATA", str(tmp_path))
    bank().book("1", "ada", 5)
    assert (tmp_path / "bank.sqlite").is_file()


def test_what_was_undone_is_not_told_to_be_booked(books: Bank) -> None:
    books.book("1", "ada", -30, opening=100)
    books.undo("1")
    assert books.book("1", "ada", -30) == Booking("void")
    assert books.balance("ada") == 100


def test_what_the_account_no_longer_has_is_taken_back_once_it_has_it(books: Bank) -> None:
    books.book("1", "bob", 30)
    books.book("2", "bob", -10)
    with pytest.raises(BankDown, match="bob has 20, and 30 are to be taken back"):
        books.undo("1")
    assert books.balance("bob") == 20
    books.book("3", "bob", 10)
    assert books.undo("1") == Booking("booked", 0)


def test_a_booking_survives_a_power_cut(tmp_path: Path) -> None:
    """The journal's end is the commit, so the folder has to be on the disk without it."""
    command = [strace.require(), "-f", "-qq", "-y", "-e", "trace=unlink,fsync,fdatasync"]
    program = "import sys; from games.payment.bank import *; bank().book(sys.argv[1], 'ada', 1)"
    environment = {**os.environ, "MACHINE_PARTY_DATA": str(tmp_path)}
    for key in ("1", "2"):  # the first one makes the file
        done = subprocess.run(
            [*command, sys.executable, "-c", program, key],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    unlinked, synced = done.stderr.strip().splitlines()[-2:]
    assert "unlink" in unlinked
    assert re.search(rf"sync\(\d+<{re.escape(str(tmp_path))}>\)", synced)
