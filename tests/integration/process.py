"""A `machine-party serve` in a process of its own, which can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

__all__ = ["ServeProcess", "serve_process"]

COMMAND = (str(Path(sys.executable).with_name("machine-party")), "serve", "--host", "127.0.0.1")


class ServeProcess:
    """The server. Make it with `serve_process`.

    Attributes:
        port: the same after each start.
        output: all that its processes have printed and logged.
    """

    def __init__(self, data: Path, options: tuple[str, ...]) -> None:
        self.port = 0
        self.output = ""
        self._options = options
        self._environment = {**os.environ, "MACHINE_PARTY_DATA": str(data)}
        self._process: Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Returns when it accepts connections."""
        command = (*COMMAND, "--port", str(self.port), *self._options)
        process = await asyncio.create_subprocess_exec(
            *command, stdout=PIPE, stderr=STDOUT, env=self._environment
        )
        self._process = process
        assert process.stdout is not None
        async for line in process.stdout:
            self.output += line.decode()
            if line.startswith(b"Open"):
                self.port = int(line.decode().rstrip("/\n").rpartition(":")[2])
                return
        raise AssertionError(f"it has not started: {self.output}")

    async def end(self, sign: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal, and wait until the process is gone; what it returned."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(sign)
        rest, _ = await process.communicate()
        self.output += rest.decode()
        assert process.returncode is not None
        return process.returncode


@asynccontextmanager
async def serve_process(data: Path, *options: str) -> AsyncIterator[ServeProcess]:
    """A running server that keeps its rooms in the folder `data`."""
    server = ServeProcess(data, options)
    try:
        await server.start()
        yield server
    finally:
        await server.end()
