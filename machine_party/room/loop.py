"""The loop of a room: wait, take, commit, release; and what is done when the store fails.

The next batch is not run before the last one is released, so that whatever is read or opened
between two rounds is the last released commit: nothing leaves before the store has what it is
derived from.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from machine_party.core import Restored, TimerFired
from machine_party.errors import Fenced, PeerError, StoreError, StoreUnavailable
from machine_party.protocol import CloseCode
from machine_party.room import refusal
from machine_party.room.arrival import Arrival
from machine_party.room.attendance import Attendance
from machine_party.room.clock import EARLY
from machine_party.room.committer import Committer
from machine_party.room.gate import Gate
from machine_party.room.home import Home
from machine_party.room.inbox import Inbox
from machine_party.room.invocation import Invocations

__all__ = ["SLEEP_SECONDS", "Loop"]

logger = logging.getLogger("machine_party.room")

SLEEP_SECONDS = 60.0
"""How long a room has had nothing to do, and will have nothing to do, before it leaves the memory:
longer than a client that has lost its connection waits before it comes back (10 s)."""


class Loop:
    """One room's, with the room's parts.

    Args:
        idle: whether nobody is in the room and nothing runs there.
        ended: called when the room ends by itself: with what to tell everybody, the batch that is
            not done, and why it is quarantined, if it is.
        slept: called when it has nothing to do any more, and the store knows.
    """

    def __init__(
        self,
        name: str,
        home: Home,
        inbox: Inbox,
        committer: Committer,
        gate: Gate,
        attendance: Attendance,
        invocations: Invocations,
        *,
        patch_interval: float,
        idle: Callable[[], bool],
        ended: Callable[[PeerError, list[Arrival], str], None],
        slept: Callable[[], None],
    ) -> None:
        self._name = name
        self._home = home
        self._clock = home.clock
        self._inbox = inbox
        self._committer = committer
        self._gate = gate
        self._attendance = attendance
        self._invocations = invocations
        self._patch_interval = patch_interval
        self._idle = idle
        self._ended = ended
        self._slept = slept
        self._to_reclaim = False
        self._rest_at = self._clock.now() + SLEEP_SECONDS

    async def run(self) -> None:
        """Go round until the inbox is stopped."""
        while not self._inbox.stopping:
            try:
                await self._turn()
            except Exception as error:
                self._quarantine([], repr(error), error)

    async def _turn(self) -> None:
        actor = self._committer.actor
        pressing = self._to_reclaim or self._committer.unlike
        await self._inbox.wait(actor, until=self._rest_at, anyway=pressing)
        if self._to_reclaim or self._inbox.first is None:
            self._read()
        if not self._inbox.flushable:
            return
        batch = self._inbox.take(actor)
        if batch or pressing:
            self._used()
            self._inbox.flush_at = self._clock.now() + self._patch_interval
            await self._guarded(self._commit(batch), batch)
        elif self._clock.now() + EARLY >= self._rest_at and not self._inbox.stopping:
            await self._rest()

    def _read(self) -> None:
        readings = self._inbox.take_readings()
        if readings:
            self._used()
            self._gate.answer(readings)

    async def _guarded(self, doing: Awaitable[None], batch: list[Arrival]) -> None:
        """Do it; whatever goes wrong, everybody is told what has become of the batch."""
        try:
            await self._if_stored(doing, batch)
        except Fenced as error:
            logger.warning("room %s was taken over or deleted: %s", self._name, error)
            moved = refusal.ending(CloseCode.OWNER_MOVED, "The room has moved.")
            self._ended(moved, batch, "")
        except StoreError as error:  # it does not pass: whoever comes next asks the store anew
            self._home.outage.tell(error)
            self._ended(refusal.store_broken(), batch, "")
        except Exception as error:
            self._quarantine(batch, repr(error), error)

    async def _if_stored(self, doing: Awaitable[None], batch: list[Arrival]) -> None:
        """Do it, or go back to before it."""
        try:
            await doing
        except StoreUnavailable as error:
            self._store_failed(batch, error)

    async def _commit(self, batch: list[Arrival]) -> None:
        reclaimed = self._to_reclaim
        if reclaimed:
            batch = await self._reclaim(batch)
        if self._committer.unlike:
            await self._committer.checkpoint()
        committed = await self._committer.commit(batch)
        if committed.given_up is not None:
            self._quarantine(batch, committed.given_up)
            return
        if batch and batch[0].cause is self._inbox.first:
            self._inbox.first = None
            self._inbox.flush_at = self._clock.now()  # who waits has waited for this
        self._gate.release(committed)
        if reclaimed:  # a join whose sender was refused may be stored, another node have had it
            self._attendance.expect(self._committer.members.values())
        self._invocations.reconcile(self._committer.actor)
        await self._committer.shorten()

    # -- sleep ---------------------------------------------------------------------------------

    def _used(self) -> None:
        self._rest_at = self._clock.now() + SLEEP_SECONDS

    async def _rest(self) -> None:
        """Nothing has happened for long. Sleep, if nothing will happen soon; or look later."""
        self._used()
        next_deadline = self._committer.actor.timers.next_deadline()
        soon = next_deadline is not None and next_deadline <= self._rest_at
        if self._committer.stored and not soon and self._idle():
            await self._guarded(self._sleep(), [])

    async def _sleep(self) -> None:
        await self._committer.checkpoint(asleep=True)
        if self._inbox.empty and self._idle():
            self._slept()
        else:
            self._to_reclaim = True  # somebody has come, and it sleeps in the store

    # -- when it goes wrong --------------------------------------------------------------------

    def _store_failed(self, batch: list[Arrival], error: StoreError) -> None:
        """Back to the last stored commit. Senders are told; the room's own causes stay.

        Raises:
            RestoreError: that commit's form does not fit; nobody has been told anything yet.
        """
        self._home.outage.tell(error)
        self._to_reclaim = True
        self._committer.roll_back()
        if self._inbox.first is not None:
            batch = batch + self._inbox.take_all()  # nobody waits in silence behind it
        self._inbox.put_back([arrival for arrival in batch if _stays(arrival)])
        self._inbox.flush_at = self._clock.now() + refusal.STORE_RETRY_SECONDS
        self._gate.refuse([each for each in batch if not each.internal], refusal.store_lost())

    async def _reclaim(self, batch: list[Arrival]) -> list[Arrival]:
        """After a failed write: go on from what the store has. What to run first on that."""
        known = self._committer.version
        found = await self._committer.reclaim()
        self._to_reclaim = False
        self._gate.renew_all()
        if found is not None:
            if found.version > known:
                self._inbox.first = None  # it was stored all the same
            missed = self._home.missed(found, self._committer.actor.now)
            self._inbox.first = missed or self._inbox.first
        rest = [arrival for arrival in batch if not isinstance(arrival.cause, Restored)]
        if self._inbox.first is None:
            return rest
        self._inbox.put_back(rest)
        return self._inbox.take(self._committer.actor)

    def _quarantine(self, batch: list[Arrival], why: str, error: Exception | None = None) -> None:
        """The room stops; what is stored is kept, and why is reported."""
        logger.error("room %s is quarantined: %s", self._name, why, exc_info=error)
        self._ended(refusal.stopped(), batch, why)


def _stays(arrival: Arrival) -> bool:
    """Whether it is to be run when the store is back: nobody else would bring it again. A timer is
    still in the table, and the missed time in the inbox."""
    return arrival.internal and not isinstance(arrival.cause, TimerFired | Restored)
