"""The one table of the messages' fields, from which both codecs and the documentation come.

The order of a row's fields is the order of the positional form: append, never reorder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .field import (
    ANY,
    BOOLEAN,
    EVENT,
    ID,
    NATURAL,
    OBJECT,
    OPERATIONS,
    SECONDS,
    STRING,
    STRINGS,
    Field,
    Shape,
    choice,
    structure,
)
from .messages import (
    LAYERS,
    MODES,
    STATUSES,
    Bare,
    Chunk,
    Emit,
    Error,
    Hello,
    Ping,
    Pong,
    Position,
    Receipt,
    Resume,
    Send,
    SendTo,
    SnapshotGet,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
)

__all__ = ["CLIENT_MESSAGES", "SERVER_MESSAGES", "STRUCTURES", "MessageShape", "by_type"]


class MessageShape(Shape):
    """A row of the table: a message's names in both wire forms, and its fields.

    Args:
        kind: the first element of the positional form.
        type: the value of `type` in the named form.
        cls: the dataclass.
        fields: its fields, in the order of the positional form.
    """

    __slots__ = ("kind", "type")

    def __init__(self, kind: int, type: str, cls: type[Any], *fields: Field) -> None:
        super().__init__(cls, fields)
        self.kind = kind
        self.type = type


_POSITION: Final = Shape(
    Position,
    (
        Field("shared", NATURAL, "`seq` of the shared layer"),
        Field("own", NATURAL, "`seq` of the own layer"),
    ),
)
_RESUME: Final = Shape(
    Resume,
    (
        Field("epoch", NATURAL, "`epoch` of the last update"),
        Field("audience", STRING, "`audience` of the last update"),
        Field("member", STRING, "`member` of the last welcome"),
        Field("shared", NATURAL, "last applied `seq` of the shared layer"),
        Field("own", NATURAL, "last applied `seq` of the own layer"),
    ),
)
STRUCTURES: Final = {"resume": _RESUME, "position": _POSITION}
"""What is a row of fields within a field, by the name of its kind."""

_ACTOR: Final = Field("actor_id", STRING, "id of the child machine", wire="actorId")
_LAYER: Final = choice("layer", LAYERS)
_MODE: Final = choice("mode", MODES)
_STATUS: Final = choice("status", STATUSES)


def _maybe(name: str, kind: Any, note: str) -> Field:
    return Field(name, kind, note, optional=True)


CLIENT_MESSAGES: Final = (
    MessageShape(0, "", Bare, Field("event", EVENT, "the event")),
    MessageShape(
        1,
        "party.hello",
        Hello,
        _maybe("resume", structure("resume", _RESUME), "where the mirror stands"),
        _maybe("token", STRING, "credential; outranks the URL's `_pk`"),
        _maybe("name", STRING, "display name, 1 to 24 graphemes and at most 96 bytes"),
        _maybe("meta", OBJECT, "facts about the connection, for the party's hooks"),
        _maybe("sections", STRINGS, "parts of the document that are wanted; absent: all"),
        _maybe("mode", _MODE, "`snapshot`: updates instead of patches; absent: `patch`"),
    ),
    MessageShape(
        2,
        "party.send",
        Send,
        Field("id", ID, "`<client>.<n>`"),
        Field("event", EVENT, "what happened"),
    ),
    MessageShape(
        3,
        "party.sendTo",
        SendTo,
        _ACTOR,
        Field("event", EVENT, "what happened"),
        _maybe("id", ID, "`<client>.<n>`; absent: no receipt"),
    ),
    MessageShape(4, "party.snapshot.get", SnapshotGet),
    MessageShape(5, "party.ping", Ping),
)
"""What a client may send. The first has no type of its own: it is the event."""

SERVER_MESSAGES: Final = (
    MessageShape(
        16,
        "party.welcome",
        Welcome,
        Field("protocol", NATURAL, "version of the protocol: 1"),
        Field("member", STRING, "id of this member in the room"),
        Field("audience", STRING, "audience whose shared layer this member sees"),
        Field("epoch", NATURAL, "the room's load generation"),
        Field("now", NATURAL, "server's clock, epoch milliseconds"),
        Field("resumed", BOOLEAN, "whether the resume point was taken"),
        _maybe("until", structure("position", _POSITION), "where the replay ends; only if resumed"),
        _maybe("token", STRING, "credential to come back with, if the client has no other"),
    ),
    MessageShape(
        17,
        "party.snapshot.update",
        SnapshotUpdate,
        Field("snapshot", OBJECT, "the whole document"),
        Field("epoch", NATURAL, "the room's load generation"),
        Field("version", NATURAL, "the room's commit counter"),
        Field("audience", STRING, "audience whose shared layer is in it"),
        Field("shared", NATURAL, "`seq` of the shared layer"),
        Field("own", NATURAL, "`seq` of the own layer"),
        _maybe("live", NATURAL, "`seq` of the live layer, if the party has one"),
    ),
    MessageShape(
        18,
        "party.snapshot.patch",
        SnapshotPatch,
        Field("operations", OPERATIONS, "what changed, RFC 6902"),
        Field("layer", _LAYER, "which layer"),
        Field("seq", NATURAL, "the layer's counter, contiguous"),
        Field("version", NATURAL, "the room's commit counter"),
        Field(
            "more",
            BOOLEAN,
            "the shared patch of the same commit follows",
            optional=True,
            default=False,
        ),
    ),
    MessageShape(
        19,
        "party.receipt",
        Receipt,
        Field("id", ID, "id of the send"),
        Field("status", _STATUS, "what became of it"),
        Field("version", NATURAL, "version that it made, or that it was judged upon"),
        _maybe("result", ANY, "what the machine replied"),
        _maybe("code", STRING, "why it was rejected; present exactly if it was"),
        _maybe("reason", STRING, "the same, for a person"),
    ),
    MessageShape(20, "party.emit", Emit, Field("event", EVENT, "what the machine emitted")),
    MessageShape(
        21,
        "party.chunk",
        Chunk,
        Field("stream", STRING, "name of the stream"),
        Field("index", NATURAL, "position in the stream, from 0"),
        Field("data", ANY, "the piece"),
    ),
    MessageShape(
        22,
        "party.error",
        Error,
        Field("code", STRING, "what is wrong"),
        Field("reason", STRING, "the same, for a person"),
        Field("temporary", BOOLEAN, "whether the same may succeed later"),
        _maybe("retry_after", SECONDS, "after how many seconds"),
    ),
    MessageShape(23, "party.pong", Pong, Field("now", NATURAL, "server's clock, epoch ms")),
)
"""What a server may send."""


def by_type(shapes: tuple[MessageShape, ...]) -> Mapping[str, MessageShape]:
    """The rows of a table by their `type`."""
    return {shape.type: shape for shape in shapes if shape.type}
