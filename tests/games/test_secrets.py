"""What nobody may see early: every byte to every member, under drops, resyncs and late joins.

The pack's right answers and the players' answers are 128-bit canaries. Two checks: no byte
holds one before its recap; and when only one player's answers differ between two otherwise
equal games, everybody else gets the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.trivia import Trivia, views
from machine_party.testing import StagedMember, StagedRoom, VirtualClock, open_room
from tests.games.canary import INPUT, KEYS, PLAYERS, guess, hash_of, leak, play, revealed

Codec = Literal["msgpack", "json"]
Move = tuple[str, str]

moves = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["answer", "confirm", "drop", "reconnect", "resync"]),
            st.sampled_from(PLAYERS),
        ),
        st.tuples(st.sampled_from(["wait", "late", "read"]), st.just("")),
    ),
    max_size=14,
)


@dataclass
class Game:
    """A game on the real server, in memory, and who may not know what yet.

    Attributes:
        salt: changes `spy`'s answers, and nothing else.
        revealed: the questions that a recap has shown.
    """

    room: StagedRoom
    clock: VirtualClock
    spy: str = ""
    salt: str = ""
    members: dict[str, StagedMember] = field(default_factory=dict)
    given: set[tuple[str, str]] = field(default_factory=set)
    revealed: set[str] = field(default_factory=set)

    async def begin(self, codecs: Sequence[Codec]) -> None:
        for player, codec in zip(PLAYERS, codecs, strict=True):
            self.members[player] = await self.room.join(player, codec=codec)
        self.members["wall"] = await self.room.join("wall", role="screen", codec=codecs[0])
        for player in PLAYERS:
            await self.members[player].send("ready")
        await self.clock.advance(5 + 2)

    async def move(self, action: str, player: str) -> None:
        member = self.members.get(player)
        match action:
            case "wait":
                await self.clock.advance(5)
            case "late":
                name = f"late{len(self.members)}"
                self.members[name] = await self.room.join(name, codec="json")
            case "read":
                await self.room.http.get(f"/parties/trivia/{self.room.id}")
            case "drop" if member and member.connected:
                await member.drop()
            case "reconnect" if member and not member.connected:
                await member.reconnect()
            case _ if member and member.connected:
                await self._act(action, player, member)
        self._note()

    async def _act(self, action: str, player: str, member: StagedMember) -> None:
        question = member.context["question"]
        if action == "resync":
            await member.drop()
            await member.reconnect()
        elif question is not None and action == "confirm":
            await member.send("confirm", question=question["id"])
        elif question is not None:
            salt = self.salt if player == self.spy else ""
            text = guess(player, question["id"], salt)
            receipt = await member.send("answer", question=question["id"], text=text)
            if receipt.status == "accepted":
                self.given.add((player, question["id"]))

    def _note(self) -> None:
        self.revealed |= revealed(self.room.room)

    def check(self) -> None:
        """Nobody has a byte of what is not revealed, but for one's own answers."""
        for name, member in self.members.items():
            for question, key in KEYS.items():
                if question not in self.revealed:
                    member.assert_never_sees(key)
            for player, question in self.given:
                if question not in self.revealed and player != name:
                    member.assert_never_sees(guess(player, question))


def run(
    script: Sequence[Move],
    codecs: Sequence[Codec],
    *,
    salt: str = "",
    stop_at_reveal: bool = False,
) -> dict[str, bytes]:
    """Play a script; `{member: every byte that it was sent}`."""
    return play(lambda clock: _play(clock, script, codecs, salt, stop_at_reveal))


async def _play(
    clock: VirtualClock,
    script: Sequence[Move],
    codecs: Sequence[Codec],
    salt: str,
    stop_at_reveal: bool,
) -> dict[str, bytes]:
    room = await open_room(Trivia, clock, input=INPUT, seed="secrets")
    game = Game(room, clock, spy="bob", salt=salt)
    await game.begin(codecs)
    seen: dict[str, bytes] = {}
    for action, player in script:
        await game.move(action, player)
        if stop_at_reveal and game.revealed:
            break
        seen = {name: member.bytes_seen for name, member in game.members.items()}
        if not salt:
            game.check()
    await room.close()
    return seen


FEWER = settings(max_examples=settings().max_examples // 4)
"""Each is a whole game, or two of them."""

codecs = st.tuples(*[st.sampled_from(["msgpack", "json"])] * 3)


@given(script=moves, codecs=codecs)
@FEWER
def test_no_byte_holds_a_secret_before_its_recap(script: list[Move], codecs: Any) -> None:
    run([("answer", "ann"), ("answer", "bob"), *script], codecs)


@given(script=moves, codecs=codecs)
@FEWER
def test_one_players_secret_changes_no_byte_of_anybody_else(
    script: list[Move], codecs: Any
) -> None:
    script = [("answer", "bob"), *script]
    first = run(script, codecs, stop_at_reveal=True)
    second = run(script, codecs, salt="other", stop_at_reveal=True)
    assert first["bob"] != second["bob"]
    del first["bob"], second["bob"]
    assert first == second


WHOLE_GAME: list[Move] = [("answer", "ann"), ("answer", "bob"), ("read", ""), *[("wait", "")] * 20]


def test_the_canaries_do_travel_once_they_are_revealed() -> None:
    """Else the checks above would look for what is never sent."""
    seen = run(WHOLE_GAME, ("json", "json", "json"))
    assert all(key.encode() in seen["wall"] for key in KEYS.values())
    assert guess("bob", "q1").encode() in seen["ann"]


@pytest.mark.parametrize("codec", ["msgpack", "json"])
def test_a_deliberate_leak_is_found(codec: Codec) -> None:
    with leak(), pytest.raises(AssertionError):
        run([("answer", "bob")], (codec, codec, codec))


def test_a_leak_of_one_bit_is_found() -> None:
    """A view that tells only whether the answer is even changes somebody else's bytes."""
    honest = views.shared_view

    def leaking(snapshot: Any) -> Any:
        shared = honest(snapshot)
        texts = [given.text or "" for given in snapshot.context.rounds[0].answers.values()]
        shared.title = f"{sum(map(hash_of, texts)) % 1009}"
        return shared

    json: Sequence[Codec] = ("json", "json", "json")
    with patch("games.trivia.party.shared_view", leaking):
        first = run([("answer", "bob")], json)
        second = run([("answer", "bob")], json, salt="other")
    assert first["ann"] != second["ann"]
