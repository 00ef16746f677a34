"""A room's inbox: what has arrived and waits for the next batch, and when that one is due."""

from __future__ import annotations

from machine_party.core import Actor, Cause, Restored, TimerFired
from machine_party.room.alarm import Alarm
from machine_party.room.arrival import Arrival, Reading
from machine_party.room.clock import EARLY, Clock
from machine_party.room.connection import Connection

__all__ = ["Inbox"]


class Inbox:
    """Arrivals in order. An idle room's next batch is due at once, a busy one's at `flush_at`.

    Attributes:
        first: what must be stored before anything else is run: the time that the room has missed.
    """

    def __init__(self, clock: Clock) -> None:
        self.flush_at = 0.0
        self.stopping = False
        self.first: Restored | None = None
        self._clock = clock
        self._arrivals: list[Arrival] = []
        self._readings: list[Reading] = []
        self._alarm = Alarm(clock)

    def put(self, arrival: Arrival) -> None:
        self._arrivals.append(arrival)
        self._alarm.ring()

    def offer(self, cause: Cause, connection: Connection | None = None) -> None:
        """Put it, unless the room has ended: then nobody has to be told."""
        if not self.stopping:
            self.put(Arrival(cause, connection=connection))

    def put_back(self, arrivals: list[Arrival]) -> None:
        """Arrivals whose batch did not happen: they go first."""
        self._arrivals = arrivals + self._arrivals

    def read(self, reading: Reading) -> None:
        self._readings.append(reading)
        self._alarm.ring()

    def stop(self) -> None:
        """Nothing more is to be run; whoever waits here returns."""
        self.stopping = True
        self._alarm.ring()

    @property
    def empty(self) -> bool:
        """Whether nobody has asked for anything that is not done yet."""
        return not self._arrivals and not self._readings and self.first is None

    @property
    def flushable(self) -> bool:
        """Whether the time of the next batch has come."""
        return self._clock.now() + EARLY >= self.flush_at

    async def wait(self, actor: Actor, *, until: float, anyway: bool = False) -> None:
        """Return when there is something to read, a batch to run, or an end.

        Args:
            until: return then, too, if nothing has come.
            anyway: also return when the time of the next batch has come, if it is empty.
        """
        while not self.stopping and not self._readings:
            now = self._clock.now() + EARLY
            due = actor.timers.next_deadline()
            overdue = due is not None and due <= now
            pending = anyway or overdue or not self.empty
            if (pending and self.flushable) or (not pending and until <= now):
                return
            await self._alarm.wait(self.flush_at if pending else min(until, due or until))

    def take(self, actor: Actor) -> list[Arrival]:
        """What has arrived and which timers are due, in the order of time.

        Joins whose connection has gone meanwhile are left out. What must come first comes alone:
        which timers are due is only known when it has been run.
        """
        if self.first is not None:
            return [Arrival(self.first)]
        now = self._clock.now()
        due = actor.timers.due(now + EARLY)
        fired = [(row.deadline, Arrival(TimerFired(now=now, timer=key))) for key, row in due]
        arrived = [(each.cause.now, each) for each in self._arrivals if not each.abandoned]
        self._arrivals = []
        return [arrival for _, arrival in sorted(fired + arrived, key=lambda pair: pair[0])]

    def take_readings(self) -> list[Reading]:
        readings, self._readings = self._readings, []
        return readings

    def take_all(self) -> list[Arrival]:
        """Everything, at the end: to be refused."""
        arrivals, self._arrivals = self._arrivals, []
        return arrivals
