"""`POST /parties/{party}/{room}/members`: somebody takes a seat, without a connection."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from machine_party.core import Member
from machine_party.protocol.messages import Hello
from machine_party.room.room import Room
from machine_party.server.asking import PRIVATE
from machine_party.server.body import Size, bearer_of, read_json
from machine_party.server.handshake import asked
from machine_party.server.node import Node

__all__ = ["Membership"]


class Joining(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request for a seat: all of it optional, as in `party.hello`."""

    name: str | None = None
    meta: dict[str, Any] | None = None


class Membership:
    """Seats members.

    Args:
        node: gives the working parts.
    """

    def __init__(self, node: Callable[[], Node]) -> None:
        self._node = node

    async def post(self, request: Request) -> Response:
        """Take a seat, or the one that the bearer has; 201 with the token to come back with, if
        there is a new one."""
        node = self._node()
        handshake = asked(request, node.origins)
        token = bearer_of(request)
        size = Size(node.limits.message_bytes, node.limits.nodes)  # as a hello's
        body = await read_json(request, Joining, node.limits, size)
        hello = Hello(token=token, name=body.name, meta=body.meta)
        entry = await node.door.enter(handshake, hello)
        member = await node.door.act(entry, _seated)
        seat = {"member": member.id, "role": member.role, "name": member.name}
        return JSONResponse({**seat, "token": entry.token}, HTTPStatus.CREATED, PRIVATE)


async def _seated(_room: Room, member: Member) -> Member:
    return member
