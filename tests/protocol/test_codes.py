"""The codes: complete tables, and what a client does after each close."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from machine_party.protocol import CLOSE_CODES, ERROR_CODES, CloseCode, Reconnect, reconnect_after

RAISED = {"PeerError", "MalformedMessage", "Error"}
PACKAGE = Path(__file__).resolve().parents[2] / "machine_party"


def codes_in(file: Path) -> Iterator[str]:
    """The codes that a source file gives to what it raises or sends, where it spells them."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or _called(node) not in RAISED:
            continue
        given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")]
        for value in given:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def test_every_code_that_the_package_spells_is_in_the_table() -> None:
    spelt = {code for file in PACKAGE.rglob("*.py") for code in codes_in(file)}

    assert "not_found" in spelt
    assert spelt - set(ERROR_CODES) == set()


def test_every_close_code_has_a_meaning() -> None:
    assert list(CLOSE_CODES) == list(CloseCode)


def test_error_codes_are_snake_case_and_named_by_themselves() -> None:
    for name, code in ERROR_CODES.items():
        assert name == code.code
        assert re.fullmatch(r"[a-z_]+", name)


@pytest.mark.parametrize(
    ("code", "then"),
    [
        (1000, Reconnect.NEVER),
        (1001, Reconnect.NOW),
        (1006, Reconnect.NOW),
        (1007, Reconnect.NEVER),
        (1009, Reconnect.NEVER),
        (1011, Reconnect.LATER),
        (1012, Reconnect.NOW),
        (1013, Reconnect.LATER),
        (4000, Reconnect.NEVER),
        (4099, Reconnect.NEVER),
        (4100, Reconnect.LATER),
        (4199, Reconnect.LATER),
        (4200, Reconnect.NOW),
        (4299, Reconnect.NOW),
    ],
)
def test_the_range_of_a_close_code_decides(code: int, then: Reconnect) -> None:
    assert reconnect_after(code) is then


def test_a_code_of_ours_lies_in_a_range_that_says_what_to_do() -> None:
    assert all(code < 1014 or 4000 <= code < 4300 for code in CloseCode)
