"""The measurements measure what they say, and their pins can break. Nothing is timed here."""

from __future__ import annotations

from collections.abc import Callable

from bench.__main__ import LEAST_GAIN, broken_pins, growth
from bench.commit import SIZES, Room, Row, measure
from bench.timing import Work
from machine_party.protocol import MSGPACK, SnapshotPatch


def call(first: Work, second: Work) -> tuple[float, float]:
    """A clock that only does the work."""
    first()
    second()
    return 1.0, 1.0


def test_a_row_for_each_size() -> None:
    assert [row.members for row in measure((2, 3), clock=call)] == [2, 3]


def test_both_ways_send_every_member_the_same_patch() -> None:
    room = Room(3)
    once = _sent(room, room.commit_encoded_once)
    per_member = _sent(room, room.commit_encoded_per_member)

    for data in [*once, *per_member]:
        message = MSGPACK.decode_server(data)
        assert isinstance(message, SnapshotPatch)
        assert [operation["value"] for operation in message.operations] == [message.version] * 3
    assert len(once) == len(per_member) == 3
    assert len({id(data) for data in once}) == 1
    assert len({id(data) for data in per_member}) == 3


def test_the_pins_hold_for_what_they_were_made_for_and_break_otherwise() -> None:
    good = [Row(members, members * 1.0, members * LEAST_GAIN[members]) for members in SIZES]
    slow = [
        Row(members, row.once, row.once * 1.1) for members, row in zip(SIZES, good, strict=True)
    ]
    quadratic = [Row(members, members**2, members**2 * 1e6) for members in SIZES]

    assert broken_pins(good) == []
    assert len(broken_pins(slow)) == len(SIZES)
    assert growth(quadratic) > 60
    assert len(broken_pins(quadratic)) == 1


def _sent(room: Room, commit: Callable[[], None]) -> list[str | bytes]:
    """What the connections are given to write at one commit."""
    written: list[str | bytes] = []
    room.write = lambda sync: written.extend(sync.data_to_send())
    commit()
    return written
