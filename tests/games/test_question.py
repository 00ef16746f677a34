"""A question in a room: answering, confirming, closing."""

from __future__ import annotations

from typing import Any

import pytest

from games.trivia import machine
from games.trivia.pack import Pack
from tests.games.conftest import Tables, to
from tests.games.table import Table

OPEN = {"question": "open"}
CLOSED = {"question": "closed"}


def letter(table: Table, text: str) -> str:
    """The letter of the option that says `text`."""
    options: dict[str, str] = table.shared["question"]["options"]
    return next(key for key, shown in options.items() if shown == text)


def test_the_prompt_comes_first_and_the_options_when_it_opens(seat: Tables) -> None:
    table = seat("ann")
    table.send("ann", "ready")
    to(table, {"question": "preparation"})
    card = table.shared["question"]
    assert (card["id"], card["number"], card["total"], card["kind"]) == ("q1", 1, 3, "radio")
    assert (card["category"], card["category_number"], card["categories"]) == ("First", 1, 2)
    assert (card["prompt"], card["points"], card["options"]) == ("Which one?", 10, {})
    assert table.send("ann", "answer", question="q1", choice="a").code == "not_handled"
    table.pass_time(5)
    assert set(table.shared["question"]["options"]) == {"a", "b", "c", "d"}


def test_the_deadline_is_in_epoch_milliseconds(opened: Tables) -> None:
    table = opened("ann")
    assert table.shared["deadline"] == (table.now + 20) * 1_000


def test_answering_and_confirming_leave_the_clock_alone(opened: Tables) -> None:
    table = opened("ann", "bob")
    before = (table.shared["deadline"], table.shared["step"], table.actor.timers.next_deadline())
    table.pass_time(3)
    table.send("ann", "answer", question="q1", choice="a")
    table.send("ann", "confirm", question="q1")
    after = (table.shared["deadline"], table.shared["step"], table.actor.timers.next_deadline())
    assert before == after
    assert len(table.actor.timers.rows) == 1


def test_it_closes_when_everybody_has_confirmed(opened: Tables) -> None:
    table = opened("ann", "bob")
    table.send("ann", "answer", question="q1", choice="a")
    table.send("ann", "confirm", question="q1")
    assert table.value == OPEN
    assert table.shared["progress"] == {"confirmed": 1, "present": 2}
    assert (table.card("ann")["confirmed"], table.card("bob")["confirmed"]) == (True, False)
    table.send("bob", "confirm", question="q1")
    assert table.value == CLOSED


def test_it_closes_when_the_time_is_up(opened: Tables) -> None:
    table = opened("ann")
    table.pass_time(19.99)
    assert table.value == OPEN
    table.pass_time(0.01)
    assert table.value == CLOSED
    assert table.send("ann", "answer", question="q1", choice="a").code == "not_handled"


def test_a_draft_counts_when_the_time_is_up(opened: Tables) -> None:
    table = opened("ann")
    table.send("ann", "answer", question="q1", choice=letter(table, "one"))
    to(table, "recap")
    assert table.card("ann")["points"] == 10


def test_an_answer_may_change_until_it_is_confirmed(opened: Tables) -> None:
    table = opened("ann", "bob")
    for choice in ("a", "b"):
        assert table.send("ann", "answer", question="q1", choice=choice).accepted
    table.send("ann", "confirm", question="q1")
    draft = {"question": "q1", "choice": "b", "text": None, "confirmed": True}
    assert table.own("ann")["answer"] == draft
    assert table.send("ann", "answer", question="q1", choice="c").code == "confirmed"
    assert table.send("ann", "confirm", question="q1").code == "confirmed"
    assert table.own("ann")["answer"] == draft
    assert table.own("bob")["answer"] is None


def test_confirming_without_an_answer_is_a_pass(opened: Tables) -> None:
    table = opened("ann")
    table.send("ann", "confirm", question="q1")
    to(table, "recap")
    given = table.shared["reveal"]["answers"][table.ids["ann"]]
    assert given == {"choice": None, "text": None, "points": 0.0}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"question": "q2", "choice": "a"}, "too_late"),
        ({"question": "q1", "choice": "e"}, "not_an_option"),
        ({"question": "q1", "choice": ""}, "not_an_option"),
        ({"question": "q1", "text": "one"}, "not_an_option"),
        ({"question": "q1", "choice": "a", "text": "one"}, "not_an_option"),
        ({"question": "q1"}, "not_an_option"),
        ({"choice": "a"}, "bad_request"),
        ({"question": "q1", "choice": 1}, "bad_request"),
        ({"question": "q1", "choice": "a", "points": 99}, "bad_request"),
    ],
)
def test_a_wrong_answer_event(opened: Tables, answer: dict[str, Any], code: str) -> None:
    table = opened("ann")
    assert table.send("ann", "answer", **answer).code == code
    assert table.own("ann")["answer"] is None


def test_a_text_question_takes_texts(opened: Tables) -> None:
    table = opened("ann")
    table.pass_time(20 + 2 + 5)
    assert table.shared["question"]["id"] == "q2"
    assert table.send("ann", "answer", question="q2", choice="a").code == "not_a_text"
    assert table.send("ann", "answer", question="q2").code == "not_a_text"
    assert table.send("ann", "answer", question="q2", text="x" * 201).code == "bad_request"
    assert table.send("ann", "answer", question="q1", choice="a").code == "too_late"
    assert table.send("ann", "answer", question="q2", text="Also this").accepted


def test_a_host_goes_on_without_waiting(opened: Tables) -> None:
    table = opened("ann", "bob", host=True)
    seen = []
    while table.value != "ranking":
        seen.append(table.value)
        assert table.send("host", "skip", step=table.shared["step"]).accepted
    assert seen[:3] == [OPEN, CLOSED, {"question": "preparation"}]
    assert seen.count("recap") == 3


# -- who is waited for ---------------------------------------------------------------------


def confirm(table: Table, *players: str) -> None:
    for player in players:
        assert table.send(player, "confirm", question=table.shared["question"]["id"]).accepted


def test_who_is_away_is_waited_for_and_who_is_gone_is_not(opened: Tables) -> None:
    table = opened("ann", "bob")
    confirm(table, "ann")
    table.presence("bob", "away")
    assert table.value == OPEN
    table.presence("bob", "gone")
    assert table.value == CLOSED


def test_who_is_kicked_is_not_waited_for(opened: Tables) -> None:
    table = opened("ann", "bob")
    confirm(table, "ann")
    table.kick("bob")
    assert table.value == CLOSED


def test_who_is_removed_by_a_host_is_not_waited_for(opened: Tables) -> None:
    table = opened("ann", "bob", host=True)
    confirm(table, "ann")
    table.send("host", "remove", member=table.ids["bob"])
    assert table.value == CLOSED


def test_who_comes_back_is_waited_for_again(opened: Tables) -> None:
    table = opened("ann", "bob", "cat")
    table.presence("bob", "gone")
    table.join("bob")
    confirm(table, "ann", "cat")
    assert table.value == OPEN
    confirm(table, "bob")
    assert table.value == CLOSED


def test_who_was_gone_at_the_opening_and_comes_back_blocks_nobody(seat: Tables) -> None:
    table = seat("ann", "bob")
    table.presence("bob", "gone")
    table.send("ann", "ready")
    to(table, OPEN)
    table.join("bob")
    confirm(table, "ann")
    assert table.value == CLOSED


def test_an_empty_room_does_not_race_through_its_questions(opened: Tables) -> None:
    table = opened("ann")
    table.presence("ann", "gone")
    assert table.value == OPEN
    table.pass_time(20)
    assert table.value == CLOSED


def test_who_joins_late_answers_and_blocks_nobody(opened: Tables) -> None:
    table = opened("ann")
    table.pass_time(7)
    table.join("late")
    assert table.own_document("late")["can"] == {"answer": True, "confirm": True}
    assert table.shared["deadline"] == (table.now + 13) * 1_000
    assert table.shared["duration"] == 20_000
    table.send("late", "answer", question="q1", choice=letter(table, "one"))
    assert table.value == OPEN
    confirm(table, "ann")
    assert table.value == CLOSED
    to(table, "recap")
    assert table.card("late")["points"] == 10


@pytest.mark.parametrize("minute", range(8))
def test_who_joins_later_has_nothing_for_what_was_missed(opened: Tables, minute: int) -> None:
    table = opened("ann")
    table.pass_time(10 * minute)
    table.join("late")
    assert table.card("late")["points"] == 0
    to(table, "ranking")
    assert table.card("late")["rank"] == 1


def test_who_reconnects_finds_the_answer_again(opened: Tables) -> None:
    table = opened("ann", "bob")
    table.send("ann", "answer", question="q1", choice="c")
    before, seat = table.own("ann"), table.ids["ann"]
    table.presence("ann", "away")
    table.presence("ann", "gone")
    table.join("ann")
    assert (table.own("ann"), table.ids["ann"]) == (before, seat)
    confirm(table, "ann")
    table.presence("ann", "gone")
    table.join("ann")
    assert table.own("ann")["answer"]["confirmed"]


def test_a_restart_loses_nothing(opened: Tables) -> None:
    table = opened("ann", "bob")
    table.send("ann", "answer", question="q1", choice="c")
    confirm(table, "ann")
    before = (table.document(), table.own_document("ann"), table.own_document("bob"))
    table.restart()
    assert (table.document(), table.own_document("ann"), table.own_document("bob")) == before
    confirm(table, "bob")
    assert table.value == CLOSED


def test_a_stored_room_does_not_need_its_pack(
    opened: Tables, packs: dict[str, Pack], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = opened("ann")
    packs.clear()
    monkeypatch.setattr(machine, "find", packs.__getitem__)
    table.restart()
    to(table, "ranking")
