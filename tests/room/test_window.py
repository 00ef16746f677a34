"""Dedupe windows: what is remembered, for how long, and that the journal says the same."""

from __future__ import annotations

from typing import Any

import jsonpatch
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_party.core import Sent
from machine_party.errors import RestoreError
from machine_party.room.window import CLIENTS, WIDTH, Answer, Windows, mark_of

ANSWERS = st.builds(
    Answer,
    status=st.sampled_from(["accepted", "rejected"]),
    version=st.integers(0, 1_000),
    result=st.none() | st.integers() | st.dictionaries(st.text(), st.text(), max_size=2),
    code=st.none() | st.just("no"),
    mark=st.none() | st.integers(0, 2**32 - 1),
)
SENDS = st.lists(
    st.tuples(
        st.sampled_from(["m1", "m2"]),
        st.sampled_from([f"c{number}" for number in range(CLIENTS + 4)]),
        st.integers(1, 3 * WIDTH),
        ANSWERS,
    ),
    max_size=80,
)


def accepted(version: int = 1) -> Answer:
    return Answer("accepted", version)


def apply(form: Any, operations: list[dict[str, Any]]) -> Any:
    return jsonpatch.apply_patch(form, operations)


def stays_in_step(sends: list[tuple[str, str, int, Answer]], *, forget: str = "") -> bool:
    """Whether the stored form, patched, is what the windows would store, at every step.

    Args:
        forget: an operation to leave out, to show that this can be false.
    """
    windows = Windows()
    form: dict[str, Any] = {"windows": {}}
    for member, client, number, answer in sends:
        operations = windows.record(member, f"{client}.{number}", answer)
        form = apply(form, [each for each in operations if each["op"] != forget])
        if form["windows"] != windows.dump():
            return False
    return Windows(form["windows"]).dump() == windows.dump()


@given(SENDS)
def test_the_operations_do_to_the_stored_form_what_was_done_here(
    sends: list[tuple[str, str, int, Answer]],
) -> None:
    assert stays_in_step(sends)


def test_a_lost_operation_would_be_seen() -> None:
    sends = [("m1", "c1", number, accepted()) for number in range(1, WIDTH + 2)]
    assert stays_in_step(sends)
    for forgotten in ("remove", "replace"):
        assert not stays_in_step(sends, forget=forgotten)


@given(SENDS)
def test_what_is_remembered_is_the_last_answer_and_bounded(
    sends: list[tuple[str, str, int, Answer]],
) -> None:
    windows = Windows()
    for member, client, number, answer in sends:
        windows.record(member, f"{client}.{number}", answer)
        found = windows.find(member, f"{client}.{number}")
        assert found == answer or (found is not None and found.code == "stale_id")
    for clients in windows.dump().values():
        assert len(clients) <= CLIENTS
        assert all(len(window["answers"]) <= WIDTH for window in clients.values())


def test_a_number_below_the_window_is_stale_and_one_within_it_new() -> None:
    windows = Windows()
    windows.record("m", "c.100", accepted())
    stale = windows.find("m", f"c.{100 - WIDTH}")
    assert stale is not None
    assert (stale.status, stale.code) == ("rejected", "stale_id")
    assert windows.find("m", f"c.{100 - WIDTH + 1}") is None
    assert windows.find("m", "c.101") is None
    assert windows.find("m", "other.1") is None
    assert windows.find("other", "c.100") is None


def test_a_mark_tells_one_event_from_another() -> None:
    event = Sent(now=1.0, type="add", data={"by": 1, "to": "x"}, member="m", id="c.1")
    same = Sent(now=2.0, type="add", data={"to": "x", "by": 1}, member="m", id="c.1")
    others = [
        msgspec.structs.replace(event, **change)
        for change in ({"type": "sub"}, {"data": {"by": 2, "to": "x"}}, {"child": "a"})
    ]
    assert mark_of(same) == mark_of(event)
    assert mark_of(event) not in map(mark_of, others)


def test_an_answer_that_an_older_release_has_stored_has_no_mark() -> None:
    stored = {"m": {"c": {"highest": 1, "answers": {"1": {"status": "accepted", "version": 7}}}}}
    assert Windows(stored).find("m", "c.1") == accepted(7)


def test_the_client_that_was_used_longest_ago_is_forgotten_first() -> None:
    windows = Windows()
    for number in range(CLIENTS):
        windows.record("m", f"c{number}.1", accepted(version=number))
    windows.record("m", "c0.2", accepted(version=100))
    windows.record("m", "new.1", accepted(version=101))
    assert windows.find("m", "c0.1") is not None
    assert windows.find("m", "c1.1") is None


def test_windows_that_are_none() -> None:
    with pytest.raises(RestoreError, match="the dedupe windows"):
        Windows({"m": {"c": 5}})
