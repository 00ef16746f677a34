"""The way into a room: limits, credential, the room itself, the grant, the seat, in this order.

WebSocket and HTTP come in through here, so that a guesser meets the same counts and the same
words everywhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from machine_party.core.access import Grant
from machine_party.core.member import Member, stranger
from machine_party.core.party import Party
from machine_party.errors import PeerError
from machine_party.protocol.codes import CloseCode
from machine_party.protocol.messages import Hello
from machine_party.room import refusal
from machine_party.room.clock import Clock, Handle
from machine_party.room.connection import Connection
from machine_party.room.room import Room
from machine_party.room.rooms import Rooms
from machine_party.server.address import Address
from machine_party.server.admission import Admission
from machine_party.server.auth import Auth, Credential, Newcomer
from machine_party.server.error import HttpError, draining, not_found
from machine_party.server.handshake import Handshake
from machine_party.server.limits import ServerLimits
from machine_party.server.room_id import ROOM_ID, is_room_id

__all__ = ["Door", "Entry", "Sight"]

T = TypeVar("T")

_COUNTED = frozenset({"not_found", "bad_token"})
"""What a guesser meets: each counts as a failed join."""

_ENDING = "draining"
"""What a room that is being closed says."""


class Entry(NamedTuple):
    """Someone who may come in, and has not sat down yet.

    Attributes:
        party, room_id: where.
        grant: as whom.
        credential: what was proved.
        token: to be given to them, if they have nothing else to come back with.
        address: where they come from.
    """

    party: Party
    room_id: str
    grant: Grant
    credential: Credential
    token: str | None
    address: Address


class Sight(NamedTuple):
    """Who looks at a room.

    Attributes:
        room: which.
        member: by the id; None: somebody without a seat.
        audience: that of whom they would be there; None for a member, who has its own.
    """

    room: Room
    member: str | None
    audience: str | None


class Door:
    """Lets connections and requests into this server's rooms.

    Args:
        parties: by name.
        rooms: of this server.
        auth: reads credentials and asks the parties.
        admission: the counts per address.
        limits: the settings.
        clock: the rooms' clock.
    """

    def __init__(
        self,
        parties: Mapping[str, Party],
        rooms: Rooms,
        auth: Auth,
        admission: Admission,
        limits: ServerLimits,
        clock: Clock,
    ) -> None:
        self.closing = False
        """Set when the server ends: no room is opened again."""
        self.limits = limits
        self.auth = auth
        self.admission = admission
        self._parties = parties
        self._rooms = rooms
        self._clock = clock

    def now(self) -> float:
        """Epoch seconds."""
        return self._clock.now()

    async def enter(self, handshake: Handshake, hello: Hello | None) -> Entry:
        """Who somebody with this request and this first message may be in that room.

        Raises:
            PeerError: they may not come in; counted, if it looks like guessing.
        """
        try:
            return await self._enter(handshake, hello)
        except PeerError as error:
            self._count(handshake.address, error)
            raise

    async def attach(self, entry: Entry, connection: Connection, hello: Hello | None) -> Room:
        """Seats them and opens their connection; returns the room that they are in now.

        Raises:
            PeerError: there is no such room, or it does not let them in.
        """

        async def attached(room: Room) -> Room:
            await room.attach(connection, hello, entry.grant, token=entry.token)
            return room

        return await self._inside(entry, attached)

    async def act(self, entry: Entry, action: Callable[[Room, Member], Awaitable[T]]) -> T:
        """What somebody does without a connection, from their seat: it counts as a visit.

        Args:
            action: may be tried again in the same room, after that has ended and been opened anew.

        Raises:
            PeerError: as `attach`, or as the action.
        """

        async def acted(room: Room) -> T:
            identity = entry.grant.identity
            member = room.member_of(identity) or await room.seat(entry.grant)
            room.visit(member.id)
            return await action(room, member)

        return await self._inside(entry, acted)

    def watch(self, entry: Entry, close: Callable[[int, str], None]) -> Handle:
        """Looks at the token again, time and again; the caller cancels the handle."""
        return _Recheck(self._clock, self.limits.token_recheck_seconds, entry, close)

    async def look(self, entry: Entry, reading: Callable[[Sight], Awaitable[T]]) -> T:
        """What somebody reads without a connection: no seat is taken, no room is made.

        Args:
            reading: tried again if the room ends meanwhile and is opened anew.

        Raises:
            PeerError: there is no such room, they were removed from it, or as the reading.
        """
        find = partial(self._existing, entry.party.name, entry.room_id)
        return await self._counted(entry, find, lambda room: reading(_sight(room, entry)))

    async def make(
        self, party: Party, room: str | None, input: Any, address: Address, *, limited: bool
    ) -> Room:
        """Makes a room, of that id or of a new one, and counts it.

        Args:
            limited: whether only so many may be made from this address.

        Raises:
            PeerError: `bad_request` (the id or the input), or as `check_room`.
            HttpError: 409, there is such a room already; counted, as it tells a guesser so.
        """
        if room is not None:
            await self._check_free(party, room, address)
        if limited:
            self.check_room(address)
        made = await self._rooms.create(party.name, room, input)
        self.admission.room_made(address, made.key)
        return made

    def check_room(self, address: Address) -> None:
        """Whether that address may make one more room now.

        Raises:
            PeerError: `rate_limited`, with the seconds to wait.
        """
        live = {room.key for room in self._rooms.list() if not room.closed.is_set()}
        self.admission.rooms_left(live)
        self.admission.check_room(address)

    async def _enter(self, handshake: Handshake, hello: Hello | None) -> Entry:
        party = self._parties.get(handshake.party)
        if party is None or not is_room_id(handshake.room):
            raise not_found()
        token = hello.token if hello is not None else None
        credential = self.auth.credential(party.name, handshake.room, token=token, pk=handshake.pk)
        if not await self._known(credential, party, handshake, hello):
            self.admission.check_join(handshake.address)
        newcomer = _newcomer(party, handshake, hello)
        grant = await self.auth.grant(credential, newcomer)
        fresh = self.auth.token_for(grant, newcomer, credential.claims)
        return Entry(party, handshake.room, grant, credential, fresh, handshake.address)

    async def _inside(self, entry: Entry, use: Callable[[Room], Awaitable[T]]) -> T:
        opened = partial(self._open, entry.party, entry.room_id, entry.address)
        return await self._counted(entry, opened, use)

    async def _counted(
        self,
        entry: Entry,
        find: Callable[[], Awaitable[Room]],
        use: Callable[[Room], Awaitable[T]],
    ) -> T:
        try:
            return await self._twice(find, use)
        except PeerError as error:
            self._count(entry.address, error)
            raise

    async def _twice(
        self, find: Callable[[], Awaitable[Room]], use: Callable[[Room], Awaitable[T]]
    ) -> T:
        """Once more, if the room was just ending (unused, asleep, or taken over): now it can be
        opened anew."""
        room = await find()
        try:
            return await use(room)
        except PeerError as error:
            if error.code != _ENDING or self.closing:
                raise
        await room.closed.wait()
        return await use(await find())

    async def _known(
        self, credential: Credential, party: Party, handshake: Handshake, hello: Hello | None
    ) -> bool:
        """Whether they have proved that they were here before: a resume is not a join."""
        if credential.claims is not None:
            return True
        if hello is None or hello.resume is None or credential.guest:
            return False
        room = await self._rooms.get(party.name, handshake.room)
        return room is not None and room.member_of(credential.identity) is not None

    async def _open(self, party: Party, room_id: str, address: Address) -> Room:
        """The room, made if the party lets whoever connects make it."""
        room = await self._kept(party.name, room_id)
        if room is not None:
            return room
        if party.creation != "connect":
            raise not_found()
        self.check_room(address)
        room = await self._rooms.open(party.name, room_id)
        self.admission.room_made(address, room.key)
        return room

    async def _check_free(self, party: Party, room: str, address: Address) -> None:
        if not is_room_id(room):
            raise PeerError("bad_request", f"a room is called by {ROOM_ID}", path="$.room")
        self.admission.check_join(address)
        if await self._rooms.get(party.name, room) is not None:
            self.admission.failed_join(address)
            reason = "there is a room of this name; choose another, or leave it to the server"
            raise HttpError(HTTPStatus.CONFLICT, "bad_request", reason, path="$.room")

    async def _existing(self, party: str, room_id: str) -> Room:
        room = await self._kept(party, room_id)
        if room is None:
            raise not_found()
        return room

    async def _kept(self, party: str, room_id: str) -> Room | None:
        """The room, if there is one; no room is opened by a server that ends."""
        if self.closing:
            raise draining()
        return await self._rooms.get(party, room_id)

    def _count(self, address: Address, error: PeerError) -> None:
        if error.code in _COUNTED:
            self.admission.failed_join(address)


class _Recheck:
    """The timer of one connection's token: looks at it every so often until it has run out."""

    def __init__(
        self, clock: Clock, seconds: float, entry: Entry, close: Callable[[int, str], None]
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._claims = entry.credential.claims
        self._close = close
        self._handle: Handle | None = None
        if self._claims is not None:
            self._arm()

    def cancel(self) -> None:
        """No more looks."""
        if self._handle is not None:
            self._handle.cancel()

    def _arm(self) -> None:
        self._handle = self._clock.call_at(self._clock.now() + self._seconds, self._look)

    def _look(self) -> None:
        if self._claims is not None and self._claims.expired(self._clock.now()):
            self._close(CloseCode.BAD_TOKEN, "the token has run out; join again")
        else:
            self._arm()


def _newcomer(party: Party, handshake: Handshake, hello: Hello | None) -> Newcomer:
    return Newcomer(
        party=party,
        room=handshake.room,
        name=hello.name if hello else None,
        meta=(hello.meta if hello else None) or {},
        headers=handshake.headers,
        query=handshake.query,
        ip=handshake.address.ip or None,
    )


def _sight(room: Room, entry: Entry) -> Sight:
    grant = entry.grant
    if room.is_kicked(grant.identity):
        raise refusal.kicked()
    member = room.member_of(grant.identity)
    if member is not None:
        return Sight(room, member.id, None)
    return Sight(room, None, entry.party.audience(stranger(grant.role)))
