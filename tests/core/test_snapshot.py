"""A snapshot is asked with the semantics of XState."""

from __future__ import annotations

from typing import Any

import pytest

from machine_party.core import Snapshot


def snapshot(value: Any) -> Snapshot[None]:
    return Snapshot(value=value, status="active", tags=frozenset({"open"}), context=None)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("game", True),
        ("game.round", True),
        ("game.round.open", True),
        ({"game": {"round": "open"}}, True),
        ({"game": {"round": "open", "chat": "quiet"}}, True),
        ("game.round.closed", False),
        ("game.round.open.more", False),
        ("round", False),
        ({"game": {"round": "open", "chat": "loud"}}, False),
    ],
)
def test_a_pattern_matches_what_it_describes(pattern: Any, expected: bool) -> None:
    assert snapshot({"game": {"round": "open", "chat": "quiet"}}).matches(pattern) is expected


def test_a_tag_is_there_or_not() -> None:
    assert snapshot("idle").has_tag("open")
    assert not snapshot("idle").has_tag("closed")
