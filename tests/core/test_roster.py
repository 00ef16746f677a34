"""Seats: short ids, unique names, one seat for each identity, and none for the kicked."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from machine_party.core.member import Member
from machine_party.core.roster import Roster


def test_a_thousand_members_have_short_ids_and_unique_names() -> None:
    roster, random = Roster(), Random(1)
    for number in range(1_000):
        roster.add(f"identity {number}", "Ann" if number % 2 else None, "player", random)
    members = roster.members
    assert len(members) == 1_000
    assert len({member.name for member in members.values()}) == 1_000
    assert all(len(key) <= 8 and key.isalnum() and key[0].isalpha() for key in members)


class Stuck(Random):
    """Gives one id twice before it gives another."""

    def __init__(self) -> None:
        super().__init__(0)
        self.picks = iter("aab")

    def choices(self, population: object, *_: object, k: int = 1, **__: object) -> list[str]:  # type: ignore[override]
        return ["a"] * k

    def choice(self, seq: object) -> str:  # type: ignore[override]
        return next(self.picks)


def test_an_id_that_is_taken_is_not_given_again() -> None:
    roster, random = Roster(), Stuck()
    first = roster.add("one", None, "player", random)
    roster.kick(first.id)
    assert roster.add("two", None, "player", random).id != first.id


def test_the_same_randomness_gives_the_same_id() -> None:
    assert Roster().add("x", "Ann", "player", Random(3)) == Roster().add(
        "x", "Ann", "player", Random(3)
    )


def test_a_member_without_a_name_is_called_by_its_role() -> None:
    roster = Roster()
    assert roster.add("x", None, "player", Random(1)).name == "Player 1"
    assert roster.add("y", None, "host", Random(2)).name == "Host 2"


def test_a_kick_takes_the_seat_until_unkick() -> None:
    roster = Roster()
    ann = roster.add("ann", "Ann", "player", Random(1))
    assert roster.kick(ann.id) == ann
    assert (dict(roster.members), roster.of_identity("ann")) == ({}, None)
    assert roster.is_kicked("ann")
    roster.unkick(ann.id)
    roster.unkick("nobody")
    assert not roster.is_kicked("ann")


def test_changes_keep_the_place_and_the_identity() -> None:
    roster = Roster()
    ann = roster.add("ann", "Ann", "player", Random(1))
    bob = roster.add("bob", "Bob", "player", Random(2))
    roster.set_presence(ann.id, "away")
    roster.set_role(ann.id, "host")
    roster.rename(ann.id, "Bob")
    assert list(roster.members.values()) == [
        Member(id=ann.id, name="Bob 2", role="host", presence="away"),
        bob,
    ]
    assert roster.of_identity("ann") == roster.members[ann.id]
    assert roster.rename(ann.id, "Bob 2").name == "Bob 2"


def test_away_counts_as_present_and_gone_does_not() -> None:
    member = Member(id="a", name="A", role="player")
    assert [
        Member(id="a", name="A", role="player", presence=presence).present
        for presence in ("connected", "away", "gone")
    ] == [True, True, False]
    assert member.present


@given(st.lists(st.tuples(st.sampled_from(["add", "kick", "unkick", "name"]), st.integers(0, 4))))
def test_members_identities_and_kicks_agree_whatever_happens(
    actions: list[tuple[str, int]],
) -> None:
    roster, random = Roster(), Random(7)
    for action, number in actions:
        _act(roster, random, action, f"identity {number}")
        assert list(roster.members) == list(roster.seats)
        assert len({member.name for member in roster.members.values()}) == len(roster.members)
        for key, seat in roster.seats.items():
            assert roster.of_identity(seat.identity) == roster.members[key] == seat.member
            assert not roster.is_kicked(seat.identity)


def _act(roster: Roster, random: Random, action: str, identity: str) -> None:
    member = roster.of_identity(identity)
    if action == "add" and member is None and not roster.is_kicked(identity):
        roster.add(identity, "Ann", "player", random)
    elif action == "kick" and member is not None:
        roster.kick(member.id)
    elif action == "name" and member is not None:
        roster.rename(member.id, "Ann")
    elif action == "unkick":
        for key in [key for key, seat in roster.kicked.items() if seat.identity == identity]:
            roster.unkick(key)
