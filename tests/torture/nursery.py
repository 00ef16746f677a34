"""Servers that are there in no time: forked from a process that has imported everything already.

A process that is to be killed 1,000 times must not import for half a second each time. Run as a
module, this file is that process; it takes orders as lines of JSON, and ends its servers when
nobody is there any more to give orders.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any

from tests.torture.orders import Orders

__all__ = ["Nursery", "ServerProcess", "nursery"]

ROOT = Path(__file__).parents[2]
LOOK_SECONDS = 0.005
PATIENCE = 60
"""Seconds for an answer of the nursery, which takes milliseconds, but at its start."""


class ServerProcess:
    """A server. Made by `Nursery.start`.

    Attributes:
        pid: nobody else gets it before `ended` has said so: the nursery has not waited for it.
    """

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.pid = pid
        self._nursery = nursery

    async def ended(self, seconds: float) -> bool:
        """Whether it has ended by itself within so many seconds."""
        until = monotonic() + seconds
        while not await self._nursery.ask({"look at": self.pid}):
            if monotonic() > until:
                return False
            await asyncio.sleep(LOOK_SECONDS)
        return True

    def lose_the_network(self) -> None:
        """It lives on, and nobody reaches it any more (after a moment)."""
        os.kill(self.pid, signal.SIGUSR1)

    async def kill(self) -> None:
        """End it at once; returns when it is gone."""
        await self._nursery.ask({"kill": self.pid})


class Nursery:
    """The process that the servers are forked from. Use `nursery()`."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._asking = asyncio.Lock()

    async def start(self, orders: Orders) -> ServerProcess:
        """A server; it may not listen yet."""
        return ServerProcess(self, await self.ask({"start": asdict(orders)}))

    async def ask(self, order: dict[str, Any]) -> Any:
        """Give an order; its answer."""
        reader, writer = self._process.stdout, self._process.stdin
        assert reader is not None
        assert writer is not None
        async with self._asking, asyncio.timeout(PATIENCE):
            writer.write(json.dumps(order).encode() + b"\n")
            answer = await reader.readline()
        assert answer, "the nursery has ended"
        return json.loads(answer)


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """A nursery; in the end, all that it has started is gone."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=PIPE, stdout=PIPE, cwd=ROOT
    )
    try:
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), PATIENCE)


# -- the process ------------------------------------------------------------------------------


def attend() -> None:
    """Take orders until there are no more."""
    from tests.torture import server  # what takes its time to import

    children: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            children.add(pid := _forked(Orders(**order["start"]), server.serve))
            _answer(pid)
        elif "kill" in order:
            _kill(children, order["kill"])
            _answer(True)
        else:
            _answer(_ended(children, order["look at"]))
    for pid in list(children):
        _kill(children, pid)


def _forked(orders: Orders, serve: Any) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        log = os.open(orders.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        serve(orders)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


def _kill(children: set[int], pid: int) -> None:
    if pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        children.discard(pid)


def _ended(children: set[int], pid: int) -> bool:
    if pid in children and os.waitpid(pid, os.WNOHANG)[0]:
        children.discard(pid)
    return pid not in children


def _answer(value: object) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    attend()
