"""A bare client, such as the reference implementation's: one document, updates and patches.

It knows two messages, reads only `snapshot` and `operations`, and applies operations with a
library to the one document that it holds. It must be served correctly all the same.
"""

from __future__ import annotations

import json
from typing import Any

import jsonpatch
from hypothesis import given
from hypothesis import strategies as st

from machine_party.protocol import Bare, SendTo, SnapshotGet
from tests.protocol.wire import Room


class Replica:
    """All that such a client does with what it is sent."""

    def __init__(self) -> None:
        self.document: Any = None

    def receive(self, data: str | bytes) -> None:
        message = json.loads(data)
        if message["type"] == "party.snapshot.update":
            self.document = message["snapshot"]
        elif message["type"] == "party.snapshot.patch":
            self.document = jsonpatch.apply_patch(self.document, message["operations"])


@given(
    steps=st.lists(st.sampled_from(["shared", "own", "both", "live", "get", "stall"]), max_size=12)
)
def test_a_bare_client_holds_the_document(steps: list[str]) -> None:
    room, replica = Room(live=True, queue_patches=3), Replica()
    assert room.sync.receive('{"type":"party.snapshot.get"}') == SnapshotGet()
    room.open(None)

    for value, step in enumerate(steps, 1):
        happen(room, step, value)
        for data in room.sync.data_to_send():
            replica.receive(data)
        if room.sync.needs_update:
            room.sync.update(version=room.version)
    for data in room.sync.data_to_send():
        replica.receive(data)

    assert replica.document == room.sync.document


def happen(room: Room, step: str, value: int) -> None:
    """One thing that may happen to the connection."""
    assert room.live is not None
    if step == "get":
        room.sync.update(version=room.version)
    elif step == "live":
        room.sync.publish_live(room.change(room.live, value))
    elif step == "own":
        room.sync.commit(version=room.version, own=room.change(room.own, value), shared=None)
    elif step == "both":
        own, shared = room.change_both(value)
        room.sync.commit(version=room.version, own=own, shared=shared)
    else:
        for _ in range(5 if step == "stall" else 1):
            record = room.change(room.shared, value)
            room.sync.commit(version=room.version, own=None, shared=record)


def test_its_events_come_as_text_or_bytes() -> None:
    room = Room()

    assert room.sync.receive('{"type":"Ready","by":1}') == Bare({"type": "Ready", "by": 1})
    assert room.sync.receive(b'{"type":"Ready"}') == Bare({"type": "Ready"})
    assert room.sync.receive(
        b'{"type":"party.sendTo","actorId":"player-1","event":{"type":"Ready"}}'
    ) == SendTo("player-1", {"type": "Ready"})
