"""Timers through kills around their deadlines, downtime past them, and clocks that are set back and
forth: none is missed, none fires twice, none too early or too late, whatever its policy.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.torture.downtime import Night, Watch, faults
from tests.torture.nursery import nursery

pytestmark = [
    pytest.mark.socket,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]

NIGHTS = 30
AT_ONCE = 6
"""They wait, most of the time."""
PATIENCE = 120
"""Seconds; it takes about 25."""


async def nights(folder: Path, count: int, mutant: str | None = None) -> list[Night]:
    watching = asyncio.Semaphore(AT_ONCE)

    async def watched(number: int) -> Night:
        async with watching:
            (alone := folder / str(number)).mkdir()
            return await Watch(nurse, alone, number, mutant=mutant).watch()

    async with asyncio.timeout(PATIENCE), nursery() as nurse:
        return await asyncio.gather(*(watched(number) for number in range(count)))


def test_no_timer_is_missed_doubled_early_or_late(tmp_path: Path) -> None:
    seen = asyncio.run(nights(tmp_path, NIGHTS))
    assert [fault for night in seen for fault in faults(night)] == []
    assert any(len(night.lives) == 3 for night in seen), "some were killed twice"
    assert any(life.ahead > 1000 for night in seen for life in night.lives), "set forth"
    assert any(life.ahead < -0.1 for night in seen for life in night.lives), "set back"


def test_timers_that_are_not_told_of_downtime_are_found(tmp_path: Path) -> None:
    seen = asyncio.run(nights(tmp_path, AT_ONCE, mutant="skip_restored"))
    found = [fault for night in seen for fault in faults(night)]
    assert any(fault.startswith("remaining") for fault in found)
    assert any(fault.startswith("restart") for fault in found)
