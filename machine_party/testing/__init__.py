"""Testing games: a room in memory, members on real façades, and a clock that the test moves.

Installing machine-party registers the pytest plugin (`machine_party.testing.plugin`); its
fixtures are `clock` and `open_room`. Coroutine tests that use them need nothing else.

    async def test_it_counts(open_room, clock):
        room = await open_room(Counter)
        alice, bob = await room.join("Alice"), await room.join("Bob")
        await alice.send("increment", by=2)
        await clock.settle()
        assert bob.context == {"count": 2, "mine": 0}

Without pytest, or under Hypothesis, run a coroutine with `VirtualLoop().run(…)` and call
`open_room(Counter, VirtualClock(loop))`. What must not be here: anything that a running server
needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from machine_party.testing.clock import EPOCH, VirtualClock
from machine_party.testing.loop import Deadlock, VirtualLoop

if TYPE_CHECKING:
    from machine_party.testing.member import StagedMember
    from machine_party.testing.plugin import OpenRoom
    from machine_party.testing.raw import RawClient
    from machine_party.testing.recording import Recording, assert_replays
    from machine_party.testing.room import StagedRoom, open_room
    from machine_party.testing.wiretap import Wiretap

__all__ = [
    "EPOCH",
    "Deadlock",
    "OpenRoom",
    "RawClient",
    "Recording",
    "StagedMember",
    "StagedRoom",
    "VirtualClock",
    "VirtualLoop",
    "Wiretap",
    "assert_replays",
    "open_room",
]

#: pytest loads the plugin in every project where machine-party is installed: what needs the
#: server is loaded when it is used.
_HOME_OF = {
    "OpenRoom": "plugin",
    "RawClient": "raw",
    "Recording": "recording",
    "StagedMember": "member",
    "StagedRoom": "room",
    "Wiretap": "wiretap",
    "assert_replays": "recording",
    "open_room": "room",
}


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
