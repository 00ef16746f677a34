"""The server that is killed: `machine-party serve`, with what its orders say put around it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time

from games.payment import machine as payment
from machine_party import cli
from machine_party.room import committer
from machine_party.server import Server
from tests.torture import alarm, crash, mutant
from tests.torture.orders import Orders

__all__ = ["serve"]

CHECKPOINT_ENTRIES = 12
"""Commits between two whole forms, so that there are some in a game."""

APPROVAL_SECONDS = 0.5
"""A payer's time, so that it runs out in some payments of a game."""

cli.discover()  # imports the games, once for all servers


def serve(orders: Orders) -> None:
    """Serve until this process is killed."""
    os.environ["MACHINE_PARTY_DATA"] = orders.data
    committer.CHECKPOINT_ENTRIES = CHECKPOINT_ENTRIES
    payment.APPROVAL_SECONDS = APPROVAL_SECONDS
    if orders.clock_ahead:
        _set_clock(orders.clock_ahead)
    if orders.alarms:
        vars(cli.serve)["discover"] = lambda: [alarm.AlarmClocks]
    if orders.mutant is not None:
        mutant.MUTANTS[orders.mutant]()
    if orders.crash is not None:
        crash.arm(orders.crash, orders.hit)
    _lose_the_network_at(signal.SIGUSR1)
    sys.argv = [
        "machine-party", "serve", "--host", "127.0.0.1", "--port", str(orders.port),
        *(["--store", orders.store] if orders.store else []),
    ]  # fmt: skip
    cli.main()


def _set_clock(ahead: float) -> None:
    """The system's clock, as all of this process sees it; the monotonic one goes on."""
    true = time.time
    time.time = lambda: true() + ahead


def _lose_the_network_at(sign: signal.Signals) -> None:
    """When it is told so, nobody reaches this server any more, and it lives on with its rooms."""
    startup = Server.startup

    async def started(self: Server, sockets: list[socket.socket] | None = None) -> None:
        await startup(self, sockets)
        asyncio.get_running_loop().add_signal_handler(sign, _lose_the_network, self)

    Server.startup = started  # type: ignore[method-assign]


def _lose_the_network(server: Server) -> None:
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        connection.transport.abort()
