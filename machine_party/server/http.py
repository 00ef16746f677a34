"""The HTTP side of the parties: make a room, list them, look at one. JSON in, JSON out.

Routes only: who may do what is `door.py`'s and `auth.py`'s, errors are `error.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from machine_party.core import Party
from machine_party.errors import PeerError
from machine_party.server.address import Address
from machine_party.server.body import bearer_of, read_json
from machine_party.server.error import not_found
from machine_party.server.handshake import check_origin
from machine_party.server.link import Links
from machine_party.server.node import Node
from machine_party.server.pages import Pages, wants_page
from machine_party.server.policy import HEADERS
from machine_party.server.qr import qr_svg
from machine_party.server.room_id import is_room_id
from machine_party.server.token import ANY_ROOM

__all__ = ["Http"]

_LONGEST_URL = 300
"""Characters: a code of 15 ms (measured) that a phone still reads; a room's is of 40 to 150."""

_PRIVATE = {"Cache-Control": "no-store", "Vary": "Accept, Authorization"}


class Create(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request for a room: all of it optional."""

    input: Any = None
    room: str | None = None


class Http:
    """The endpoints.

    Args:
        node: gives the working parts; called on each request.
        links: makes the addresses that are handed out.
        pages: the pages for people; None serves none.
    """

    def __init__(self, node: Callable[[], Node], links: Links, pages: Pages | None) -> None:
        self._node = node
        self._links = links
        self._pages = pages

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [
            *(self._pages.routes() if self._pages is not None else []),
            Route("/parties/{party}", self.create, methods=["POST"]),
            Route("/parties/{party}", self.list, methods=["GET"]),
            Route("/parties/{party}/{room}", self.state, methods=["GET"]),
            Route("/parties/{party}/{room}/qr.svg", self.qr, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        """Make a room; 201 with its address and the token of its host."""
        node = self._node()
        check_origin(node.origins, request.headers, request.url.scheme)
        party = self._party(request)
        address = Address.of(request.scope.get("client"))
        limited = not self._served(request, party)
        if limited:
            self._refuse_strangers(party)
            node.door.check_room(address)  # and again in `make`: others may make one meanwhile
        body = await read_json(request, Create, node.limits)
        room = await node.door.make(party, body.room, body.input, address, limited=limited)
        return self._made(request, party, room.key.room)

    async def list(self, request: Request) -> Response:
        """What there is to know about a party; its rooms, for its operator. A page for people."""
        if self._pages is not None and wants_page(request):
            party = self._node().parties.get(request.path_params["party"])
            return self._pages.party(request, party) if party else self._pages.missing(request)
        return JSONResponse(self._summary(request), headers=_PRIVATE)

    async def state(self, request: Request) -> Response:
        """A room as the bearer sees it; for a browser, its page."""
        name, room_id = request.path_params["party"], request.path_params["room"]
        if self._pages is not None and wants_page(request):
            return self._room_page(self._pages, request, name, room_id)
        return JSONResponse(await self._state(request, name, room_id), headers=_PRIVATE)

    async def qr(self, request: Request) -> Response:
        """The QR code of a room's address, whether or not there is such a room."""
        url = self._url(request, request.path_params["party"], request.path_params["room"])
        if len(url) > _LONGEST_URL:
            raise PeerError("bad_request", "this address is too long for a QR code")
        return Response(qr_svg(url), media_type="image/svg+xml", headers=HEADERS)

    # -- making ------------------------------------------------------------------------------

    def _party(self, request: Request) -> Party:
        party = self._node().parties.get(request.path_params["party"])
        if party is None:
            raise not_found()
        return party

    def _served(self, request: Request, party: Party) -> bool:
        """Whether the operator asks, with a service token. Another token is refused."""
        token = bearer_of(request)
        if token is None:
            return False
        node = self._node()
        node.tokens.read(token, party=party.name, room=ANY_ROOM, now=node.clock.now())
        return True

    @staticmethod
    def _refuse_strangers(party: Party) -> None:
        if party.creation == "service":
            raise PeerError("unauthenticated", f"rooms of {party.name} need a service token")

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

    # -- looking -----------------------------------------------------------------------------

    def _url(self, request: Request, party: str, room: str) -> str:
        if party not in self._node().parties or not is_room_id(room):
            raise not_found()
        return self._links.room(request, party, room)

    def _room_page(self, pages: Pages, request: Request, name: str, room: str) -> Response:
        party = self._node().parties.get(name)
        if party is None or not is_room_id(room):
            return pages.missing(request)
        return pages.room(request, party, room, self._links.room(request, name, room))

    def _summary(self, request: Request) -> dict[str, Any]:
        party = self._party(request)
        summary: dict[str, Any] = {
            "party": party.name,
            "creation": party.creation,
            "open_roles": list(party.open_roles),
        }
        if self._served(request, party):
            summary["rooms"] = [room.key.room for room in self._node().rooms.list(party.name)]
        return summary

    async def _state(self, request: Request, party: str, room_id: str) -> dict[str, Any]:
        address = Address.of(request.scope.get("client"))
        sight = await self._node().door.look(party, room_id, address, bearer_of(request))
        document, epoch, version = await sight.room.document(
            member=sight.member, audience=sight.audience
        )
        return {
            "party": party,
            "room": room_id,
            "audience": sight.audience,
            "epoch": epoch,
            "version": version,
            "snapshot": document,
        }
