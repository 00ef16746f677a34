"""Causes: everything that can happen to a room, as data. A commit names the causes it came from.

A cause carries its own time, so that running it again gives the same.
"""

from __future__ import annotations

from typing import Any

import msgspec

from machine_party.core.member import Presence

__all__ = [
    "Cause",
    "Extended",
    "InvokeEnded",
    "Joined",
    "Kicked",
    "Paused",
    "Postponed",
    "PresenceChanged",
    "Restored",
    "Resumed",
    "Sent",
    "TimerFired",
    "Unkicked",
]


class _Cause(msgspec.Struct, kw_only=True, tag_field="cause"):
    now: float
    """Epoch seconds: when it reached the room."""


class Sent(_Cause, tag="sent"):
    """A member, or a service, sent an event.

    Attributes:
        type: the event's wire type.
        data: its payload as received, without the type.
        member: who sent it; None is a service, which is not bound by roles.
        id: the id of the send, if it wants a receipt.
        child: the path of the child it is for; None: the root.
    """

    type: str
    data: dict[str, Any] = {}
    member: str | None = None
    id: str | None = None
    child: str | None = None


class Joined(_Cause, tag="joined"):
    """An identity asks for a seat."""

    identity: str
    role: str
    name: str | None = None


class PresenceChanged(_Cause, tag="presence"):
    """A member's connections changed what it counts as."""

    member: str
    presence: Presence


class Kicked(_Cause, tag="kicked"):
    """A service takes a member's seat away."""

    member: str


class Unkicked(_Cause, tag="unkicked"):
    """A service lets a kicked member join again."""

    member: str


class TimerFired(_Cause, tag="timer"):
    """A timer's deadline has come."""

    timer: str


class Restored(_Cause, tag="restored"):
    """The room is in memory again after a time in which no process had it.

    Attributes:
        since: when it went down, epoch seconds; what its timers do about that is their policy's.
    """

    since: float


class Paused(_Cause, tag="paused"):
    """A service stops the room's timers."""


class Resumed(_Cause, tag="resumed"):
    """A service lets the room's timers go on."""


class Extended(_Cause, tag="extended"):
    """A service gives the room more time.

    Attributes:
        seconds: how much; negative: less.
        timer: the `id` of the timers that it is for, or their event; None: all.
    """

    seconds: float
    timer: str | None = None


class InvokeEnded(_Cause, tag="invoke"):
    """An invoke has a result or has failed.

    Attributes:
        path: the machine that invoked it.
        invoke: its id.
        result: JSON-able; what its function returned.
        error: None, or `<exception type>: <text>`; for the machine, never for the wire.
    """

    path: str
    invoke: str
    result: Any = None
    error: str | None = None

    def event(self) -> tuple[str, Any]:
        """The machine's event for it, and its data: a copy, which the machine may keep."""
        if self.error is None:
            return f"done.invoke.{self.invoke}", msgspec.to_builtins(self.result)
        return f"error.invoke.{self.invoke}", self.error


class Postponed(_Cause, tag="postponed"):
    """What `first` would have run raised: it is tried again in `seconds`, for the nth time.

    What it stands for happens all the same (the presence has changed, the invoke has ended);
    only the machine is told later. With 0 attempts it is never told: the game has refused it.
    """

    first: TimerFired | InvokeEnded | PresenceChanged
    attempts: int
    seconds: float


Cause = (
    Postponed
    | Sent
    | Joined
    | PresenceChanged
    | Kicked
    | Unkicked
    | TimerFired
    | InvokeEnded
    | Restored
    | Paused
    | Resumed
    | Extended
)
