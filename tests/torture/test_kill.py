"""`kill -9` of a real server in the middle of games and payments: nothing that was acknowledged is
lost, nothing counts twice, and everybody sees what the room is. `make torture` does it 1,000 times.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.torture.campaign import Report, campaign
from tests.torture.crash import POINTS

pytestmark = [
    pytest.mark.socket,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]

KILLS = 50
PATIENCE = 240
"""Seconds for one campaign; the longest takes about 60."""


def run(folder: Path, kills: int, **more: Any) -> Report:
    return asyncio.run(asyncio.wait_for(campaign(folder, kills, **more), PATIENCE))


def test_nothing_is_lost_and_nothing_counts_twice(tmp_path: Path) -> None:
    report = run(tmp_path, KILLS, seed=4)
    assert not report.findings.any, report.findings
    assert sum(report.kills.values()) == KILLS
    assert report.kills.keys() >= POINTS.keys(), "each of them was reached"
    assert report.games
    assert report.payments
    assert report.acknowledged > 2 * KILLS
    assert report.repeated, "some receipts were lost, and came when their event was sent again"
    assert report.compared > report.acknowledged
    log = (tmp_path / "server.log").read_text()
    assert "Traceback" not in log
    failed = [line for line in log.splitlines() if " failed: " in line]
    assert all(" failed: BankDown: " in line for line in failed), "that is played"


def test_a_server_that_lives_on_cannot_write_to_the_rooms_of_the_next_one(tmp_path: Path) -> None:
    report = run(tmp_path, 0, seed=4, takeovers=5)
    assert not report.findings.any, report.findings
    assert "was taken over" in (tmp_path / "server.log").read_text()


def test_a_server_that_keeps_nothing_loses_the_game(tmp_path: Path) -> None:
    report = run(tmp_path, 3, seed=4, store="memory:", ways=["before_receipt"])
    assert report.findings.lost
    assert not list(tmp_path.glob("data/rooms*")), "an evening without traces"


# -- the audit can go red ----------------------------------------------------------------------

CAMPAIGNS = 5
"""What a defect does depends on where the kills fall: one of four may pass it by (measured)."""


def is_found(folder: Path, tells: Callable[[Report], object], kills: int, **more: Any) -> bool:
    """Whether one of a few campaigns against a server with a defect tells of it."""
    for seed in range(4, 4 + CAMPAIGNS):
        there = folder / str(seed)
        there.mkdir()
        if tells(run(there, kills, seed=seed, **more)):
            return True
    return False


def test_an_acknowledgement_before_the_commit_is_found(tmp_path: Path) -> None:
    """Something acknowledged is lost, and somebody saw what was never stored."""
    assert is_found(
        tmp_path, lambda report: report.findings.lost and report.findings.unequal,
        4, mutant="acknowledge_early", ways=["before_receipt"],
    )  # fmt: skip


def test_a_send_that_is_run_again_is_found(tmp_path: Path) -> None:
    assert is_found(
        tmp_path, lambda report: report.findings.doubled,
        4, mutant="forget_sends", ways=["after_commit"],
    )  # fmt: skip


def test_a_lost_fence_is_found(tmp_path: Path) -> None:
    assert is_found(
        tmp_path, lambda report: report.findings.any, 0, takeovers=5, mutant="lose_the_fence"
    )


def test_money_that_is_taken_twice_is_found(tmp_path: Path) -> None:
    assert is_found(
        tmp_path, lambda report: any("are there of" in each for each in report.findings.broken),
        4, mutant="draw_keys", ways=["after_booking"],
    )  # fmt: skip
