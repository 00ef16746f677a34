"""What stops a room's clock, and what sets it going: downtime, a pause; and more time."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from machine_party.core.cause import Extended, Paused, Restored, Resumed
from machine_party.errors import PeerError

if TYPE_CHECKING:
    from machine_party.core.actor import Actor

__all__ = ["run_halt"]


def run_halt(actor: Actor, cause: Restored | Paused | Resumed | Extended) -> None:
    """Do to the timers what `cause` says. What changes nothing leaves the actor clean.

    Raises:
        PeerError: `bad_request` for seconds that are no number, `not_handled` if there is no
            timer to extend.
    """
    match cause:
        case Restored():
            actor.dirty |= actor.timers.go_on(actor.now, cause.since)
        case Paused():
            actor.pause_timers()
        case Resumed():
            actor.resume_timers()
        case Extended():
            _extend(actor, cause)


def _extend(actor: Actor, cause: Extended) -> None:
    if not isfinite(cause.seconds):
        raise PeerError("bad_request", "Give a number of seconds.", path="$.seconds")
    if not actor.extend_timers(cause.seconds, cause.timer):
        which = "timer" if cause.timer is None else f"timer {cause.timer!r}"
        raise PeerError("not_handled", f"No {which} is waiting.", path="$.timer")
