"""A quiz whose server was gone for a while, on virtual time: what everybody finds then."""

from __future__ import annotations

from games.trivia import Trivia
from machine_party.testing import VirtualClock
from tests.room.stage import Client, Stage

INPUT = {"durations": {"countdown": 1, "prep": 1, "time": 20, "pause": 2, "recap": 1}}


async def asked(clock: VirtualClock) -> tuple[Stage, list[Client]]:
    """A quiz whose first question is open, and its players."""
    stage = Stage(clock, Trivia())
    room = await stage.rooms.create("trivia", "room", INPUT)
    players = [await stage.join(name, room) for name in ("ann", "bob", "cid")]
    for player in players:
        player.send("ready")
    await clock.advance(3)
    assert players[0].document["value"] == {"question": "open"}
    return stage, players


async def come_back(stage: Stage, *players: Client) -> None:
    room = await stage.rooms.get("trivia", "room")
    for player in players:
        await player.come(room)
    await stage.rest()


async def test_everybody_has_the_seat_the_answer_and_the_time_that_is_left(
    clock: VirtualClock,
) -> None:
    stage, (ann, bob, cid) = await asked(clock)
    ann.send("answer", question="q1", choice="a")
    await stage.rest()
    ids, deadline = [ann.id, bob.id, cid.id], ann.context["deadline"]
    await stage.crash()
    await clock.advance(5)
    await come_back(stage, ann, bob, cid)
    assert [ann.id, bob.id, cid.id] == ids
    assert ann.document["value"] == {"question": "open"}
    deadline, before = ann.context["deadline"], deadline
    # Nothing has counted while nobody was there; the last sign of life is at most a second old.
    assert before + 5_000 <= deadline <= before + 6_000
    assert ann.context["answer"]["choice"] == "a"
    await clock.advance(deadline / 1000 - clock.now() - 0.1)
    assert ann.document["value"] == {"question": "open"}
    await clock.advance(0.2)
    assert ann.document["value"] == {"question": "closed"}
    await stage.assert_in_sync()
    await stage.rooms.close()


async def test_after_an_hour_there_is_as_much_time_as_there_was(clock: VirtualClock) -> None:
    stage, (ann, bob, cid) = await asked(clock)
    ann.send("answer", question="q1", choice="a")
    await clock.advance(3)
    left = ann.context["deadline"] / 1000 - clock.now()
    await stage.crash()
    await clock.advance(3600)
    await come_back(stage, ann, bob, cid)
    assert ann.document["value"] == {"question": "open"}
    assert left - 0.2 <= ann.context["deadline"] / 1000 - clock.now() <= left + 1
    await clock.advance(left - 0.2)
    assert ann.document["value"] == {"question": "open"}
    await clock.advance(1.2)
    assert ann.document["value"] == {"question": "closed"}
    await stage.assert_in_sync()
    await stage.rooms.close()


async def test_who_does_not_come_back_is_waited_for_during_the_whole_grace(
    clock: VirtualClock,
) -> None:
    stage, (ann, bob, cid) = await asked(clock)
    await stage.crash()
    await clock.advance(1)
    await come_back(stage, ann, bob)
    for player in (ann, bob):
        player.send("confirm", question="q1")
    await stage.rest()
    assert ann.context["players"][cid.id]["presence"] == "away"
    await clock.advance(stage.parties[0].grace - 1)
    assert ann.document["value"] == {"question": "open"}
    await clock.advance(1.1)
    assert ann.context["players"][cid.id]["presence"] == "gone"
    assert ann.document["value"] == {"question": "closed"}
    await stage.assert_in_sync()
    await stage.rooms.close()


async def test_an_answer_without_a_receipt_is_sent_again_and_counts_once(
    clock: VirtualClock,
) -> None:
    stage, (ann, bob, cid) = await asked(clock)
    ann.held = True
    answer, confirm = (
        ann.send("answer", question="q1", choice="a"),
        ann.send("confirm", question="q1"),
    )
    await stage.rest()
    await stage.crash()
    ann.held = False
    await come_back(stage, ann, bob, cid)
    assert {ann.receipts[id].status for id in (answer, confirm)} == {"duplicate"}
    assert ann.context["answer"]["confirmed"]
    await stage.assert_in_sync()
    await stage.rooms.close()
