"""How long to wait before connecting again: pure, without a connection or a clock.

Whether to connect at all is the protocol's rule (`reconnect_after`, by close code alone); the
delays are "full jitter" (AWS architecture blog, "Exponential Backoff And Jitter"): a uniform
draw between nothing and a bound that doubles, so that the clients of a restarted server do not
come back as one wave.
"""

from __future__ import annotations

from random import Random

from machine_party.protocol import DEFAULT_LIMITS, Reconnect, reconnect_after

__all__ = ["Backoff"]

#: The least delay that `Reconnect.LATER` means, in seconds (the close codes 4100-4199).
LATER_SECONDS = 1.0


class Backoff:
    """The delays between attempts to connect, in seconds.

    Args:
        random: where the jitter comes from.
        base: the bound of the first delay; each failure doubles it.
        cap: the largest bound.
    """

    def __init__(
        self,
        random: Random,
        *,
        base: float = DEFAULT_LIMITS.reconnect_base_seconds,
        cap: float = DEFAULT_LIMITS.reconnect_cap_seconds,
    ) -> None:
        self._random, self._base, self._cap = random, base, cap
        self._failures = 0

    def succeeded(self) -> None:
        """The connection held: the next delay starts from `base` again."""
        self._failures = 0

    def delay(self, close_code: int, *, at_least: float = 0.0) -> float | None:
        """How long to wait before the next attempt, or None: do not connect again.

        Args:
            close_code: what the last connection ended with; 1006 when it could not be opened.
            at_least: what the server asked for (`retry_after`), if it did.
        """
        rule = reconnect_after(close_code)
        if rule is Reconnect.NEVER:
            return None
        floor = max(at_least, LATER_SECONDS if rule is Reconnect.LATER else 0.0)
        return floor + self._random.uniform(0.0, self._next_bound())

    def _next_bound(self) -> float:
        # 2**32 is past any cap; more failures would only overflow the float.
        bound = min(self._cap, self._base * 2.0 ** min(self._failures, 32))
        self._failures += 1
        return bound
