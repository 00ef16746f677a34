"""What may be sent to a room, and what a room may send besides its views: declared types.

A client event is a type that the party lists; what is not listed cannot be sent from
outside at all. An emit is a type that the party lists; nothing else can be emitted.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import msgspec

__all__ = ["ClientEvent", "Emit", "event_type"]

_StructType = type[msgspec.Struct]
"""Inside these classes the name `type` is the wire type."""

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def event_type(name: str) -> str:
    """The wire type that a class name stands for: `CastVote` → `cast_vote`."""
    return _WORD_START.sub("_", name).lower()


class _Named(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A payload type with a wire name; its fields are the payload."""

    type: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "type" not in cls.__dict__:
            cls.type = event_type(cls.__name__)


class ClientEvent(_Named, kw_only=True, forbid_unknown_fields=True):
    """An event that a client may send. Its fields are validated when it is received.

    Class attributes:
        type: the wire type, and the machine's event id; the snake_case of the class name.
        roles: who may send it.
        reply: the declared type of `Machine.reply(...)` for it, or None.
    """

    roles: ClassVar[tuple[str, ...]] = ("player", "host")
    reply: ClassVar[_StructType | None] = None


class Emit(_Named, kw_only=True, forbid_unknown_fields=True):
    """A one-off message to members (a sound, a confetti): sent once, kept nowhere."""
