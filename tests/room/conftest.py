from __future__ import annotations

from collections.abc import Iterator

import pytest

from machine_party.testing import VirtualClock, VirtualLoop
from tests.room.board import BROKEN, WORK
from tests.room.judge import wire_faults
from tests.room.stage import Stage


@pytest.fixture
def stage(virtual_loop: VirtualLoop, clock: VirtualClock) -> Iterator[Stage]:
    """A node with the `Board`. At the end of the test what it has sent is judged."""

    async def make() -> Stage:
        return Stage(clock)

    staged = virtual_loop.run(make())
    yield staged
    BROKEN.clear()
    WORK.clear()
    virtual_loop.run(staged.rooms.close())
    assert staged.failures == []
    for client in staged.clients:
        assert wire_faults(client.writes) == []
