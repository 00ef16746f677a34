"""The room's timer table: what the machines wait for, as data. Nothing here waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

__all__ = ["Policy", "Timer", "Timers", "Waiting"]

Policy = Literal["deadline", "remaining", "restart"]
"""After downtime or a pause: `deadline` fires at once if overdue, `remaining` goes on where the
clock stopped, `restart` waits its whole time again."""


class Timer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One delayed event.

    Attributes:
        event: the event's id, sent to the machine at `path` when the time comes.
        deadline: epoch seconds.
        seconds: the whole wait: the delay it was started with, and what it was extended by.
        data: its payload, JSON-able.
        member: the id of the member who caused it, if one did.
        path: the machine that owns it: `""` the root, else a child's path.
        state: leaving this state cancels it; None: it lives as long as the machine.
        send_id: the name to cancel it by.
        attempts: how often its event has raised. From the first time on its wait is over: it is
            only tried again, which no policy holds up.
    """

    event: str
    deadline: float
    seconds: float = 0.0
    data: Any = None
    member: str | None = None
    path: str = ""
    state: str | None = None
    send_id: str | None = None
    policy: Policy = "deadline"
    attempts: int = 0

    def goes_by(self, name: str) -> bool:
        """Whether `name` is its `send_id` or its event."""
        return name in (self.send_id, self.event)

    def deadline_after(self, now: float, since: float) -> float:
        """Its deadline when nothing has counted from `since` until `now`.

        One that was due before `since` is due: it would have fired, had somebody been there. But
        `restart` waits its whole time anew, however much of that was over.
        """
        if self.attempts or self.policy == "deadline":
            return self.deadline
        if self.policy == "restart":
            return now + self.seconds
        if self.deadline <= since:
            return self.deadline
        return self.deadline + max(0.0, now - max(since, self.deadline - self.seconds))

    def left_after(self, now: float, since: float) -> float:
        """The seconds that are left to wait if the clock, stopped at `since`, goes on at `now`."""
        if self.policy == "remaining" and not self.attempts:  # the same whenever it is asked
            return max(0.0, min(self.deadline - since, self.seconds))
        return max(0.0, self.deadline_after(now, since) - now)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A timer, as views and actions read it.

    Attributes:
        deadline: when its event comes, epoch seconds; None: the room's timers are paused.
        seconds: the whole wait, with what it was extended by.
        left: while the timers are paused, the seconds that are left; else None.
    """

    deadline: float | None
    seconds: float
    left: float | None = None

    def passed(self, now: float) -> float:
        """How many of its `seconds` are over at `now`; downtime and pauses do not count for a
        timer of the policy `remaining`."""
        left = self.deadline - now if self.deadline is not None else self.left or 0.0
        return min(max(self.seconds - left, 0.0), self.seconds)


class Timers:
    """The table, keyed by an id that is never used twice in a room.

    A timer whose deadline is moved gets another id: what was already on its way for the old one
    finds nothing.

    Attributes:
        paused_at: since when no timer runs, epoch seconds; None: they run.
    """

    def __init__(
        self,
        rows: dict[str, Timer] | None = None,
        next_id: int = 1,
        paused_at: float | None = None,
    ) -> None:
        self.rows = rows if rows is not None else {}
        self.next_id = next_id
        self.paused_at = paused_at

    def add(self, timer: Timer) -> str:
        timer_id = str(self.next_id)
        self.next_id += 1
        self.rows[timer_id] = timer
        return timer_id

    def take(self, timer_id: str) -> Timer | None:
        """The timer, no longer in the table; None if it was cancelled meanwhile, or they are
        paused."""
        return self.rows.pop(timer_id, None) if self.paused_at is None else None

    # -- when ------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """The earliest; None if there is none, or while they are paused."""
        if self.paused_at is not None:
            return None
        return min((timer.deadline for timer in self.rows.values()), default=None)

    def due(self, now: float) -> list[tuple[str, Timer]]:
        """Those whose deadline has come, the earliest first, then the first started."""
        if self.paused_at is not None:
            return []
        ready = [(key, timer) for key, timer in self.rows.items() if timer.deadline <= now]
        return sorted(ready, key=lambda row: (row[1].deadline, int(row[0])))

    def waiting(self, now: float) -> dict[str, dict[str, Waiting]]:
        """`{path: {name: Waiting}}`: by `send_id` and by event, the first to come of each name."""
        found: dict[str, dict[str, Waiting]] = {}
        for timer in sorted(self.rows.values(), key=lambda timer: timer.deadline):
            of_machine = found.setdefault(timer.path, {})
            waiting = self._waiting(timer, now)
            of_machine.setdefault(timer.event, waiting)
            if timer.send_id is not None:
                of_machine.setdefault(timer.send_id, waiting)
        return found

    def find(self, path: str, name: str, now: float) -> Waiting | None:
        """The first to come of the machine's timers of that name."""
        named = [row for row in self.rows.values() if row.path == path and row.goes_by(name)]
        first = min(named, key=lambda timer: timer.deadline, default=None)
        return self._waiting(first, now) if first is not None else None

    def _waiting(self, timer: Timer, now: float) -> Waiting:
        if self.paused_at is None:
            return Waiting(timer.deadline, timer.seconds)
        return Waiting(None, timer.seconds, timer.left_after(now, self.paused_at))

    # -- stopping the clock ------------------------------------------------------------------

    def pause(self, now: float) -> bool:
        """From now on no timer is due; whether they ran until now."""
        if self.paused_at is not None:
            return False
        self.paused_at = now
        return True

    def resume(self, now: float) -> bool:
        """They go on, each as its policy says; whether they were paused."""
        if self.paused_at is None:
            return False
        since, self.paused_at = self.paused_at, None
        self.go_on(now, since)
        return True

    def go_on(self, now: float, since: float) -> bool:
        """Nobody was there from `since` until `now`: apply the policies; whether any timer moved.

        During a pause nothing is done: its end will cover this time, too.
        """
        if self.paused_at is not None:
            return False
        return self._move(self.rows, lambda timer: timer.deadline_after(now, since))

    def extend(self, seconds: float, name: str | None) -> bool:
        """Add to the wait of those called `name`, or of all; whether there is one.

        With negative seconds one may come to be overdue.
        """
        named = [
            key
            for key, timer in self.rows.items()
            if not timer.attempts and (name is None or timer.goes_by(name))
        ]
        for key in named:
            self.rows[key].seconds = max(0.0, self.rows[key].seconds + seconds)
        self._move(named, lambda timer: timer.deadline + seconds)
        return bool(named)

    def _move(self, keys: Any, deadline_of: Callable[[Timer], float]) -> bool:
        moved = False
        for key in list(keys):
            deadline = deadline_of(self.rows[key])
            if deadline != self.rows[key].deadline:
                timer, moved = self.rows.pop(key), True
                timer.deadline = deadline
                self.add(timer)
        return moved

    # -- cancelling ----------------------------------------------------------------------------

    def cancel_send_id(self, path: str, send_id: str) -> None:
        self._drop(lambda timer: timer.path == path and timer.send_id == send_id)

    def cancel_state(self, path: str, state: str) -> None:
        self._drop(lambda timer: timer.path == path and timer.state == state)

    def cancel_machine(self, path: str) -> None:
        self._drop(lambda timer: timer.path == path)

    def _drop(self, matches: Any) -> None:
        for key in [key for key, timer in self.rows.items() if matches(timer)]:
            del self.rows[key]
