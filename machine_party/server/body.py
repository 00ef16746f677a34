"""Reading what an HTTP request carries: a bounded JSON body, a bearer token."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

import msgspec
from starlette.requests import Request

from machine_party.core.party import bad_payload
from machine_party.errors import PeerError
from machine_party.protocol.fault import Fault
from machine_party.protocol.ingress import check, parse_json
from machine_party.server.error import HttpError
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
        PeerError: `too_large` or `bad_request`, with the path.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HttpError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "bad_request",
            "send JSON, with Content-Type: application/json",
        )
    size = size or Size(limits.body_bytes, limits.body_nodes)
    try:
        async with asyncio.timeout(limits.body_seconds):
            body = await _read(request, size.bytes)
    except TimeoutError:
        raise HttpError(
            HTTPStatus.REQUEST_TIMEOUT, "bad_request", "the body did not come in time"
        ) from None
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


async def _read(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise PeerError("too_large", f"the body is longer than {limit} bytes")
    return bytes(body)


def _parsed(body: bytes, limits: ServerLimits, size: Size) -> Any:
    try:
        value = parse_json(body or b"{}", size.bytes)
        check(value, replace(limits, nodes=size.nodes))
    except Fault as fault:
        raise fault.malformed(None) from None
    return value
