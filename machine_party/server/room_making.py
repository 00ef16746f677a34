"""`POST /parties/{party}`: a room is made; whoever made it gets the token of its host."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from machine_party.core import Party
from machine_party.errors import PeerError
from machine_party.server.address import Address
from machine_party.server.asking import party_of, served
from machine_party.server.body import read_json
from machine_party.server.handshake import check_origin
from machine_party.server.link import Links
from machine_party.server.node import Node

__all__ = ["RoomMaking"]


class Create(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request for a room: all of it optional."""

    input: Any = None
    room: str | None = None


class RoomMaking:
    """Makes rooms.

    Args:
        node: gives the working parts.
        links: makes the addresses that are handed out.
    """

    def __init__(self, node: Callable[[], Node], links: Links) -> None:
        self._node = node
        self._links = links

    async def post(self, request: Request) -> Response:
        """Make a room; 201 with its address and the token of its host."""
        node = self._node()
        check_origin(node.origins, request.headers, request.url.scheme)
        party = party_of(node, request)
        address = Address.of(request.scope.get("client"))
        limited = not served(node, request, party)
        if limited:
            _refuse_strangers(party)
            node.door.check_room(address)  # and again in `make`: others may make one meanwhile
        body = await read_json(request, Create, node.limits)
        room = await node.door.make(party, body.room, body.input, address, limited=limited)
        return self._made(request, party, room.key.room)

    def _made(self, request: Request, party: Party, room: str) -> Response:
        node = self._node()
        token = node.tokens.issue(
            node.auth.stranger(), party.name, room, now=node.clock.now(), role=party.creator_role
        )
        url = self._links.room(request, party.name, room)
        made = {"party": party.name, "room": room, "role": party.creator_role}
        return JSONResponse(
            {**made, "token": token, "url": url},
            HTTPStatus.CREATED,
            {"Cache-Control": "no-store", "Location": url},
        )


def _refuse_strangers(party: Party) -> None:
    if party.creation == "service":
        raise PeerError("unauthenticated", f"rooms of {party.name} need a service token")
