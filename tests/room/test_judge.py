"""The judges can find something: wrong messages by hand, and mutants of the room by its tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from machine_party.backends.store import MemoryStore
from machine_party.protocol import (
    ClientSync,
    Emit,
    Receipt,
    ServerMessage,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
)
from machine_party.room import LoopClock, layers
from machine_party.room.attendance import Attendance
from machine_party.room.committer import Committer
from machine_party.room.gate import Gate
from machine_party.room.invocation import Invocations
from machine_party.room.release import Release
from machine_party.room.window import Windows
from machine_party.testing import VirtualClock
from tests.room import (
    test_attendance,
    test_committer,
    test_gate,
    test_invocation,
    test_layers,
    test_resend,
)
from tests.room.board import BROKEN, WORK
from tests.room.judge import Judge, wire_faults
from tests.room.stage import Stage

OWN = SnapshotPatch((), "own", 1, 5, more=True)
SHARED = SnapshotPatch((), "shared", 1, 5)
RECEIPT = Receipt("c.1", "accepted", 5)
EMIT = Emit({"type": "x"})


def test_a_commit_in_order_is_no_fault() -> None:
    assert wire_faults([[OWN, SHARED, EMIT, RECEIPT]]) == []


@pytest.mark.parametrize(
    "writes",
    [
        [[RECEIPT, OWN, SHARED]],
        [[OWN, SHARED, RECEIPT, EMIT]],
        [[SHARED, OWN]],
        [[OWN, RECEIPT], [SHARED]],
        [[RECEIPT], [SHARED]],
        [[SnapshotPatch((), "own", 1, 5), SHARED]],
        [[SnapshotPatch((), "shared", 1, 6)], [RECEIPT]],
    ],
)
def test_a_commit_out_of_order_is_one(writes: list[list[ServerMessage]]) -> None:
    assert wire_faults(writes)


def mirrored(judge: Judge, *messages: ServerMessage) -> None:
    mirror = ClientSync(client_id="c")
    mirror.connected()
    mirror.send({"type": "x"})
    for message in (
        Welcome(1, "m", "player", 1, 0, False),
        SnapshotUpdate({"context": {"n": 0}}, 1, 4, "player", 0, 0),
        *messages,
    ):
        judge.receive(mirror, message)


def patch(seq: int, n: int) -> SnapshotPatch:
    operation = {"op": "replace", "path": "/context/n", "value": n}
    return SnapshotPatch((operation,), "shared", seq, 4 + seq)


def test_the_judge_lets_a_clean_stream_pass() -> None:
    mirrored(Judge(), patch(1, 1), patch(2, 2), RECEIPT)


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        ([patch(2, 2)], "a false alarm"),
        ([patch(1, 1), patch(1, 1)], "a false alarm"),
        ([SnapshotPatch((), "shared", 1, 5)], "not told"),
    ],
)
def test_the_judge_sees_a_gap_a_repetition_and_silence(
    messages: list[ServerMessage], found: str
) -> None:
    with pytest.raises(AssertionError, match=found):
        mirrored(Judge(), *messages)


# -- mutants ---------------------------------------------------------------------------------

Mutation = Callable[[pytest.MonkeyPatch], None]
Scenario = Callable[[Stage], Awaitable[None]]


def ack_before_the_commit(patched: pytest.MonkeyPatch) -> None:
    persist = Committer._persist

    async def eager(self: Committer, *arguments: Any) -> None:
        self._later = asyncio.ensure_future(persist(self, *arguments))  # type: ignore[attr-defined]

    patched.setattr(Committer, "_persist", eager)


def read_the_live_machine(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(
        Committer,
        "members",
        property(lambda self: self.actor.roster.members, lambda _self, _value: None),
        raising=False,
    )


def drop_the_dedupe(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Windows, "find", lambda *_: None)


def forget_the_windows_at_a_restore(patched: pytest.MonkeyPatch) -> None:
    init = Windows.__init__
    patched.setattr(Windows, "__init__", lambda self, _stored=None: init(self))


def skip_the_fence(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(MemoryStore, "_fenced", lambda self, key, _epoch: self._records[key])


def skip_the_roll_back(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Committer, "roll_back", lambda _self: None)


def keep_the_old_document_in_a_new_epoch(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Gate, "renew_all", lambda _self: None)


def miss_the_change_of_audience(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Release, "_moved", lambda *_: False)


def send_receipts_first(patched: pytest.MonkeyPatch) -> None:
    write = Release._write

    def early(self: Release, connection: Any, own: Any, shared: Any) -> None:
        for receipt in self._outgoing[connection].receipts:
            connection.sync.send(receipt)
        self._outgoing[connection].receipts.clear()
        write(self, connection, own, shared)

    patched.setattr(Release, "_write", early)


def begin_every_layer_at_zero(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(layers, "first_seq", lambda *_: 0)


def lose_every_second_own_patch(patched: pytest.MonkeyPatch) -> None:
    write, calls = Release._write, iter(range(10**6))

    def lossy(self: Release, connection: Any, own: Any, shared: Any) -> None:
        write(self, connection, own if next(calls) % 2 else None, shared)

    patched.setattr(Release, "_write", lossy)


HASTY: list[Invocations] = []
"""What the next mutant has started, so that it can be ended."""


def start_invokes_at_once(patched: pytest.MonkeyPatch) -> None:
    commit = Committer._persist

    async def hasty(self: Committer, entry: Any, form: Any) -> None:
        HASTY.append(Invocations("x", LoopClock(), lambda *_: None))
        HASTY[-1].reconcile(self.actor)
        await commit(self, entry, form)

    patched.setattr(Committer, "_persist", hasty)


def forget_who_came_back(patched: pytest.MonkeyPatch) -> None:
    came = Attendance.came
    patched.setattr(
        Attendance,
        "came",
        lambda self, connection, member, _at: came(self, connection, member, 9e9),
    )


async def mirrors_follow(stage: Stage) -> None:
    ann, bob = await stage.join("ann"), await stage.join("bob")
    for number in range(10):
        ann.send("add")
        bob.send("note", text=str(number))
        await stage.rest()
    await stage.assert_in_sync()


MUTANTS: list[tuple[Mutation, Scenario]] = [
    (
        ack_before_the_commit,
        lambda stage: test_gate.test_nothing_of_a_commit_leaves_before_it_is_stored(stage, True),
    ),
    (
        read_the_live_machine,
        lambda stage: test_gate.test_nothing_of_a_commit_leaves_before_it_is_stored(stage, True),
    ),
    (drop_the_dedupe, test_resend.test_a_resend_is_answered_and_not_run),
    (
        forget_the_windows_at_a_restore,
        lambda stage: test_resend.test_a_resend_is_a_duplicate_wherever_it_comes_from(
            stage, "crash"
        ),
    ),
    (skip_the_fence, test_committer.test_a_room_that_was_taken_over_says_no_further_word),
    (
        skip_the_roll_back,
        test_committer.test_while_the_store_is_down_everyone_is_told_and_nothing_is_lost,
    ),
    (
        keep_the_old_document_in_a_new_epoch,
        lambda stage: test_committer.test_a_write_whose_answer_was_lost_did_happen(stage, "append"),
    ),
    (miss_the_change_of_audience, test_gate.test_a_change_of_audience_is_a_whole_document),
    (send_receipts_first, mirrors_follow),
    (
        begin_every_layer_at_zero,
        test_layers.test_a_layer_made_anew_gives_no_seq_a_second_meaning,
    ),
    (lose_every_second_own_patch, mirrors_follow),
    (start_invokes_at_once, test_invocation.test_it_starts_when_its_commit_is_stored),
    (
        forget_who_came_back,
        lambda stage: test_attendance.test_a_reload_whose_new_connection_comes_first_ends_connected(
            stage, "before the batch"
        ),
    ),
]


async def is_red(scenario: Scenario, stage: Stage) -> bool:
    """Whether a scenario, or what has been judged on the way, fails."""
    try:
        await scenario(stage)
    except (AssertionError, KeyError, ValueError):
        return True
    finally:
        BROKEN.clear()
        WORK.clear()
        stage.store.release()
        while HASTY:
            await stage.clock.until(HASTY.pop().close(), within=100)
        await stage.clock.until(stage.rooms.close(), within=100)
    return bool(stage.failures) or any(wire_faults(client.writes) for client in stage.clients)


@pytest.mark.parametrize(("mutation", "scenario"), MUTANTS, ids=lambda each: each.__name__)
async def test_a_mutant_is_caught(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, mutation: Mutation, scenario: Scenario
) -> None:
    assert not await is_red(scenario, Stage(clock))
    mutation(monkeypatch)
    assert await is_red(scenario, Stage(clock))
