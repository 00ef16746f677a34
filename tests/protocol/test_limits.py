"""The limits: each says its unit, its meaning and where its number comes from."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from machine_party.protocol import DEFAULT_LIMITS, Limits


def test_every_limit_says_what_it_is_and_why() -> None:
    for field in fields(Limits):
        assert all(field.metadata[key] for key in ("unit", "meaning", "source")), field.name


def test_every_limit_is_more_than_nothing() -> None:
    assert all(getattr(DEFAULT_LIMITS, field.name) > 0 for field in fields(Limits))


def test_limits_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        DEFAULT_LIMITS.depth = 1  # type: ignore[misc]
