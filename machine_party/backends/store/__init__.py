"""Store adapters: in memory, in a SQLite file, in PostgreSQL.

Only what is used is loaded: PostgreSQL's driver is an extra.
"""

from machine_party.backends.store.memory import MemoryStore
from machine_party.backends.store.url import open_store

__all__ = ["MemoryStore", "open_store"]
