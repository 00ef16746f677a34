"""A room on the real server, in memory, with members on real façades.

Everything between a member's façade and the room's store is what a running server has, but for
sockets and time. What must not be here: pytest (`plugin.py`), bytes (`asgi.py`, `wiretap.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any, Literal, cast
from urllib.parse import urlencode

import httpx

from client_facade import connect
from machine_party.backends.store import MemoryStore
from machine_party.core import Party
from machine_party.protocol import Limits
from machine_party.room import LoopClock, Room, Store
from machine_party.server import MachineParty, ServerLimits
from machine_party.testing.asgi import AsgiNetwork
from machine_party.testing.clock import VirtualClock
from machine_party.testing.member import ANSWER_SECONDS, StagedMember
from machine_party.testing.raw import RawClient
from machine_party.testing.wiretap import Wiretap

__all__ = ["StagedRoom", "open_room"]

HOST = "party.test"
SECRET = "a secret of tests, which is not one"
#: A test of a game is no test of the rate limit: a whole game may happen within a second.
PATIENT_LIMITS = replace(ServerLimits(), events_per_second=1e6, events_burst=1_000_000)


class _Seeded(Random):
    """A façade's randomness: ids that repeat, and reconnects that do not wait."""

    def uniform(self, a: float, b: float) -> float:
        return a


class StagedRoom:
    """One room of one server. Make it with `open_room`.

    Attributes:
        party: the kind of room.
        id: the room's id.
        clock: the test's clock.
        store: where the room is kept.
        app: the server; another one after `restart` or `crash`.
        members: everyone who has joined, in this order.
    """

    def __init__(
        self,
        party: type[Party],
        clock: VirtualClock,
        *,
        id: str,
        seed: str,
        limits: Limits,
        store: Store,
    ) -> None:
        self.party, self.clock, self.id, self.store = party, clock, id, store
        self.members: list[StagedMember] = []
        self._seed, self._limits = seed, limits
        self._raws: list[RawClient] = []
        self._strangers = Random(f"{seed}:strangers")
        self.app = self._new_app()
        self._http: httpx.AsyncClient | None = None

    @property
    def room(self) -> Room:
        """The live room, as the server has it."""
        (room,) = (room for room in self.app.rooms.list() if room.key.room == self.id)
        return room

    @property
    def url(self) -> str:
        """The room's address."""
        return f"ws://{HOST}/parties/{self.party.name}/{self.id}"

    @property
    def http(self) -> httpx.AsyncClient:
        """A client of the server's HTTP side: `await room.http.get("/parties/counter")`."""
        if self._http is None:
            transport = httpx.ASGITransport(app=self._asgi, client=("testclient", 0))
            self._http = httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")
        return self._http

    async def join(
        self,
        name: str | None = None,
        *,
        role: str | None = None,
        codec: Literal["msgpack", "json"] = "msgpack",
        guest: bool = False,
        token: str | None = None,
        meta: Mapping[str, Any] | None = None,
        sections: Sequence[str] | None = None,
        mode: Literal["patch", "snapshot"] | None = None,
    ) -> StagedMember:
        """Somebody joins; returns once their façade has its first snapshot.

        The same name again is the same member's second connection.

        Args:
            name: how the member is called.
            role: one of the party's open roles, or any other: then a token grants it.
            codec: what travels.
            guest: without a credential, as somebody who just opens the page.
            token: the credential, if it shall be this one.
            meta, sections, mode: as for `connect`.

        Raises:
            Closed: the room does not let them in.
        """
        granted = role is not None and role not in self.party.open_roles
        if granted and token is None:
            token = self.token(name or str(role), role=role, name=name)
        secret = not guest and token is None
        member = self._connect(
            self._address(f"{name or len(self.members)}" if secret else None),
            token=token,
            name=name,
            role=None if granted else role,
            codec=codec,
            meta=meta,
            sections=sections,
            mode=mode,
        )
        await self.clock.until(member.ready, within=ANSWER_SECONDS)
        return member

    def token(self, identity: str, *, role: str | None = None, name: str | None = None) -> str:
        """A token of this room's server, for somebody of that identity."""
        return self.app.token(self.party.name, self.id, identity, role=role, name=name)

    async def raw(
        self,
        *,
        subprotocol: str | None = None,
        pk: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> RawClient:
        """A connection without a façade, which has not said anything yet.

        Args:
            subprotocol: None offers none, as a bare client does: JSON.
            pk: the `_pk` of the address.
            headers: of the handshake, such as `Origin`.

        Raises:
            Lost: the server refuses the handshake.
        """
        tap = Wiretap()
        network = AsgiNetwork(lambda: self._asgi, tap, headers)
        url = self.url if pk is None else f"{self.url}?{urlencode({'_pk': pk})}"
        client = RawClient(await network.open(url, subprotocol), subprotocol, tap, self.clock)
        self._raws.append(client)
        return client

    async def document(self, member: StagedMember) -> dict[str, Any]:
        """What the server would show to a member now, from a fresh projection."""
        document, _, _ = await self.room.document(member=member.member)
        return document

    async def assert_in_sync(self) -> None:
        """Fails unless every connected façade shows what a fresh projection does."""
        async with self.clock.stopped():
            await self.clock.settle()
            connected = [member for member in self.members if member.connected]
            fresh = [await self.document(member) for member in connected]
            await self.clock.settle()  # asking may have let the room go on
            for member, document in zip(connected, fresh, strict=True):
                assert member.snapshot.document == document, f"{member.member} is out of step"

    async def restart(self) -> None:
        """The server ends well and another one starts on the same store; everyone comes back."""
        connected = await self._drop_all()
        await self.app.close()
        self.app = self._new_app()
        await self.app.start()
        for member in connected:
            await member.reconnect()

    async def crash(self, down: float = 0.0) -> None:
        """The server is gone between two instants, as if it had been killed; another one starts
        on the same store, and everyone comes back.

        Args:
            down: seconds until it starts.
        """
        self.app.rooms.abandon()
        connected = await self._drop_all()
        await self.clock.advance(down)
        self.app = self._new_app()
        await self.app.start()
        for member in connected:
            await member.reconnect()

    async def _drop_all(self) -> list[StagedMember]:
        """The network of everybody breaks; who was connected."""
        connected = [member for member in self.members if member.connected]
        for member in connected:
            await member.drop()
        return connected

    async def close(self) -> None:
        """Everyone leaves, and the server ends."""
        for member in self.members:
            member.network.restore()
            await member.close()
        for raw in self._raws:
            await raw.close()
        if self._http is not None:
            await self._http.aclose()
        await self.app.close()

    def _new_app(self) -> MachineParty:
        return MachineParty(
            [self.party],
            store=self.store,
            secret=SECRET,
            limits=self._limits,
            clock=LoopClock(epoch=self.clock.now()),
            seed=self._seed,
            stranger=self._stranger,
            alone=True,
        )

    def _stranger(self) -> str:
        return f"g:{self._strangers.getrandbits(128):032x}"

    async def _asgi(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)

    def _address(self, who: str | None) -> str:
        """The room's address; with a `_pk` that is always the same for the same `who`."""
        if who is None:
            return self.url
        return f"{self.url}?{urlencode({'_pk': f'{who} is a secret of tests'})}"

    def _connect(self, url: str, **options: Any) -> StagedMember:
        tap = Wiretap()
        network = AsgiNetwork(lambda: self._asgi, tap)
        facade = connect(
            url,
            transport=network,
            random=_Seeded(f"{self._seed}:{len(self.members)}"),
            facade=partial(StagedMember, network=network, tap=tap, clock=self.clock),
            **options,
        )
        member = cast(StagedMember, facade)
        self.members.append(member)
        return member


async def open_room(
    party: type[Party],
    clock: VirtualClock,
    *,
    input: Any = None,
    seed: str = "seed",
    id: str = "room",
    limits: Limits = PATIENT_LIMITS,
    store: Store | None = None,
) -> StagedRoom:
    """A room of that party on a server of its own. Call it on a `VirtualLoop`; `close` it.

    Args:
        party: the kind of room.
        clock: of the running loop.
        input: the room's input, as a client would send it.
        seed: what everything random comes from; the same seed gives the same bytes.
        id: the room's id.
        limits: the server's; by default without a rate limit.
        store: where the room is kept; in memory by default.

    Raises:
        PeerError: the party does not take this input.
    """
    staged = StagedRoom(party, clock, id=id, seed=seed, limits=limits, store=store or MemoryStore())
    await staged.app.rooms.create(party.name, id, input)
    return staged
