"""machine-party: put a state machine on a server and let many people play it together.

What a game or a host needs is here; everything else is private by its place. Names are loaded
when they are first used, so that a client that needs only the protocol loads only that.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from machine_party.backends.folder import data_folder
    from machine_party.backends.store import MemoryStore
    from machine_party.core import (
        AuthRequest,
        ChildView,
        ClientEvent,
        Emit,
        Grant,
        HistoryState,
        Machine,
        Member,
        Party,
        Snapshot,
        State,
        View,
        Waiting,
    )
    from machine_party.errors import (
        DefinitionError,
        MachinePartyError,
        PeerError,
        Refused,
        UndeclaredError,
    )
    from machine_party.room import Connection, Invocation, Room
    from machine_party.server import MachineParty

__version__ = "0.1.0"

_HOMES = {
    "machine_party.backends.folder": ("data_folder",),
    "machine_party.backends.store": ("MemoryStore",),
    "machine_party.core": (
        "AuthRequest", "ChildView", "ClientEvent", "Emit", "Grant", "HistoryState", "Machine",
        "Member", "Party", "Snapshot", "State", "View", "Waiting",
    ),
    "machine_party.errors": (
        "DefinitionError", "MachinePartyError", "PeerError", "Refused", "UndeclaredError",
    ),
    "machine_party.room": ("Connection", "Invocation", "Room"),
    "machine_party.server": ("MachineParty",),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AuthRequest",
    "ChildView",
    "ClientEvent",
    "Connection",
    "DefinitionError",
    "Emit",
    "Grant",
    "HistoryState",
    "Invocation",
    "Machine",
    "MachineParty",
    "MachinePartyError",
    "Member",
    "MemoryStore",
    "Party",
    "PeerError",
    "Refused",
    "Room",
    "Snapshot",
    "State",
    "UndeclaredError",
    "View",
    "Waiting",
    "__version__",
    "data_folder",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return __all__
