"""The default limits of messages and connections, each with its source.

Here live numbers only. Who enforces one says so in its docstring; what a party may change
(members, grace, patch interval) lives on the party.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["DEFAULT_LIMITS", "MAX_INTEGER", "POISON_KEYS", "Limits"]

MAX_INTEGER: Final = 2**53 - 1
"""The largest integer that a JavaScript number holds exactly (`Number.MAX_SAFE_INTEGER`)."""

POISON_KEYS: Final = frozenset({"__proto__", "prototype", "constructor"})
"""Keys that reach an object's prototype in JavaScript (OWASP; fast-json-patch < 3.1.1)."""


def _limit(default: Any, unit: str, meaning: str, source: str) -> Any:
    return field(default=default, metadata={"unit": unit, "meaning": meaning, "source": source})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every number that bounds a message or a connection. Change one with `replace()`.

    The unit, the meaning and the source of each are in the field's metadata, from which the
    table in `docs/protocol.md` is generated.
    """

    message_bytes: int = _limit(
        16 * 1024,
        "bytes",
        "one inbound message",
        "Discord 4 KiB, Pusher 10 KB; uvicorn's own default is 16 MiB",
    )
    outbound_bytes: int = _limit(1024 * 1024, "bytes", "one outbound message", "Rivet")
    depth: int = _limit(16, "levels", "nesting of an inbound message", "measured: bombs below")
    nodes: int = _limit(
        2_000,
        "values",
        "values in an inbound message",
        "64 KiB of empty msgpack maps take 4.7 MB of memory",
    )
    events_per_second: float = _limit(
        10.0, "per second", "events of one connection", "Pusher 10/s; Discord 120/min; Ably 50/s"
    )
    events_burst: int = _limit(20, "events", "events at once of one connection", "twice a second's")
    hello_seconds: float = _limit(
        10.0, "seconds", "until a connection's first message", "Rivet 15 s"
    )
    token_recheck_seconds: float = _limit(
        1_800.0, "seconds", "between checks of an open connection's token", "OWASP"
    )
    failed_joins_per_minute: int = _limit(
        10,
        "per minute",
        "failed joins of one address",
        "4 letters, 1,000 rooms: 1 hit in 457 guesses",
    )
    rooms_per_minute: int = _limit(5, "per minute", "rooms created by one address", "judgement")
    rooms_per_address: int = _limit(20, "rooms", "live rooms of one address", "judgement")
    connections_per_address: int = _limit(
        2_000, "connections", "connections of one address", "500 phones behind one office NAT"
    )
    queue_bytes: int = _limit(
        1024 * 1024, "bytes", "waiting for one slow connection", "Centrifugo 1 MiB; Redis 8 MB/60 s"
    )
    queue_patches: int = _limit(
        256, "patches", "waiting for one slow connection", "the ring's length: then a snapshot"
    )
    stuck_seconds: float = _limit(
        10.0, "seconds", "that a full queue may stand still before the abort", "Redis 8 MB/60 s"
    )
    ping_seconds: float = _limit(
        20.0, "seconds", "between pings", "Centrifugo 25 s; Socket.IO 25 s"
    )
    pong_seconds: float = _limit(
        10.0, "seconds", "to answer a ping", "Centrifugo 8 s; Socket.IO 20 s"
    )
    resume_seconds: float = _limit(
        120.0, "seconds", "that a position can be resumed", "Ably, Socket.IO 2 min"
    )
    resume_patches: int = _limit(
        256, "patches", "of a layer that can be replayed", "Centrifugo 300"
    )
    reconnect_base_seconds: float = _limit(
        0.5, "seconds", "base of the client's backoff, full jitter", "AWS via Centrifugo"
    )
    reconnect_cap_seconds: float = _limit(
        10.0,
        "seconds",
        "cap of the client's backoff",
        "judgement: a question of 20 s goes on as soon as its server is back; 2,000 clients "
        "within 10 s are 200 handshakes a second",
    )
    sends_in_flight: int = _limit(
        64, "sends", "on their way without a receipt", "what a server remembers of one client"
    )
    unanswered_sends: int = _limit(
        256, "sends", "that a client keeps without a receipt", "four times those in flight"
    )


DEFAULT_LIMITS: Final = Limits()
"""The defaults; one shared instance, because `Limits` is immutable."""
