"""`docs/payment.md` names everything that a payer, an admin or a program can meet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from msgspec import Struct

from games.payment import Payment, views
from games.payment.input import Failures, PaymentInput
from games.payment.machine import PaymentMachine
from games.payment.order import Code

DOCUMENT = (Path(__file__).parents[3] / "docs" / "payment.md").read_text("utf-8")
CODE = {word for span in re.findall(r"`([^`\n]+)`", DOCUMENT) for word in re.split(r"\W+", span)}

VIEWS = [kind for kind in vars(views).values() if getattr(kind, "__module__", "") == views.__name__]
TYPES = [kind for kind in (*VIEWS, PaymentInput, Failures) if isinstance(kind, type)]


def words() -> Iterator[str]:
    yield from Payment.event_types
    yield from get_args(Code)
    yield from (state.id for state in PaymentMachine.states_map.values())
    for kind in TYPES:
        assert issubclass(kind, Struct)
        yield from (field.encode_name for field in msgspec.structs.fields(kind))


@pytest.mark.parametrize("word", sorted(set(words())))
def test_it_is_documented(word: str) -> None:
    assert word in CODE


def test_the_example_input_is_an_input() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    assert msgspec.json.decode(example, type=PaymentInput).failures.credit == 1
