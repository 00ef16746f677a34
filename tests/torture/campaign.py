"""One campaign: people play and pay, while their server is killed; then all is audited.

Everything that is drawn comes from one seed; when a kill really lands is up to the machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.torture.audit import Findings, audit
from tests.torture.crash import POINTS
from tests.torture.crowd import Crowd
from tests.torture.ledger import Ledger
from tests.torture.nursery import nursery
from tests.torture.place import Place, free_port
from tests.torture.siege import RANDOMLY, Siege

__all__ = ["WAYS", "Report", "campaign"]

WAYS = (*POINTS, *[RANDOMLY] * len(POINTS))
"""How a server ends: half of the times at a crash point."""


@dataclass(slots=True)
class Report:
    """What a campaign came to.

    Attributes:
        kills: how many, by the way in which.
        games, payments: played to the end.
        acknowledged: accepted events. `repeated`: those of them whose first receipt was lost.
        compared: documents that were held against the journal.
        back: seconds from a kill until a client was served again.
    """

    kills: Counter[str] = field(default_factory=Counter)
    games: int = 0
    payments: int = 0
    acknowledged: int = 0
    repeated: int = 0
    compared: int = 0
    back: list[float] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)


async def campaign(
    folder: Path,
    kills: int,
    seed: int,
    *,
    ways: Sequence[str] = WAYS,
    takeovers: int = 0,
    store: str | None = None,
    mutant: str | None = None,
) -> Report:
    """Kill the server so often.

    Args:
        folder: for its files; empty.
        ways: those in which it ends, one as often as the other.
        takeovers: how often, before, another one goes on in its place while it lives on.
        store: where it keeps its rooms; None: in the folder.
        mutant: the defect that it has.
    """
    ledger, report = Ledger(), Report()
    async with AsyncExitStack() as stack:
        place = Place(free_port(), ledger, seed)
        stack.push_async_callback(place.client.aclose)
        siege = Siege(
            await stack.enter_async_context(nursery()), place, folder, Random(seed),
            store=store, mutant=mutant,
        )  # fmt: skip
        crowd = await stack.enter_async_context(Crowd(place))
        report.findings.broken += await _besieged(crowd, siege, ways, kills, takeovers, report)
        if not report.findings.broken:
            report.findings.unequal += await crowd.differences()
        report.games, report.payments = crowd.quiz.games, crowd.payments.done
    report.back, report.acknowledged = place.back, ledger.accepted
    report.repeated = ledger.repeated
    report.compared = sum(len(sights) for sights in ledger.sights.values())
    await audit(folder / "data", ledger, report.findings)
    return report


async def _besieged(
    crowd: Crowd, siege: Siege, ways: Sequence[str], kills: int, takeovers: int, report: Report
) -> list[str]:
    """Let it happen, and then let them end in peace; what has happened to whom cannot go on."""
    return (
        await crowd.until(siege.take_over(takeovers))
        or await crowd.until(siege.kill(ways, kills, report.kills))
        or await crowd.until(siege.peace())
        or await crowd.finish()
    )
