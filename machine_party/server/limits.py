"""The settings of a server: the limits of the protocol, and those that only a server has."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from machine_party.protocol.limits import Limits

__all__ = ["ServerLimits"]


def _limit(default: Any, unit: str, meaning: str, source: str) -> Any:
    return field(default=default, metadata={"unit": unit, "meaning": meaning, "source": source})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits(Limits):
    """Every number that bounds what one peer, one address or one socket may do to a server.

    Addresses of the loopback are exempt from what is counted per address: there a developer,
    a load test or a proxy on the same machine speaks for everybody. The unit, the meaning and
    the source of each are in the field's metadata, as in `Limits`.
    """

    failed_joins_per_minute_total: int = _limit(
        1_000,
        "per minute",
        "failed joins of all addresses",
        "judgement: 100 people mistyping at once pass, many addresses guessing together do not",
    )
    body_bytes: int = _limit(
        256 * 1024, "bytes", "one HTTP request body", "judgement: a quiz of 500 questions"
    )
    body_nodes: int = _limit(
        20_000, "values", "values in an HTTP request body", "judgement: a quiz of 500 questions"
    )
    body_seconds: float = _limit(
        30.0, "seconds", "until an HTTP request body is complete", "judgement: 256 KiB at 70 kbit/s"
    )
    head_bytes: int = _limit(
        64 * 1024,
        "bytes",
        "the head of an HTTP request",
        "uvicorn's own for its other parser; with httptools it has none",
    )
    head_seconds: float = _limit(
        10.0, "seconds", "until the head of an HTTP request is complete", "as `hello_seconds`"
    )
    wire_bytes: int = _limit(
        64 * 1024,
        "bytes",
        "one WebSocket message that is read at all; a longer one closes with 1009",
        "OWASP, Rivet 64 KiB; uvicorn's own default is 16 MiB",
    )
    write_bytes: int = _limit(
        64 * 1024, "bytes", "handed to the transport at once", "asyncio's high-water mark"
    )
    token_seconds: float = _limit(
        7 * 86_400.0,
        "seconds",
        "that a token lasts; it is renewed on use",
        "judgement: a series of evenings",
    )
    refusals_in_a_row: int = _limit(
        100,
        "messages",
        "over the rate, one after the other, until the connection is closed",
        "judgement: ten seconds' worth, sent by a program that does not listen",
    )
    tcp_user_timeout_seconds: float = _limit(
        10.0,
        "seconds",
        "that sent bytes may stay unacknowledged until the kernel drops the socket",
        "measured: pings do not notice a peer that never reads; this does, at 5 s within 6.5 s. "
        "As long as `stuck_seconds`, so that a phone changing cells survives",
    )
    send_buffer_bytes: int = _limit(
        64 * 1024,
        "bytes",
        "of the kernel's send buffer per socket",
        "measured: a peer that never reads absorbs 0.32 MB instead of 4.06 MB",
    )

    @classmethod
    def of(cls, limits: Limits | None) -> ServerLimits:
        """Those limits, with the defaults for whatever they do not say."""
        if limits is None or isinstance(limits, ServerLimits):
            return limits or cls()
        return cls(**{each.name: getattr(limits, each.name) for each in fields(limits)})
