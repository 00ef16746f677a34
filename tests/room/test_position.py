"""Positions: nobody is replayed what was before it came, whatever its hello says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from machine_party.protocol import Resume, SnapshotPatch
from machine_party.room.position import Positions
from tests.room.stage import Client, Stage


async def back_at(stage: Stage, client: Client, *, earlier: int) -> None:
    """Come back, claiming to stand `earlier` shared patches before where the mirror does."""
    point = client.mirror.position
    assert point is not None
    client.mirror._mirror.point = replace(point, shared=point.shared - earlier)
    client.judge.faulty = True
    client.writes.clear()
    await client.come()
    await stage.rest()


def resumed(client: Client) -> bool:
    assert client.mirror.welcome is not None
    return client.mirror.welcome.resumed


async def talk(stage: Stage, speaker: Client) -> None:
    for _ in range(3):
        speaker.send("add")
        await stage.rest()


async def test_a_newcomer_is_not_replayed_what_was_before_it_came(stage: Stage) -> None:
    ann = await stage.join("ann")
    await talk(stage, ann)
    bob = await stage.join("bob")
    bob.drop()
    await back_at(stage, bob, earlier=2)
    assert not resumed(bob)
    assert not any(isinstance(message, SnapshotPatch) for message in bob.messages[:2])
    await stage.assert_in_sync()


async def test_what_was_missed_since_is_replayed(stage: Stage) -> None:
    ann, bob = await stage.join("ann"), await stage.join("bob")
    await talk(stage, ann)
    bob.drop()
    await talk(stage, ann)
    await back_at(stage, bob, earlier=0)
    assert resumed(bob)
    await stage.assert_in_sync()


@pytest.mark.parametrize("away", [True, False])
async def test_the_past_of_an_audience_is_for_those_who_were_there(
    stage: Stage, away: bool
) -> None:
    """A player who was a host for a while, and is one again, missed what was in between."""
    ann, bob = await stage.join("ann", role="host"), await stage.join("bob", role="host")
    await talk(stage, ann)
    if away:
        bob.drop()
    for role in ("player", "host"):
        ann.send("promote", member=bob.id, role=role)
        await stage.rest()
        await talk(stage, ann)
    if not away:
        bob.drop()
    await back_at(stage, bob, earlier=0 if away else 4)
    assert not resumed(bob)
    await stage.assert_in_sync()


async def test_without_the_check_the_past_leaks(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Positions, "allows", lambda *_: True)
    ann = await stage.join("ann")
    await talk(stage, ann)
    bob = await stage.join("bob")
    bob.drop()
    await back_at(stage, bob, earlier=2)
    assert resumed(bob)
    assert any(isinstance(message, SnapshotPatch) for message in bob.messages)


async def test_a_position_of_nobody(stage: Stage) -> None:
    positions = Positions(stage.party)
    ann = await stage.join("ann")
    member = (await stage.open()).members[ann.id]
    assert not positions.allows(member, None, Resume(1, "player", member.id, 10, 10))
    positions.shown(member, None, 5)
    assert positions.allows(member, None, Resume(1, "player", member.id, 5, 0))
    assert not positions.allows(member, None, Resume(1, "player", member.id, 4, 0))
    assert not positions.allows(member, frozenset({"total"}), Resume(1, "player", member.id, 9, 0))
    positions.keep({})
    assert not positions.allows(member, None, Resume(1, "player", member.id, 5, 0))
