"""Reading what an HTTP request carries: a bounded JSON body, a bearer token."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from machine_party.core.party import bad_payload
from machine_party.errors import PeerError
from machine_party.protocol.fault import Fault
from machine_party.protocol.ingress import check, parse_json
from machine_party.server.caller import Caller
from machine_party.server.error import HttpError, draining
from machine_party.server.limits import ServerLimits

__all__ = ["Size", "bearer_of", "read_json"]

_Body = TypeVar("_Body")


class Size(NamedTuple):
    """How large a body may be.

    Attributes:
        bytes: of the text.
        nodes: values in it.
    """

    bytes: int
    nodes: int


async def read_json(
    request: Request, kind: type[_Body], limits: ServerLimits, size: Size | None = None
) -> _Body:
    """The body, decoded and validated; what would be refused in a message is refused here.

    Args:
        size: None for that of the limits, of any body.

    Raises:
        HttpError: 415, another content type than JSON (which a foreign page could send
            without asking first); 408, it did not come in time.
        PeerError: `too_large` or `bad_request`, with the path; `draining`.
    """
    size = size or Size(limits.body_bytes, limits.body_nodes)
    if _has_body(request):
        _check_type(request)
    body = await _received(request, size.bytes, limits.body_seconds)
    value = _parsed(body, limits, size)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise bad_payload(error, "$") from None


def bearer_of(request: Request) -> str | None:
    """The token of `Authorization: Bearer …` (RFC 6750, section 2.1); None without the header.

    Raises:
        PeerError: `unauthenticated`: another scheme.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise PeerError("unauthenticated", "write Authorization: Bearer <token>")
    return token.strip()


def _has_body(request: Request) -> bool:
    """Whether it says so (RFC 9112, section 6.3)."""
    length = request.headers.get("content-length", "0")
    return length != "0" or "transfer-encoding" in request.headers


def _check_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind.lower() != "application/json":  # RFC 9110, section 8.3.1
        reason = "send JSON, with Content-Type: application/json"
        raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "bad_request", reason)


async def _received(request: Request, limit: int, seconds: float) -> bytes:
    """The whole body, unless it takes too long, or the server is about to end."""
    reading = asyncio.create_task(_read(request, limit))
    ending = asyncio.create_task(Caller(request.scope, request.receive).draining.wait())
    try:
        await asyncio.wait([reading, ending], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            return reading.result()
        if ending.done():
            raise draining()
        reason = "the body did not come in time"
        raise HttpError(HTTPStatus.REQUEST_TIMEOUT, "bad_request", reason)
    finally:
        reading.cancel()
        ending.cancel()


async def _read(request: Request, limit: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise PeerError("too_large", f"the body is longer than {limit} bytes")
    except ClientDisconnect:  # nobody hears it, and it is no error of ours
        raise PeerError("bad_request", "the body was not sent to its end") from None
    return bytes(body)


def _parsed(body: bytes, limits: ServerLimits, size: Size) -> Any:
    try:
        value = parse_json(body or b"{}", size.bytes)
        check(value, replace(limits, nodes=size.nodes))
    except Fault as fault:
        raise fault.malformed(None) from None
    return value
