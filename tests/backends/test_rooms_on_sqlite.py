"""Whole rooms whose store is a SQLite file: the room's own tests of restarts, on virtual time.

The loop waits in real time for the store's thread, and for nothing else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import initialize, run_state_machine_as_test

from machine_party.backends.store import MemoryStore
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.testing import VirtualClock, VirtualLoop
from tests.room.board import BROKEN, WORK
from tests.room.judge import wire_faults
from tests.room.stage import Stage
from tests.room.store import FaultyStore
from tests.room.test_attendance import (
    test_after_a_restore_everyone_present_is_away_with_full_grace,
)
from tests.room.test_committer import (
    test_a_timer_whose_commit_failed_fires_once_all_the_same,
    test_a_timer_whose_commit_was_stored_unknowingly_fires_once,
    test_a_write_whose_answer_was_lost_did_happen,
    test_after_a_failed_write_it_never_happened,
    test_while_the_store_is_down_everyone_is_told_and_nothing_is_lost,
)
from tests.room.test_invocation import test_after_a_restore_it_runs_again_with_the_same_key
from tests.room.test_journey import Journey
from tests.room.test_resend import (
    test_a_resend_is_a_duplicate_wherever_it_comes_from,
    test_a_send_without_an_answer_is_resent_after_a_crash_and_applied_once,
)
from tests.room.test_restore import test_a_restored_room_is_what_it_was
from tests.room.test_rooms import (
    test_a_code_that_is_taken,
    test_concurrent_opens_load_a_room_once,
    test_concurrent_opens_make_one_room,
    test_hooks_are_called_with_what_is_known,
)

__all__ = [
    "test_a_code_that_is_taken",
    "test_a_resend_is_a_duplicate_wherever_it_comes_from",
    "test_a_restored_room_is_what_it_was",
    "test_a_send_without_an_answer_is_resent_after_a_crash_and_applied_once",
    "test_a_timer_whose_commit_failed_fires_once_all_the_same",
    "test_a_timer_whose_commit_was_stored_unknowingly_fires_once",
    "test_a_write_whose_answer_was_lost_did_happen",
    "test_after_a_failed_write_it_never_happened",
    "test_after_a_restore_everyone_present_is_away_with_full_grace",
    "test_after_a_restore_it_runs_again_with_the_same_key",
    "test_concurrent_opens_load_a_room_once",
    "test_concurrent_opens_make_one_room",
    "test_hooks_are_called_with_what_is_known",
    "test_while_the_store_is_down_everyone_is_told_and_nothing_is_lost",
]


def faulty(store: SqliteStore) -> FaultyStore:
    """What can go wrong on the way to a store, before that one."""
    return FaultyStore(cast(MemoryStore, store))


@pytest.fixture
def stage(virtual_loop: VirtualLoop, clock: VirtualClock, tmp_path: Path) -> Iterator[Stage]:
    """As the room's tests have it, on a file."""

    async def make() -> Stage:
        return Stage(clock, store=faulty(store))

    store = SqliteStore(tmp_path / "rooms.db")
    staged = virtual_loop.run(make())
    yield staged
    BROKEN.clear()
    WORK.clear()
    virtual_loop.run(staged.rooms.close())
    virtual_loop.run(store.close())
    assert staged.failures == []
    for client in staged.clients:
        assert wire_faults(client.writes) == []


class FileJourney(Journey):
    """`Journey`, on a file."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.file = SqliteStore(Path(self.folder.name) / "rooms.db")
        super().begin()

    def run(self, main: Any) -> Any:
        return super().run(main if hasattr(self, "stage") else self.on_file(main))

    async def on_file(self, making: Any) -> Stage:
        made: Stage = await making
        made.store = faulty(self.file)
        made.rooms = made._new_rooms()
        return made

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            if hasattr(self, "file"):
                loop = VirtualLoop()
                loop.run(self.file.close())
                loop.close()
                self.folder.cleanup()


def test_in_the_end_every_mirror_is_right_on_a_file() -> None:
    some = settings(max_examples=10, stateful_step_count=30, phases=[Phase.generate])
    run_state_machine_as_test(FileJourney, settings=some)
