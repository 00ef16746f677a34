"""The one error tree: whose fault it is, is the type; the sentence is `__str__`.

    MachinePartyError
    ├── Bug                  ours, or the game author's
    │   ├── DefinitionError  a machine or a party is declared wrongly (raised at class creation)
    │   ├── UndeclaredError  the game used something that it did not declare
    │   ├── EndlessLoop      a macrostep that does not end
    │   └── RestoreError     a stored room does not fit today's code
    │       └── Damaged      not all that is stored of it can be read
    ├── StoreError           the store could not be used
    │   ├── StoreUnavailable it did not answer; try again
    │   └── Fenced           a newer owner has written; this one must stop
    ├── PeerError            the peer's fault: it has a code and a reason for the wire
    │   └── MalformedMessage what was sent is not a message
    ├── NotRecorded          a recording has no such version, or no such member
    └── Refused              the game's refusal: becomes a rejected receipt, never travels further

This module is the bottom layer: it imports nothing of the project.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "Bug",
    "Damaged",
    "DefinitionError",
    "EndlessLoop",
    "Fenced",
    "MachinePartyError",
    "MalformedMessage",
    "NotRecorded",
    "PeerError",
    "Refused",
    "RestoreError",
    "StoreError",
    "StoreUnavailable",
    "UndeclaredError",
]


class MachinePartyError(Exception):
    """Everything that this project raises on purpose."""


class Bug(MachinePartyError):
    """A mistake in a game or in this library. Its text is for the log, never for the wire."""


class DefinitionError(Bug):
    """A machine or a party is declared wrongly.

    Args:
        where: the class or the state.
        what: what is wrong.
        fix: what to write instead.
    """

    def __init__(self, where: str, what: str, fix: str) -> None:
        super().__init__(where, what, fix)
        self.where, self.what, self.fix = where, what, fix

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.fix}"


class UndeclaredError(DefinitionError):
    """The game used an event, an emit, a child or a refusal that it did not declare."""


class EndlessLoop(Bug):
    """A macrostep took more than the allowed number of microsteps."""

    def __init__(self, machine: str, limit: int, last: str) -> None:
        super().__init__(machine, limit, last)
        self.machine, self.limit, self.last = machine, limit, last

    def __str__(self) -> str:
        return (
            f"{self.machine}: no stable state after {self.limit} microsteps; the last was "
            f"{self.last}. An eventless transition needs a guard that becomes false."
        )


class RestoreError(Bug):
    """A stored room does not fit today's code."""


class Damaged(RestoreError):
    """Not all that is stored of a room can be read.

    Args:
        what: is wrong.
        left: what can be read, a `History` (`room/store.py`): an empty form stands where one cannot
            be, and commits are missing.
    """

    def __init__(self, what: str, left: Any) -> None:
        super().__init__(what)
        self.left = left


class StoreError(MachinePartyError):
    """The store could not be used."""


class StoreUnavailable(StoreError):
    """The store did not answer or could not write. Nothing was lost; try again."""


class Fenced(StoreError):
    """A newer epoch or version is stored: somebody else owns the room now."""


class PeerError(MachinePartyError):
    """The peer's fault, with what it may be told.

    Args:
        code: a stable code of `protocol/codes.py`.
        reason: one sentence for a person: what was wrong and what is allowed.
        path: where in the message, as a JSON path (`$.event.by`), if it has a place.
        temporary: whether the same message may succeed later.
        retry_after: after how many seconds, if that is known.
        close_code: the WebSocket code to close the connection with; None leaves it open.
    """

    def __init__(
        self,
        code: str,
        reason: str,
        *,
        path: str | None = None,
        temporary: bool = False,
        retry_after: float | None = None,
        close_code: int | None = None,
    ) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason
        self.path = path
        self.temporary = temporary
        self.retry_after = retry_after
        self.close_code = close_code

    def __str__(self) -> str:
        place = f" at {self.path}" if self.path else ""
        return f"{self.code}{place}: {self.reason}"


class MalformedMessage(PeerError):
    """What was sent is not a message of the protocol.

    `id` is the id of the send that it was, when that much could be read: its receipt is
    then a rejection, and the connection goes on.
    """

    def __init__(
        self,
        code: str,
        reason: str,
        *,
        path: str | None = None,
        id: str | None = None,
        close_code: int | None = None,
    ) -> None:
        super().__init__(code, reason, path=path, close_code=close_code)
        self.id = id


class NotRecorded(MachinePartyError):
    """A recording has no such version, or no such member: nothing of it is damaged."""


class Refused(MachinePartyError):
    """The game refuses an event for a reason that it has declared in `Party.refusals`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
