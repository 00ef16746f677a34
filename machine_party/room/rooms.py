"""The rooms of this node: made, found, loaded from the store, woken, and let go."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from machine_party.core import Actor, Party, Restored
from machine_party.core.plain import refuse_unstorable
from machine_party.errors import PeerError, Refused, RestoreError, StoreError
from machine_party.protocol import DEFAULT_LIMITS, CloseCode, Limits
from machine_party.room.clock import Clock, Handle
from machine_party.room.committer import restored_form
from machine_party.room.home import Home
from machine_party.room.outage import Outage
from machine_party.room.pulse import Pulse
from machine_party.room.refusal import not_found, stopped
from machine_party.room.room import Room
from machine_party.room.store import RoomKey, Store, StoredRoom
from machine_party.room.waker import Waker

__all__ = ["Rooms", "new_room_id"]

logger = logging.getLogger("machine_party.room")

_CODE = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_LENGTH = 6
"""31⁶ codes: with 1,000 rooms a guess hits one in 887,000 (guarantees: offer six characters)."""

UNUSED_SECONDS = 600.0
"""How long a room that somebody made and nobody has used waits for people to come (back): a
host who reloads the lobby must find it. One made by connecting waits for the party's grace."""


def new_room_id() -> str:
    """A room code that is easy to read out and hard to guess."""
    return "".join(secrets.choice(_CODE) for _ in range(_CODE_LENGTH))


class Rooms:
    """This node's rooms.

    Args:
        parties: what can be played here, by name.
        store: where rooms are kept.
        seed: makes each new room's seed; random by default.
        room_id: makes room codes.
        node: this process, 16 hex digits; drawn by default.
        alone: whether no other process uses the store.
    """

    def __init__(
        self,
        parties: Mapping[str, Party] | Iterable[Party],
        *,
        store: Store,
        clock: Clock,
        limits: Limits = DEFAULT_LIMITS,
        seed: Callable[[RoomKey], str] | None = None,
        room_id: Callable[[], str] = new_room_id,
        node: str | None = None,
        alone: bool = False,
    ) -> None:
        values = parties.values() if isinstance(parties, Mapping) else parties
        self.parties = {party.name: party for party in values}
        self._store = store
        self._clock = clock
        self._seed = seed or (lambda _key: secrets.token_hex(16))
        self._room_id = room_id
        self._rooms: dict[RoomKey, Room] = {}
        self._quarantined: dict[RoomKey, str] = {}
        self._outage = Outage(clock)
        self._last_epoch = 0
        self._loading: WeakValueDictionary[RoomKey, asyncio.Lock] = WeakValueDictionary()
        self._ending: set[asyncio.Task[None]] = set()
        self._vanishing: dict[RoomKey, Handle] = {}
        self.node = node or secrets.token_hex(8)
        self._tasks: list[asyncio.Task[None]] = []
        self._ended_for_good = False
        self._pulse = Pulse(store, clock, self.node, self._outage, self._missed_if_dead)
        self._home = Home(store, clock, self.node, limits, self._pulse, self._outage)
        self._waker = Waker(
            store, clock, self._outage, begin=self._pulse.begin, wakeable=self._wakeable,
            wake=lambda key: self.get(*key), alone=alone,
        )  # fmt: skip

    async def start(self) -> None:
        """Begin to stamp, and to wake sleeping rooms. The first use does it, too; a server does it
        before anybody comes. It does not wait for the store."""
        if not self._tasks and not self._ended_for_good:
            self._tasks = [
                asyncio.create_task(self._pulse.run(), name=f"the pulse of {self.node}"),
                asyncio.create_task(self._waker.run(), name=f"the waker of {self.node}"),
            ]

    @property
    def quarantined(self) -> Mapping[RoomKey, str]:
        """`{room: why}` of those that stopped for good or could not be restored."""
        return self._quarantined

    async def create(self, party: str, room: str | None = None, input: Any = None) -> Room:
        """Make a room.

        Args:
            room: its code; None: a new one.
            input: validated against the party's `Input`.

        Raises:
            PeerError: `bad_request` for a wrong input or a code that is taken.
        """
        kind = self._party(party)
        typed = kind.convert_input(input)
        key = RoomKey(party, room if room is not None else self._room_id())
        async with self._lock(key):
            if await self._found(key) is not None:
                raise PeerError("bad_request", f"There is a room {key.room!r}.", path="$.room")
            return self._start_new(key, kind, typed)

    async def get(self, party: str, room: str) -> Room | None:
        """The room, loaded from the store if it is not in memory; None if there is none.

        Raises:
            PeerError: it is quarantined.
        """
        if party not in self.parties:
            return None
        key = RoomKey(party, room)
        async with self._lock(key):
            return await self._found(key)

    async def open(self, party: str, room: str) -> Room:
        """The room; made now if the party lets whoever connects make it.

        Raises:
            PeerError: `not_found`.
        """
        key, kind = RoomKey(party, room), self._party(party)
        async with self._lock(key):
            found = await self._found(key)
            if found is not None:
                return found
            if kind.creation != "connect":
                raise not_found()
            return self._start_new(key, kind, kind.convert_input(None))

    def list(self, party: str | None = None) -> list[Room]:
        """The rooms in memory, of one party or of all."""
        return [room for key, room in self._rooms.items() if party in (None, key.party)]

    async def close(self) -> None:
        """Close every room, stamp for the last time and let go of the store."""
        ended, self._ended_for_good = self._ended_for_good, True
        await _cancelled(self._tasks)
        await asyncio.gather(*(room.close() for room in list(self._rooms.values())))
        await asyncio.gather(*self._ending, return_exceptions=True)
        if not ended:
            await self._pulse.end()
        self._rooms.clear()
        for handle in self._vanishing.values():
            handle.cancel()
        self._vanishing.clear()
        await self._store.close()

    def abandon(self) -> None:
        """Stop at once, as if the process had been killed: nothing is written, nobody is told."""
        self._ended_for_good = True
        for task in [*self._tasks, *self._ending]:
            task.cancel()
        for handle in self._vanishing.values():
            handle.cancel()
        for room in self._rooms.values():
            room.abandon()
        self._rooms.clear()

    def _party(self, name: str) -> Party:
        party = self.parties.get(name)
        if party is None:
            raise not_found()
        return party

    def _lock(self, key: RoomKey) -> asyncio.Lock:
        """One load of a room at a time."""
        lock = self._loading.get(key)
        if lock is None:
            lock = self._loading[key] = asyncio.Lock()
        return lock

    async def _found(self, key: RoomKey) -> Room | None:
        if key in self._quarantined:
            raise stopped()
        room = self._rooms.get(key)
        if room is not None and not room.closed.is_set():
            return room
        return await self._load(key)

    async def _load(self, key: RoomKey) -> Room | None:
        try:
            await self.start()
            await self._pulse.begin()
            found = await self._claimed(key)
            return None if found is None else self._restored(key, found)
        except StoreError as error:
            self._outage.tell(error)
            raise  # it may be there another time
        except Exception as error:
            logger.exception("room %s cannot be restored", key)
            self._rooms.pop(key, None)
            self._quarantined[key] = f"{type(error).__name__}: {error}"
            raise stopped() from error

    async def _claimed(self, key: RoomKey) -> StoredRoom | None:
        try:
            return await self._store.claim(key, self.node)
        except RestoreError:
            raise
        except BaseException:  # also of who stops waiting: it may be done all the same
            self._waker.dropped(key)
            raise

    def _restored(self, key: RoomKey, found: StoredRoom) -> Room:
        party, form = self.parties[key.party], restored_form(found)
        actor = Actor.restore(party, form["actor"])
        actor.snapshot()  # raises if it is in a state that today's machine does not have
        room = Room(
            key, party, actor, self._home,
            epoch=found.epoch, version=found.version, stored=form, tail=found.entries,
        )  # fmt: skip
        return self._keep(room, self._home.missed(found, actor.now))

    def _start_new(self, key: RoomKey, party: Party, input: Any) -> Room:
        actor = _started(party, input, self._seed(key), self._clock.now())
        room = Room(key, party, actor, self._home, epoch=self._new_epoch())
        self._keep(room)
        room.hooks.call(party.on_create, room, input)
        return room

    def _wakeable(self, key: RoomKey) -> bool:
        """Whether a room that the store takes for sleeping could be woken here."""
        known = key in self._rooms or key in self._quarantined
        return key.party in self.parties and not known

    def _missed_if_dead(self) -> bool:
        """Whether there is a room whose downtime somebody would have to know."""
        return self._waker.expects or bool(self._rooms)

    def _new_epoch(self) -> int:
        """Higher than any epoch that a room of the same name has had: it may have been let go."""
        self._last_epoch = max(int(self._clock.now() * 1000), self._last_epoch + 1)
        return self._last_epoch

    def _keep(self, room: Room, first: Restored | None = None) -> Room:
        self._rooms[room.key] = room
        self._pulse.quicken()
        room.start(first, self._ended, self._emptied)
        self._emptied(room)
        return room

    def _emptied(self, room: Room) -> None:
        """Nobody is connected. A room that nobody has used goes, unless somebody comes back."""
        if self._rooms.get(room.key) is not room:
            return
        if room.key in self._vanishing:
            self._vanishing.pop(room.key).cancel()
        if not room.stored and not room.closed.is_set():
            made_by_hand = room.party.creation != "connect"
            over = self._clock.now() + (UNUSED_SECONDS if made_by_hand else room.party.grace)
            self._vanishing[room.key] = self._clock.call_at(over, partial(self._vanish, room))

    def _vanish(self, room: Room) -> None:
        self._vanishing.pop(room.key, None)
        if room.visited:
            self._emptied(room)  # somebody comes without a connection
        elif not room.stored and not room.closed.is_set():
            self._ended(room)

    def _ended(self, room: Room) -> None:
        """The room is no longer ours: forget it, then let it end what it has started."""
        if room.quarantined is not None:
            self._quarantined[room.key] = room.quarantined
        if self._rooms.get(room.key) is room:
            del self._rooms[room.key]
        if room.asleep:
            self._waker.slept(room.wake)
        elif room.dropped:
            self._waker.dropped(room.key)
        task = asyncio.create_task(room.close(CloseCode.ROOM_GONE, "This room has ended."))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """End them, and wait until they have."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _started(party: Party, input: Any, seed: str, now: float) -> Actor:
    """A new room's machines. A game may refuse an input that has the right type."""
    try:
        actor = Actor.start(party, input=input, seed=seed, now=now)
        refuse_unstorable(actor.dump(), f"{party.name}: a new room")
        return actor
    except Refused as refused:
        reason = party.reason(refused.code)
        raise PeerError(refused.code, reason, path="$.input") from None
