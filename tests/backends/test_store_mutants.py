"""The contract suite goes red: stores that are wrong in one thing each do not pass it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

import pytest

from machine_party.backends.store import MemoryStore, row
from machine_party.room import Entry, History, RoomKey, RoomRecord, Store, StoredRoom
from machine_party.testing import VirtualLoop
from tests.backends import test_store_contract as contract
from tests.backends import test_store_damage as damage
from tests.backends import test_store_history as past
from tests.backends import test_store_time as time
from tests.backends.adapter import Adapter, MemoryAdapter


class Unfenced(MemoryStore):
    """Whoever owned a room may write to it for ever."""

    def _fenced(self, key: RoomKey, epoch: int) -> Any:
        return super()._fenced(key, self._records[key].epoch)


class ForgetsOnCheckpoint(MemoryStore):
    """Keeps no history, as stores did before they kept any."""

    async def checkpoint(self, *place: Any, keep_from: int, **more: Any) -> None:
        await super().checkpoint(*place, keep_from=place[2], **more)


class ForgetsNothing(MemoryStore):
    async def checkpoint(self, *place: Any, keep_from: int, **more: Any) -> None:
        await super().checkpoint(*place, keep_from=0, **more)


class CutsWhereItIsTold(MemoryStore):
    """Drops the form from which the version at `keep_from` would be made."""

    async def checkpoint(self, *place: Any, keep_from: int, **more: Any) -> None:
        await super().checkpoint(*place, keep_from=keep_from, **more)
        record = self._records[place[0]]
        later = [version for version in record.forms if version >= keep_from]
        record.forget_before(min(later, default=place[2]))


class CheckpointsAnywhere(MemoryStore):
    """Takes a form of a version that is not the last."""

    async def checkpoint(self, *place: Any, keep_from: int, **more: Any) -> None:
        key, epoch, _, form = place
        last = self._records[key].version
        await super().checkpoint(key, epoch, last, form, keep_from=keep_from, **more)


class StaysAwake(MemoryStore):
    async def checkpoint(self, *place: Any, asleep: bool = False, **more: Any) -> None:
        await super().checkpoint(*place, **more)


class SleepsOn(MemoryStore):
    """Neither a claim nor a commit wakes a room."""

    async def append(self, key: RoomKey, *more: Any, wake: float | None) -> None:
        asleep = key in self._records and self._records[key].asleep
        await super().append(key, *more, wake=wake)
        self._records[key].asleep = asleep


class LooksByClaiming(MemoryStore):
    async def read(self, key: RoomKey) -> StoredRoom | None:
        return await self.claim(key, "a looker")


class ClaimsFirst(MemoryStore):
    """Makes a room the claimer's before it has read it."""

    async def claim(self, key: RoomKey, node: str) -> StoredRoom | None:
        if key in self._records:
            self._records[key].epoch += 1
            self._records[key].node = node
        return await super().read(key)


class TellsTheClaimer(MemoryStore):
    """Takes who has claimed a room last for who made its last commit."""

    async def claim(self, key: RoomKey, node: str) -> StoredRoom | None:
        found = await super().claim(key, node)
        if found is not None:
            self._records[key].writer = node
        return found


class TellsTheFirst(MemoryStore):
    """Takes who has made a room for who made its last commit."""

    async def append(self, key: RoomKey, *more: Any, wake: float | None) -> None:
        writer = self._records[key].writer
        await super().append(key, *more, wake=wake)
        self._records[key].writer = writer


class TakesAFormForACommit(MemoryStore):
    async def checkpoint(self, *place: Any, **more: Any) -> None:
        await super().checkpoint(*place, **more)
        self._records[place[0]].writer = self._records[place[0]].node


class WakesByWhoWrote(MemoryStore):
    """Takes a room for whose who made its last commit is."""

    async def wakes(self, limit: int, *, stale: float) -> list[tuple[float, RoomKey]]:
        for record in self._records.values():
            record.node = record.writer
        return await super().wakes(limit, stale=stale)


class KeepsTheFirstWake(MemoryStore):
    async def append(
        self, key: RoomKey, epoch: int, entries: Sequence[Entry], *, wake: float | None
    ) -> None:
        await super().append(key, epoch, entries, wake=self._records[key].wake)


class WakesByCommitsAlone(MemoryStore):
    """Does not keep when a room wakes whose form was written anew."""

    async def checkpoint(self, *place: Any, wake: float | None, **more: Any) -> None:
        before = self._records[place[0]].wake
        await super().checkpoint(*place, wake=before, **more)


class WakesWhatOthersHave(MemoryStore):
    def _lives(self, node: str, stale: float) -> bool:
        return False


class WakesOnlyWhatSleeps(MemoryStore):
    """Leaves alone what a dead node had in its memory."""

    def _lives(self, node: str, stale: float) -> bool:
        return True


class WakesInAnyOrder(MemoryStore):
    async def wakes(self, limit: int, *, stale: float) -> list[tuple[float, RoomKey]]:
        return (await super().wakes(1_000, stale=stale))[::-1][:limit]


class StampsBack(MemoryStore):
    async def stamp(self, node: str, now: float) -> None:
        self._stamps[node] = now


class CountsTheLastForm(MemoryStore):
    async def records(self, party: str | None = None) -> list[RoomRecord]:
        kept = self._records
        return [
            replace(found, bytes=len([*kept[found.key].forms.values()][-1]))
            for found in await super().records(party)
        ]


class SkipsAnEntry(MemoryStore):
    """Its history begins one commit too late."""

    async def history(self, key: RoomKey) -> History | None:
        found = await super().history(key)
        if found is None:
            return None
        return History(found.epoch, found.version, found.forms, found.entries[1:])


class TakesWhatHasAGap(MemoryStore):
    """Gives back a room whose journal is damaged as if it was whole."""

    def _read(self, key: RoomKey, record: Any, epoch: int) -> StoredRoom:
        last = max(record.forms)
        whole = (last, record.forms[last])
        owned = row.Ownership(epoch, last, record.writer, None)
        return row.stored_room(key, owned, whole, [])


Check = Callable[[Adapter], Coroutine[Any, Any, None]]


def from_where(keep_from: int, forms: list[int], entries: list[int]) -> Check:
    def check(adapter: Adapter) -> Coroutine[Any, Any, None]:
        return past.test_history_is_kept_from_where_it_is_said(adapter, keep_from, forms, entries)

    return check


def at_version_5(adapter: Adapter) -> Coroutine[Any, Any, None]:
    return past.test_a_form_is_whole_at_the_last_version_or_not_kept(adapter, 5)


whose = time.test_a_claim_says_who_made_the_last_commit_and_when_that_one_lived_last

MUTANTS: list[tuple[type[MemoryStore], Check]] = [
    (Unfenced, contract.test_a_claim_raises_the_epoch_and_fences_the_former_owner),
    (Unfenced, past.test_a_fenced_checkpoint_drops_nothing),
    (Unfenced, time.test_who_is_fenced_makes_nobody_sleep_or_wake),
    (ForgetsOnCheckpoint, past.test_a_restore_begins_at_the_last_form_and_history_stays),
    (ForgetsOnCheckpoint, past.test_every_version_can_be_made_from_its_history),
    (ForgetsNothing, from_where(3, [3, 5, 6], [4, 5, 6])),
    (ForgetsNothing, from_where(99, [6], [])),
    (CutsWhereItIsTold, from_where(4, [3, 5, 6], [4, 5, 6])),
    (CheckpointsAnywhere, at_version_5),
    (StaysAwake, time.test_a_room_sleeps_by_its_checkpoint_and_is_awake_by_claim_or_commit),
    (SleepsOn, time.test_a_room_sleeps_by_its_checkpoint_and_is_awake_by_claim_or_commit),
    (LooksByClaiming, past.test_a_look_finds_what_a_claim_finds_and_changes_nothing),
    (TellsTheClaimer, whose),
    (TellsTheFirst, whose),
    (TakesAFormForACommit, time.test_a_form_written_anew_is_no_commit),
    (WakesByWhoWrote, time.test_what_a_node_has_in_memory_is_its_own_as_long_as_it_lives),
    (KeepsTheFirstWake, time.test_a_room_wakes_when_its_last_commit_said),
    (WakesByCommitsAlone, time.test_a_form_written_anew_may_have_another_wake),
    (WakesWhatOthersHave, time.test_what_a_node_has_in_memory_is_its_own_as_long_as_it_lives),
    (WakesWhatOthersHave, time.test_the_earliest_wake_first_and_so_many_at_most),
    (WakesOnlyWhatSleeps, time.test_what_a_node_has_in_memory_is_its_own_as_long_as_it_lives),
    (WakesInAnyOrder, time.test_the_earliest_wake_first_and_so_many_at_most),
    (StampsBack, time.test_the_latest_stamp_is_of_any_node_and_never_goes_back),
    (CountsTheLastForm, time.test_bytes_are_of_all_forms_and_entries),
    (SkipsAnEntry, past.test_every_version_can_be_made_from_its_history),
]  # fmt: skip


RED = (AssertionError, pytest.fail.Exception)
"""What is raised where a check fails, and where a store does what it must not."""


@pytest.mark.parametrize(("mutant", "check"), MUTANTS, ids=lambda one: one.__name__)
def test_a_wrong_store_does_not_pass(
    virtual_loop: VirtualLoop, mutant: type[MemoryStore], check: Check
) -> None:
    class Mutated(MemoryAdapter):
        def new(self) -> Store:
            return mutant()

    with pytest.raises(RED):
        virtual_loop.run(check(Mutated(virtual_loop)))


@pytest.mark.parametrize("mutant", [ClaimsFirst, TakesWhatHasAGap])
def test_a_store_that_damages_more_does_not_pass(
    virtual_loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch, mutant: type[MemoryStore]
) -> None:
    monkeypatch.setattr(damage, "MemoryStore", mutant)
    with pytest.raises(RED):
        damage.test_in_memory_it_is_the_same(virtual_loop)
