"""The HTTP side of the parties: which address is answered by what. JSON in, JSON out.

Routes only: who may do what is `door.py`'s and `auth.py`'s, errors are `error.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from machine_party.errors import PeerError
from machine_party.server.asking import PRIVATE, party_of, served
from machine_party.server.error import HttpError, not_found
from machine_party.server.event_stream import EventStream, wants_events
from machine_party.server.link import Links, root
from machine_party.server.membership import Membership
from machine_party.server.node import Node
from machine_party.server.openapi import description
from machine_party.server.pages import Pages, wants_page
from machine_party.server.policy import HEADERS
from machine_party.server.posting import Posting
from machine_party.server.qr import qr_svg
from machine_party.server.room_id import is_room_id
from machine_party.server.room_making import RoomMaking
from machine_party.server.room_state import RoomState

__all__ = ["Http"]

_LONGEST_URL = 300
"""Characters: a code of 15 ms (measured) that a phone still reads; a room's is of 40 to 150."""


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
        self._making = RoomMaking(node, links)
        self._membership = Membership(node)
        self._posting = Posting(node)
        self._state = RoomState(node)
        self._described = lru_cache(maxsize=4)(self._describe)

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [
            *(self._pages.routes() if self._pages is not None else []),
            Route("/openapi.json", self.openapi, methods=["GET"]),
            Route("/parties/{party}", self.party, methods=["GET", "POST"]),
            Route("/parties/{party}/{room}", self.room, methods=["GET"]),
            Route("/parties/{party}/{room}/members", self._membership.post, methods=["POST"]),
            Route("/parties/{party}/{room}/events", self.events, methods=["GET", "POST"]),
            Route("/parties/{party}/{room}/qr.svg", self.qr, methods=["GET"]),
        ]

    async def openapi(self, request: Request) -> Response:
        """What is served here, for programs."""
        described = self._described(root(request))
        headers = {"Cache-Control": "no-cache"}
        return Response(described, headers=headers, media_type="application/json")

    def _describe(self, root: str) -> bytes:
        """Takes 10 ms for each party: made once for each place where the app is mounted."""
        return msgspec.json.encode(description(self._node().parties.values(), root))

    async def party(self, request: Request) -> Response:
        """A room is made, or the party looked at. A page for people."""
        if request.method == "POST":
            return await self._making.post(request)
        if self._pages is not None and wants_page(request):
            party = self._node().parties.get(request.path_params["party"])
            return self._pages.party(request, party) if party else self._pages.missing(request)
        return JSONResponse(self._summary(request), headers=PRIVATE)

    async def room(self, request: Request) -> Response:
        """A room as the bearer sees it; for a browser, its page."""
        if self._pages is not None and wants_page(request):
            return self._room_page(self._pages, request)
        return await self._state.get(request)

    async def events(self, request: Request) -> Response:
        """An event is sent, or the room's are listened to."""
        if request.method == "POST":
            return await self._posting.post(request)
        if not wants_events(request):
            reason = "this is an event stream: ask with Accept: text/event-stream"
            raise HttpError(HTTPStatus.NOT_ACCEPTABLE, "bad_request", reason)
        return EventStream(self._node(), request)

    async def qr(self, request: Request) -> Response:
        """The QR code of a room's address, whether or not there is such a room."""
        url = self._url(request, request.path_params["party"], request.path_params["room"])
        if len(url) > _LONGEST_URL:
            raise PeerError("bad_request", "this address is too long for a QR code")
        return Response(qr_svg(url), media_type="image/svg+xml", headers=HEADERS)

    def _url(self, request: Request, party: str, room: str) -> str:
        if party not in self._node().parties or not is_room_id(room):
            raise not_found()
        return self._links.room(request, party, room)

    def _room_page(self, pages: Pages, request: Request) -> Response:
        name, room = request.path_params["party"], request.path_params["room"]
        party = self._node().parties.get(name)
        if party is None or not is_room_id(room):
            return pages.missing(request)
        return pages.room(request, party, room, self._links.room(request, name, room))

    def _summary(self, request: Request) -> dict[str, Any]:
        """What there is to know about a party; its rooms, for its operator."""
        node = self._node()
        party = party_of(node, request)
        summary: dict[str, Any] = {
            "party": party.name,
            "creation": party.creation,
            "open_roles": list(party.open_roles),
        }
        if served(node, request, party):
            summary["rooms"] = [room.key.room for room in node.rooms.list(party.name)]
        return summary
