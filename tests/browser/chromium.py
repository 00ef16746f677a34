"""Which Chromium the browser tests use: `python -m tests.browser.chromium` finds or installs one.

It takes, in this order: what MACHINE_PARTY_CHROMIUM says, one that is on the PATH, the one that
playwright keeps for itself. What must not be here: how a test drives it.
"""

from __future__ import annotations

import functools
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["REMEDY", "find", "is_root", "main", "on_debian"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REMEDY = (
    "install the package chromium, or run .venv/bin/python -m playwright install chromium, "
    "or say where one is: MACHINE_PARTY_CHROMIUM=/path/to/chromium"
)
SECONDS = 600
"""For one installation: a few hundred megabytes on a slow line."""


@functools.cache
def find() -> Path | None:
    """A Chromium that starts; None if there is none.

    Raises:
        ValueError: MACHINE_PARTY_CHROMIUM names one that does not start.
    """
    given = os.environ.get("MACHINE_PARTY_CHROMIUM")
    if given:
        if not _starts(Path(given)):
            raise ValueError(f"MACHINE_PARTY_CHROMIUM={given}: that does not start")
        return Path(given)
    return next((path for path in _candidates() if _starts(path)), None)


def is_root() -> bool:
    """Chromium refuses to sandbox itself for root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _candidates() -> Iterator[Path]:
    yield from (Path(found) for name in NAMES if (found := shutil.which(name)))
    yield from _of_playwright()


def _of_playwright() -> Iterator[Path]:
    """Asked in a process of its own: playwright's synchronous half would leave a loop running."""
    asked = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    command = [sys.executable, "-c", asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        yield Path(done.stdout.strip())


def _starts(path: Path) -> bool:
    """Ubuntu's package, for one, is a script that only says where to get a snap."""
    try:
        command = [str(path), "--version"]
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


# -- installing --------------------------------------------------------------------------


def _installers() -> Iterator[list[list[str]]]:
    """Ways to get one, each a list of commands; the next is tried when one has failed."""
    if is_root() and on_debian():
        yield [
            ["apt-get", "-qq", "update"],
            ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", "chromium"],
        ]
    with_libraries = ["--with-deps"] if is_root() else []
    yield [[sys.executable, "-m", "playwright", "install", *with_libraries, "chromium"]]


def on_debian() -> bool:
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def _works(commands: list[list[str]]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        for command in commands:
            subprocess.run(
                command, env=environment, stdout=subprocess.DEVNULL, timeout=SECONDS, check=True
            )
    except (OSError, subprocess.SubprocessError) as error:
        print(error, file=sys.stderr)
        return False
    find.cache_clear()
    return find() is not None


def main() -> int:
    """Sees to it that there is one. That there is none is said, but fails nothing."""
    if find() is None:
        print("installing Chromium for the browser tests")
        if not any(_works(commands) for commands in _installers()):
            print(f"no Chromium: the browser tests are skipped; {REMEDY}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
