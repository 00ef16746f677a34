"""The Python client: a façade of a room's machine.

    async with connect("ws://127.0.0.1:8000/parties/counter/lobby", name="Ada") as room:
        print(room.value, room.context)
        receipt = await room.send("increment", by=2)

A façade looks like the machine (`value`, `context`, `matches`, `can`, …) and holds none of its
logic. What must not be here: anything of the server; of machine_party, only its protocol.
"""

from __future__ import annotations

from client_facade.actor import Actor, ActorFacade, actor_facade
from client_facade.error import Closed, NotReady
from client_facade.facade import Facade, connect
from client_facade.snapshot import ContextT, Snapshot
from client_facade.transport import Channel, Lost, Transport, WebSocketTransport
from machine_party.protocol import Conflict, Receipt

__all__ = [
    "Actor",
    "ActorFacade",
    "Channel",
    "Closed",
    "Conflict",
    "ContextT",
    "Facade",
    "Lost",
    "NotReady",
    "Receipt",
    "Snapshot",
    "Transport",
    "WebSocketTransport",
    "actor_facade",
    "connect",
]
