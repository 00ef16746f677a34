"""After the questions: recaps, points, and the ranking."""

from __future__ import annotations

import json

from games.trivia.pack import Pack
from machine_party.core import Actor
from tests.games.conftest import Tables, to
from tests.games.sample import PACK, pack
from tests.games.table import Table
from tests.games.test_question import letter


def answer_all(table: Table) -> None:
    """Ann is right, Bob half right at first and then wrong, Cat says nothing."""
    table.send("ann", "answer", question="q1", choice=letter(table, "one"))
    table.send("bob", "answer", question="q1", choice=letter(table, "half"))
    table.pass_time(20 + 2 + 5)
    table.send("ann", "answer", question="q2", text="CANARY answer!")
    table.send("bob", "answer", question="q2", text="no idea")
    to(table, "recap")


def test_a_recap_shows_every_question_of_its_category(opened: Tables) -> None:
    table = opened("ann", "bob", "cat")
    answer_all(table)
    first = table.shared
    assert first["question"]["id"] == "q1"
    assert first["reveal"]["choices"] == [letter(table, "one")]
    points = {who: first["reveal"]["answers"][table.ids[who]]["points"] for who in ("ann", "bob")}
    assert points == {"ann": 10, "bob": 5}
    assert table.ids["cat"] not in first["reveal"]["answers"]
    table.pass_time(12)
    second = table.shared
    assert (table.value, second["question"]["id"]) == ("recap", "q2")
    assert second["reveal"]["texts"] == ["canary-answer", "also this"]
    assert second["reveal"]["explanation"] == "canary-explanation"
    assert second["reveal"]["answers"][table.ids["bob"]]["text"] == "no idea"
    table.pass_time(12)
    assert table.value == {"question": "preparation"}
    assert table.shared["question"]["id"] == "q3"
    assert table.shared["reveal"] is None


def test_points_are_public_when_their_question_is_revealed(opened: Tables) -> None:
    table = opened("ann", "bob", "cat")
    totals = [[table.card(who)["points"] for who in ("ann", "bob", "cat")]]
    answer_all(table)
    totals.append([table.card(who)["points"] for who in ("ann", "bob", "cat")])
    table.pass_time(12)
    totals.append([table.card(who)["points"] for who in ("ann", "bob", "cat")])
    assert totals == [[0, 0, 0], [10, 5, 0], [20, 5, 0]]


def test_the_ranking_is_the_same_for_everybody(opened: Tables) -> None:
    table = opened("ann", "bob", "cat", "dan", host=True)
    answer_all(table)
    to(table, "ranking")
    assert table.snapshot.status == "done"
    players = [table.document(role)["context"] for role in ("player", "host", "screen")]
    assert players[0] == players[1] == players[2]
    ranks = {who: table.card(who)["rank"] for who in ("ann", "bob", "cat", "dan")}
    assert ranks == {"ann": 1, "bob": 2, "cat": 3, "dan": 3}
    assert sorted(card["place"] for card in table.shared["players"].values()) == [1, 2, 3, 4]
    assert (table.shared["question"], table.shared["reveal"]) == (None, None)
    assert (table.shared["deadline"], len(table.actor.timers.rows)) == (None, 0)


def test_a_kicked_player_is_out_of_the_recap_and_the_ranking(opened: Tables) -> None:
    table = opened("ann", "bob")
    table.send("bob", "answer", question="q1", choice="a")
    table.kick("bob")
    to(table, "recap")
    assert table.ids["bob"] not in json.dumps(table.document())
    to(table, "ranking")
    assert table.card("ann")["rank"] == 1


def test_who_joins_after_the_end_is_not_ranked(opened: Tables) -> None:
    table = opened("ann")
    to(table, "ranking")
    table.join("late")
    assert table.card("late")["rank"] is None


def test_a_whole_game_survives_a_restart_at_every_step(opened: Tables) -> None:
    straight, restarted = opened("ann"), opened("ann")
    while straight.value != "ranking":
        restarted.restart()
        assert restarted.document() == straight.document()
        straight.tick()
        restarted.tick()
    assert restarted.document() == straight.document()


# -- secrets -------------------------------------------------------------------------------


def everything(table: Table) -> str:
    """All that anybody can be sent now."""
    shared = [table.document(role) for role in ("player", "host", "screen", "spectator")]
    own = [table.own_document(who) for who in table.ids]
    return json.dumps([shared, own])


def test_no_answer_is_in_any_document_before_its_recap(opened: Tables) -> None:
    table = opened("ann", "bob", host=True)
    table.join("wall", "screen")
    seen: list[str] = []
    while not (table.value == "recap" and table.shared["question"]["id"] == "q2"):
        seen.append(everything(table))
        table.tick()
    assert len(seen) > 5
    assert not any("canary" in document for document in seen)
    assert "canary-answer" in everything(table)
    assert "canary-explanation" in everything(table)


def test_another_players_answer_is_in_no_document_before_its_recap(opened: Tables) -> None:
    table = opened("ann", "bob", host=True)
    table.pass_time(20 + 2 + 5)
    table.send("bob", "answer", question="q2", text="bobs-guess")
    table.send("bob", "confirm", question="q2")
    while table.value != "recap" or table.shared["question"]["id"] != "q2":
        others = [table.document(role) for role in ("player", "host", "screen")]
        others += [table.own_document("ann"), table.own_document("host")]
        assert "bobs-guess" not in json.dumps(others)
        table.tick()
    assert "bobs-guess" in json.dumps(table.document())


def test_which_option_is_right_makes_no_difference_before_the_recap(
    opened: Tables, packs: dict[str, Pack]
) -> None:
    """Two rooms whose packs differ in nothing but the right answers send the same bytes."""
    other = PACK.replace(
        "{text: one, correct: true}, {text: two}", "{text: one}, {text: two, correct: true}"
    )
    packs["other"] = pack(other.replace("canary-answer", "another-answer"))
    one, two = opened("ann", "bob"), opened("ann", "bob", pack="other")
    for table in (one, two):
        table.send("ann", "answer", question="q1", choice="a")
        table.send("ann", "confirm", question="q1")
    while one.value != "recap":
        assert everything(one) == everything(two)
        one.tick()
        two.tick()
    assert everything(one) != everything(two)


def test_what_another_player_answers_makes_no_difference_before_the_recap(opened: Tables) -> None:
    one, two = opened("ann", "bob", host=True), opened("ann", "bob", host=True)
    one.send("bob", "answer", question="q1", choice="a")
    two.send("bob", "answer", question="q1", choice="b")
    while one.value != "recap":
        for table in (one, two):
            table.ids.pop("bob", None)
        assert everything(one) == everything(two)
        one.tick()
        two.tick()
    assert everything(one) != everything(two)


def test_the_stored_form_can_be_sent_as_json(opened: Tables) -> None:
    table = opened("ann")
    answers = json.loads(json.dumps(table.actor.dump()))
    assert Actor.restore(table.party, answers).dump() == table.actor.dump()
