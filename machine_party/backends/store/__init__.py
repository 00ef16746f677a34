"""Store adapters."""

from machine_party.backends.store.memory import MemoryStore

__all__ = ["MemoryStore"]
