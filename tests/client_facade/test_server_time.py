"""The estimate of the server's clock."""

from __future__ import annotations

import pytest

from client_facade.server_time import ServerTime


def test_unknown_at_first() -> None:
    assert ServerTime().now(5.0) is None


def test_the_answer_was_read_halfway() -> None:
    time = ServerTime()
    assert time.sample(1_000_000, asked=10.0, answered=10.4) == pytest.approx(0.4)
    assert time.now(10.4) == pytest.approx(1000.2)


def test_the_shortest_round_trip_counts() -> None:
    time = ServerTime()
    time.sample(1_000_000, asked=10.0, answered=12.0)
    time.sample(1_002_000, asked=12.0, answered=12.1)
    time.sample(1_009_000, asked=13.0, answered=16.0)
    assert time.now(12.1) == pytest.approx(1002.05)


def test_an_old_sample_gives_way() -> None:
    time = ServerTime()
    time.sample(1_000_000, asked=0.0, answered=0.0)
    time.sample(2_000_000, asked=400.0, answered=401.0)
    assert time.now(401.0) == pytest.approx(2000.5)
