from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from games.trivia.ranking import Standing, standings
from games.trivia.round import Answer, Round
from games.trivia.scoring import points
from tests.games.sample import radio, text

Answers = dict[str, str]


def asked(*choices: Answers, seconds: float = 1.0) -> list[Round]:
    """A round for each `{player: letter}`."""
    rounds = []
    for answers in choices:
        each = radio()
        each.answers = {p: Answer(choice=c, seconds=seconds) for p, c in answers.items()}
        rounds.append(each)
    return rounds


def ranks(found: dict[str, Standing]) -> dict[str, int]:
    return {player: standing.rank for player, standing in found.items()}


def test_equal_points_share_a_rank_and_the_next_is_skipped() -> None:
    rounds = asked({"ann": "a", "bob": "a", "cat": "b"})
    assert ranks(standings(rounds, ["cat", "bob", "ann"])) == {"bob": 1, "ann": 1, "cat": 3}


def test_who_never_answered_is_ranked_with_nothing() -> None:
    found = standings(asked({"ann": "a"}), ["ann", "late"])
    assert (found["late"].points, found["late"].rank) == (0, 2)


def test_inside_a_rank_more_fully_right_answers_are_listed_first() -> None:
    rounds = asked({"halves": "d", "whole": "a"}, {"halves": "d"})
    found = standings(rounds, ["halves", "whole"])
    assert list(found) == ["whole", "halves"]
    assert ranks(found) == {"whole": 1, "halves": 1}


def test_inside_a_rank_the_faster_are_listed_first() -> None:
    rounds = asked({"slow": "a", "fast": "a"})
    rounds[0].answers["slow"].seconds = 9.0
    found = standings(rounds, ["slow", "fast"])
    assert [found[player].place for player in ("fast", "slow")] == [1, 2]
    assert found["slow"].rank == found["fast"].rank == 1


def test_points_may_count_speed() -> None:
    rounds = asked({"slow": "a", "fast": "a"})
    rounds[0].answers["slow"].seconds = 9.0
    assert ranks(standings(rounds, ["slow", "fast"], "linear")) == {"fast": 1, "slow": 2}


def test_rescoring_needs_only_the_answers() -> None:
    each = text()
    each.answers = {"ann": Answer(text="ALSO this")}
    assert standings([each], ["ann"])["ann"].points == 10
    each.answers["ann"].text = "something else"
    assert standings([each], ["ann"])["ann"].points == 0


def test_nobody_and_nothing() -> None:
    assert standings([], []) == {}
    assert ranks(standings([], ["ann", "bob"])) == {"ann": 1, "bob": 1}


@given(st.lists(st.dictionaries(st.sampled_from("uvwxyz"), st.sampled_from("abcd")), max_size=6))
def test_ranks_are_what_ranks_are(choices: list[Answers]) -> None:
    rounds, players = asked(*choices), list("uvwxyz")
    found = standings(rounds, players)
    totals = {p: sum(points(r, r.answers.get(p)) for r in rounds) for p in players}
    for player, standing in found.items():
        assert standing.points == totals[player]
        assert standing.rank == 1 + sum(other > totals[player] for other in totals.values())
    assert sorted(standing.place for standing in found.values()) == [1, 2, 3, 4, 5, 6]
    assert [found[player].place for player in found] == [1, 2, 3, 4, 5, 6]
