"""A room through everything at once: whatever happens, in the end every mirror is right.

The rules are what can happen to a room: events alone and in batches, raising ones, connections
that come, drop and resume, frames that are lost, doubled or swapped, changes of audience, kicks,
a store that fails or lies, restarts and crashes. Once quiet, every mirror must equal the fresh
projection for its member, each commit must have been told once (`judge.py`), and sending every
accepted event again must change nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from machine_party.errors import PeerError
from machine_party.protocol import JSON, MSGPACK, Send
from machine_party.room.release import Release
from machine_party.testing import VirtualClock, VirtualLoop
from tests.room.board import BROKEN, WORK
from tests.room.judge import wire_faults
from tests.room.stage import Client, Stage

NAMES = st.sampled_from(["ann", "bob", "cat"])
CLIENTS = st.integers(0, 100)
"""Which of the clients that a rule can be about, modulo how many there are."""
MAX_CLIENTS = 6
EVENTS: dict[str, dict[str, Any]] = {
    "add": {"by": 1},
    "note": {"text": "n"},
    "touch": {},
    "ask": {},
    "spoil": {},
    "decline": {},
    "shout": {"to": "*"},
    "later": {"seconds": 0.3},
    "pose": {"seconds": 2.0},
    "guess": {"value": 1},
    "fetch": {"job": "job"},
    "stop": {},
    "no_such": {},
}


async def job(_: Any) -> str:
    await asyncio.sleep(0.7)
    return "fetched"


class Journey(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        logging.disable(logging.CRITICAL)
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        WORK["job"] = job

        async def make() -> Stage:
            return Stage(self.clock)

        self.stage = self.run(make())
        self.run(self.stage.join("ann"))

    def run(self, main: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run(main)

    # -- who is there ------------------------------------------------------------------------

    def pick(self, number: int, *, connected: bool) -> Client | None:
        there = [c for c in self.stage.clients if (c.connection is not None) == connected]
        return there[number % len(there)] if there else None

    async def come(self, client: Client) -> None:
        """Connect, if the room and the store allow it."""
        try:
            await client.come()
        except PeerError:
            client.mirror.disconnected()

    @precondition(lambda self: len(self.stage.clients) < MAX_CLIENTS)
    @rule(
        name=NAMES, codec=st.sampled_from([JSON, MSGPACK]), mode=st.sampled_from([None, "snapshot"])
    )
    def somebody_new(self, name: str, codec: Any, mode: Any) -> None:
        self.run(self.come(self.stage.client(name, codec=codec, mode=mode)))

    @rule(number=CLIENTS)
    def comes_back(self, number: int) -> None:
        client = self.pick(number, connected=False)
        if client is not None:
            client.held = False
            self.run(self.come(client))

    @rule(number=CLIENTS)
    def drops(self, number: int) -> None:
        async def drop() -> None:
            client = self.pick(number, connected=True)
            if client is not None:
                client.drop()

        self.run(drop())

    # -- what is sent ------------------------------------------------------------------------

    @rule(
        events=st.lists(
            st.tuples(CLIENTS, st.sampled_from(sorted(EVENTS)), st.booleans()),
            min_size=1,
            max_size=8,
        ),
        pause=st.sampled_from([0.0, 0.01, 0.06]),
    )
    def events(self, events: list[tuple[int, str, bool]], pause: float) -> None:
        async def send() -> None:
            for number, type, bare in events:
                client = self.pick(number, connected=True)
                if client is not None and client.connected:
                    if bare:
                        client.say(type, **EVENTS[type])
                    else:
                        client.send(type, **EVENTS[type])
            await self.clock.advance(pause)

        self.run(send())

    @rule(number=CLIENTS)
    def sends_again(self, number: int) -> None:
        """Whatever was accepted, once more, now and then."""

        async def send() -> None:
            client = self.pick(number, connected=True)
            if client is not None and client.connected:
                self.resend(client)

        self.run(send())

    def resend(self, client: Client) -> None:
        """Only as the member that sent it: after a kick it is another one, and a new event."""
        for receipt in list(client.receipts.values())[-20:]:
            if receipt.status == "accepted" and client.accepted_as.get(receipt.id) == client.id:
                client.receive_in_room(Send(receipt.id, {"type": "add", "by": 1_000}))

    # -- what else happens -------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.01, 0.05, 0.5, 2.0, 16.0, 130.0]))
    def time_passes(self, seconds: float) -> None:
        self.run(self.clock.advance(seconds))

    @rule(number=CLIENTS, role=st.sampled_from(["player", "screen", "host"]))
    def role_changes(self, number: int, role: str) -> None:
        self.run(self.by_the_server("promote", number, role=role))

    @rule(number=CLIENTS)
    def is_kicked(self, number: int) -> None:
        self.run(self.by_the_server("eject", number))
        self.run(self.pardon())

    async def by_the_server(self, type: str, number: int, **fields: Any) -> None:
        client = self.pick(number, connected=True)
        if client is None or client.mirror.member is None:
            return
        room = await self.stage.open()
        if client.id in room.members:
            try:
                await self.stage.wait(room.send({"type": type, "member": client.id, **fields}))
            except PeerError:
                return
        for each in self.stage.clients:
            if each.closed and each.connection is not None:
                each.drop()

    async def pardon(self) -> None:
        room = await self.stage.open()
        for member_id in list(room._committer.actor.roster.kicked):
            try:
                await self.stage.wait(room.unkick(member_id))
            except PeerError:
                return

    @rule(faults=st.lists(st.sampled_from(["fails", "lies"]), min_size=1, max_size=3))
    def store_will_fail(self, faults: list[Any]) -> None:
        self.stage.store.faults += faults

    @rule(crash=st.booleans())
    def node_ends(self, crash: bool) -> None:
        self.stage.store.faults = []
        for client in self.stage.clients:
            client.held = False
        self.run(self.stage.crash() if crash else self.stage.restart())

    # -- the network -------------------------------------------------------------------------

    @rule(number=CLIENTS)
    def frames_wait(self, number: int) -> None:
        client = self.pick(number, connected=True)
        if client is not None:
            client.held = True

    @rule(number=CLIENTS, fault=st.sampled_from(["none", "lose", "double", "swap"]), at=CLIENTS)
    def frames_arrive(self, number: int, fault: str, at: int) -> None:
        async def arrive() -> None:
            client = self.pick(number, connected=True)
            if client is None:
                return
            frames = client.wire
            if frames and fault != "none":
                client.judge.faulty = True
                spoil(frames, fault, at % len(frames))
            client.held = False
            client.deliver()
            await self.clock.settle()

        self.run(arrive())

    # -- once quiet --------------------------------------------------------------------------

    @rule()
    def quiet(self) -> None:
        self.run(self.judge())

    async def judge(self) -> None:
        await self.come_to_rest()
        await self.stage.assert_in_sync()
        room = await self.stage.open()
        _, _, before = await room.document()
        totals = await self.total()
        for client in self.stage.clients:
            if client.connected:
                self.resend(client)
        await self.stage.rest()
        await self.stage.rest()
        assert await self.total() == totals, "something was applied twice"
        assert before <= room.version
        assert self.stage.failures == []
        for client in self.stage.clients:
            assert wire_faults(client.writes) == []

    async def total(self) -> int:
        room = await self.stage.open()
        document, _, _ = await room.document(audience="player")
        total: int = document["context"]["total"]
        return total

    async def come_to_rest(self) -> None:
        """Everything arrives, and whoever's network was faulty connects anew."""
        self.stage.store.faults = []
        for client in self.stage.clients:
            client.held = False
            if client.connection is not None and client.connected:
                client.deliver()
        await self.clock.advance(20)
        for client in self.stage.clients:
            if client.connection is not None and (client.judge.faulty or client.closed):
                client.drop()
            if client.connection is None:
                await self.come(client)
        await self.clock.advance(20)

    def teardown(self) -> None:
        if not hasattr(self, "stage"):
            return
        try:
            self.run(self.judge())
        finally:
            self.run(self.stage.rooms.close())
            self.loop.cancel_all()
            self.loop.close()
            BROKEN.clear()
            WORK.clear()
            logging.disable(logging.NOTSET)


def spoil(frames: list[str | bytes], fault: str, at: int) -> None:
    if fault == "lose":
        del frames[at]
    elif fault == "double":
        frames.insert(at, frames[at])
    else:
        frames[at : at + 2] = reversed(frames[at : at + 2])


SETTINGS = settings(max_examples=settings().max_examples * 3 // 2, stateful_step_count=50)


def test_in_the_end_every_mirror_is_right() -> None:
    run_state_machine_as_test(Journey, settings=SETTINGS)


def test_a_lost_patch_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    write = Release._write

    def lossy(self: Release, connection: Any, own: Any, shared: Any) -> None:
        lost = shared is not None and shared.version % 7 == 0
        write(self, connection, own, None if lost else shared)

    monkeypatch.setattr(Release, "_write", lossy)
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        run_state_machine_as_test(Journey, settings=settings(SETTINGS, phases=[Phase.generate]))
