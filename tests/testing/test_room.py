"""The staged room: the real server in memory, and a test's hand on everyone's network."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from client_facade import Closed, Lost
from games.counter import Counter
from machine_party.protocol import (
    MSGPACK,
    CloseCode,
    PeerError,
    Pong,
    Receipt,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
)
from machine_party.testing import (
    Deadlock,
    OpenRoom,
    StagedRoom,
    VirtualClock,
    VirtualLoop,
)
from machine_party.testing import (
    open_room as open_room_on,
)


async def test_it_counts(open_room: OpenRoom, clock: VirtualClock) -> None:
    room = await open_room(Counter)
    alice = await room.join("Alice")
    bob = await room.join("Bob", codec="json")
    receipt = await alice.send("increment", by=2)
    assert receipt.status == "accepted"
    assert alice.context == {"count": 2, "mine": 2}
    await clock.settle()
    assert bob.context == {"count": 2, "mine": 0}
    await room.assert_in_sync()


async def test_time_passes_until_a_receipt_is_here(
    open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Counter)
    alice = await room.join("Alice")
    for _ in range(5):
        await alice.send("increment")
    assert alice.context["mine"] == 5
    assert clock.now() < 1_700_000_000 + 5 * Counter.patch_interval


async def test_everyone_can_send_at_once(open_room: OpenRoom) -> None:
    room = await open_room(Counter)
    members = [await room.join(f"Member {n}") for n in range(5)]
    receipts = await asyncio.gather(*(member.send("increment") for member in members))
    assert {receipt.status for receipt in receipts} == {"accepted"}
    assert members[0].context["count"] == 5
    await room.assert_in_sync()


async def test_waiting_for_what_never_comes_is_a_deadlock(
    open_room: OpenRoom, virtual_loop: VirtualLoop
) -> None:
    room = await open_room(Counter)
    alice = await room.join("Alice")
    with pytest.raises(Deadlock, match="within 60 virtual seconds"):
        await room.clock.until(alice.wait_for(lambda _: False), within=60)


async def test_a_dropped_member_comes_back_when_told(
    open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Counter)
    alice, bob = await room.join("Alice"), await room.join("Bob")
    await alice.send("increment")
    await alice.drop()
    assert not alice.connected
    await bob.send("increment", by=10)
    await clock.advance(60)
    assert not alice.connected
    assert alice.context["count"] == 1
    await alice.reconnect()
    assert alice.context["count"] == 11
    await room.assert_in_sync()


async def test_a_drop_and_return_takes_no_more_time_than_the_room(
    open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Counter)
    alice = await room.join("Alice")
    before = clock.now()
    await alice.drop()
    await alice.reconnect()
    assert alice.connected
    assert clock.now() - before <= Counter.patch_interval


async def test_what_is_sent_offline_is_sent_later_and_counts_once(
    open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Counter)
    alice = await room.join("Alice")
    await alice.drop()
    sending = asyncio.create_task(alice.send("increment", by=3))
    await clock.settle()
    assert not sending.done()
    await alice.reconnect()
    assert (await clock.until(sending, within=1)).status == "accepted"
    assert alice.context == {"count": 3, "mine": 3}


async def test_a_resend_after_a_drop_is_a_duplicate(
    open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Counter)
    alice = await room.join("Alice")
    alice.network.channel.stall()  # the event arrives, the receipt does not
    sending = asyncio.create_task(alice.send("increment", by=3))
    await clock.settle()
    assert not sending.done()
    await alice.drop()
    await alice.reconnect()
    receipt = await sending
    assert receipt.status == "duplicate"
    assert alice.context == {"count": 3, "mine": 3}


async def test_the_same_name_is_the_same_members_second_connection(open_room: OpenRoom) -> None:
    room = await open_room(Counter)
    phone, laptop = await room.join("Alice"), await room.join("Alice", codec="json")
    assert phone.member == laptop.member
    assert len(room.room.members) == 1


async def test_a_guest_gets_a_token_to_come_back_with(
    open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Counter)
    guest = await room.join("Gast", guest=True)
    assert guest.token is not None
    member = guest.member
    await guest.drop()
    await guest.reconnect()
    assert guest.member == member
    again = await room.join(token=guest.token)
    assert again.member == member


async def test_a_role_that_is_not_open_is_granted_by_a_token(open_room: OpenRoom) -> None:
    room = await open_room(Counter)
    host = await room.join("Hope", role="host")
    assert room.room.members[host.member].role == "host"


async def test_whoever_is_refused_is_told(open_room: OpenRoom) -> None:
    room = await open_room(Counter)
    with pytest.raises(Closed, match="token") as caught:
        await room.join("Mallory", token="nonsense")
    assert caught.value.close_code == CloseCode.BAD_TOKEN
    assert caught.value.code == "bad_token"


async def test_a_restart_loses_nothing(open_room: OpenRoom) -> None:
    room = await open_room(Counter)
    alice, bob = await room.join("Alice"), await room.join("Bob")
    await alice.send("increment", by=4)
    epoch = room.room.epoch
    await room.restart()
    assert room.room.epoch > epoch
    assert bob.context == {"count": 4, "mine": 0}
    assert (await alice.send("increment")).status == "accepted"
    await room.assert_in_sync()


async def test_a_crash_loses_nothing_that_was_answered(
    open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Counter)
    alice, bob = await room.join("Alice"), await room.join("Bob")
    await alice.send("increment", by=4)
    old, epoch, before = room.app, room.room.epoch, clock.now()
    await room.crash(down=100)
    assert clock.now() >= before + 100
    assert room.app is not old
    assert old.rooms.list() == []
    assert room.room.epoch > epoch
    assert bob.context == {"count": 4, "mine": 0}
    assert (await alice.send("increment")).status == "accepted"
    await room.assert_in_sync()


async def test_what_a_member_was_sent_can_be_searched(open_room: OpenRoom) -> None:
    room = await open_room(Counter)
    alice, bob = await room.join("Alice"), await room.join("Bob", codec="json")
    await alice.send("increment", by=77)
    await bob.drop()
    await bob.reconnect()
    assert b"party.welcome" in bob.bytes_seen
    assert len(bob.frames) >= 3
    bob.assert_never_sees("Alice")
    with pytest.raises(AssertionError, match="77"):
        bob.assert_never_sees(77)


async def test_a_commit_is_one_write(open_room: OpenRoom, clock: VirtualClock) -> None:
    room = await open_room(Counter)
    alice = await room.join("Alice")
    await clock.settle()
    before = len(alice.tap.writes)
    await alice.send("increment")
    (write,) = alice.tap.writes[before:]
    own, shared, receipt = (MSGPACK.decode_server(frame) for frame in write)
    assert isinstance(own, SnapshotPatch)
    assert isinstance(shared, SnapshotPatch)
    assert (own.layer, own.more, shared.layer, shared.more) == ("own", True, "shared", False)
    assert isinstance(receipt, Receipt)


async def test_a_bare_client_is_served(open_room: OpenRoom, clock: VirtualClock) -> None:
    room = await open_room(Counter)
    raw = await room.raw(pk="a bare client's secret")
    assert raw.messages == []
    await raw.send({"type": "party.snapshot.get"})
    (update,) = raw.new_messages()
    assert isinstance(update, SnapshotUpdate)
    assert update.snapshot["context"] == {"count": 0, "mine": 0}
    await raw.send('{"type":"increment","by":5}')
    await clock.advance(1)
    patches = [each for each in raw.new_messages() if isinstance(each, SnapshotPatch)]
    assert len(patches) == 2
    await raw.drop()


async def test_a_raw_client_speaks_either_subprotocol(open_room: OpenRoom) -> None:
    room = await open_room(Counter)
    raw = await room.raw(subprotocol=MSGPACK.subprotocol)
    assert raw.channel.subprotocol == MSGPACK.subprotocol
    await raw.send([1])
    await raw.send([5])
    kinds = [type(message) for message in raw.messages]
    assert kinds == [Welcome, SnapshotUpdate, Pong]
    await raw.send(b"\xc1")
    assert raw.closed_with is not None
    assert raw.closed_with[0] == CloseCode.MALFORMED
    with pytest.raises(Lost):
        await raw.channel.send(b"more")


async def test_a_foreign_page_is_refused(open_room: OpenRoom) -> None:
    room = await open_room(Counter)
    with pytest.raises(Lost):
        await room.raw(headers={"Origin": "https://evil.example"})


async def test_the_http_side_is_there(open_room: OpenRoom) -> None:
    room = await open_room(Counter)
    answer = await room.http.get("/parties/counter/room")
    assert answer.status_code == 200
    assert answer.json()["snapshot"]["context"] == {"count": 0}


async def test_an_input_that_does_not_fit_is_refused(open_room: OpenRoom) -> None:
    with pytest.raises(PeerError, match="input"):
        await open_room(Counter, input={"nonsense": 1})


def a_game(seed: str) -> list[bytes]:
    """Every byte that every member of a small game was sent."""
    loop = VirtualLoop()

    async def play() -> list[bytes]:
        clock = VirtualClock(loop)
        room: StagedRoom = await open_room_on(Counter, clock, seed=seed)
        members: list[Any] = [
            await room.join("Alice"),
            await room.join("Bob", codec="json"),
            await room.join(guest=True),
        ]
        for by, member in enumerate(members, 1):
            await member.send("increment", by=by)
        await members[0].drop()
        await clock.advance(20)
        await members[0].reconnect()
        await room.close()
        return [member.bytes_seen for member in members]

    try:
        return loop.run(play())
    finally:
        loop.close()


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert a_game("one") == a_game("one")
    assert a_game("one") != a_game("two")


ACTIONS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["send", "drop", "reconnect", "wait"])),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(ACTIONS)
def test_every_facade_shows_a_fresh_projection_whatever_happens(
    actions: list[tuple[int, str]],
) -> None:
    loop = VirtualLoop()

    async def play() -> None:
        clock = VirtualClock(loop)
        room = await open_room_on(Counter, clock)
        members = [await room.join(name) for name in ("Alice", "Bob", "Cleo")]
        down: set[int] = set()
        waiting: list[asyncio.Task[Receipt]] = []
        for who, action in actions:
            if action == "send":
                waiting.append(asyncio.create_task(members[who].send("increment")))
            elif action == "wait":
                await clock.advance(0.03)
            elif action == "drop" and who not in down:
                down.add(who)
                await members[who].drop()
            elif action == "reconnect" and who in down:
                down.discard(who)
                await members[who].reconnect()
            await room.assert_in_sync()
        for who in down:
            await members[who].reconnect()
        receipts = await clock.until(asyncio.gather(*waiting), within=30)
        assert all(receipt.status != "rejected" for receipt in receipts)
        assert members[0].context["count"] == len(receipts)
        await room.assert_in_sync()
        await room.close()

    try:
        loop.run(play())
    finally:
        loop.cancel_all()
        loop.close()
