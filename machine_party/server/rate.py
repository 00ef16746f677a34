"""Counting how often: pure, told the time by its caller. Who is counted is decided elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

__all__ = ["Buckets", "TokenBucket", "Window", "Windows"]

_SWEEP = 1024
"""Keys to hold before looking for idle ones: bounds memory at a small amortised cost."""


class TokenBucket:
    """`rate` a second on average, `burst` at once.

    Args:
        rate: how many a second.
        burst: how many at once, after a pause.
        now: seconds, of any clock that does not go back.
    """

    __slots__ = ("_burst", "_level", "_rate", "_seen")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._seen = now

    def take(self, now: float) -> float:
        """Takes one; 0.0 if there was one, else in how many seconds there will be."""
        self._refill(now)
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self._rate

    def credit(self, amount: float) -> None:
        """Allows `amount` more at once, this one time."""
        self._level += amount

    def full(self, now: float) -> bool:
        """Whether it is as new: nothing was taken lately."""
        self._refill(now)
        return self._level >= self._burst

    def _refill(self, now: float) -> None:
        gained = max(0.0, now - self._seen) * self._rate
        self._level = max(self._level, min(self._burst, self._level + gained))
        self._seen = now


class Window:
    """At most `limit` in any `seconds`."""

    __slots__ = ("_limit", "_seconds", "_times")

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """In how many seconds one more is allowed; 0.0 if it is now."""
        self._forget(now)
        if len(self._times) < self._limit:
            return 0.0
        return self._times[0] + self._seconds - now if self._times else self._seconds

    def count(self, now: float) -> None:
        """One more happened. Past the limit it is not remembered: it would change nothing."""
        if self.wait(now) == 0:
            self._times.append(now)

    def empty(self, now: float) -> bool:
        """Whether nothing that still counts has happened."""
        self._forget(now)
        return not self._times

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] + self._seconds <= now:
            self._times.popleft()


class Windows:
    """A `Window` for each key; keys that do nothing are forgotten.

    Args:
        limit: how many per key.
        seconds: in how many seconds.
    """

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._windows: dict[str, Window] = {}
        self._sweep_at = _SWEEP

    def wait(self, key: str, now: float) -> float:
        """In how many seconds `key` may do one more; 0.0 if it may now."""
        return self._windows.get(key, Window(self._limit, self._seconds)).wait(now)

    def count(self, key: str, now: float) -> None:
        """`key` did one more."""
        if key not in self._windows:
            self._sweep(now)
            self._windows[key] = Window(self._limit, self._seconds)
        self._windows[key].count(now)

    def __len__(self) -> int:
        return len(self._windows)

    def _sweep(self, now: float) -> None:
        if len(self._windows) < self._sweep_at:
            return
        self._windows = {k: w for k, w in self._windows.items() if not w.empty(now)}
        self._sweep_at = max(_SWEEP, 2 * len(self._windows))


class Buckets:
    """A `TokenBucket` for each key; keys that do nothing are forgotten.

    Args:
        rate, burst: of each.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[Hashable, TokenBucket] = {}
        self._sweep_at = _SWEEP

    def take(self, key: Hashable, now: float) -> float:
        """Takes one of `key`'s; 0.0 if there was one, else in how many seconds there will be."""
        if key not in self._buckets:
            self._sweep(now)
            self._buckets[key] = TokenBucket(self._rate, self._burst, now)
        return self._buckets[key].take(now)

    def __len__(self) -> int:
        return len(self._buckets)

    def _sweep(self, now: float) -> None:
        if len(self._buckets) < self._sweep_at:
            return
        self._buckets = {key: it for key, it in self._buckets.items() if not it.full(now)}
        self._sweep_at = max(_SWEEP, 2 * len(self._buckets))
