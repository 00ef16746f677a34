"""What is seen of a room without a connection: in halves, so that a crowd that asks shares one.

A half is what a layer's document is: an audience's, which everybody of it sees, or a member's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from machine_party.protocol import merge

__all__ = ["Half", "Seen"]

_encoder = msgspec.json.Encoder()
_sorted = msgspec.json.Encoder(order="deterministic")


class Half:
    """A layer's document, and its JSON: made when somebody wants it, and once for all who do.

    Args:
        document: nobody changes it from here on.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @cached_property
    def json(self) -> Mapping[str, bytes]:
        """The JSON of each part of the document, by its name."""
        return {name: _encoder.encode(part) for name, part in self.document.items()}

    @cached_property
    def digest(self) -> bytes:
        """Equal for equal documents, in whatever order their keys are. 32 bytes."""
        return hashlib.sha256(_sorted.encode(self.document)).digest()


class Seen(NamedTuple):
    """A document of the last released commit.

    Attributes:
        audience: to which whoever looks belongs, at that commit.
        shared: what the audience sees.
        own: what only the member sees; None if it is nobody's.
        epoch, version: of that commit.
    """

    audience: str
    shared: Half
    own: Half | None
    epoch: int
    version: int

    @property
    def document(self) -> dict[str, Any]:
        """The whole document."""
        shared = self.shared.document
        return shared if self.own is None else merge(shared, self.own.document)

    @property
    def json(self) -> bytes:
        """The whole document in JSON. Only the own half is encoded for it."""
        own = {} if self.own is None else self.own.json
        parts = (
            b'"%b":%b' % (name.encode(), _both(part, own.get(name, b"{}")))
            for name, part in self.shared.json.items()
        )
        return b"{%b}" % b",".join(parts)

    @property
    def digest(self) -> bytes:
        """Equal for the same halves."""
        return self.shared.digest + (b"" if self.own is None else self.own.digest)


def _both(shared: bytes, own: bytes) -> bytes:
    """One JSON object of two: a party's two views never have the same field, event or child."""
    if own == b"{}":
        return shared
    return own if shared == b"{}" else b"%b,%b" % (shared[:-1], own[1:])
