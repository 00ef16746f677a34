"""The client's half of the protocol: mirrors the document and keeps every send until answered.

Pure: no sockets, no clock, no tasks. The façade feeds it what came in, writes what
`messages_to_send` returns and tells its users of the notices.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from typing import Any

from machine_party.errors import MachinePartyError

from .limits import DEFAULT_LIMITS, Limits
from .messages import (
    Chunk,
    ClientMessage,
    Document,
    Emit,
    Error,
    Event,
    Hello,
    Mode,
    Receipt,
    Resume,
    Send,
    SendTo,
    ServerMessage,
    SnapshotGet,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
)
from .mirror import Mirror
from .notice import Chunked, Conflict, Emitted, Failed, Notice, Ready, Resolved

__all__ = ["ClientSync", "QueueFull"]

_NOT_YET = frozenset({"draining", "store_unavailable"})
"""The codes of a rejection that is no answer: the send is to be sent again, with the same id."""


class QueueFull(MachinePartyError):
    """Too many sends wait for their receipts. Wait for some before sending more."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"{self.limit} sends wait for their receipts; wait for some before sending more"


class ClientSync:
    """The client's half: one instance per façade, across all of its connections.

    Args:
        token: the credential, if the URL has no `_pk`.
        name: the display name that a newcomer asks for.
        meta: facts for the party's hooks, such as `{"role": "player"}`.
        sections: parts of the document that are wanted; None for all.
        mode: "snapshot" for whole documents instead of patches.
        limits: `unanswered_sends` bounds the queue of sends; of these, `sends_in_flight` are on
            their way at a time, so that a resend is never older than what the server remembers.
        client_id: names this instance in the ids of its sends; random unless given.
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        name: str | None = None,
        meta: dict[str, Any] | None = None,
        sections: Sequence[str] | None = None,
        mode: Mode | None = None,
        limits: Limits = DEFAULT_LIMITS,
        client_id: str | None = None,
    ) -> None:
        self.token = token
        self.name = name
        self.meta = meta
        self.sections = None if sections is None else tuple(sections)
        self.mode = mode
        self.client_id = client_id or secrets.token_hex(8)
        self.welcome: Welcome | None = None
        self._limits = limits
        self._number = 0
        self._unanswered: dict[str, Send | SendTo] = {}
        self._waiting: deque[Send | SendTo] = deque()
        self._put_off: list[Send | SendTo] = []
        self._mirror = Mirror()
        self._outgoing: list[ClientMessage] = []
        self._held: list[Notice] = []
        self._welcomed = False
        self._ready = False

    @property
    def document(self) -> Document | None:
        """The document at the last complete commit; None before the first. Do not change it."""
        return self._mirror.document

    @property
    def ready(self) -> bool:
        """Whether this connection's mirror has caught up at least once."""
        return self._ready

    @property
    def position(self) -> Resume | None:
        """Where the mirror stands: what the next hello will resume from."""
        return self._mirror.point

    @property
    def version(self) -> int:
        """The highest version of the room that the mirror has seen."""
        return self._mirror.version

    @property
    def member(self) -> str | None:
        """This client's id in the room; None before the first welcome."""
        return self.welcome.member if self.welcome else None

    @property
    def unanswered(self) -> list[str]:
        """The ids of the sends that have no receipt yet, oldest first."""
        return list(self._unanswered)

    def connected(self) -> None:
        """A connection is open: queue the hello, with a resume point if there is one."""
        self.disconnected()
        self._outgoing.append(
            Hello(self.position, self.token, self.name, self.meta, self.sections, self.mode)
        )

    def disconnected(self) -> None:
        """The connection is gone. Sends without a receipt are kept for the next one."""
        self._outgoing.clear()
        self._mirror.begin()
        self._welcomed = self._ready = False

    def send(self, event: Event, actor_id: str | None = None) -> str:
        """Queue an event, for the room or for one child machine; returns the send's id.

        It is sent again after each welcome until its receipt has come, with the same id.
        Raises `QueueFull`.
        """
        if len(self._unanswered) >= self._limits.unanswered_sends:
            raise QueueFull(self._limits.unanswered_sends)
        self._number += 1
        id = f"{self.client_id}.{self._number}"
        message = Send(id, event) if actor_id is None else SendTo(actor_id, event, id)
        self._unanswered[id] = message
        self._waiting.append(message)
        self._dispatch()
        return id

    def messages_to_send(self) -> list[ClientMessage]:
        """What to write now, in order; it is the caller's from here on."""
        taken, self._outgoing = self._outgoing, []
        return taken

    def receive(self, message: ServerMessage) -> list[Notice]:
        """What a message from the server means, in the order in which to tell of it."""
        notices: list[Notice] = []
        conflict = self._take(message, notices)
        if conflict is not None:
            notices.append(conflict)
            if conflict.reason != "stale-message":
                self._outgoing.append(SnapshotGet())
        if self._welcomed and self._mirror.caught_up:
            self._catch_up(notices)
        return notices

    def _take(self, message: ServerMessage, notices: list[Notice]) -> Conflict | None:
        match message:
            case SnapshotPatch():
                return self._mirror.receive_patch(message)
            case SnapshotUpdate():
                return self._receive_update(message)
            case Receipt() | Emit() | Chunk():
                self._hold(message)
                return self._mirror.interrupt()
            case Welcome():
                return self._receive_welcome(message)
            case Error():
                notices.append(Failed(message))
        return None

    def _receive_welcome(self, welcome: Welcome) -> Conflict | None:
        if self._welcomed:
            return Conflict("stale-message", welcome.epoch, welcome.epoch)
        self.welcome, self._welcomed = welcome, True
        self.token = welcome.token or self.token
        conflict = self._mirror.receive_welcome(welcome)
        self._waiting = deque(self._unanswered.values())
        self._put_off.clear()
        self._dispatch()
        return conflict

    def _dispatch(self) -> None:
        """Let as many sends go as may be on their way at once, in order."""
        room = self._limits.sends_in_flight - len(self._unanswered) + len(self._waiting)
        while self._welcomed and self._waiting and room > 0:
            self._outgoing.append(self._waiting.popleft())
            room -= 1

    def _receive_update(self, update: SnapshotUpdate) -> Conflict | None:
        if not self._welcomed:
            return Conflict("stale-message", None, update.version)
        conflict = self._mirror.receive_update(update)
        if conflict is None:
            self._send_put_off()
        return conflict

    def _send_put_off(self) -> None:
        """The room has come back, with a new epoch, and so with an update: let them try again."""
        self._waiting.extendleft(reversed(self._put_off))
        self._put_off.clear()
        self._dispatch()

    def _hold(self, message: Receipt | Emit | Chunk) -> None:
        """Keep what must not be told before the mirror has caught up with what came before it."""
        match message:
            case Receipt():
                self._receive_receipt(message)
            case Emit():
                self._held.append(Emitted(message.event))
            case Chunk():
                self._held.append(Chunked(message.stream, message.index, message.data))

    def _receive_receipt(self, receipt: Receipt) -> None:
        answered = self._unanswered.get(receipt.id)
        if answered is None:
            return
        for row in (self._waiting, self._put_off):  # it may be that of an earlier connection's send
            if answered in row:
                row.remove(answered)
        if receipt.status == "rejected" and receipt.code in _NOT_YET:
            self._put_off.append(answered)
            return
        del self._unanswered[receipt.id]
        self._held.append(Resolved(receipt))
        self._dispatch()

    def _catch_up(self, notices: list[Notice]) -> None:
        changed = self._mirror.take_change()
        if changed is not None:
            notices.append(changed)
        if not self._ready and self.welcome is not None:
            self._ready = True
            notices.append(Ready(self.welcome.member, self.welcome.resumed))
        notices += self._held
        self._held.clear()
