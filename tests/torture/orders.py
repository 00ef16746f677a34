"""What a test tells a server that it starts: where, and how it is to fail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Orders"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """JSON-able.

    Attributes:
        port: to listen on, on 127.0.0.1.
        data: the data folder. `store`: the store's address; None: in that folder.
        log: the file for what it prints.
        crash: the name of the crash point (`crash.POINTS`) at which it kills itself; None: at none.
        hit: the how manieth time.
        mutant: the name of the defect that it has (`mutant.MUTANTS`); None: none.
        clock_ahead: seconds that its system's clock is ahead of ours.
        alarms: whether it serves the party of the timer tests, and no game.
    """

    port: int
    data: str
    log: str
    store: str | None = None
    crash: str | None = None
    hit: int = 1
    mutant: str | None = None
    clock_ahead: float = 0.0
    alarms: bool = False

    @classmethod
    def at(cls, port: int, folder: Path, **more: object) -> Orders:
        """For a server whose files are in `folder`."""
        data, log = str(folder / "data"), str(folder / "server.log")
        return cls(port=port, data=data, log=log, **more)  # type: ignore[arg-type]
