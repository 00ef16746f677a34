"""The stable codes of the wire: error codes and WebSocket close codes, one table each.

A code is what a program reads; the reason next to it is one sentence for a person. Codes that
a game declares (`Party.refusals`) are the game's and are not listed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, unique
from typing import Final

__all__ = ["CLOSE_CODES", "ERROR_CODES", "CloseCode", "ErrorCode", "Reconnect", "reconnect_after"]


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code of `party.error`, of a rejected receipt and of an HTTP error.

    Args:
        code: the stable name on the wire.
        meaning: what happened and what the client does next.
        temporary: whether the same message may succeed later.
    """

    code: str
    meaning: str
    temporary: bool = False


ERROR_CODES: Final[dict[str, ErrorCode]] = {
    code.code: code
    for code in (
        ErrorCode("bad_request", "not a message of the protocol, or a payload of the wrong type"),
        ErrorCode("too_large", "too many bytes, too deep, or too many values"),
        ErrorCode("unsupported_version", "no protocol that both ends speak"),
        ErrorCode("unauthenticated", "no credential where one is needed"),
        ErrorCode("bad_token", "the token is not valid, or no longer"),
        ErrorCode("not_allowed", "no such event type, or not for this member's role"),
        ErrorCode("not_handled", "no active state has an enabled transition for the event"),
        ErrorCode("not_found", "no such room, or it is locked: the same answer for both"),
        ErrorCode("room_full", "the room has no free place"),
        ErrorCode("kicked", "the host has removed this member"),
        ErrorCode("no_such_child", "`actorId` names no child machine"),
        ErrorCode("stale_version", "judged on a version that has passed; send a new event"),
        ErrorCode("stale_id", "the id is below the window of remembered sends"),
        ErrorCode(
            "id_reused", "another event was sent under this id; send this one under a new id"
        ),
        ErrorCode("unrecoverable_position", "the resume point cannot be replayed; take a snapshot"),
        ErrorCode("error", "the game failed on this event; it had no effect"),
        ErrorCode("rate_limited", "too many events; wait `retry_after` seconds", temporary=True),
        ErrorCode("overloaded", "the server has no capacity now", temporary=True),
        ErrorCode("draining", "the room is moving; resend after the reconnect", temporary=True),
        ErrorCode("store_unavailable", "no answer from store; resend the same id", temporary=True),
    )
}
"""Every error code, by its name on the wire."""


@unique
class Reconnect(Enum):
    """What a client does after a close. The range of the code decides (Pusher's ranges)."""

    NEVER = "do not reconnect unchanged"
    LATER = "reconnect after at least 1 second, with backoff"
    NOW = "reconnect and resume; only the first delay is jittered"


@unique
class CloseCode(IntEnum):
    """The WebSocket close codes that this server uses (RFC 6455, section 7.4)."""

    DONE = 1000
    AWAY = 1001
    BAD_UTF8 = 1007
    TOO_BIG = 1009
    INTERNAL = 1011
    RESTART = 1012
    OVERLOAD = 1013
    UNSUPPORTED_VERSION = 4000
    MALFORMED = 4001
    UNAUTHENTICATED = 4003
    BAD_TOKEN = 4004
    ALREADY_AUTHENTICATED = 4005
    KICKED = 4006
    REPLACED = 4007
    ROOM_GONE = 4010
    ROOM_FULL = 4011
    CAPACITY = 4100
    RATE_LIMITED = 4101
    SLOW_CONSUMER = 4102
    JOIN_ATTEMPTS = 4103
    STORE_UNAVAILABLE = 4104
    OWNER_MOVED = 4200
    PONG_MISSED = 4201
    DRAINING = 4202
    RESYNC = 4203


CLOSE_CODES: Final[dict[CloseCode, str]] = {
    CloseCode.DONE: "done: either side closed on purpose",
    CloseCode.AWAY: "the peer went away",
    CloseCode.BAD_UTF8: "a text message was not UTF-8",
    CloseCode.TOO_BIG: "a message was longer than the limit",
    CloseCode.INTERNAL: "an internal error, or no answer to a ping",
    CloseCode.RESTART: "the server restarts",
    CloseCode.OVERLOAD: "the server is overloaded",
    CloseCode.UNSUPPORTED_VERSION: "no protocol version in common",
    CloseCode.MALFORMED: "malformed messages",
    CloseCode.UNAUTHENTICATED: "no credential where one is needed",
    CloseCode.BAD_TOKEN: "the token is not valid",
    CloseCode.ALREADY_AUTHENTICATED: "a second `party.hello` on one connection",
    CloseCode.KICKED: "removed from the room",
    CloseCode.REPLACED: "replaced by a newer connection of the member",
    CloseCode.ROOM_GONE: "no such room, or no longer",
    CloseCode.ROOM_FULL: "the room is full or locked",
    CloseCode.CAPACITY: "the node has no capacity",
    CloseCode.RATE_LIMITED: "too many messages",
    CloseCode.SLOW_CONSUMER: "the connection read too slowly",
    CloseCode.JOIN_ATTEMPTS: "too many failed joins from this address",
    CloseCode.STORE_UNAVAILABLE: "the store does not answer",
    CloseCode.OWNER_MOVED: "another node owns the room now",
    CloseCode.PONG_MISSED: "a ping was not answered in time",
    CloseCode.DRAINING: "the node is being drained",
    CloseCode.RESYNC: "the connection must start anew",
}
"""What each close code means."""

_STANDARD: Final = {
    CloseCode.DONE: Reconnect.NEVER,
    CloseCode.BAD_UTF8: Reconnect.NEVER,
    CloseCode.TOO_BIG: Reconnect.NEVER,
    CloseCode.INTERNAL: Reconnect.LATER,
    CloseCode.OVERLOAD: Reconnect.LATER,
}


def reconnect_after(close_code: int) -> Reconnect:
    """What a client does after a close with `close_code`.

    4000-4099 never, 4100-4199 later, 4200-4299 now. Of the standard codes 1000, 1007 and 1009
    are final, 1011 and 1013 mean later; any other (1001, 1006 connection lost, 1012 restart)
    means now.
    """
    if 4000 <= close_code < 4100:
        return Reconnect.NEVER
    if 4100 <= close_code < 4200:
        return Reconnect.LATER
    return _STANDARD.get(close_code, Reconnect.NOW)  # type: ignore[call-overload,no-any-return]
