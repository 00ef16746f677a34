"""`make bench`: print the ratios, and fail when one has left its pin."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bench.commit import Row, measure

LEAST_GAIN = {15: 2.0, 100: 10.0, 1000: 80.0}
"""Encoding once, against encoding for each member: at least so many times cheaper."""

MOST_GROWTH = 3.0
"""From the smallest room to the largest, a commit's cost *per member* grows at most so much."""


def main() -> int:
    rows = measure()
    print("a commit that changes everyone's points, MessagePack, as its members see it\n")
    print(f"{'members':>8} {'once':>10} {'per member':>12} {'gain':>8} {'pin':>8}")
    for row in rows:
        print(
            f"{row.members:>8} {row.once * 1e3:>8.3f}ms {row.per_member * 1e3:>10.3f}ms"
            f" {row.gain:>7.1f}x {LEAST_GAIN[row.members]:>6.0f}x"
        )
    print(f"\ncost per member, largest to smallest room: {growth(rows):.2f} (pin {MOST_GROWTH})")
    broken = broken_pins(rows)
    print(*broken, sep="\n", file=sys.stderr)
    return 1 if broken else 0


def growth(rows: Sequence[Row]) -> float:
    """How the cost per member in the last room relates to that in the first."""
    first, last = rows[0], rows[-1]
    return (last.once / last.members) / (first.once / first.members)


def broken_pins(rows: Sequence[Row]) -> list[str]:
    """A sentence for each figure that has left its pin."""
    broken = [
        f"{row.members} members: encoding once gains only {row.gain:.1f}x"
        for row in rows
        if row.gain < LEAST_GAIN[row.members]
    ]
    if growth(rows) > MOST_GROWTH:
        broken.append(f"the cost per member grows {growth(rows):.1f}-fold with the room")
    return broken


if __name__ == "__main__":
    sys.exit(main())
