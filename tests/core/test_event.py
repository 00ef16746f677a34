"""Wire types: the snake_case of a class name, or what the class says."""

from __future__ import annotations

import msgspec
import pytest

from machine_party.core.event import ClientEvent, Emit, event_type


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("Increment", "increment"),
        ("CastVote", "cast_vote"),
        ("HTTPRequest", "http_request"),
        ("Round2End", "round2_end"),
        ("A", "a"),
        ("already_snake", "already_snake"),
    ],
)
def test_a_wire_type_is_the_class_name_in_snake_case(name: str, type: str) -> None:
    assert event_type(name) == type


def test_a_class_may_say_its_type_and_a_subclass_has_another() -> None:
    class Vote(ClientEvent):
        type = "v"

    class CastVote(Vote):
        choice: str

    class Boom(Emit):
        pass

    assert (Vote.type, CastVote.type, Boom.type) == ("v", "cast_vote", "boom")


def test_the_type_is_no_field_and_other_fields_are_refused() -> None:
    class Vote(ClientEvent):
        choice: str

    assert msgspec.to_builtins(Vote(choice="a")) == {"choice": "a"}
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({"choice": "a", "type": "vote"}, Vote)
