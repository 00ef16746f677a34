"""Snapshots: XState's looks over a document."""

from __future__ import annotations

from typing import Any

import pytest

from client_facade import Snapshot

DOCUMENT: dict[str, Any] = {
    "value": {"question": "open"},
    "tags": ["answering", "timed"],
    "status": "active",
    "can": {"ready": True, "answer": True},
    "context": {"round": 1},
    "children": {"dice:1": {"value": "rolled", "context": {"pips": 6}}},
}


def test_it_reads_a_document() -> None:
    snapshot: Snapshot[Any] = Snapshot(DOCUMENT)
    assert snapshot.value == {"question": "open"}
    assert snapshot.tags == frozenset({"answering", "timed"})
    assert snapshot.events == ("answer", "ready")
    assert snapshot.context["round"] == 1
    assert snapshot.children["dice:1"].context["pips"] == 6
    assert snapshot.children["dice:1"].matches("rolled")


@pytest.mark.parametrize("pattern", ["question", "question.open", {"question": "open"}])
def test_matches_has_xstates_semantics(pattern: Any) -> None:
    assert Snapshot[Any](DOCUMENT).matches(pattern)


@pytest.mark.parametrize("pattern", ["open", "question.closed", {"question": "closed"}])
def test_what_does_not_match(pattern: Any) -> None:
    assert not Snapshot[Any](DOCUMENT).matches(pattern)


def test_what_is_missing_is_empty() -> None:
    snapshot: Snapshot[Any] = Snapshot({})
    assert (snapshot.tags, snapshot.events, snapshot.children) == (frozenset(), (), {})
    assert (snapshot.context, snapshot.status, snapshot.output, snapshot.error) == (
        {},
        "active",
        None,
        None,
    )
    assert not snapshot.can("anything")


def test_an_unchanged_child_is_the_same_object() -> None:
    first: Snapshot[Any] = Snapshot(DOCUMENT)
    child = first.children["dice:1"]
    second = Snapshot({**DOCUMENT, "context": {"round": 2}}, first)
    third = Snapshot({**DOCUMENT, "context": {"round": 3}}, second)
    assert third.children["dice:1"] is child
    rolled = {"dice:1": {"value": "rolled", "context": {"pips": 1}}}
    assert Snapshot({**DOCUMENT, "children": rolled}, third).children["dice:1"] is not child


def test_equality_is_that_of_documents() -> None:
    assert Snapshot[Any](DOCUMENT) == Snapshot[Any](dict(DOCUMENT))
    assert Snapshot[Any](DOCUMENT) != Snapshot[Any]({})
    assert "question" in repr(Snapshot[Any](DOCUMENT))
