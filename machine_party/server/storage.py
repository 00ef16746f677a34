"""Where `serve` keeps what must outlive it: the rooms, and the secret that signs its tokens.

With both of them, a server that was killed goes on where it was. What must not be here: how rooms
are kept (`machine_party.backends`).
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from machine_party.backends.folder import data_folder, sync_folder
from machine_party.backends.store import MemoryStore, open_store
from machine_party.backends.store.url import sqlite_path
from machine_party.errors import StoreError
from machine_party.room.store import Store
from machine_party.server.secret import read_or_make

__all__ = ["ROOMS", "Storage", "open_storage"]

ROOMS = "rooms.sqlite"
"""The file in the data folder."""


@dataclass(slots=True)
class Storage:
    """An opened store, and the secret that goes with it. To be closed.

    Attributes:
        store: where rooms are kept.
        secret: signs tokens; None: rooms do not outlive the process, and tokens need not.
        place: where that is, for people; no password is in it. None: nowhere.
        shared: whether another server uses the same file now. Both may: a room belongs to the one
            that was asked for it last, and the other one lets go of it before its next write.
        alone: whether it is known that no other server uses it.
    """

    store: Store
    secret: bytes | None = None
    place: str | None = None
    shared: bool = False
    alone: bool = False
    _lock: IO[str] | None = None

    def close(self) -> None:
        """Let go of it, if the server that used it has not done so."""
        asyncio.run(self.store.close())
        if self._lock is not None:
            self._lock.close()


def open_storage(
    url: str | None = None, *, folder: Path | None = None, secret_file: Path | None = None
) -> Storage:
    """What a server needs to keep its rooms.

    Args:
        url: the store's address; None: the file `rooms.sqlite` in the data folder.
        folder: the data folder, made for this user alone; None: `data_folder()`.
        secret_file: None: beside the store's file (`rooms.sqlite.secret`); with PostgreSQL, in the
            data folder.

    Raises:
        StoreError: there is no such store, or it cannot be used now. PostgreSQL is asked.
        OSError, ValueError: the secret cannot be read, or is too short.
    """
    folder = folder or data_folder()
    if url is None:
        url = f"sqlite:///{_made(folder).absolute() / ROOMS}"
    store = open_store(url)
    if isinstance(store, MemoryStore):
        return Storage(store, None if secret_file is None else read_or_make(secret_file))
    try:
        return _durable(store, url, folder, secret_file)
    except BaseException:
        asyncio.run(store.close())
        raise


def _durable(store: Store, url: str, folder: Path, secret_file: Path | None) -> Storage:
    file = sqlite_path(url)
    if file is None:
        asyncio.run(_ask(url))
        secret = read_or_make(secret_file or _made(folder) / "postgresql.secret")
        return Storage(store, secret, _without_password(url))
    file = file.absolute()
    secret = read_or_make(secret_file or file.with_name(f"{file.name}.secret"))
    lock = _locked(file.with_name(f"{file.name}.lock"))
    shared = lock is None
    alone = not shared and sys.platform != "win32"  # where nobody is asked
    return Storage(store, secret, str(file), shared=shared, alone=alone, _lock=lock)


async def _ask(url: str) -> None:
    """Whether PostgreSQL answers. By a store of its own: connections belong to an event loop."""
    store = open_store(url)
    try:
        await store.latest_stamp()
    finally:
        await store.close()


def _made(folder: Path) -> Path:
    """The folder, and where it is new its name on the disk."""
    try:
        new = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for each in new:
            sync_folder(each.parent)
    except OSError as error:
        raise StoreError(f"{folder}: no folder can be made there: {error.strerror}") from error
    return folder


def _locked(path: Path) -> IO[str] | None:
    """The file, locked until it is closed or this process ends; None: another one has it.

    Windows has no such locks: there it is opened, and that is all.
    """
    file = path.open("a")
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
    return file


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"
