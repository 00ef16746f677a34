"""The server that the faults hit: rooms of a counter in one SQLite file, for a process of its own.

All of it is what `machine-party serve` is made of. A test may ask for a store that keeps less than
it promises, to prove that this would be seen.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from games.counter import Counter
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.room import Entry, RoomKey, refusal
from machine_party.server import MachineParty, Server, ServerLimits, listen

__all__ = ["KINDS", "Tally"]


class Tally(Counter):
    """A counter that makes a commit of whatever is there, at once: more commits a second."""

    patch_interval: ClassVar[float] = 0.0


class Hasty(SqliteStore):
    """A mutant: it says that a commit is kept as soon as it has been asked to keep it."""

    _writing: asyncio.Task[None] | None = None

    async def append(self, key: RoomKey, epoch: int, entries: Sequence[Entry], **more: Any) -> None:
        if self._writing is not None and self._writing.done():
            self._writing.result()
        self._writing = asyncio.create_task(super().append(key, epoch, entries, **more))


KINDS: dict[str, Callable[[Path], SqliteStore]] = {
    "full": SqliteStore,
    "normal": partial(SqliteStore, synchronous="normal"),
    "off": partial(SqliteStore, synchronous="off"),  # type: ignore[arg-type]
    "hasty": Hasty,
}
"""The stores: the real one; controls, which a power cut takes commits from, or makes a ruin of; the
mutant."""

refusal.STORE_RETRY_SECONDS = 0.05
"""A second, in earnest: the tests have many faults."""


def main(kind: str, file: str) -> None:
    """Serves until a signal; says its port and its process's id once it accepts connections."""
    limits = ServerLimits(events_per_second=10_000, events_burst=10_000)
    bound = listen("127.0.0.1", 0, limits)
    ready = f"{bound.getsockname()[1]} {os.getpid()}"
    store = KINDS[kind](Path(file))
    app = MachineParty([Tally], store=store, secret="a secret of the tests", limits=limits)
    Server(
        app,
        limits=limits,
        access_log=False,
        log_level="warning",
        on_started=lambda: print(ready, flush=True),
    ).run([bound])


if __name__ == "__main__":
    main(*sys.argv[1:])
