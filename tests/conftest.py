"""What every test gets. Rooms, clients and the virtual clock come from `machine_party.testing`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A deadline per example measures the machine that the tests run on. Nightly runs go deeper:
# HYPOTHESIS_PROFILE=nightly make test
settings.register_profile(
    "default",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("nightly", settings.get_profile("default"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


_data = tempfile.TemporaryDirectory(prefix="machine-party-tests-")
os.environ["MACHINE_PARTY_DATA"] = _data.name
os.environ.pop("MACHINE_PARTY_STORE", None)
"""Set before any test is imported: what a test serves is never kept in this user's home."""


def pytest_unconfigure() -> None:
    _data.cleanup()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots",
        type=_folder,
        metavar="DIR",
        help="keep the pictures that the browser tests take, and one of each failure",
    )


def _folder(name: str) -> Path:
    folder = Path(name).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
