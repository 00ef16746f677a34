"""The strace that the tests of faults use: `python -m tests.faults.strace` installs one if it can.

It has to be allowed to trace (some containers forbid it), and to be 5.3 or later, for
`--seccomp-bpf`. What must not be here: what is traced.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys

from tests.browser.chromium import is_root, on_debian
from tests.requirement import missing

__all__ = ["REMEDY", "find", "main", "require"]

REMEDY = "install the package strace (Linux), where processes may be traced (SYS_PTRACE)"
SECONDS = 300
"""For the installation."""


@functools.cache
def find() -> str | None:
    """One that can trace; None if there is none."""
    path = shutil.which("strace")
    if path is None:
        return None
    command = [path, "-f", "-qq", "--seccomp-bpf", "-e", "trace=fsync", "true"]
    done = subprocess.run(command, capture_output=True, check=False)
    return path if done.returncode == 0 and not done.stderr else None


def require() -> str:
    """Its path. Skips the test if there is none; fails it in CI."""
    return find() or missing("a strace that may trace", REMEDY)


def main() -> int:
    """Sees to it that there is one. That there is none is said, but fails nothing."""
    if find() is None and sys.platform == "linux" and is_root() and on_debian():
        print("installing strace for the tests of faults")
        _install()
    if find() is None:
        print(f"no strace: the tests of faults are skipped; {REMEDY}", file=sys.stderr)
    return 0


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for what in (["update"], ["install", "--yes", "--no-install-recommends", "strace"]):
        command = ["apt-get", "-qq", *what]
        try:
            subprocess.run(
                command, env=environment, stdout=subprocess.DEVNULL, timeout=SECONDS, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            print(error, file=sys.stderr)
            return
    find.cache_clear()


if __name__ == "__main__":
    sys.exit(main())
