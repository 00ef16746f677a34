"""What a room may be called."""

import pytest

from machine_party.server.room_id import is_room_id


@pytest.mark.parametrize("text", ["a", "abc234", "my-room_1", "x" * 64])
def test_what_a_room_may_be_called(text: str) -> None:
    assert is_room_id(text)


@pytest.mark.parametrize("text", ["", "-a", "_a", "a b", "a/b", "é", "x" * 65, "..", "a\n"])
def test_what_a_room_may_not_be_called(text: str) -> None:
    assert not is_room_id(text)
