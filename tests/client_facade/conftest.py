"""A façade on a scripted server, on virtual time."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Protocol

import pytest

from client_facade import Facade, connect
from machine_party.testing import VirtualClock, VirtualLoop
from tests.client_facade.scripted import ScriptedServer, ScriptedTransport


class Open(Protocol):
    """Connects a façade to the scripted server and lets the server welcome it."""

    async def __call__(self, *, welcome: bool = True, **options: Any) -> Facade[Any]: ...


@pytest.fixture
def server() -> ScriptedServer:
    return ScriptedServer(ScriptedTransport())


@pytest.fixture
def open_facade(
    virtual_loop: VirtualLoop, clock: VirtualClock, server: ScriptedServer
) -> Iterator[Open]:
    facades: list[Facade[Any]] = []

    async def open_one(*, welcome: bool = True, **options: Any) -> Facade[Any]:
        options = {"random": Random(7), "transport": server.transport, **options}
        facade: Facade[Any] = connect("ws://test/parties/counter/lobby", **options)
        facades.append(facade)
        await clock.settle()
        if welcome:
            server.welcome()
            await clock.settle()
        return facade

    yield open_one
    for facade in facades:
        virtual_loop.run_until_complete(facade.close())
