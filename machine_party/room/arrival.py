"""What waits in a room's inbox: a cause, and whom to tell what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from machine_party.core import Cause, ClientEvent, Grant, Joined, Member, Sent, Step
from machine_party.core.plain import refuse_unstorable
from machine_party.errors import DefinitionError, PeerError
from machine_party.protocol import Bare, Hello, Receipt, Send, SendTo, is_id
from machine_party.room.connection import Connection
from machine_party.room.seen import Seen
from machine_party.room.window import Answer

__all__ = [
    "Arrival",
    "Attachment",
    "Reading",
    "answer_of",
    "joined_cause",
    "receipt_of",
    "said_cause",
    "sent_cause",
]


@dataclass(slots=True, eq=False)
class Attachment:
    """A connection that waits to be opened, with its first message if that was a hello."""

    connection: Connection
    hello: Hello | None
    token: str | None
    opened: asyncio.Future[None]


@dataclass(slots=True, eq=False)
class Arrival:
    """One cause on its way into a batch.

    Attributes:
        cause: what happened.
        connection: where the receipt goes, if there is one to give.
        attachment: set if the cause is a join with a connection.
        seat: set if the cause is a join without one.
        receipt: set if the sender is server code that waits.
        answer: what was found out already, without running it (a duplicate).
        mark: of an event with an id, once that was looked up.
        reused: whether that id belongs to another event.
    """

    cause: Cause
    connection: Connection | None = None
    attachment: Attachment | None = None
    seat: asyncio.Future[Member] | None = None
    receipt: asyncio.Future[Receipt] | None = None
    answer: Answer | None = None
    mark: int | None = None
    reused: bool = False

    @property
    def internal(self) -> bool:
        """Whether nobody waits for an answer, so that it must not be lost."""
        return self.connection is None and self._waiting is None

    @property
    def abandoned(self) -> bool:
        """Whether it is a join, and who asked for it has gone."""
        waiting = None if self.receipt is not None else self._waiting
        return waiting is not None and waiting.cancelled()

    def fail(self, error: PeerError) -> None:
        """Tell whoever waits for it that it has not happened."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)

    @property
    def _waiting(self) -> asyncio.Future[Any] | None:
        return self.attachment.opened if self.attachment is not None else self.seat or self.receipt


@dataclass(slots=True, eq=False)
class Reading:
    """Somebody wants a document of the last released commit."""

    member: str | None
    audience: str | None
    done: asyncio.Future[Seen] = field(repr=False)


def sent_cause(
    event: ClientEvent | Mapping[str, Any],
    *,
    now: float,
    member: str | None,
    id: str | None = None,
    child: str | None = None,
) -> Sent:
    """The cause of an event, declared or in its wire form.

    Raises:
        DefinitionError: it holds a number or a text that JSON has not, or its id is none. The
            codecs let neither through.
    """
    if isinstance(event, ClientEvent):
        type, data = event.type, msgspec.to_builtins(event)
    else:
        type = str(event["type"])
        data = {key: value for key, value in event.items() if key != "type"}
    where = f"the event {type!r}"
    refuse_unstorable({**data, "type": type, "child": child, "member": member}, where)
    if id is not None and not is_id(id):
        fix = "Write <client>.<n>: 1 to 32 of 0-9 A-Z a-z _ -, a dot, and a number from 1 on."
        raise DefinitionError(where, f"{id!r} is no id of a send", fix)
    return Sent(now=now, type=type, data=data, member=member, id=id, child=child)


def said_cause(message: Send | SendTo | Bare, *, now: float, member: str) -> Sent:
    """The cause of an event that came through a connection."""
    id = None if isinstance(message, Bare) else message.id
    child = message.actor_id if isinstance(message, SendTo) else None
    return sent_cause(message.event, now=now, member=member, id=id, child=child)


def joined_cause(grant: Grant, now: float) -> Joined:
    """The cause of somebody's asking for a seat."""
    return Joined(now=now, identity=grant.identity, role=grant.role, name=grant.name)


def answer_of(step: Step, version: int, mark: int | None) -> Answer:
    """What a step's receipt says, as it is remembered."""
    if step.accepted:
        return Answer("accepted", version, step.reply, mark=mark)
    reason = f"{step.reason} ({step.path})" if step.path else step.reason
    return Answer("rejected", version, code=step.code, reason=reason, mark=mark)


def receipt_of(id: str, answer: Answer, *, duplicate: bool) -> Receipt:
    """An answer as the message for its sender."""
    status = "duplicate" if duplicate else answer.status
    return Receipt(id, status, answer.version, answer.result, answer.code, answer.reason)
