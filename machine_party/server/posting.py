"""`POST /parties/{party}/{room}/events`: one event, and its receipt."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from machine_party.core import Member
from machine_party.errors import PeerError
from machine_party.protocol.fault import Fault
from machine_party.protocol.field import EVENT, ID, Kind
from machine_party.protocol.messages import Hello, Receipt
from machine_party.room.room import Room
from machine_party.room.window import REUSED
from machine_party.server.asking import PRIVATE
from machine_party.server.body import Size, bearer_of, read_json
from machine_party.server.door import Entry
from machine_party.server.handshake import asked
from machine_party.server.limits import ServerLimits
from machine_party.server.node import Node

__all__ = ["Posting"]


class Posted(msgspec.Struct, forbid_unknown_fields=True, rename={"actor_id": "actorId"}):
    """The body: a `party.send`, or with an `actorId` a `party.sendTo`, whose id is optional."""

    event: Any
    id: Any = None
    actor_id: str | None = None


class Posting:
    """Takes events.

    Args:
        node: gives the working parts.
    """

    def __init__(self, node: Callable[[], Node]) -> None:
        self._node = node

    async def post(self, request: Request) -> Response:
        """Send an event from the bearer's seat; 200 with its receipt, whatever that says. But an id
        that was used for another event makes no request of its own: 409."""
        node = self._node()
        handshake = asked(request, node.origins)
        token = bearer_of(request)
        if token is None:
            reason = "events need the token that POST …/members gives"
            raise PeerError("unauthenticated", reason)
        posted = await _posted(request, node.limits)
        entry = await node.door.enter(handshake, Hello(token=token))
        node.admission.check_event(_sender(entry))
        receipt = await node.door.act(entry, partial(_sent, posted))
        if receipt.code == REUSED:
            raise PeerError(REUSED, receipt.reason or "", path="$.id")
        return JSONResponse(_shown(receipt), headers=PRIVATE)


async def _posted(request: Request, limits: ServerLimits) -> Posted:
    """The body, within the bounds of a message, and as one would be."""
    size = Size(limits.message_bytes, limits.nodes)
    posted = await read_json(request, Posted, limits, size)
    _check(EVENT, posted.event, "event")
    if posted.id is not None:
        _check(ID, posted.id, "id")
    return posted


def _check(kind: Kind, value: Any, key: str) -> None:
    try:
        kind.read(value)
    except Fault as fault:
        raise fault.within(key).malformed(None) from None


def _sender(entry: Entry) -> tuple[str, str, str]:
    """Who is counted: an identity is one member of a room."""
    return entry.party.name, entry.room_id, entry.grant.identity


async def _sent(posted: Posted, room: Room, member: Member) -> Receipt:
    return await room.send(posted.event, member=member.id, child=posted.actor_id, id=posted.id)


def _shown(receipt: Receipt) -> dict[str, Any]:
    return {
        "id": receipt.id or None,
        "status": receipt.status,
        "version": receipt.version,
        "result": receipt.result,
        "code": receipt.code,
        "reason": receipt.reason,
    }
