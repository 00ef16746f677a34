"""The data folder: where what must outlive a server is kept, its rooms and what a game has."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

__all__ = ["DATA_VARIABLE", "data_folder"]

DATA_VARIABLE = "MACHINE_PARTY_DATA"
"""The environment variable that names it. `serve --data` sets it, for the games that it serves."""


def data_folder() -> Path:
    """The folder that `MACHINE_PARTY_DATA` names, or else `machine-party` where this user's
    programs keep their data.

    It need not be there yet: who writes first makes it, for this user alone (mode 0o700).
    """
    named = os.environ.get(DATA_VARIABLE)
    return Path(named) if named else user_data_path("machine-party", appauthor=False)
