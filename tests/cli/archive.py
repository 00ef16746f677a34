"""Rooms in a file, for the commands that look at them, and the game they were played with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from machine_party.backends.store import open_store
from machine_party.core import Actor, Joined, Party, PresenceChanged, Sent, run_batch
from machine_party.room import Entry, RoomKey

NOW = 1_700_000_000.0
NODE = "00ff00ff00ff00ff"
IDENTITY = "k:0123456789abcdef0123456789abcdef"

ADDER = '''"""A room that adds up."""

from typing import Any

from msgspec import Struct

from machine_party import ClientEvent, Machine, Member, Party, Snapshot, State


class Add(ClientEvent):
    by: int = 1


class Whisper(ClientEvent):
    text: str


class Context(Struct):
    total: int = 0
    secrets: dict[str, str] = {}


class Adder(Machine[Context]):
    idle = State(initial=True)
    add = idle.to.itself(internal=True, on="do_add")
    whisper = idle.to.itself(internal=True, on="do_whisper")

    def do_add(self, data: Add) -> None:
        self.context.total += data.by

    def do_whisper(self, data: Whisper, member: Member) -> None:
        self.context.secrets[member.id] = data.text


class Shared(Struct):
    total: int


class Own(Struct):
    secret: str | None


class Adding(Party):
    machine = Adder
    events = (Add, Whisper)

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
        return Shared(snapshot.context.total)

    def own(self, snapshot: Snapshot[Context], member: Member) -> Own:
        return Own(snapshot.context.secrets.get(member.id))
'''


def keep(file: Path, party: Party, room: str, events: Sequence[tuple[str, Any]]) -> None:
    """A room in which Ann and Bob are, and send these, in turns; a whole form every third. One that
    is called `presence` is not sent: whose turn it is goes away."""
    asyncio.run(_keep(file, party, RoomKey(party.name, room), events))


async def _keep(file: Path, party: Party, key: RoomKey, events: Sequence[tuple[str, Any]]) -> None:
    store = open_store(f"sqlite:///{file}")
    actor = Actor.start(party, input=None, seed=str(key), now=NOW)
    form, version = actor.dump(), 1
    whole = {"actor": form, "windows": {}}
    await store.create(key, 1, version, whole, node=NODE, wake=None)
    causes: list[Any] = [
        Joined(now=NOW, identity=f"{IDENTITY}-{name}", role="player", name=name)
        for name in ("Ann", "Bob")
    ]
    for count, cause in enumerate([*causes, *events]):
        if isinstance(cause, tuple):
            member = [*actor.roster.members][count % 2]
            cause = _cause(NOW + count, member, *cause)
        version += 1
        result = run_batch(party, actor, form, [cause], version=version)
        patch = [{**each, "path": f"/actor{each['path']}"} for each in result.patch]
        await store.append(key, 1, [Entry(version, patch, result.committed())], wake=None)
        actor, form = result.actor, result.form
        if version % 3 == 0:
            whole = {"actor": form, "windows": {}}
            await store.checkpoint(key, 1, version, whole, keep_from=0, wake=None)
    await store.close()


def _cause(now: float, member: str, type: str, data: Any) -> Sent | PresenceChanged:
    if type == "presence":
        return PresenceChanged(now=now, member=member, presence=data)
    return Sent(now=now, type=type, data=data, member=member)
