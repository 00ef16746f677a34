"""An estimate of the server's clock, from messages that carry its time. Pure: time is passed in.

An answer's time was read somewhere between our question and its arrival; the middle is the best
guess, and the shorter the round trip, the better (Cristian 1989, "Probabilistic clock
synchronization"). So the sample with the shortest round trip counts.
"""

from __future__ import annotations

__all__ = ["ServerTime"]

#: A clock drifts (some 50 ppm for a quartz): after this many seconds, any newer sample is better.
STALE = 300.0


class ServerTime:
    """The server's clock as far as this client can tell."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self._round_trip = 0.0
        self._taken = 0.0

    def sample(self, server_milliseconds: int, *, asked: float, answered: float) -> float:
        """Takes in one answer.

        Args:
            server_milliseconds: what the server's clock showed, in epoch milliseconds.
            asked: local seconds when the question left.
            answered: local seconds when the answer came.

        Returns:
            The round trip in seconds.
        """
        round_trip = max(0.0, answered - asked)
        stale = answered - self._taken > STALE
        if self._offset is None or stale or round_trip <= self._round_trip:
            self._offset = server_milliseconds / 1000 + round_trip / 2 - answered
            self._round_trip, self._taken = round_trip, answered
        return round_trip

    def now(self, local: float) -> float | None:
        """The server's clock in epoch seconds at `local` seconds, or None without a sample."""
        return None if self._offset is None else local + self._offset
