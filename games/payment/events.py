"""What clients may send to a payment."""

from __future__ import annotations

from typing import ClassVar

from machine_party import ClientEvent

__all__ = ["EVENTS", "Approve", "Cancel", "Confirm", "Reject"]


class Confirm(ClientEvent):
    """I am the one who pays: ask me for my approval."""

    roles: ClassVar[tuple[str, ...]] = ("user",)


class Approve(ClientEvent):
    """Yes: the payer's while the countdown runs, an admin's afterwards."""

    roles: ClassVar[tuple[str, ...]] = ("user", "admin")


class Reject(ClientEvent):
    """No: the payer's while the countdown runs, an admin's afterwards."""

    roles: ClassVar[tuple[str, ...]] = ("user", "admin")


class Cancel(ClientEvent):
    """The payment is not wanted any more; nothing was decided yet."""

    roles: ClassVar[tuple[str, ...]] = ("admin",)


EVENTS = (Confirm, Approve, Reject, Cancel)
