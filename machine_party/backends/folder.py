"""The data folder: where what must outlive a server is kept, its rooms and what a game has; and
what it takes that a folder keeps what was made in it.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from platformdirs import user_data_path

__all__ = ["DATA_VARIABLE", "data_folder", "sync_folder"]

DATA_VARIABLE = "MACHINE_PARTY_DATA"
"""The environment variable that names it. `serve --data` sets it, for the games that it serves."""


def data_folder() -> Path:
    """The folder that `MACHINE_PARTY_DATA` names, or else `machine-party` where this user's
    programs keep their data.

    It need not be there yet: who writes first makes it, for this user alone (mode 0o700).
    """
    named = os.environ.get(DATA_VARIABLE)
    return Path(named) if named else user_data_path("machine-party", appauthor=False)


def sync_folder(folder: Path) -> None:
    """Have the disk keep the names in a folder: a file that was synced is lost with the power all
    the same while its name is not on the disk (`man 2 fsync`).

    Where folders cannot be opened (Windows, or one that this user may not read) or synced (some
    file systems), nothing is done.

    Raises:
        OSError: the disk has failed.
    """
    try:
        opened = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EBADF, errno.EINVAL):
            raise
    finally:
        os.close(opened)
