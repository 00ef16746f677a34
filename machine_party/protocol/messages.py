"""The messages of protocol v1.

Here lives what a message is. Its fields' names and order on the wire are in `table.py`, its
bytes in `codec.py`, and what it does in `server.py` and `client.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

__all__ = [
    "LAYERS",
    "MODES",
    "PROTOCOL",
    "STATUSES",
    "Bare",
    "Chunk",
    "ClientMessage",
    "Document",
    "Emit",
    "Error",
    "Event",
    "Hello",
    "LayerName",
    "Message",
    "Mode",
    "Operation",
    "Ping",
    "Pong",
    "Position",
    "Receipt",
    "Resume",
    "Send",
    "SendTo",
    "ServerMessage",
    "SnapshotGet",
    "SnapshotPatch",
    "SnapshotUpdate",
    "Status",
    "Welcome",
    "split_id",
]

PROTOCOL: Final = 1
"""The version of the protocol that this package speaks."""

Document: TypeAlias = dict[str, Any]
"""A JSON object: what a member sees."""

Event: TypeAlias = dict[str, Any]
"""A JSON object with a string `type`."""

Operation: TypeAlias = dict[str, Any]
"""One operation of RFC 6902: `{"op", "path", "value"?, "from"?}`."""

LayerName: TypeAlias = Literal["shared", "own", "live"]
Mode: TypeAlias = Literal["patch", "snapshot"]
Status: TypeAlias = Literal["accepted", "rejected", "duplicate"]

LAYERS: Final[tuple[LayerName, ...]] = ("shared", "own", "live")
MODES: Final[tuple[Mode, ...]] = ("patch", "snapshot")
STATUSES: Final[tuple[Status, ...]] = ("accepted", "rejected", "duplicate")


@dataclass(frozen=True, slots=True)
class Position:
    """How far a member's two layers are: the last `seq` of each."""

    shared: int
    own: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a client's mirror stands. Its seqs mean something only under the same first three."""

    epoch: int
    audience: str
    member: str
    shared: int
    own: int


@dataclass(frozen=True, slots=True)
class Hello:
    """The client's first message: who it is, and where its mirror stands."""

    resume: Resume | None = None
    token: str | None = None
    name: str | None = None
    meta: dict[str, Any] | None = None
    sections: tuple[str, ...] | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """An event for the room's machine, to be answered by a receipt."""

    id: str
    event: Event


@dataclass(frozen=True, slots=True)
class SendTo:
    """An event for one child machine; answered by a receipt if it has an id."""

    actor_id: str
    event: Event
    id: str | None = None


@dataclass(frozen=True, slots=True)
class SnapshotGet:
    """The client asks for the whole document."""


@dataclass(frozen=True, slots=True)
class Ping:
    """The client asks whether the server is there."""


@dataclass(frozen=True, slots=True)
class Bare:
    """A message that is nothing but an event: fire and forget."""

    event: Event


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to a hello. If `resumed`, patches up to `until` follow; else an update."""

    protocol: int
    member: str
    audience: str
    epoch: int
    now: int
    resumed: bool
    until: Position | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class SnapshotUpdate:
    """The whole document, and where the layers stand."""

    snapshot: Document
    epoch: int
    version: int
    audience: str
    shared: int
    own: int
    live: int | None = None


@dataclass(frozen=True, slots=True)
class SnapshotPatch:
    """What changed in one layer. `more`: the shared half of the same commit follows."""

    operations: tuple[Operation, ...]
    layer: LayerName
    seq: int
    version: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one send. A duplicate's tells what the first one's did."""

    id: str
    status: Status
    version: int
    result: Any = None
    code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Emit:
    """An event that the machine emitted for this member. At most once; never replayed."""

    event: Event


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of a stream."""

    stream: str
    index: int
    data: Any


@dataclass(frozen=True, slots=True)
class Error:
    """Something that the client did could not be done, and there is no receipt to say so."""

    code: str
    reason: str
    temporary: bool
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ping, with the server's clock in epoch milliseconds."""

    now: int


ClientMessage: TypeAlias = Hello | Send | SendTo | SnapshotGet | Ping | Bare
ServerMessage: TypeAlias = (
    Welcome | SnapshotUpdate | SnapshotPatch | Receipt | Emit | Chunk | Error | Pong
)
Message: TypeAlias = ClientMessage | ServerMessage


def split_id(id: str) -> tuple[str, int]:
    """The client and the number of a send's id: `"9f…3a.12"` gives `("9f…3a", 12)`.

    Takes an id that a codec has let through.
    """
    client, _, number = id.rpartition(".")
    return client, int(number)
