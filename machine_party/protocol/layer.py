"""A layer on the server: its document, its seq, and a ring of its last patches.

One layer is shared by every connection that sees it, and a patch is encoded once for all of
them. Who sees which layer is not known here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from zlib import crc32

from .codec import Codec
from .limits import DEFAULT_LIMITS
from .messages import Chunk, Document, Emit, LayerName, Operation, SnapshotPatch

__all__ = ["Broadcast", "Layer", "PatchRecord", "first_seq"]

_SPREAD: Final = 2**16  # two bytes more in MessagePack; a chance of 1 in 65,536 to be mistaken


def first_seq(version: int, *identity: object) -> int:
    """Where the counter of a layer begins that is made at a room's `version`.

    Args:
        version: the room's version. A layer counts at most once per commit, so one that is
            dropped and made anew within an epoch never gives a seq a second meaning.
        identity: what tells it from the room's other layers (epoch, audience and sections, or
            epoch and member), so that a patch of one does not pass for the next of another.
    """
    return version + crc32(repr(identity).encode()) % _SPREAD


class Broadcast:
    """One emit or chunk for many connections: encoded once per codec, however many read it."""

    __slots__ = ("_encoded", "message")

    def __init__(self, message: Emit | Chunk) -> None:
        self.message = message
        self._encoded: dict[Codec, str | bytes] = {}

    def encode(self, codec: Codec) -> str | bytes:
        """The message on the wire."""
        data = self._encoded.get(codec)
        if data is None:
            data = self._encoded[codec] = codec.encode(self.message)
        return data


class PatchRecord:
    """One patch of a layer, and its encoded forms. Immutable but for their cache."""

    __slots__ = ("_encoded", "_encoded_more", "message")

    def __init__(self, message: SnapshotPatch) -> None:
        self.message = message
        self._encoded: dict[Codec, str | bytes] = {}
        self._encoded_more: dict[Codec, str | bytes] = {}

    @property
    def seq(self) -> int:
        """The layer's seq after this patch."""
        return self.message.seq

    @property
    def version(self) -> int:
        """The room's version after the commit that it belongs to."""
        return self.message.version

    def encode(self, codec: Codec, more: bool = False) -> str | bytes:
        """The patch on the wire; encoded at the first call for each codec, however many read it.

        `more`: the shared patch of the same commit follows.
        """
        cache = self._encoded_more if more else self._encoded
        data = cache.get(codec)
        if data is None:
            message = replace(self.message, more=True) if more else self.message
            data = cache[codec] = codec.encode(message)
        return data


class Layer:
    """One layer of one audience or one member.

    Args:
        name: "shared", "own" or "live".
        document: its part of the member's document. The live layer's is `{"live": value}`.
        seq: where its counter begins: `first_seq`, unless it is the only layer of its kind.
        capacity: how many patches can be replayed.
    """

    __slots__ = ("_ring", "_whole", "document", "name", "seq")

    def __init__(
        self,
        name: LayerName,
        document: Document,
        *,
        seq: int = 0,
        capacity: int = DEFAULT_LIMITS.resume_patches,
    ) -> None:
        self.name: LayerName = name
        self.document = document
        self.seq = seq
        self._ring: deque[PatchRecord] = deque(maxlen=capacity)
        self._whole: PatchRecord | None = None

    def publish(
        self, operations: Iterable[Operation], document: Document, version: int
    ) -> PatchRecord:
        """Take `document` as the new one; it is the old one after `operations`.

        Paths are those of the member's whole document (`/context/count`, `/live/cursors`).
        Returns the record that the caller hands to every connection of the layer.
        """
        self.document = document
        self.seq += 1
        self._whole = None
        record = PatchRecord(SnapshotPatch(tuple(operations), self.name, self.seq, version))
        self._ring.append(record)
        return record

    def since(self, seq: int) -> list[PatchRecord] | None:
        """The patches after `seq`, oldest first; None if the ring cannot bridge from there."""
        missing = self.seq - seq
        if not 0 <= missing <= len(self._ring):
            return None
        start = len(self._ring) - missing
        return [self._ring[index] for index in range(start, len(self._ring))]

    def whole(self, version: int) -> PatchRecord:
        """The layer as one patch that sets it whole at its present seq (the live layer's start)."""
        if self._whole is None or self._whole.version != version:
            operations = tuple(
                {"op": "add", "path": f"/{key}", "value": value}
                for key, value in self.document.items()
            )
            self._whole = PatchRecord(SnapshotPatch(operations, self.name, self.seq, version))
        return self._whole
