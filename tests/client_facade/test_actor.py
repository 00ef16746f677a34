"""`actor_facade`: a machine's looks over any snapshot, as for a program that polls."""

from __future__ import annotations

from typing import Any

import pytest

from client_facade import Snapshot, actor_facade

DOCUMENT = {
    "value": "Awaiting approval",
    "tags": ["open"],
    "status": "active",
    "context": {"amount": 3},
    "can": {"approved": True},
    "children": {"audit": {"value": "idle"}},
}


def test_it_looks_like_the_machine() -> None:
    actor = actor_facade(DOCUMENT, send=lambda event: None)
    assert actor.matches("Awaiting approval")
    assert actor.value == "Awaiting approval"
    assert actor.context == {"amount": 3}
    assert actor.has_tag("open")
    assert actor.tags == {"open"}
    assert actor.can("approved")
    assert actor.children["audit"].value == "idle"
    assert (actor.status, actor.output, actor.error) == ("active", None, None)
    assert actor.select(lambda snapshot: snapshot.context["amount"]) == 3


def test_send_is_what_was_given() -> None:
    actor = actor_facade(
        Snapshot[Any](DOCUMENT),
        send=lambda event: event,
        send_to=lambda child_id, event: {"to": child_id, **event},
    )
    assert actor.send("approved", by="Ada") == {"type": "approved", "by": "Ada"}
    assert actor.send({"type": "approved"}) == {"type": "approved"}
    assert actor.send_to("audit", "note") == {"to": "audit", "type": "note"}


def test_without_send_to_there_are_no_children_to_send_to() -> None:
    with pytest.raises(TypeError, match="send_to"):
        actor_facade(DOCUMENT, send=lambda event: None).send_to("audit", "note")
