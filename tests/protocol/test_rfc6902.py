"""`apply` against the public test suite of RFC 6902 (`rfc6902/README.md`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from machine_party.protocol import PatchError, apply

FOLDER = Path(__file__).parent / "rfc6902"
CASES: list[dict[str, Any]] = [
    case
    for file in ("spec_tests.json", "tests.json")
    for case in json.loads(FOLDER.joinpath(file).read_text("utf-8"))
]


def case_id(case: dict[str, Any]) -> str:
    return str(case.get("comment") or case.get("error") or case["patch"])[:60]


# Of the four that the suite itself disables, two ask to refuse a key that comes twice. A parser
# hands on only one of the two; a server refuses those as it parses (test_ingress.py).
ENABLED = [case for case in CASES if not case.get("disabled")]


@pytest.mark.parametrize("case", ENABLED, ids=case_id)
def test_case(case: dict[str, Any]) -> None:
    before = json.dumps(case["doc"])

    if "error" in case:
        with pytest.raises(PatchError):
            apply(case["doc"], case["patch"])
    else:
        # Where nothing is expected, it is that the patch applies.
        result = apply(case["doc"], case["patch"])
        assert result == case.get("expected", result)
    assert json.dumps(case["doc"]) == before


def test_the_suite_is_whole() -> None:
    assert (len(CASES), len(ENABLED)) == (95, 91)
    assert sum("error" in case for case in ENABLED) == 23
