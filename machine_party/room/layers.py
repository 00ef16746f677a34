"""The layers of a room: who sees which, what a commit changes in each, and their rings.

A commit is projected first and published once it is stored: until then every layer is as the
last released commit left it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from machine_party.core import (
    Actor,
    Member,
    Party,
    Projection,
    Snapshot,
    diff,
    project_own,
    project_shared,
)
from machine_party.errors import PeerError
from machine_party.protocol import Layer, PatchRecord, first_seq, merge
from machine_party.room.seen import Half

__all__ = ["Change", "Layers", "Sections"]

logger = logging.getLogger("machine_party.room")

T = TypeVar("T")
Sections = frozenset[str] | None
"""The context fields that a client wants of the shared layer; None: all."""
SharedKey = tuple[str, Sections]
MAX_SECTIONS = 16
"""Different selections of sections in one room: each costs a diff at every commit."""

_BARE: dict[str, Any] = {
    "value": {},
    "tags": [],
    "status": "active",
    "can": {},
    "context": {},
    "children": {},
    "output": None,
    "error": "view_failed",
}
"""A shared layer whose view has raised from the start: it might have hidden even the value."""
_EMPTY_OWN: dict[str, Any] = {"can": {}, "context": {}, "children": {}}


@dataclass(slots=True)
class _Source:
    """A layer and what it was last projected from."""

    layer: Layer
    digest: bytes
    idle_since: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A layer's next state, not published yet."""

    key: Any
    digest: bytes
    document: dict[str, Any]
    operations: list[dict[str, Any]]


class Layers:
    """All layers of one room.

    Args:
        epoch: of the room.
        resume_seconds: how long a layer that nobody watches keeps its ring.
    """

    def __init__(self, party: Party, *, epoch: int, resume_seconds: float) -> None:
        self._party = party
        self._epoch = epoch
        self._resume_seconds = resume_seconds
        self._shared: dict[SharedKey, _Source] = {}
        self._own: dict[str, _Source] = {}
        self._seen: dict[str, Half] = {}
        self.diffs = 0
        """How many shared diffs were made: one per commit and audience, however many members."""

    def reset(self, epoch: int) -> None:
        """Forget everything: a new epoch begins."""
        self._epoch = epoch
        self._shared.clear()
        self._own.clear()
        self._seen.clear()

    def check_sections(self, sections: Iterable[str]) -> Sections:
        """The sections as a key.

        Raises:
            PeerError: `bad_request`, naming what there is.
        """
        wanted = frozenset(sections)
        own = self._party.own_view.fields if self._party.own_view else frozenset()
        known = self._party.shared_view.fields | own
        if not wanted <= known:
            reason = f"There are these sections: {', '.join(sorted(known))}."
            raise PeerError("bad_request", reason, path="$.sections")
        selections = {key[1] for key in self._shared}
        if wanted not in selections and len(selections) >= MAX_SECTIONS:
            raise PeerError("overloaded", "Too many selections of sections here.", temporary=True)
        return wanted

    def shared(self, actor: Actor, version: int, member: Member, sections: Sections) -> Layer:
        """The shared layer that `member` sees. Ask only while the actor is as released.

        Args:
            version: of the last released commit.
        """
        audience = self._party.audience(member)
        source = self._shared.get((audience, sections))
        if source is None:
            digest, whole = _whole(self._project_shared(actor, audience, member.role), _BARE)
            seq = first_seq(version, self._epoch, audience, _named(sections))
            layer = Layer("shared", _select(whole, sections), seq=seq)
            source = self._shared[audience, sections] = _Source(layer, digest)
        source.idle_since = None
        return source.layer

    def own(self, actor: Actor, version: int, member: Member) -> Layer:
        """The layer that only `member` sees. Ask only while the actor is as released."""
        source = self._own.get(member.id)
        if source is None:
            projection = self._project_own(actor, actor.snapshot(), member)
            digest, whole = _whole(projection, _EMPTY_OWN)
            layer = Layer("own", whole, seq=first_seq(version, self._epoch, member.id))
            source = self._own[member.id] = _Source(layer, digest)
        source.idle_since = None
        return source.layer

    def project(self, actor: Actor) -> list[Change]:
        """What the actor's state, not released yet, will change in the layers."""
        changes = list(self._shared_changes(actor))
        snapshot = actor.snapshot()
        for key, source in self._own.items():
            member = actor.roster.members.get(key)
            projection = self._project_own(actor, snapshot, member) if member else None
            if projection is not None and projection.digest != source.digest:
                change = _guarded(partial(_own_change, projection, key, source))
                changes += [change] if change else []
        return changes

    def publish(self, changes: list[Change], version: int) -> dict[Any, PatchRecord]:
        """Take what `project` found; `{key: record}` of the layers that visibly changed."""
        self._seen.clear()
        records: dict[Any, PatchRecord] = {}
        for change in changes:
            own = isinstance(change.key, str)
            source = self._own[change.key] if own else self._shared[change.key]
            source.digest = change.digest
            if change.operations:
                records[change.key] = source.layer.publish(
                    change.operations, change.document, version
                )
        return records

    def see(self, actor: Actor, member: Member | None, audience: str) -> tuple[Half, Half | None]:
        """The document of a member, or of anybody of an audience, in its halves.

        Ask only while the actor is as released. The shared half is made once, for all who ask
        until the next commit.
        """
        shared = self._seen.get(audience)
        if shared is None:
            document = self._shared_document(actor, member, audience)
            shared = self._seen[audience] = Half(document)
        return shared, Half(self._own_document(actor, member)) if member is not None else None

    def read(self, actor: Actor, member: Member | None, audience: str) -> dict[str, Any]:
        """That document whole, of whatever actor."""
        shared = self._shared_document(actor, member, audience)
        return shared if member is None else merge(shared, self._own_document(actor, member))

    def watched(self, shared: set[SharedKey], own: set[str], now: float) -> None:
        """Note which layers are watched; drop those that nobody has watched for long."""
        for sources, keys in ((self._shared, shared), (self._own, own)):
            _mark(sources, keys, now, self._resume_seconds)

    def _shared_changes(self, actor: Actor) -> Iterable[Change]:
        roles = {self._party.audience(m): m.role for m in actor.roster.members.values()}
        projections: dict[str, Projection | None] = {}
        documents: dict[str, dict[str, Any] | None] = {}
        for (audience, sections), source in self._shared.items():
            if audience not in projections:
                role = roles.get(audience, audience)
                projections[audience] = self._project_shared(actor, audience, role)
            projection = projections[audience]
            if projection is None or projection.digest == source.digest:
                continue
            if audience not in documents:
                documents[audience] = _guarded(projection.document)
            whole = documents[audience]
            if whole is not None:
                self.diffs += 1
                document = _select(whole, sections)
                operations = diff(source.layer.document, document)
                key = (audience, sections)
                yield Change(key, projection.digest, document, operations)

    def _shared_document(
        self, actor: Actor, member: Member | None, audience: str
    ) -> dict[str, Any]:
        role = member.role if member is not None else audience
        return _whole(self._project_shared(actor, audience, role), _BARE)[1]

    def _own_document(self, actor: Actor, member: Member) -> dict[str, Any]:
        return _whole(self._project_own(actor, actor.snapshot(), member), _EMPTY_OWN)[1]

    def _project_shared(self, actor: Actor, audience: str, role: str) -> Projection | None:
        machine, snapshot = actor.machines[""], actor.snapshot()
        return _guarded(lambda: project_shared(self._party, machine, snapshot, audience, role))

    def _project_own(
        self, actor: Actor, snapshot: Snapshot[Any], member: Member
    ) -> Projection | None:
        machine = actor.machines[""]
        return _guarded(lambda: project_own(self._party, machine, snapshot, member))


def _guarded(view: Callable[[], T]) -> T | None:
    """A view that raises leaves its layer as it was, and is reported; the commit stands."""
    try:
        return view()
    except Exception:
        logger.exception("a view raised; its layer stays as it was")
        return None


def _whole(
    projection: Projection | None, otherwise: dict[str, Any]
) -> tuple[bytes, dict[str, Any]]:
    """`(digest, document)`; the digest of `otherwise` equals no other."""
    document = _guarded(projection.document) if projection is not None else None
    if projection is None or document is None:
        return b"", otherwise
    return projection.digest, document


def _own_change(projection: Projection, key: str, source: _Source) -> Change:
    document = projection.document()
    return Change(key, projection.digest, document, diff(source.layer.document, document))


def _named(sections: Sections) -> list[str] | None:
    return None if sections is None else sorted(sections)


def _select(whole: dict[str, Any], sections: Sections) -> dict[str, Any]:
    if sections is None:
        return whole
    context = {key: value for key, value in whole["context"].items() if key in sections}
    return {**whole, "context": context}


def _mark(sources: dict[Any, _Source], watched: set[Any], now: float, keep: float) -> None:
    for key, source in list(sources.items()):
        if key in watched:
            source.idle_since = None
        elif source.idle_since is None:
            source.idle_since = now
        elif now - source.idle_since > keep:
            del sources[key]
