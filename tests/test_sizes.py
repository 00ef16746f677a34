"""What a page loads stays within its budget, and the docs say what it is."""

from __future__ import annotations

import pytest

from bench.sizes import BUDGETS, DOCUMENT, Weight, broken_budgets, stale, table, weigh


@pytest.fixture(scope="module")
def weights() -> dict[str, Weight]:
    return weigh()


def test_no_budget_is_exceeded(weights: dict[str, Weight]) -> None:
    assert broken_budgets(weights) == []


def test_the_documented_figures_are_those_of_today(weights: dict[str, Weight]) -> None:
    document = DOCUMENT.read_text("utf-8")

    assert stale(weights, document) == [], "run: python -m bench.sizes --write"


def test_every_part_has_files_and_all_of_it_is_their_sum(weights: dict[str, Weight]) -> None:
    *parts, total = weights.values()

    assert [name for name, weight in weights.items() if not weight.files] == []
    assert total == Weight(*(sum(column) for column in zip(*parts, strict=True)))


def test_budgets_and_figures_can_be_broken(weights: dict[str, Weight]) -> None:
    heavier = {name: w._replace(packed=w.packed * 2 + 70_000) for name, w in weights.items()}

    assert len(broken_budgets(heavier)) == len(BUDGETS)
    assert stale(weights, table(weights)) == []
    assert stale(heavier, table(weights)) == list(weights)
    assert stale(weights, "") == list(weights)
