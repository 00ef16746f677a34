"""A room that is replayed as a member shows what that member was sent, and nothing else.

Rooms are played over the real server, in memory; each member's façade notes its document at each
version that it was told of.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings

from games.trivia import Trivia
from machine_party import Party
from machine_party.errors import NotRecorded
from machine_party.room import RoomKey
from machine_party.room.anonymous import anonymous
from machine_party.room.recording import Recording
from machine_party.room.replay import Replay
from machine_party.room.rerun import rerun
from machine_party.testing import StagedMember, StagedRoom, VirtualClock, open_room
from tests.games.canary import INPUT, KEYS, PLAYERS, guess, leak, play
from tests.games.test_secrets import Game, Move, moves
from tests.room.board import Board

Documents = dict[int, dict[str, Any]]


class Witness:
    """What one member's façade has shown, by version."""

    def __init__(self, member: StagedMember) -> None:
        self.member, self.seen = member, Documents()
        self._note()
        member.subscribe(lambda _snapshot: self._note())

    def _note(self) -> None:
        self.seen[self.member._sync.version] = dict(self.member.snapshot.document)


async def recorded(room: StagedRoom) -> Recording:
    """What the store has, as it comes out of a file."""
    key = RoomKey(room.party.name, room.id)
    history = await room.store.history(key)
    assert history is not None
    return Recording.decode(Recording.of(key, history).encode())


def assert_same(recording: Recording, party: Party, witness: Witness) -> None:
    """At every version at which the member was sent something."""
    replay = Replay(recording, party)
    for version, document in witness.seen.items():
        if version >= recording.first:
            assert replay.document(version, member=witness.member.member) == document, version


def assert_as_complete(recording: Recording, party: Party, witness: Witness) -> None:
    """The replay shows each of them, and no other: for a member that was there all the time."""
    shown = {
        each.version: each.document
        for each in Replay(recording, party).shown(witness.member.member)
    }
    seen = {version: each for version, each in witness.seen.items() if version > recording.first}
    assert {version: each for version, each in shown.items() if version > recording.first} == seen


# -- kicks, roles, late joins, timers ---------------------------------------------------------


async def play_board(room: StagedRoom, clock: VirtualClock) -> dict[str, Witness]:
    ann = await room.join("Ann")
    witnesses = {"Ann": Witness(ann)}
    await ann.send("add", by=2)
    bob = await room.join("Bob")
    witnesses["Bob"] = Witness(bob)
    wall = await room.join("Wall", role="screen")
    witnesses["Wall"] = Witness(wall)
    await bob.send("note", text="only Bob")
    await bob.send("later", seconds=3.0, by=5)
    await clock.advance(4)
    await ann.send("promote", member=bob.member, role="screen")
    await bob.send("add", by=1)
    await bob.drop()
    await ann.send("add", by=3)
    await bob.reconnect()
    late = await room.join("Late")
    witnesses["Late"] = Witness(late)
    await ann.send("spoil")
    await ann.send("pose", seconds=2.0)
    await late.send("guess", value=7)
    await ann.send("eject", member=bob.member)
    await ann.send("add", by=4)
    await clock.advance(20)
    return witnesses


async def test_each_member_of_a_board_is_replayed(open_room: Any, clock: VirtualClock) -> None:
    room = await open_room(Board)
    witnesses = await play_board(room, clock)
    recording = await recorded(room)

    for witness in witnesses.values():
        assert len(witness.seen) > 3
        assert_same(recording, Board(), witness)
    for name in ("Ann", "Wall", "Late"):
        assert_as_complete(recording, Board(), witnesses[name])


async def test_a_member_is_shown_nothing_while_away_or_after_a_kick(
    open_room: Any, clock: VirtualClock
) -> None:
    room = await open_room(Board)
    witnesses = await play_board(room, clock)
    recording = await recorded(room)
    bob = witnesses["Bob"]

    shown = [each.version for each in Replay(recording, Board()).shown(bob.member.member)]

    assert set(shown) <= set(bob.seen)
    assert max(shown) < recording.version
    assert_refused_while_away(Replay(recording, Board()), bob.member.member)


def assert_refused_while_away(replay: Replay, member: str) -> None:
    """At each version, one way or the other; both happen."""
    refused = []
    for version in replay.recording.span:
        seated = replay.at(version).roster.members.get(member)
        if seated is not None and seated.presence == "connected":
            replay.document(version, member=member)
            continue
        refused.append(seated is not None)
        with pytest.raises(NotRecorded, match=f"at version {version}"):
            replay.document(version, member=member)
    assert set(refused) == {True, False}


async def test_a_part_of_what_a_member_was_sent(open_room: Any, clock: VirtualClock) -> None:
    """It begins with the document as it was, wherever the last change before it and the last whole
    form are."""
    room = await open_room(Board)
    ann = (await play_board(room, clock))["Ann"].member.member
    replay = Replay(await recorded(room), Board())
    whole = [*replay.shown(ann)]
    for begin in replay.recording.span:
        first, *more = replay.shown(ann, range(begin, begin + 6))
        assert first.version == begin
        assert first.document == replay.document(begin, member=ann)
        assert more == [each for each in whole if begin < each.version < begin + 6]


async def test_a_rerun_of_a_board_finds_no_difference(open_room: Any, clock: VirtualClock) -> None:
    room = await open_room(Board)
    await play_board(room, clock)
    recording = await recorded(room)
    assert len(recording.entries) > 10
    assert rerun(recording, Board()) is None
    assert rerun(anonymous(recording), Board()) is None


async def test_history_goes_through_restarts(open_room: Any, clock: VirtualClock) -> None:
    room = await open_room(Board)
    ann = await room.join("Ann")
    witness = Witness(ann)
    for _ in range(3):
        await ann.send("add", by=2)
        await room.restart()
    recording = await recorded(room)
    assert_same(recording, Board(), witness)
    assert rerun(recording, Board()) is None


async def test_no_identity_and_no_token_is_in_an_export(
    open_room: Any, clock: VirtualClock
) -> None:
    room = await open_room(Board)
    await play_board(room, clock)
    await room.join("Guest", guest=True)
    recording = await recorded(room)
    seats = recording.form(recording.version)["actor"]
    identities = {seat["identity"] for each in ("seats", "kicked") for seat in seats[each].values()}
    assert len(identities) == 5

    exported = anonymous(recording).encode().decode()

    tokens = [member.token for member in room.members if member.token]
    assert tokens
    assert not any(secret in exported for secret in [*identities, *tokens])


# -- trivia, with secrets ---------------------------------------------------------------------


def played(
    script: list[Move], check: Callable[[Game, dict[str, Witness]], Awaitable[None]]
) -> None:
    """Play trivia with canaries for answers, then look at it."""
    play(lambda clock: _play(clock, script, check))


async def _play(
    clock: VirtualClock,
    script: list[Move],
    check: Callable[[Game, dict[str, Witness]], Awaitable[None]],
) -> None:
    room = await open_room(Trivia, clock, input=INPUT, seed="recorded")
    game, witnesses = Game(room, clock), {}
    for name in PLAYERS:
        game.members[name] = await room.join(name)
        witnesses[name] = Witness(game.members[name])
    for name in PLAYERS:
        await game.members[name].send("ready")
    await clock.advance(5 + 2)
    for action, player in script:
        await game.move(action, player)
        for name in game.members.keys() - witnesses.keys():
            witnesses[name] = Witness(game.members[name])
    await check(game, witnesses)
    await room.close()


async def look(game: Game, witnesses: dict[str, Witness]) -> None:
    recording, party = await recorded(game.room), Trivia()
    assert rerun(recording, party) is None
    for name, witness in witnesses.items():
        assert_same(recording, party, witness)
        shown = [*Replay(recording, party).shown(witness.member.member)]
        text = json.dumps([each._asdict() for each in shown])
        for question, key in KEYS.items():
            assert question in game.revealed or key not in text
        for player, question in game.given:
            secret = guess(player, question)
            assert question in game.revealed or player == name or secret not in text


@given(script=moves)
@settings(max_examples=settings().max_examples // 6)
def test_each_member_of_a_quiz_is_replayed_and_learns_nothing(script: list[Move]) -> None:
    played([("answer", "ann"), ("answer", "bob"), *script], look)


def test_a_whole_game_is_replayed_and_its_canaries_are_in_it_once_revealed() -> None:
    async def check(game: Game, witnesses: dict[str, Witness]) -> None:
        await look(game, witnesses)
        recording = await recorded(game.room)
        for witness in witnesses.values():
            assert_as_complete(recording, Trivia(), witness)
        (*_, last) = Replay(recording, Trivia()).shown(game.members["ann"].member)
        assert guess("bob", "q1") in recording.encode().decode()
        assert game.revealed == set(KEYS)
        assert last.version <= recording.version

    played([("answer", "ann"), ("answer", "bob"), *[("wait", "")] * 20], check)


def test_a_leaking_view_is_found_in_a_replay() -> None:
    """Else the checks above could not fail."""
    with leak(), pytest.raises(AssertionError):
        played([("answer", "bob")], look)
