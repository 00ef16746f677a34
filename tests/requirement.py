"""What some tests need beside Python. Where it is missing they are skipped, and in CI they fail.

A skip that nobody sees would be a hole in what the tests promise; so `CI=true` allows none.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

__all__ = ["missing", "node", "node_modules"]

ROOT = Path(__file__).resolve().parent.parent


def missing(what: str, remedy: str) -> NoReturn:
    """Skips the test that has asked; fails it in CI."""
    sentence = f"{what} is missing: {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{sentence} (CI=true allows no skip)", pytrace=False)
    pytest.skip(sentence)


def node() -> str:
    """The path of `node`."""
    return shutil.which("node") or missing("node", "install Node 20 or later")


def node_modules() -> Path:
    """The installed packages of package-lock.json."""
    node()
    folder = ROOT / "node_modules"
    return folder if folder.is_dir() else missing("node_modules", "run make test, or npm ci")
