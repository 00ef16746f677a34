"""A node's rooms and their members' clients, joined without a network, and what must hold of both.

A client is the protocol's own client half: what a room sends goes through a codec into a mirror.
Every frame is judged as it comes (`judge.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any, TypeVar

from machine_party.core import Grant, Member, Party
from machine_party.protocol import (
    DEFAULT_LIMITS,
    JSON,
    MSGPACK,
    Bare,
    Changed,
    ClientSync,
    Codec,
    Conflict,
    Emitted,
    Error,
    Failed,
    Hello,
    Limits,
    Mode,
    Notice,
    Receipt,
    ServerMessage,
    ServerSync,
)
from machine_party.room import Connection, LoopClock, Room, RoomKey, Rooms
from machine_party.testing import VirtualClock
from tests.room.board import Board
from tests.room.judge import Judge
from tests.room.store import FaultyStore

__all__ = ["JSON", "MSGPACK", "Client", "Stage"]

ROOM = "room"
T = TypeVar("T")


class Client:
    """One façade's worth of a member. Made by `Stage.client`; `connect` joins.

    Attributes:
        writes: what each write of the room held, decoded; over all connections.
        notices: what the mirror told of.
        closed: `(code, reason)` of the present or last connection, if the room closed it.
        held: while true, what comes stays in `wire` until `deliver`.
    """

    def __init__(
        self, stage: Stage, identity: str, codec: Codec, role: str, mirror: ClientSync
    ) -> None:
        self.stage, self.identity, self.codec, self.role = stage, identity, codec, role
        self.mirror = mirror
        self.writes: list[list[ServerMessage]] = []
        self.notices: list[Notice] = []
        self.closed: tuple[int, str] | None = None
        self.connection: Connection | None = None
        self.room: Room | None = None
        self.wire: list[str | bytes] = []
        self.held = self.bare = False
        self.judge = Judge()
        self.accepted_as: dict[str, str] = {}
        """`{send's id: the member as which it was accepted}`."""

    # -- coming and going --------------------------------------------------------------------

    async def connect(self, room: Room | None = None) -> Member:
        """Say hello, and wait to be let in."""
        self.mirror.connected()
        (hello,) = self.mirror.messages_to_send()
        assert isinstance(hello, Hello)
        return await self.join(hello, room)

    async def come(self, room: Room | None = None) -> Member:
        """As `connect`, letting as much time pass as it takes."""
        return await self.stage.wait(self.connect(room))

    async def join(self, hello: Hello | None, room: Room | None = None) -> Member:
        """Come in with that first message."""
        self.room = room or await self.stage.open()
        self.closed, self.wire = None, []
        self.judge.connected()
        self.bare = hello is None
        sync = ServerSync(self.codec, self.stage.limits)
        metadata = {"ip": f"ip of {self.identity}"}
        connection = Connection(
            sync,
            metadata=metadata,
            write=lambda: self._written(connection),
            close=lambda code, reason: self._closed(connection, code, reason),
        )
        self.connection = connection
        grant = Grant(identity=self.identity, role=self.role, name=self.identity)
        try:
            return await self.room.attach(connection, hello, grant)
        except BaseException:
            if self.connection is connection:
                self.connection = None
            raise

    def drop(self) -> None:
        """The connection is gone."""
        connection, self.connection = self.connection, None
        assert connection is not None
        assert self.room is not None
        self.mirror.disconnected()
        self.room.detach(connection)

    @property
    def connected(self) -> bool:
        return self.connection is not None and self.connection.sync.opened and not self.closed

    # -- saying --------------------------------------------------------------------------------

    def send(self, type: str, *, child: str | None = None, **fields: Any) -> str:
        """Send an event; the send's id."""
        id = self.mirror.send({"type": type, **fields}, child)
        self.flush()
        return id

    def say(self, type: str, **fields: Any) -> None:
        """Fire and forget."""
        self.receive_in_room(Bare({"type": type, **fields}))

    def flush(self) -> None:
        """What the mirror wants to say reaches the room."""
        if self.connected:
            for message in self.mirror.messages_to_send():
                self.receive_in_room(message)

    def receive_in_room(self, message: Any) -> None:
        """The room gets a message, as the codec carries it."""
        assert self.room is not None
        assert self.connection is not None
        self.room.receive(self.connection, self.codec.decode_client(self.codec.encode(message)))

    # -- hearing -------------------------------------------------------------------------------

    def deliver(self, frames: list[str | bytes] | None = None) -> None:
        """What waits on the wire, or `frames`, reaches the mirror."""
        taken = frames if frames is not None else self.wire
        if frames is None:
            self.wire = []
        for frame in () if self.bare else taken:
            message = self.codec.decode_server(frame)
            if isinstance(message, Receipt) and self.mirror.member is not None:
                self.accepted_as.setdefault(message.id, self.mirror.member)
            self.notices += self.judge.receive(self.mirror, message)
        if taken:
            asyncio.get_running_loop().call_soon(self.flush)

    def refresh(self) -> None:
        """As a server's writer does it: after an overflow, ask for a whole document."""
        if self.connection is not None and self.connection.sync.needs_update:
            assert self.room is not None
            self.room.resync(self.connection)

    def _written(self, connection: Connection) -> None:
        if connection is not self.connection:
            return  # that transport is gone
        frames = connection.sync.data_to_send()
        self.writes.append([self.codec.decode_server(frame) for frame in frames])
        self.wire += frames
        if not self.held:
            self.stage.guarded(self.deliver)

    def _closed(self, connection: Connection, code: int, reason: str) -> None:
        if connection is self.connection:
            self.closed = self.closed or (code, reason)

    # -- looking -------------------------------------------------------------------------------

    @property
    def messages(self) -> list[ServerMessage]:
        """Everything that the room has sent, in order."""
        return [message for write in self.writes for message in write]

    @property
    def id(self) -> str:
        assert self.mirror.member is not None
        return self.mirror.member

    @property
    def document(self) -> dict[str, Any]:
        assert self.mirror.document is not None
        return self.mirror.document

    @property
    def context(self) -> dict[str, Any]:
        context: dict[str, Any] = self.document["context"]
        return context

    @property
    def receipts(self) -> dict[str, Receipt]:
        """`{id: the last receipt for it}` as they were on the wire."""
        return {m.id: m for m in self.messages if isinstance(m, Receipt)}

    @property
    def errors(self) -> list[Error]:
        return [notice.error for notice in self.notices if isinstance(notice, Failed)]

    @property
    def emitted(self) -> list[str]:
        return [notice.event["text"] for notice in self.notices if isinstance(notice, Emitted)]

    @property
    def conflicts(self) -> list[Conflict]:
        return [notice for notice in self.notices if isinstance(notice, Conflict)]

    @property
    def changes(self) -> int:
        """How often the façade was told that its document has changed."""
        return sum(isinstance(notice, Changed) for notice in self.notices)


class Stage:
    """The rooms of one node, on the test's clock.

    Args:
        parties: what can be played; the `Board` first.
        store: a `FaultyStore` by default.
        alone: whether no other node is on it.
    """

    def __init__(
        self,
        clock: VirtualClock,
        *parties: Party,
        store: FaultyStore | None = None,
        limits: Limits = DEFAULT_LIMITS,
        alone: bool = True,
    ) -> None:
        self.clock = clock
        self.parties = parties or (Board(),)
        self.store = store or FaultyStore()
        self.limits = replace(limits)
        self.clients: list[Client] = []
        self.failures: list[AssertionError] = []
        self._numbers = count(1)
        self.rooms = self._new_rooms(alone=alone)

    @property
    def party(self) -> Board:
        party = self.parties[0]
        assert isinstance(party, Board)
        return party

    def _new_rooms(self, off: float = 0.0, *, alone: bool = True) -> Rooms:
        return Rooms(
            self.parties,
            store=self.store,
            clock=LoopClock(epoch=self.clock.now() + off),
            limits=self.limits,
            seed=lambda key: f"seed of {key}",
            alone=alone,
        )

    def neighbour(self) -> Stage:
        """Another node on the same store."""
        other = Stage(self.clock, *self.parties, store=FaultyStore(self.store.inner), alone=False)
        other._numbers = self._numbers
        return other

    async def open(self, room: str = ROOM) -> Room:
        return await self.rooms.open(self.parties[0].name, room)

    def key(self, room: str = ROOM) -> RoomKey:
        return RoomKey(self.parties[0].name, room)

    def client(
        self,
        identity: str,
        *,
        role: str = "player",
        codec: Codec = MSGPACK,
        mode: Mode | None = None,
        sections: tuple[str, ...] | None = None,
        client_id: str | None = None,
    ) -> Client:
        """Another façade of that identity, not connected yet."""
        number = next(self._numbers)
        mirror = ClientSync(
            mode=mode, sections=sections, limits=self.limits, client_id=client_id or f"c{number}"
        )
        client = Client(self, identity, codec, role, mirror)
        self.clients.append(client)
        return client

    async def join(self, identity: str, room: Room | None = None, **options: Any) -> Client:
        """Another façade of that identity, connected; then the patch interval passes."""
        client = self.client(identity, **options)
        await client.come(room)
        await self.rest()
        return client

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Await something, letting as much time pass as it takes."""
        return await self.clock.until(awaitable, within=10.0)

    async def rest(self) -> None:
        """Whatever is on its way arrives, and the next event finds the room idle."""
        await self.clock.advance(self.parties[0].patch_interval)

    def guarded(self, deliver: Callable[[], None]) -> None:
        """What a judge finds while the room writes is the test's failure, not the room's."""
        try:
            deliver()
        except AssertionError as error:
            self.failures.append(error)

    async def restart(self) -> None:
        """The node ends and another one begins on the same store; nobody is connected."""
        for client in self.clients:
            if client.connection is not None:
                client.drop()
        await self.rooms.close()
        self.rooms = self._new_rooms()

    async def crash(self, down: float = 0.0, *, off: float = 0.0) -> None:
        """The node is gone between two instants; another one begins on the same store.

        Args:
            down: seconds until it begins.
            off: how wrong the system's clock is by then, in seconds.
        """
        for client in self.clients:
            client.connection = None
            client.mirror.disconnected()
        self.rooms.abandon()
        self.store = self.store.survivor()
        await self.clock.advance(down)
        self.rooms = self._new_rooms(off)
        if down:
            await self.rooms.start()
            await self.clock.settle()

    async def document(self, client: Client) -> Mapping[str, Any]:
        """The fresh projection for a client's member."""
        assert client.room is not None
        document, _, _ = await client.room.document(client.id)
        return document

    async def assert_in_sync(self) -> None:
        """Every connected mirror equals the fresh projection for its member."""
        for client in self.clients:
            if client.connected:
                fresh = await self.document(client)
                if client.mirror.sections is None:
                    assert client.mirror.document == fresh, f"{client.identity} is out of step"
