"""The room's timer table: what the machines wait for, as data. Nothing here waits."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

__all__ = ["Policy", "Timer", "Timers"]

Policy = Literal["deadline", "remaining", "restart"]
"""After downtime: `deadline` fires at once if overdue, `remaining` goes on where the clock
stopped, `restart` waits its whole time again."""


class Timer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One delayed event.

    Attributes:
        event: the event's id, sent to the machine at `path` when the time comes.
        deadline: epoch seconds.
        seconds: the delay it was started with.
        data: its payload, JSON-able.
        member: the id of the member who caused it, if one did.
        path: the machine that owns it: `""` the root, else a child's path.
        state: leaving this state cancels it; None: it lives as long as the machine.
        send_id: the name to cancel it by.
        attempts: how often its event has raised.
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


class Timers:
    """The table, keyed by an id that is never used twice in a room."""

    def __init__(self, rows: dict[str, Timer] | None = None, next_id: int = 1) -> None:
        self.rows = rows if rows is not None else {}
        self.next_id = next_id

    def add(self, timer: Timer) -> str:
        timer_id = str(self.next_id)
        self.next_id += 1
        self.rows[timer_id] = timer
        return timer_id

    def take(self, timer_id: str) -> Timer | None:
        """The timer, no longer in the table; None if it was cancelled meanwhile."""
        return self.rows.pop(timer_id, None)

    def next_deadline(self) -> float | None:
        return min((timer.deadline for timer in self.rows.values()), default=None)

    def due(self, now: float) -> list[tuple[str, Timer]]:
        """Those whose deadline has come, the earliest first, then the first started."""
        ready = [(key, timer) for key, timer in self.rows.items() if timer.deadline <= now]
        return sorted(ready, key=lambda row: (row[1].deadline, int(row[0])))

    def cancel_send_id(self, path: str, send_id: str) -> None:
        self._drop(lambda timer: timer.path == path and timer.send_id == send_id)

    def cancel_state(self, path: str, state: str) -> None:
        self._drop(lambda timer: timer.path == path and timer.state == state)

    def cancel_machine(self, path: str) -> None:
        self._drop(lambda timer: timer.path == path)

    def _drop(self, matches: Any) -> None:
        for key in [key for key, timer in self.rows.items() if matches(timer)]:
            del self.rows[key]
