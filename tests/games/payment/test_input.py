"""Who pays whom is read by the payer: names cannot lie about it."""

from __future__ import annotations

import pytest

from games.payment import Payment
from machine_party import PeerError


@pytest.mark.parametrize("name", ["Ada", "שרה", "محمد", "👩‍👩‍👧‍👦 & Söhne", "می‌خواهم"])
def test_a_name_of_any_script(name: str) -> None:
    assert Payment().convert_input({"payer": name, "payee": name}).payer == name


@pytest.mark.parametrize("field", ["payer", "payee"])
@pytest.mark.parametrize(
    "name", [" ", "\u200d", "\u202eadA", "Ada\u2066", "a\nb", "a\x00", "\ufeffa"]
)
def test_one_that_is_hidden_or_turns_the_words_around(field: str, name: str) -> None:
    with pytest.raises(PeerError, match="need a visible character") as caught:
        Payment().convert_input({field: name})
    assert caught.value.path == "$.input"


@pytest.mark.parametrize("wrong", [{"amount": 0}, {"amount": 100_000_001}, {"amount": 1.5}])
def test_an_amount_is_in_whole_cents(wrong: dict[str, float]) -> None:
    with pytest.raises(PeerError) as caught:
        Payment().convert_input(wrong)
    assert caught.value.path == "$.input.amount"
