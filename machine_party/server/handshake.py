"""What the request says with which somebody wants in: a WebSocket's opening, or one over HTTP.

What is refused here, is refused with an HTTP status, before there is a socket.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from machine_party.errors import PeerError
from machine_party.protocol.codec import Codec
from machine_party.server.address import Address
from machine_party.server.codecs import EVENT_STREAM, chosen
from machine_party.server.error import HttpError, error_response
from machine_party.server.origin import Origins

__all__ = ["Handshake", "asked", "check_origin", "deny", "shake"]


class Handshake(NamedTuple):
    """What a request says.

    Attributes:
        party, room: of the address; they need not exist.
        codec: of the subprotocol, or of event streams.
        subprotocol: to answer with; None if the client offered none.
        pk: the `_pk` of a WebSocket's query; None if there is none.
        query: the other parameters.
        headers: with lower-case names; over HTTP without our token.
        address: the peer's.
    """

    party: str
    room: str
    codec: Codec
    subprotocol: str | None
    pk: str | None
    query: Mapping[str, str]
    headers: Mapping[str, str]
    address: Address


def shake(scope: Scope, origins: Origins) -> Handshake:
    """Reads and checks the request, and takes the `_pk` out of the scope, whence it is logged.

    Raises:
        PeerError: to be answered with `deny`.
    """
    query = _query_taken(scope)
    headers = Headers(scope=scope)
    check_origin(origins, headers, scope["scheme"])
    offered = scope.get("subprotocols") or []
    codec = chosen(offered)
    path = scope["path_params"]
    return Handshake(
        party=path["party"],
        room=path["room"],
        codec=codec,
        subprotocol=codec.subprotocol if offered else None,
        pk=query.pop("_pk", None),
        query=query,
        headers=dict(headers),
        address=Address.of(scope.get("client")),
    )


def asked(request: Request, origins: Origins) -> Handshake:
    """Reads and checks a request over HTTP. A `_pk` is none there: who comes back has a token.

    Raises:
        HttpError: 403: it comes from a page that is not allowed to.
    """
    check_origin(origins, request.headers, request.url.scheme)
    headers = {name: text for name, text in request.headers.items() if name != "authorization"}
    return Handshake(
        party=request.path_params["party"],
        room=request.path_params["room"],
        codec=EVENT_STREAM,
        subprotocol=None,
        pk=None,
        query={name: text for name, text in request.query_params.items() if name != "_pk"},
        headers=headers,
        address=Address.of(request.scope.get("client")),
    )


def check_origin(origins: Origins, headers: Headers, scheme: str) -> None:
    """Raises `HttpError` 403 if the page that this comes from is not allowed to. A foreign page's
    image or link names no origin, but that it is foreign (Fetch Metadata Request Headers)."""
    origin = headers.get("origin")
    foreign = origin is None and headers.get("sec-fetch-site") == "cross-site"
    if foreign or not origins.allows(origin, headers.get("host"), scheme):
        reason = "pages of this origin are not allowed to talk to this server"
        raise HttpError(HTTPStatus.FORBIDDEN, "not_allowed", reason)


async def deny(scope: Scope, receive: Receive, send: Send, error: PeerError) -> None:
    """Refuses the WebSocket with the error's envelope, where the server can send a body."""
    if "websocket.http.response" in (scope.get("extensions") or {}):
        await error_response(_as_http(error))(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": error.close_code or 1008, "reason": ""})


def _as_http(error: PeerError) -> PeerError:
    if error.code == "unsupported_version":
        return HttpError(HTTPStatus.BAD_REQUEST, error.code, error.reason)
    return error


def _query_taken(scope: Scope) -> dict[str, str]:
    """The query's parameters. With a `_pk` the scope keeps none of it: any server that logs
    the handshake logs what it finds there, and most log the same object."""
    raw = scope.get("query_string", b"").decode("latin-1")
    query = dict(parse_qsl(raw, keep_blank_values=True))
    if "_pk" in query:
        scope["query_string"] = b""
    return query
