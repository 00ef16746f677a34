"""`make torture`: campaigns, until the server was killed so often; then the numbers."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path
from statistics import quantiles

from tests.torture.campaign import Report, campaign

KILLS_EACH = 50
PATIENCE = 300
"""Seconds for a campaign of 50 kills; it takes about 60."""


def main() -> int:
    """Torture; 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=1_000, help="how often in all (1000)")
    parser.add_argument("--seed", type=int, default=1, help="of the first campaign (1)")
    asked = parser.parse_args()
    reports: list[Report] = []
    while (left := asked.kills - sum(_kills(report) for report in reports)) > 0:
        seed = asked.seed + len(reports)
        reports.append(report := _campaign(min(left, KILLS_EACH), seed))
        print(f"seed {seed}: {_kills(report)} kills, {_found(report)}", flush=True)
        if report.findings.any or not _kills(report):
            break
    _print_totals(reports)
    return int(any(report.findings.any for report in reports))


def _campaign(kills: int, seed: int) -> Report:
    with tempfile.TemporaryDirectory(prefix="machine-party-torture-") as folder:
        return asyncio.run(asyncio.wait_for(campaign(Path(folder), kills, seed), PATIENCE))


def _kills(report: Report) -> int:
    return sum(report.kills.values())


def _found(report: Report) -> str:
    findings = report.findings
    kinds = {
        "lost": findings.lost,
        "doubled": findings.doubled,
        "unequal": findings.unequal,
        "broken": findings.broken,
    }
    counts = ", ".join(f"{len(found)} {kind}" for kind, found in kinds.items())
    return "\n  ".join([counts, *(each[:500] for found in kinds.values() for each in found[:3])])


def _print_totals(reports: list[Report]) -> None:
    ways = sum((report.kills for report in reports), Counter[str]())
    back = [seconds for report in reports for seconds in report.back]
    print(f"{ways.total()} kills:", ", ".join(f"{n} {way}" for way, n in sorted(ways.items())))
    for what in ("games", "payments", "acknowledged", "repeated", "compared"):
        print(f"{sum(getattr(report, what) for report in reports):>8} {what}")
    for what in ("lost", "doubled", "unequal", "broken"):
        print(f"{sum(len(getattr(report.findings, what)) for report in reports):>8} {what}")
    if len(back) > 1:
        cuts = quantiles(back, n=100)
        print(f"served again after a kill: p50 {cuts[49]:.3f} s, p99 {cuts[98]:.3f} s")


if __name__ == "__main__":
    sys.exit(main())
