"""Trivia on the real server, in memory, with real façades: what really travels."""

from __future__ import annotations

from games.trivia import Trivia
from games.trivia.pack import Pack
from machine_party.testing.clock import VirtualClock
from machine_party.testing.member import StagedMember
from machine_party.testing.plugin import OpenRoom
from machine_party.testing.room import open_room as open_room_once
from tests.virtual import on_a_loop

SAMPLE = {"pack": "sample"}


async def begin(clock: VirtualClock, *players: StagedMember) -> None:
    """Everybody is ready; returns when the first question has opened."""
    for player in players:
        await player.send("ready")
    await clock.advance(5 + 5)
    for player in players:
        assert player.matches({"question": "open"})


def choice(player: StagedMember, text: str) -> str:
    """The letter of the option that says `text`, as this player sees it."""
    options: dict[str, str] = player.context["question"]["options"]
    return next(letter for letter, shown in options.items() if shown == text)


async def test_a_whole_game(
    packs: dict[str, Pack], open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Trivia, input=SAMPLE)
    ann, bob = await room.join("Ann"), await room.join("Bob", codec="json")
    wall = await room.join("Wall", role="screen")
    await begin(clock, ann, bob)

    await ann.send("answer", question="q1", choice=choice(ann, "one"))
    await bob.send("answer", question="q1", choice=choice(bob, "half"))
    await ann.send("confirm", question="q1")
    assert wall.context["progress"] == {"confirmed": 1, "present": 2}
    receipt = await bob.send("confirm", question="q1")
    assert receipt.status == "accepted"
    assert bob.matches("question.closed")

    await clock.advance(2 + 5)
    late = await room.join("Late")
    await bob.send("answer", question="q2", text="Bobs-own-guess")
    for player in (ann, late, wall):
        player.assert_never_sees("Bobs-own-guess")
        player.assert_never_sees("canary-answer")
    await clock.advance(20 + 2 + 12)
    assert wall.context["reveal"]["texts"] == ["canary-answer", "also this"]

    await clock.advance(12 + 2)
    await late.send("answer", question="q3", text="42,0")
    await clock.advance(30 + 2 + 12)
    everybody = (ann, bob, late, wall)
    assert all(member.matches("ranking") and member.status == "done" for member in everybody)
    assert all(member.context["players"] == wall.context["players"] for member in everybody)
    cards = wall.context["players"].values()
    assert {card["name"]: card["rank"] for card in cards} == {"Ann": 1, "Bob": 2, "Late": 2}
    await room.assert_in_sync()


async def test_who_drops_out_comes_back_to_the_same_answer(
    packs: dict[str, Pack], open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Trivia, input=SAMPLE)
    ann, bob = await room.join("Ann"), await room.join("Bob")
    await begin(clock, ann, bob)
    await ann.send("answer", question="q1", choice="c")
    before = ann.context["answer"]

    await ann.drop()
    await bob.send("confirm", question="q1")
    assert bob.matches("question.open")
    await clock.advance(Trivia.grace)
    assert bob.matches("question.closed")
    await ann.reconnect()
    assert ann.context["answer"] == before
    assert ann.matches("question.closed")


async def test_a_server_restart_in_the_middle_of_a_question(
    packs: dict[str, Pack], open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Trivia, input=SAMPLE)
    ann, bob = await room.join("Ann"), await room.join("Bob")
    await begin(clock, ann, bob)
    await ann.send("answer", question="q1", choice="b")
    await ann.send("confirm", question="q1")
    deadline = ann.context["deadline"]

    await room.restart()
    assert ann.context["deadline"] == bob.context["deadline"] == deadline
    assert ann.context["answer"]["confirmed"]
    await bob.send("confirm", question="q1")
    assert ann.matches("question.closed")


def test_another_players_answer_changes_no_byte(packs: dict[str, Pack]) -> None:
    """The same evening twice, from one seed: only Bob's answer differs."""

    async def seen_by_ann(clock: VirtualClock, answer: str) -> bytes:
        room = await open_room_once(Trivia, clock, input=SAMPLE)
        ann, bob = await room.join("Ann"), await room.join("Bob")
        await begin(clock, ann, bob)
        await bob.send("answer", question="q1", choice=answer)
        await bob.send("confirm", question="q1")
        await ann.send("confirm", question="q1")
        await clock.advance(2 + 5 + 20)
        before_recap = ann.bytes_seen
        await room.close()
        return before_recap

    def evening(answer: str) -> bytes:
        return on_a_loop(lambda clock: seen_by_ann(clock, answer))

    assert evening("b") == evening("c")


async def test_the_one_who_asks_for_an_unknown_pack_is_told(open_room: OpenRoom) -> None:
    room = await open_room(Trivia)
    answer = await room.http.post("/parties/trivia", json={"input": {"pack": "no-such-pack"}})
    assert answer.status_code == 400
    assert "$.input.pack" in answer.text
    made = await room.http.post("/parties/trivia", json={"input": {"pack": "general"}})
    assert made.status_code == 201


async def test_ten_minutes_without_a_server_cost_no_second_of_the_question(
    packs: dict[str, Pack], open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Trivia, input=SAMPLE)
    ann, bob = await room.join("Ann"), await room.join("Bob")
    await begin(clock, ann, bob)
    await clock.advance(8)
    left = ann.context["deadline"] / 1_000 - clock.now()

    await room.crash(600)
    assert ann.matches("question.open")
    # The server says once a second that it lives: that much it may not know of.
    assert left - 0.5 < ann.context["deadline"] / 1_000 - clock.now() <= left + 1
    assert ann.context["deadline"] == bob.context["deadline"]
    await clock.advance(left - 0.5)
    assert ann.matches("question.open")
    await clock.advance(1.5)
    assert ann.matches("question.closed")
    await room.assert_in_sync()


async def test_a_pause_of_the_room_shows_what_is_left(
    packs: dict[str, Pack], open_room: OpenRoom, clock: VirtualClock
) -> None:
    room = await open_room(Trivia, input=SAMPLE)
    ann = await room.join("Ann")
    await begin(clock, ann)
    left = ann.context["deadline"] / 1_000 - clock.now()
    await room.room.pause()
    await clock.advance(600)
    assert (ann.context["deadline"], ann.context["left"]) == (None, round(left * 1_000))
    await room.room.extend(30)
    await clock.advance(1)
    assert ann.context["left"] == round((left + 30) * 1_000)
    await room.room.resume()
    await clock.advance(left + 29)
    assert ann.matches("question.open")
    await clock.advance(1)
    assert ann.matches("question.closed")
    await room.assert_in_sync()
