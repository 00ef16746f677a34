"""A store's address, and what opens it."""

from __future__ import annotations

from pathlib import Path

from machine_party.backends.store.memory import MemoryStore
from machine_party.errors import StoreError
from machine_party.room import Store

__all__ = ["open_store", "sqlite_path"]

ALLOWED = (
    "memory: (gone with the process), sqlite:///party.db (a file here), "
    "sqlite:////var/lib/party.db (a file anywhere), postgresql://user@host/database"
)


def open_store(url: str, *, must_exist: bool = False) -> Store:
    """The store at an address.

    Args:
        url: `memory:`, `sqlite:///` and a path (with a fourth slash, from the root), or a
            `postgresql://` URL, as libpq's; its `schema` says in which schema the tables are.
        must_exist: it is somebody else's, who may be using it: nothing is made, and nothing
            changes before the first write.

    Raises:
        StoreError: there is no such kind of store, its file cannot be used (or, `must_exist`, is
            not there), or its driver is not installed. PostgreSQL is asked only at the first use.
    """
    kind = url.partition(":")[0]
    if url == "memory:":
        if must_exist:
            raise StoreError("what is kept in memory: is gone with its process")
        return MemoryStore()
    file = sqlite_path(url)
    if file is not None:
        from machine_party.backends.store.sqlite import SqliteStore

        return SqliteStore(file, must_exist=must_exist)
    if kind in ("postgresql", "postgres") and url.startswith(f"{kind}://"):
        return _postgres(url, must_exist)
    told = "" if "@" in url else f" {url!r}"  # it may hold a password
    raise StoreError(f"the store's address{told} is not one. Allowed: {ALLOWED}")


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite store's address; None if it is none."""
    scheme, path = url[:10], url[10:]
    # Other programs take these for options and for a database in memory.
    if scheme != "sqlite:///" or not path or "?" in path or path == ":memory:":
        return None
    return Path(path)


def _postgres(url: str, must_exist: bool) -> Store:
    try:
        from machine_party.backends.store.postgres import PostgresStore
    except ModuleNotFoundError as error:
        if error.name != "asyncpg":
            raise
        fix = "pip install machine-party[postgres]"
        raise StoreError(f"PostgreSQL's driver, asyncpg, is not installed: {fix}") from error
    try:
        return PostgresStore(url, must_exist=must_exist)
    except ValueError as error:
        raise StoreError(f"PostgreSQL's address is none. Allowed: {ALLOWED}") from error
