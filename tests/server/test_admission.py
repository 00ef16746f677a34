"""The counts per address, on a clock that the test turns."""

import pytest

from machine_party.errors import PeerError
from machine_party.server.address import Address
from machine_party.server.admission import Admission
from machine_party.server.limits import ServerLimits

HERE = Address.parse("10.0.0.1")
THERE = Address.parse("10.0.0.2")
HOME = Address.parse("127.0.0.1")


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def admission(time: Time | None = None, **limits: int) -> Admission:
    return Admission(ServerLimits(**limits), time or Time())


def test_connections_are_counted_in_and_out() -> None:
    counts = admission(connections_per_address=1)
    counts.connect(HERE)
    counts.connect(THERE)
    with pytest.raises(PeerError) as refused:
        counts.connect(HERE)
    assert (refused.value.code, refused.value.temporary) == ("overloaded", True)
    counts.disconnect(HERE)
    counts.connect(HERE)
    assert counts.connections == 2


def test_failed_joins_shut_the_door_for_a_minute() -> None:
    time = Time()
    counts = admission(time, failed_joins_per_minute=2)
    counts.failed_join(HERE)
    counts.check_join(HERE)
    counts.failed_join(HERE)
    with pytest.raises(PeerError) as refused:
        counts.check_join(HERE)
    assert (refused.value.close_code, refused.value.retry_after) == (4103, 60.0)
    counts.check_join(THERE)
    time.now += 60
    counts.check_join(HERE)


def test_many_addresses_together_meet_the_global_cap() -> None:
    counts = admission(failed_joins_per_minute_total=2)
    counts.failed_join(HERE)
    counts.failed_join(THERE)
    with pytest.raises(PeerError):
        counts.check_join(Address.parse("10.0.0.3"))


def test_rooms_are_counted_per_minute_and_while_they_live() -> None:
    time = Time()
    counts = admission(time, rooms_per_minute=2, rooms_per_address=3)
    for room in "ab":
        counts.check_room(HERE)
        counts.room_made(HERE, room)
    with pytest.raises(PeerError, match="wait"):
        counts.check_room(HERE)
    time.now += 60
    counts.room_made(HERE, "c")
    with pytest.raises(PeerError, match="close one"):
        counts.check_room(HERE)
    counts.rooms_left({"b", "c"})
    counts.check_room(HERE)


def test_the_loopback_is_exempt_from_everything() -> None:
    counts = admission(
        connections_per_address=0, failed_joins_per_minute=0, rooms_per_minute=0,
        rooms_per_address=0, failed_joins_per_minute_total=0,
    )  # fmt: skip
    counts.connect(HOME)
    counts.failed_join(HOME)
    counts.check_join(HOME)
    counts.room_made(HOME, "a")
    counts.check_room(HOME)
