"""The server: an ASGI app, its endpoints, credentials and limits, and running it on uvicorn."""

from machine_party.server.app import MachineParty
from machine_party.server.limits import ServerLimits
from machine_party.server.run import PortBusy, Server, listen
from machine_party.server.uvicorn_protocol import PartyWebSocketProtocol

__all__ = [
    "MachineParty",
    "PartyWebSocketProtocol",
    "PortBusy",
    "Server",
    "ServerLimits",
    "listen",
]
