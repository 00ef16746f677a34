"""The outline of a form: what is read of it whatever the code is: people, timers, the time."""

from __future__ import annotations

from typing import Any

import msgspec

from machine_party.errors import RestoreError

__all__ = ["check_outline"]


class _Member(msgspec.Struct):
    name: str


class _Seat(msgspec.Struct):
    member: _Member
    identity: str


class _Timer(msgspec.Struct):
    event: str


class _Machine(msgspec.Struct):
    status: str


class _Actor(msgspec.Struct):
    now: float
    machine: _Machine
    seats: dict[str, _Seat]
    kicked: dict[str, _Seat]
    timers: dict[str, _Timer]


class _Form(msgspec.Struct):
    actor: _Actor


def check_outline(form: Any, what: str) -> None:
    """Refuse what is no room's form.

    Args:
        what: is looked at, as the sentence begins.

    Raises:
        RestoreError: something that every room has is not there, or is something else.
    """
    try:
        msgspec.convert(form, _Form)
    except msgspec.ValidationError as error:
        raise RestoreError(f"{what} is no room's form: {error}") from error
