"""The command in processes of its own, as a person or a service manager uses it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.testing import CliRunner

from machine_party.cli import app

COMMAND = [sys.executable, "-c", "from machine_party.cli import main; main()"]
WIDE = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}


def refused(*arguments: str, code: int | None = None) -> str:
    """What a wrong command line is told, boxes and line breaks taken out."""
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert result.exit_code in ([1, 2] if code is None else [code])
    assert isinstance(result.exception, SystemExit)
    return re.sub(r"[\s│╭╮╰╯─]+", " ", result.output)


@contextmanager
def served(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process on a free port, and the address that it has printed."""
    command = [*COMMAND, "serve", "--host", "127.0.0.1", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=WIDE) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            url = next(line.split()[1] for line in lines if line.startswith("Open"))
            yield process, url.rstrip("/")
        finally:
            process.kill()


def made(url: str) -> Any:
    request = urllib.request.Request(url, b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def played(url: str, lines: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "play", url], input=lines, env={**WIDE, **env},
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
