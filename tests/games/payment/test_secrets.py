"""The payer's balance is the payer's and the admin's: no byte of it goes to anybody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.payment import Payment, views
from machine_party.testing import VirtualClock
from machine_party.testing.member import StagedMember
from machine_party.testing.room import open_room
from tests.virtual import on_a_loop

BALANCE, OTHER = 83_719_205, 61_904_377
"""Numbers that occur nowhere by chance. Both are enough for `AMOUNT`."""
AMOUNT = 1_203

SENDS = [f"{who} {what}" for who in ("ada", "bob", "admin") for what in Payment.event_types]
MOVES = st.lists(st.sampled_from([*SENDS, "wait", "late", "read", "resync"]), max_size=12)
CODECS = st.sampled_from(["msgpack", "json"])


class Evening:
    """A payment with its admin, with Ada, who confirms first, and with Bob, who looks on."""

    def __init__(self, clock: VirtualClock, room: Any) -> None:
        self.clock, self.room = clock, room
        self.members: dict[str, StagedMember] = {}
        self.read: list[bytes] = []

    async def begin(self, codec: Any) -> None:
        self.members["admin"] = await self.room.join("admin", role="admin", codec=codec)
        for who in ("ada", "bob"):
            self.members[who] = await self.room.join(who, codec=codec)
        await self.members["ada"].send("confirm")

    async def move(self, move: str) -> None:
        match move.split():
            case [who, what]:
                await self.members[who].send(what)
            case ["wait"]:
                await self.clock.advance(3)
            case ["late"]:
                name = f"late {len(self.members)}"
                self.members[name] = await self.room.join(name)
            case ["resync"]:
                await self.members["bob"].drop()
                await self.members["bob"].reconnect()
            case ["read"]:
                answer = await self.room.http.get(f"/parties/payment/{self.room.id}")
                self.read.append(answer.content)

    def strangers(self) -> list[StagedMember]:
        return [self.members[who] for who in self.members if who not in ("admin", "ada")]

    def check(self) -> None:
        for stranger in self.strangers():
            for secret in (BALANCE, BALANCE - AMOUNT):
                stranger.assert_never_sees(secret)
                assert not any(str(secret).encode() in answer for answer in self.read)


def run(moves: list[str], codec: Any, folder: Path, balance: int = BALANCE) -> dict[str, bytes]:
    """Play; `{member: every byte that it was sent}`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MACHINE_PARTY_DATA", str(folder))
        return on_a_loop(lambda clock: _play(clock, moves, codec, balance))


async def _play(
    clock: VirtualClock, moves: list[str], codec: Any, balance: int
) -> dict[str, bytes]:
    input = {"amount": AMOUNT, "balance": balance, "failures": {"credit": 0.6, "refund": 0.5}}
    room = await open_room(Payment, clock, input=input, seed="secrets")
    evening = Evening(clock, room)
    await evening.begin(codec)
    for move in moves:
        await evening.move(move)
    await clock.advance(60)
    seen = {name: member.bytes_seen for name, member in evening.members.items()}
    if balance == BALANCE:
        evening.check()
    await room.close()
    return {**seen, "read": b"".join(evening.read)}


@given(moves=MOVES, codec=CODECS)
@settings(max_examples=settings().max_examples // 4)
def test_no_byte_holds_the_balance(
    tmp_path_factory: pytest.TempPathFactory, moves: list[str], codec: Any
) -> None:
    run(moves, codec, tmp_path_factory.mktemp("bank"))


@given(moves=MOVES, codec=CODECS)
@settings(max_examples=settings().max_examples // 6)
def test_another_balance_changes_no_byte_of_anybody_else(
    tmp_path_factory: pytest.TempPathFactory, moves: list[str], codec: Any
) -> None:
    first, second = (
        run(moves, codec, tmp_path_factory.mktemp("bank"), balance) for balance in (BALANCE, OTHER)
    )
    for knows in ("admin", "ada"):
        assert first.pop(knows) != second.pop(knows)
    assert first == second


def test_the_canary_does_travel_to_whom_it_belongs(tmp_path: Path) -> None:
    """Else the checks above would look for what is never sent."""
    seen = run(["ada approve", "read"], "json", tmp_path)
    for knows in ("admin", "ada"):
        assert str(BALANCE).encode() in seen[knows]
        assert str(BALANCE - AMOUNT).encode() in seen[knows]


@pytest.mark.parametrize("codec", ["msgpack", "json"])
def test_a_deliberate_leak_is_found(tmp_path: Path, codec: str) -> None:
    honest = views.shared_view

    def leaking(snapshot: Any) -> Any:
        shared = honest(snapshot)
        shared.attempts = snapshot.context.balance
        return shared

    with patch("games.payment.party.shared_view", leaking), pytest.raises(AssertionError):
        run(["ada approve"], codec, tmp_path)


def test_a_refusal_for_want_of_money_does_not_say_so_to_others(tmp_path: Path) -> None:
    """That it was refused is seen by everybody; why, it tells the payer and the admin."""
    seen = run(["ada approve"], "json", tmp_path, balance=AMOUNT - 1)
    assert b"debit_refused" in seen["bob"]
    for who, knows in {"ada": True, "admin": True, "bob": False}.items():
        assert (b"insufficient_funds" in seen[who]) is knows
