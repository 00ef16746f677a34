"""What stores, restores and sleep cost: `python -m bench.measured`, with `--write` into the docs.

It takes about three minutes. These are seconds and bytes of one machine on one day, for an idea of
the sizes: nothing is pinned, and no test looks at them.
"""

from __future__ import annotations

import asyncio
import os
import platform
import re
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

import uvloop

from bench.house import KINDS
from bench.memory import BATCH, measure_memory
from bench.place import places
from bench.rate import WRITERS, Rate, percentile, rate_of_rooms, rate_of_store
from bench.restore import measure_restores, measure_waking

__all__ = ["BLOCKS", "DOCUMENT", "main", "written"]

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "measured.md"

SLEEPING = 10_000
AGAIN = 2
"""Batches after which the memory that rooms need while they are awake is used again and again; what
grows from there on is what sleeping rooms hold."""


async def _machine() -> str:
    system = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    load = f"load {os.getloadavg()[0]:.1f} at the start"
    return f"{system}, shared with others; {versions}; {load}.\n"


async def _commits() -> str:
    rows = []
    async with places() as openers:
        for name, opener in openers.items():
            for what, rate_of in (("", rate_of_store), (", whole rooms", rate_of_rooms)):
                rates = [await rate_of(opener, writers) for writers in WRITERS]
                rows += [_rate_row(name + what, rate) for rate in rates]
    return _table(["", "writers", "commits/s", "p50 ms", "p99 ms"], rows)


def _rate_row(name: str, rate: Rate) -> list[str]:
    times = [f"{percentile(rate.each, percent) * 1e3:.1f}" for percent in (50, 99)]
    return [name, str(rate.writers), f"{rate.per_second:,.0f}", *times]


async def _restores() -> str:
    rows = [
        [r.kind, str(r.entries), f"{r.form_bytes / 1e3:.1f} kB", f"{r.seconds * 1e3:.1f} ms"]
        for r in await measure_restores()
    ]
    return _table(["", "entries", "form", "until it answers"], rows)


async def _waking() -> str:
    return _table(["", "p50 ms", "p99 ms"], [await _waking_row(kind) for kind in KINDS])


async def _waking_row(kind: str) -> list[str]:
    seconds = await measure_waking(kind)
    return [kind, *(f"{percentile(seconds, percent) * 1e3:.1f}" for percent in (50, 99))]


async def _memory() -> str:
    rows = [_memory_row("awake", kind, measure_memory("awake", kind, BATCH)) for kind in KINDS]
    looks = measure_memory("asleep", "counter", SLEEPING)
    rows.append(_memory_row("asleep", "counter", looks, since=AGAIN))
    return _table(["", "rooms", "before", "after", "a room"], rows)


def _memory_row(state: str, kind: str, looks: list[int], since: int = 0) -> list[str]:
    rooms = (len(looks) - 1) * BATCH
    each = (looks[-1] - looks[since]) / (rooms - since * BATCH)
    before, after = (f"{look / 1e6:.0f} MB" for look in (looks[0], looks[-1]))
    return [f"{kind}, {state}", f"{rooms:,}", before, after, f"{each / 1e3:.1f} kB"]


BLOCKS: Mapping[str, Callable[[], Awaitable[str]]] = {
    "machine": _machine,
    "commits": _commits,
    "restores": _restores,
    "waking": _waking,
    "memory": _memory,
}
"""What is in each block of the document, as Markdown."""

# -- the document ------------------------------------------------------------------------


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def written(document: str, name: str, table: str) -> str:
    """The document with this in its block of that name."""
    block = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end -->)", re.DOTALL)
    assert block.search(document), f"docs/measured.md has no block {name}"
    return block.sub(lambda _: table, document, count=1)


async def _measure(write: bool) -> None:
    for name, measured in BLOCKS.items():
        table = await measured()
        print(f"{name}\n\n{table}", flush=True)
        if write:
            document = written(DOCUMENT.read_text("utf-8"), name, table)
            DOCUMENT.write_text(document, "utf-8")


def main(write: bool) -> None:
    """Measures, and prints or writes it."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_measure(write))


if __name__ == "__main__":
    main("--write" in sys.argv)
