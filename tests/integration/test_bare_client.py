"""A client as the reference implementation's: it knows snapshots, patches and plain events."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import jsonpatch
import pytest

from games.counter import Counter
from machine_party.testing import RawClient, StagedRoom, VirtualClock, open_room

GET = {"type": "party.snapshot.get"}


class Bare:
    """It asks for a snapshot, then applies every patch to its one document, come what may."""

    def __init__(self, client: RawClient, *, binary: bool) -> None:
        self.client, self.binary = client, binary
        self.document: Any = None
        self.errors: list[str] = []

    async def say(self, message: dict[str, Any]) -> None:
        text = json.dumps(message)
        await self.client.send(text.encode() if self.binary else text)

    def take(self) -> None:
        """Takes in what has come, as the reference does: in order, by `type` alone."""
        for frame in self.client.frames:
            message = json.loads(frame)
            if message["type"] == "party.snapshot.update":
                self.document = message["snapshot"]
            elif message["type"] == "party.snapshot.patch":
                patch = jsonpatch.JsonPatch(message["operations"])
                self.document = patch.apply(self.document)
            else:
                self.errors.append(message["code"])


async def bare(room: StagedRoom, name: str, *, binary: bool) -> Bare:
    client = Bare(await room.raw(pk=f"{name} is nobody's business"), binary=binary)
    await client.say(GET)
    return client


@pytest.mark.parametrize("seed", range(5))
async def test_it_converges_by_applying_operations_to_one_document(
    clock: VirtualClock, seed: int
) -> None:
    random = Random(seed)
    room = await open_room(Counter, clock)
    facade = await room.join("Ada")
    clients = [await bare(room, name, binary=name == "Bob") for name in ("Ann", "Bob")]
    for _ in range(40):
        client = random.choice(clients)
        await client.say(random.choice(EVENTS))
        if random.random() < 0.3:
            await facade.send("increment", by=random.randint(1, 100))
        await clock.advance(random.choice([0, 0.01, 0.2]))
    await clock.advance(1)
    for client in clients:
        client.take()
        assert client.document["context"]["count"] == facade.context["count"]
        fresh = await bare(room, "Ann" if client is clients[0] else "Bob", binary=client.binary)
        await clock.advance(1)
        fresh.take()
        assert client.document == fresh.document
        assert set(client.errors) <= {"not_allowed", "bad_request", "no_such_child"}
    await room.close()


EVENTS: list[dict[str, Any]] = [
    {"type": "increment"},
    {"type": "increment", "by": 7},
    {"type": "increment", "by": 1_000},
    {"type": "no_such_event"},
    {"type": "party.sendTo", "actorId": "nobody", "event": {"type": "increment"}},
    GET,
]
"""What such a client sends: without ids, so that a refusal is an error message."""


async def test_what_has_no_id_is_refused_aloud(clock: VirtualClock) -> None:
    room = await open_room(Counter, clock)
    client = await bare(room, "Ann", binary=False)
    for event in (EVENTS[2], EVENTS[3], EVENTS[4]):
        await client.say(event)
        await clock.advance(1)
    client.take()
    assert client.errors == ["bad_request", "not_allowed", "no_such_child"]
    assert client.client.closed_with is None
    await room.close()
