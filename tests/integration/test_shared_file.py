"""Two servers that use one file, as two `make serve` on different ports do: no room is damaged."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from client_facade import Facade, connect
from tests.integration.process import serve_process

pytestmark = [pytest.mark.socket, pytest.mark.slow]

EVENTS = 4


async def increments(room: Facade[Any]) -> list[str]:
    return [(await room.send("increment")).status for _ in range(EVENTS)]


def test_a_room_that_is_played_through_both_goes_back_and_forth_and_counts_right(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with serve_process(tmp_path) as one, serve_process(tmp_path) as two:
            assert "Another server uses it too" not in one.output
            assert "Another server uses it too" in two.output
            path, pk = "parties/counter/room", "?_pk=the-same-person-with-two-tabs"
            async with (
                connect(f"{one.url}/{path}{pk}") as ann,
                connect(f"{two.url}/{path}{pk}") as bob,
            ):
                answers = await asyncio.gather(increments(ann), increments(bob))
                assert {status for each in answers for status in each} <= {"accepted", "duplicate"}
            async with connect(f"{one.url}/{path}{pk}") as ann:
                # Until its next write a server does not learn that the other one has gone on with a
                # room that it still has: the first snapshot may be from before.
                assert (await ann.send("increment")).status in ("accepted", "duplicate")
                whole = 2 * EVENTS + 1
                await ann.wait_for(lambda now: now.context["count"] == now.context["mine"] == whole)
            assert "Traceback" not in one.output + two.output

    asyncio.run(asyncio.wait_for(main(), 30))
