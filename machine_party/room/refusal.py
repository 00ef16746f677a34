"""What those are told whom a room, or the node, has to turn away."""

from __future__ import annotations

from machine_party.errors import PeerError
from machine_party.protocol import CloseCode

__all__ = [
    "STORE_RETRY_SECONDS",
    "closed",
    "ending",
    "kicked",
    "not_found",
    "stopped",
    "store_broken",
    "store_lost",
]

STORE_RETRY_SECONDS = 1.0
"""How long a room waits after a failed write before it asks the store again."""


def not_found() -> PeerError:
    """There is none, or none for them."""
    return PeerError("not_found", "There is no such room.", close_code=CloseCode.ROOM_GONE)


def kicked() -> PeerError:
    """The host has removed them."""
    return PeerError("kicked", "You were removed from this room.", close_code=CloseCode.KICKED)


def stopped() -> PeerError:
    """It is quarantined."""
    reason = "This room has stopped after an error. What it held is kept."
    return PeerError("not_found", reason, close_code=CloseCode.ROOM_GONE)


def ending(code: int, reason: str) -> PeerError:
    """It ends here and may go on elsewhere, or later."""
    return PeerError("draining", reason, temporary=True, close_code=code)


def closed() -> PeerError:
    """It has ended already."""
    return ending(CloseCode.DRAINING, "This room has closed. Come back.")


def store_broken() -> PeerError:
    """The store has failed for a reason that does not pass by waiting."""
    reason = "Rooms cannot be kept now. Whoever runs this server has to repair that."
    close = CloseCode.STORE_UNAVAILABLE
    return PeerError("store_unavailable", reason, temporary=True, close_code=close)


def store_lost() -> PeerError:
    """Their events are not known to be stored: a store may fail after it has written."""
    return PeerError(
        "store_unavailable",
        "It is not known whether this was stored. Send it again: with the same id it counts once.",
        temporary=True,
        retry_after=STORE_RETRY_SECONDS,
        close_code=CloseCode.STORE_UNAVAILABLE,
    )
