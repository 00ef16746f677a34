"""The committer: runs a batch, stores it, and makes it the room's state, or puts all back.

It holds what the last stored commit left: that is what the room is, whatever happens next.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from machine_party.core import Actor, BatchResult, Member, Party, Sent, run_batch
from machine_party.core.snapshot import Status
from machine_party.errors import Fenced, RestoreError, StoreUnavailable
from machine_party.protocol import PatchRecord
from machine_party.room.arrival import Arrival
from machine_party.room.layers import Layers
from machine_party.room.recording import applied
from machine_party.room.release import Outcome, outcomes_of, remember
from machine_party.room.store import Entry, RoomKey, Store, StoredRoom
from machine_party.room.window import Windows, mark_of

__all__ = ["Committed", "Committer", "restored_form"]

logger = logging.getLogger("machine_party.room")

CHECKPOINT_ENTRIES = 1_000
CHECKPOINT_OPERATIONS = 10_000
"""Of the journal since the last whole form; whichever comes first. Applying an operation takes 7 µs
(measured), and holds up every other room of the node: so at most 75 ms for one restore."""

KEEP_VERSIONS = 100_000
"""Commits that stay readable. A game of an evening has a few thousand; a room that commits as often
as it may, 20 a second, is here until it has done so for 80 minutes."""


class Committed:
    """What a batch became.

    Attributes:
        outcomes: of each arrival.
        records: what was published in the layers.
        given_up: why the room must be quarantined, if it must; then nothing was committed.
    """

    __slots__ = ("given_up", "outcomes", "records")

    def __init__(
        self,
        outcomes: list[Outcome],
        records: dict[Any, PatchRecord],
        given_up: str | None = None,
    ) -> None:
        self.outcomes = outcomes
        self.records = records
        self.given_up = given_up


class Committer:
    """One room's state, and the way to its next one.

    Args:
        actor: as the last commit left it.
        epoch, version: of that commit.
        stored: what the store has, if it has the room: the form with its tail applied.
        tail: the journal's entries since the last whole form.
        node: this process.

    Attributes:
        actor: the live machines; ahead of the store while a commit is being written.
        unlike: whether the stored form is another than today's code makes of it: patches of this
            one would not fit that, so a checkpoint is due before anything else.
        members: `{member id: Member}` as the last released commit left them.
    """

    def __init__(
        self,
        key: RoomKey,
        party: Party,
        actor: Actor,
        layers: Layers,
        store: Store,
        *,
        epoch: int,
        version: int,
        node: str,
        stored: dict[str, Any] | None = None,
        tail: Sequence[Entry] = (),
    ) -> None:
        self.key = key
        self.epoch = epoch
        self.version = version
        self.stored = stored is not None
        self.actor = actor
        self._party = party
        self._layers = layers
        self._store = store
        self._node = node
        self.members: Mapping[str, Member] = dict(actor.roster.members)
        self._form = actor.dump()
        self.unlike = stored is not None and _unlike(self._form, stored["actor"])
        self._identities: tuple[object, Mapping[str, str]] = None, {}
        self._windows = Windows(stored["windows"] if stored is not None else None)
        self._unsaved: list[dict[str, Any]] = []
        self._tail = (0, 0)
        self._grow(tail)

    @property
    def status(self) -> Status:
        """The root machine's, as the last released commit left it."""
        status: Status = self._form["machine"]["status"]
        return status

    def member_of(self, identity: str) -> Member | None:
        """Whose credential that is, as of the last released commit."""
        key = self._seated().get(identity)
        return self.members[key] if key is not None else None

    def is_kicked(self, identity: str) -> bool:
        """Whether that credential opens nothing any more, as of the last released commit."""
        return any(seat["identity"] == identity for seat in self._form["kicked"].values())

    def _seated(self) -> Mapping[str, str]:
        """`{identity: member id}`; made once per commit, as each request of a crowd asks."""
        form, keys = self._identities
        if form is not self._form:
            keys = {seat["identity"]: key for key, seat in self._form["seats"].items()}
            self._identities = self._form, keys
        return keys

    async def commit(self, batch: list[Arrival]) -> Committed:
        """Run a batch; when this returns, what it changed is stored.

        Raises:
            StoreError: it is not known to be stored. Call `roll_back`, then `reclaim`.
        """
        to_run = self._new_ones(batch)
        causes = [arrival.cause for arrival in to_run]
        version = self.version + 1
        result = run_batch(self._party, self.actor, self._form, causes, version=version)
        self.actor = result.actor
        if result.given_up is not None:
            return Committed([], {}, result.given_up)
        outcomes = outcomes_of(
            batch, to_run, result.steps, version if result.changed else self.version
        )
        records: dict[Any, PatchRecord] = {}
        remembered = remember(outcomes, self._windows, self.actor.roster.members)
        self._unsaved += remembered if self.stored else []
        if result.changed:
            records = await self._store_and_publish(outcomes, result, version)
        return Committed(outcomes, records)

    def roll_back(self) -> None:
        """The machines as at the last stored commit.

        Raises:
            RestoreError: the game has kept there what does not fit its own declaration.
        """
        stored = self._form
        self.actor = Actor.restore(self._party, stored)
        self.members = dict(self.actor.roster.members)
        self._form = self.actor.dump()
        self.unlike = self.stored and _unlike(self._form, stored)

    async def reclaim(self) -> StoredRoom | None:
        """After a failed write: what the store really has, under a new epoch; None: it has none.

        Raises:
            StoreError: the store is still not there; Fenced: it no longer has the room.
            RestoreError: what it has does not fit today's code.
        """
        found = await self._store.claim(self.key, self._node)
        if found is not None:
            form = restored_form(found)
            self.epoch, self.version, self.stored = found.epoch, found.version, True
            self._form, self._windows = form["actor"], Windows(form["windows"])
            self._tail = (0, 0)
            self._grow(found.entries)
        elif self.stored:
            raise Fenced(f"{self.key} is not kept any more")
        else:
            self.epoch, self._windows = self.epoch + 1, Windows()
        self._unsaved = []
        self.roll_back()
        self._layers.reset(self.epoch)
        return found

    async def checkpoint(self, *, asleep: bool = False) -> None:
        """Keep the whole form: a restore begins there.

        Args:
            asleep: the room leaves the memory with this.

        Raises:
            StoreError: it is not known to be kept.
        """
        await self._store.checkpoint(
            self.key, self.epoch, self.version, self._whole(self._form),
            keep_from=max(0, self.version - KEEP_VERSIONS), wake=self.actor.wake(), asleep=asleep,
        )  # fmt: skip
        self._tail, self.unlike, self._unsaved = (0, 0), False, []

    async def shorten(self) -> None:
        """Write a checkpoint if the journal's tail is long, or what waits for the next commit. What
        is released does not wait for it: if none can be written now, it is tried after the next
        batch.

        Raises:
            Fenced: somebody else has the room.
        """
        entries, operations = self._tail
        operations += len(self._unsaved)
        if entries < CHECKPOINT_ENTRIES and operations < CHECKPOINT_OPERATIONS:
            return
        try:
            await self.checkpoint()
        except StoreUnavailable as error:
            logger.warning("room %s: no checkpoint could be written: %s", self.key, error)

    def _whole(self, form: dict[str, Any]) -> dict[str, Any]:
        return {"actor": form, "windows": self._windows.dump()}

    def _grow(self, entries: Sequence[Entry]) -> None:
        """The journal's tail, `(entries, operations)`, is longer by these."""
        length, operations = self._tail
        added = sum(len(entry.patch) for entry in entries)
        self._tail = length + len(entries), operations + added

    async def _store_and_publish(
        self, outcomes: Sequence[Outcome], result: BatchResult, version: int
    ) -> dict[Any, PatchRecord]:
        """Project, store, and publish once it is stored."""
        form = result.form
        patch = [_within_actor(operation) for operation in result.patch]
        entry = Entry(version, patch + self._unsaved, result.committed())
        changes = self._layers.project(self.actor)
        if self.stored or _used(outcomes) or self._gathered():
            await self._persist(entry, form)
        self._form, self.version = form, version
        self.members = dict(self.actor.roster.members)
        return self._layers.publish(changes, version)

    def _gathered(self) -> bool:
        """Whether people wait in a room that somebody has made for them: it is not made again by
        whoever comes back."""
        return self._party.creation != "connect" and len(self.actor.roster.members) > 1

    async def _persist(self, entry: Entry, form: dict[str, Any]) -> None:
        wake = self.actor.wake()
        if not self.stored:
            await self._store.create(
                self.key, self.epoch, entry.version, self._whole(form), node=self._node, wake=wake
            )
            self.stored = True
        else:
            await self._store.append(self.key, self.epoch, [entry], wake=wake)
            self._grow([entry])
        self._unsaved = []

    def _new_ones(self, batch: list[Arrival]) -> list[Arrival]:
        """Those that are to be run: not in a window, and not a repeat within this batch."""
        seen: dict[tuple[str, str], int] = {}
        return [arrival for arrival in batch if not self._repeats(arrival, seen)]

    def _repeats(self, arrival: Arrival, seen: dict[tuple[str, str], int]) -> bool:
        """Whether its id was seen before; its answer is noted, unless it is still to be found.

        Args:
            seen: `{(member, id): mark}` of this batch so far.
        """
        cause = arrival.cause
        if not isinstance(cause, Sent) or cause.id is None or cause.member is None:
            return False
        key = cause.member, cause.id
        arrival.mark = mark = mark_of(cause)
        answered = self._windows.find(*key)
        repeats = answered is not None or key in seen
        first = seen.setdefault(key, mark) if answered is None else answered.mark
        arrival.reused = first not in (mark, None)
        arrival.answer = None if arrival.reused else answered
        return repeats


def restored_form(found: StoredRoom) -> dict[str, Any]:
    """The persisted form at the last stored version: the whole form and the tail of patches, which
    are used up.

    Raises:
        RestoreError: the journal does not fit the form, or it is no room's form.
    """
    form = found.form
    for entry in found.entries:
        form = applied(form, entry.version, entry.patch)
    if not {"actor", "windows"} <= form.keys():
        raise RestoreError("the stored form has no actor or no windows")
    return form


def _unlike(form: dict[str, Any], stored: dict[str, Any]) -> bool:
    """Whether a form is another than the stored one. A tuple is a list there: JSON has no other."""
    return _through_json(form) != _through_json(stored)


def _through_json(form: dict[str, Any]) -> object:
    return msgspec.json.decode(msgspec.json.encode(form))


def _used(outcomes: Sequence[Outcome]) -> bool:
    """Whether a batch makes a room worth keeping: an event was accepted."""
    return any(
        isinstance(outcome.arrival.cause, Sent) and outcome.answer.status == "accepted"
        for outcome in outcomes
    )


def _within_actor(operation: dict[str, Any]) -> dict[str, Any]:
    return {**operation, "path": "/actor" + operation["path"]}
