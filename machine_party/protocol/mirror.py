"""The client's copy of its document: where it stands, what fits on it, and what it lacks.

A gap is never papered over: what does not fit is a `Conflict`, and from then on only a whole
snapshot is taken. What the façade may see (`document`) moves only when a commit, a replay or
a snapshot is complete.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import Final

from .document import keep_identity
from .messages import Document, Position, Resume, SnapshotPatch, SnapshotUpdate, Welcome
from .notice import Changed, Conflict, ConflictReason
from .patch import PatchError, apply

__all__ = ["Mirror"]

_LIVE: Final = "/live"
_RECENT: Final = 64
"""How far back a patch may be one that came twice; any other is of a layer not known here."""


class _Need(Enum):
    """Whether a whole snapshot is to come before anything else counts."""

    NONE = "no"
    EXPECTED = "the server will send one by itself"
    ASKED = "it was asked for one"


class Mirror:
    """The mirrored document of one member.

    The `receive_*` methods return the conflict that they found, or None. Any but a
    `stale-message` means: ask for a snapshot now, once.
    """

    __slots__ = ("_floor", "_live", "_member", "_more", "_need", "_until", "_working",
                 "document", "point")  # fmt: skip

    def __init__(self) -> None:
        self.document: Document | None = None
        self.point: Resume | None = None
        self._working: Document = {}
        self._member = ""
        self._floor = (0, 0)  # the (epoch, version) below which nothing may be taken
        self._need = _Need.EXPECTED
        self._until: Position | None = None  # where the replay ends, while there is one
        self._more: int | None = None  # the version whose shared half is still to come
        self._live: int | None = None

    @property
    def version(self) -> int:
        """The highest version of the room that the mirror has seen."""
        return self._floor[1]

    @property
    def caught_up(self) -> bool:
        """Whether the mirror is at a complete commit, with nothing known to be missing."""
        return self._need is _Need.NONE and self._until is None and self._more is None

    def begin(self) -> None:
        """A new connection: nothing counts before its welcome."""
        self._need, self._until, self._more, self._live = _Need.EXPECTED, None, None, None

    def receive_welcome(self, welcome: Welcome) -> Conflict | None:
        """Take the server's word on whether the mirror's position holds."""
        self._member = welcome.member
        self._need = _Need.EXPECTED
        if not welcome.resumed:
            self._floor = (welcome.epoch, 0)
            return None
        point, until = self.point, welcome.until
        if point is None or until is None or not _same_layers(point, welcome):
            return self._lost("missing-snapshot", None, until.shared if until else 0)
        self._need, self._until = _Need.NONE, until
        self._end_replay(point)
        return None

    def receive_update(self, update: SnapshotUpdate) -> Conflict | None:
        """Take a whole document; it ends a replay, a pair and every gap."""
        if (update.epoch, update.version) < self._floor:
            return Conflict("stale-message", self.version, update.version)
        self._working = keep_identity(self.document, update.snapshot)
        self.point = Resume(update.epoch, update.audience, self._member, update.shared, update.own)
        self._floor, self._live = (update.epoch, update.version), update.live
        self._need, self._until, self._more = _Need.NONE, None, None
        return None

    def receive_patch(self, patch: SnapshotPatch) -> Conflict | None:
        """Apply a patch if it is the next one of its layer."""
        point = self.point
        if self._need is _Need.ASKED:
            return None
        if self._need is _Need.EXPECTED or point is None:
            return self._lost("missing-snapshot", None, patch.seq)
        if patch.layer == "live":
            return self._receive_live(patch)
        return self._receive_next(patch, point)

    def interrupt(self) -> Conflict | None:
        """Something came that cannot come within a replay or a pair: so its rest is lost."""
        if self._need is not _Need.NONE or self.point is None or self.caught_up:
            return None
        current = self.point.shared
        expected = self._until.shared if self._until else current + 1
        return self._lost("version-gap", current, expected)

    def take_change(self) -> Changed | None:
        """Let the façade see what has come, if it is complete and new."""
        previous = self.document
        if not self.caught_up or self._working is previous:
            return None
        self.document = self._working
        return Changed(previous, self.document)

    def _receive_next(self, patch: SnapshotPatch, point: Resume) -> Conflict | None:
        current = point.own if patch.layer == "own" else point.shared
        if 0 <= current - patch.seq < _RECENT and patch.version <= self.version:
            return Conflict("stale-message", current, patch.seq)
        if self._breaks_pair(patch):
            return self.interrupt()
        if patch.seq != current + 1:
            return self._lost("version-gap", current, patch.seq)
        return self._apply(patch, point, current)

    def _receive_live(self, patch: SnapshotPatch) -> Conflict | None:
        first = patch.operations[0] if patch.operations else {}
        whole = first.get("path") == _LIVE and first.get("op") in ("add", "replace")
        current = self._live
        if whole and self.caught_up:
            return self._apply_live(patch)
        if current is None:
            return self._lost("missing-snapshot", None, patch.seq)
        if patch.seq <= current:
            return Conflict("stale-message", current, patch.seq)
        if patch.seq > current + 1 or not self.caught_up:
            return self._lost("version-gap", current, patch.seq)
        return self._apply_live(patch)

    def _apply_live(self, patch: SnapshotPatch) -> Conflict | None:
        try:
            changed = apply(self._working, patch.operations)
        except PatchError:
            return self._fail(self._live, patch)
        # After a reconnect the layer comes whole; if it is as it was, nothing has changed.
        self._working = keep_identity(self._working, changed)
        self._live = patch.seq
        return None

    def _apply(self, patch: SnapshotPatch, point: Resume, current: int) -> Conflict | None:
        try:
            self._working = apply(self._working, patch.operations)
        except PatchError:
            return self._fail(current, patch)
        if patch.layer == "own":
            self.point = replace(point, own=patch.seq)
        else:
            self.point = replace(point, shared=patch.seq)
        self._more = patch.version if patch.more else None
        self._floor = (point.epoch, max(self.version, patch.version))
        self._end_replay(self.point)
        return None

    def _breaks_pair(self, patch: SnapshotPatch) -> bool:
        if self._more is None:
            return False
        return patch.layer != "shared" or patch.version != self._more

    def _end_replay(self, point: Resume) -> None:
        until = self._until
        if until and point.shared >= until.shared and point.own >= until.own:
            self._until = None

    def _fail(self, current: int | None, patch: SnapshotPatch) -> Conflict:
        self.point = None  # the mirror is not what its position says: do not resume from it
        return self._lost("patch-apply-failed", current, patch.seq)

    def _lost(self, reason: ConflictReason, current: int | None, incoming: int) -> Conflict:
        self._need = _Need.ASKED
        return Conflict(reason, current, incoming)


def _same_layers(point: Resume, welcome: Welcome) -> bool:
    """Whether the seqs of `point` count the same layers as the welcome's."""
    old = (point.epoch, point.audience, point.member)
    return old == (welcome.epoch, welcome.audience, welcome.member)
