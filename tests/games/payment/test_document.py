"""`docs/payment.md` names everything that a payer, an admin or a program can meet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest

from games.payment import Payment, views
from games.payment.input import Failures, PaymentInput
from games.payment.machine import PaymentMachine
from games.payment.order import Code
from tests.games.document import Document, fields_of, states_of, views_in

DOCUMENT = Document("payment.md")


def words() -> Iterator[str]:
    yield from Payment.event_types
    yield from get_args(Code)
    yield from states_of(PaymentMachine)
    yield from fields_of([*views_in(views), PaymentInput, Failures])


@pytest.mark.parametrize("word", sorted(set(words())))
def test_it_is_documented(word: str) -> None:
    assert word in DOCUMENT.words


def test_the_example_input_is_an_input() -> None:
    example = msgspec.json.decode(DOCUMENT.example("json"), type=PaymentInput)
    assert example.failures.credit == 1
