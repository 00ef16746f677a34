"""What the client's half tells the façade: the notices that `ClientSync.receive` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .messages import Document, Error, Event, Receipt

__all__ = [
    "Changed",
    "Chunked",
    "Conflict",
    "ConflictReason",
    "Emitted",
    "Failed",
    "Notice",
    "Ready",
    "Resolved",
]

ConflictReason: TypeAlias = Literal[
    "stale-message", "missing-snapshot", "version-gap", "patch-apply-failed"
]


@dataclass(frozen=True, slots=True)
class Ready:
    """The mirror has caught up after a connect. `resumed`: without a new snapshot."""

    member: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """The document changed: once for each commit, replay or snapshot. The first has no previous."""

    previous: Document | None
    document: Document


@dataclass(frozen=True, slots=True)
class Resolved:
    """A send was answered, and the mirror has caught up with what it did."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Emitted:
    """The machine emitted an event for this member."""

    event: Event


@dataclass(frozen=True, slots=True)
class Chunked:
    """One piece of a stream came."""

    stream: str
    index: int
    data: Any


@dataclass(frozen=True, slots=True)
class Conflict:
    """A message did not fit the mirror. Unless it was stale, a snapshot has been asked for.

    Args:
        reason: `stale-message` (seen before, ignored), `missing-snapshot` (a patch before any
            document), `version-gap` (a patch is missing), `patch-apply-failed`.
        current: where the mirror stands: a layer's seq (an update's version); None if nowhere.
        incoming: where the message would have taken it.
    """

    reason: ConflictReason
    current: int | None
    incoming: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The server could not do something, and no receipt says so."""

    error: Error


Notice: TypeAlias = Ready | Changed | Resolved | Emitted | Chunked | Conflict | Failed
