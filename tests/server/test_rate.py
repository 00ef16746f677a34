"""Buckets and windows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_party.server.rate import Buckets, TokenBucket, Window, Windows

steps = st.lists(st.floats(0, 3), max_size=200)


def test_a_burst_and_then_the_rate() -> None:
    bucket = TokenBucket(10, 20, now=0)
    assert [bucket.take(0) for _ in range(20)] == [0] * 20
    assert bucket.take(0) == pytest.approx(0.1)
    assert bucket.take(0.1) == 0


def test_a_credit_counts_once() -> None:
    bucket = TokenBucket(1, 2, now=0)
    bucket.credit(3)
    assert [bucket.take(0) for _ in range(5)] == [0] * 5
    assert bucket.take(0) == 1
    assert [bucket.take(100) for _ in range(3)] == [0, 0, pytest.approx(1)]


@given(steps)
def test_a_bucket_never_lets_more_through_than_burst_and_rate(pauses: list[float]) -> None:
    bucket, now, passed = TokenBucket(5, 10, now=0), 0.0, 0
    for pause in pauses:
        now += pause
        passed += bucket.take(now) == 0
    assert passed <= 10 + 5 * now + 1e-6


@given(steps, st.integers(0, 5))
def test_no_window_holds_more_than_its_limit(pauses: list[float], limit: int) -> None:
    window, now, counted = Window(limit, 2), 0.0, []
    for pause in pauses:
        now += pause
        if window.wait(now) == 0:
            window.count(now)
            counted.append(now)
    for at in counted:
        assert sum(other <= at < other + 2 for other in counted) <= limit


def test_a_window_says_how_long_to_wait() -> None:
    window = Window(2, 60)
    window.count(0)
    window.count(10)
    assert window.wait(20) == 40
    assert window.wait(60) == 0


def test_keys_do_not_count_for_each_other() -> None:
    windows = Windows(1, 60)
    windows.count("a", 0)
    assert windows.wait("a", 0) == 60
    assert windows.wait("b", 0) == 0


def test_idle_keys_are_forgotten() -> None:
    windows = Windows(1, 60)
    for number in range(5000):
        windows.count(str(number), number * 1.0)
    assert len(windows) < 2000


def test_buckets_do_not_count_for_each_other_and_idle_ones_are_forgotten() -> None:
    buckets = Buckets(1, 1)
    for number in range(5000):
        assert buckets.take(number, number * 1.0) == 0
    assert len(buckets) < 2000
    assert buckets.take(4999, 4999.5) == 0.5
    assert buckets.take(5000, 4999.5) == 0


def test_a_bucket_in_use_is_not_forgotten() -> None:
    buckets = Buckets(0.001, 1)
    for number in range(3000):
        buckets.take(number, 0)
    assert all(buckets.take(number, 0) > 0 for number in range(3000))
