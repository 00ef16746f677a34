"""Captions: a cause in words, for those who look at a room from outside.

Never for its members: what somebody has sent is in it. No identity is.
"""

from __future__ import annotations

from typing import Any

import msgspec

from machine_party.core.cause import (
    Cause,
    Extended,
    InvokeEnded,
    Joined,
    Kicked,
    Paused,
    Postponed,
    PresenceChanged,
    Restored,
    Resumed,
    Sent,
    TimerFired,
    Unkicked,
)

__all__ = ["caption"]

LONGEST = 200
"""Characters of a payload: the whole of it is in the recording."""


def caption(cause: Cause, before: dict[str, Any]) -> str:
    """What happened.

    Args:
        before: the actor's persisted form before it, for names.
    """
    match cause:
        case Sent():
            return _sent(cause, before)
        case Joined():
            return _joined(cause, before)
        case PresenceChanged() | Kicked() | Unkicked():
            return _of_member(cause, _name(cause.member, before))
        case Postponed():
            return _postponed(cause, before)
        case _:
            return _of_itself(cause, before)


def _of_member(cause: PresenceChanged | Kicked | Unkicked, name: str) -> str:
    match cause:
        case PresenceChanged():
            return f"{name} is {cause.presence}"
        case Kicked():
            return f"a service kicks {name}"
        case Unkicked():
            return f"a service lets {name} join again"


def _of_itself(
    cause: TimerFired | InvokeEnded | Restored | Paused | Resumed | Extended, before: dict[str, Any]
) -> str:
    match cause:
        case TimerFired():
            row = before["timers"].get(cause.timer)
            return f"timer {cause.timer} fires{': ' + row['event'] if row else ''}"
        case InvokeEnded():
            return _invoke(cause)
        case Restored():
            return f"restored after {cause.now - cause.since:.1f} s"
        case Paused():
            return "a service stops the timers"
        case Resumed():
            return "a service lets the timers go on"
        case Extended():
            which = "all timers" if cause.timer is None else f"timer {cause.timer}"
            return f"a service gives {which} {cause.seconds:+g} s"


def _sent(cause: Sent, before: dict[str, Any]) -> str:
    who = "a service" if cause.member is None else _name(cause.member, before)
    child = "" if cause.child is None else f" to {cause.child}"
    return f"{who} sends {cause.type}{child}{_payload(cause.data) if cause.data else ''}"


def _joined(cause: Joined, before: dict[str, Any]) -> str:
    for key, seat in before["seats"].items():
        if seat["identity"] == cause.identity:
            return f"{_name(key, before)} comes back"
    return f"{cause.name or 'somebody'} comes as {cause.role}"


def _invoke(cause: InvokeEnded) -> str:
    which = f"{cause.path}/{cause.invoke}" if cause.path else cause.invoke
    if cause.error is not None:
        return f"invoke {which} fails: {cause.error}"
    return f"invoke {which} ends{'' if cause.result is None else _payload(cause.result)}"


def _postponed(cause: Postponed, before: dict[str, Any]) -> str:
    first = caption(cause.first, before)
    if not cause.attempts:
        return f"{first}: refused"
    return f"{first}: raised, attempt {cause.attempts}; again in {cause.seconds:g} s"


def _name(member: str, before: dict[str, Any]) -> str:
    for seats in (before["seats"], before["kicked"]):
        if member in seats:
            return f"{seats[member]['member']['name']} ({member})"
    return member


def _payload(data: Any) -> str:
    text = msgspec.json.encode(data).decode()
    return f" {text}" if len(text) <= LONGEST else f" {text[:LONGEST]}…"
