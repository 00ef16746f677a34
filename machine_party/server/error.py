"""The one error envelope of HTTP: `{"error": {code, reason, temporary, retry_after?, path?}}`.

Everything that goes wrong leaves through here, whoever noticed it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from machine_party.errors import PeerError, StoreError
from machine_party.protocol.codes import CloseCode

__all__ = [
    "ANSWERED",
    "HANDLERS",
    "HttpError",
    "draining",
    "error_response",
    "not_found",
    "status_of",
    "store_unavailable",
]

_STATUS: Mapping[str, HTTPStatus] = {
    "bad_request": HTTPStatus.BAD_REQUEST,
    "unauthenticated": HTTPStatus.UNAUTHORIZED,
    "bad_token": HTTPStatus.UNAUTHORIZED,
    "not_allowed": HTTPStatus.FORBIDDEN,
    "kicked": HTTPStatus.FORBIDDEN,
    "room_full": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "id_reused": HTTPStatus.CONFLICT,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "overloaded": HTTPStatus.SERVICE_UNAVAILABLE,
    "draining": HTTPStatus.SERVICE_UNAVAILABLE,
    "store_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "error": HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Any other code is the party's own: it refuses, which is 403."""

ANSWERED = tuple(_STATUS)
"""The codes that an HTTP answer may have, besides a party's own."""

_CODES: Mapping[int, str] = {
    401: "unauthenticated",
    403: "not_allowed",
    404: "not_found",
    405: "not_allowed",
    413: "too_large",
    429: "rate_limited",
    503: "overloaded",
}
"""The code of an answer that the framework, not we, wanted to give; 400 for others."""


class HttpError(PeerError):
    """A peer's fault that only HTTP knows.

    Args:
        status: the HTTP status, when the code does not say it.
        code, reason, path: as in `PeerError`.
    """

    def __init__(
        self, status: HTTPStatus, code: str, reason: str, *, path: str | None = None
    ) -> None:
        super().__init__(code, reason, path=path)
        self.status = status


def not_found() -> PeerError:
    """No such room, or a locked one: the same text, or a guesser could tell them apart."""
    return PeerError(
        "not_found", "there is no such room, or it is not open", close_code=CloseCode.ROOM_GONE
    )


def draining() -> PeerError:
    """The server is about to end; another one, or the same one later, goes on."""
    reason = "the server is restarting; come back"
    return PeerError("draining", reason, temporary=True, close_code=CloseCode.DRAINING)


def store_unavailable() -> PeerError:
    """What is said of a `StoreError`: its text, which may name files and hosts, is for the log."""
    reason = "the store does not answer; try again"
    return PeerError(
        "store_unavailable", reason, temporary=True, retry_after=1.0,
        close_code=CloseCode.STORE_UNAVAILABLE,
    )  # fmt: skip


def status_of(error: PeerError) -> HTTPStatus:
    """The HTTP status that goes with an error."""
    if isinstance(error, HttpError):
        return error.status
    return _STATUS.get(error.code, HTTPStatus.FORBIDDEN)


def error_response(error: PeerError) -> JSONResponse:
    """The envelope of an error, with `Retry-After` where it applies."""
    body: dict[str, Any] = {
        "code": error.code,
        "reason": error.reason,
        "temporary": error.temporary,
    }
    wait = _retry_after(error)
    if wait is not None:
        body["retry_after"] = wait
    if error.path is not None:
        body["path"] = error.path
    return JSONResponse({"error": body}, status_of(error), _headers(error, wait))


def _retry_after(error: PeerError) -> float | None:
    """In how many seconds to try again. With no better guess, after one."""
    if error.retry_after is None and status_of(error) == HTTPStatus.SERVICE_UNAVAILABLE:
        return 1.0
    return error.retry_after


def _headers(error: PeerError, wait: float | None) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if wait is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    if status_of(error) == HTTPStatus.REQUEST_TIMEOUT:
        headers["Connection"] = "close"  # RFC 9110, section 15.5.9
    if status_of(error) == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"  # RFC 6750, section 3
    return headers


async def _peer_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PeerError)
    return error_response(error)


async def _store_error(_request: Request, _error: Exception) -> JSONResponse:
    """The rooms have told the log."""
    return error_response(store_unavailable())


async def _framework_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = _CODES.get(status, "bad_request")
    response = error_response(HttpError(status, code, status.description or status.phrase))
    response.headers.update(error.headers or {})
    return response


async def _bug(_request: Request, _error: Exception) -> JSONResponse:
    """Starlette raises it again afterwards, so the server's log has the traceback."""
    return error_response(PeerError("error", "the server failed on this request"))


HANDLERS: Mapping[Any, Any] = {
    PeerError: _peer_error,
    StoreError: _store_error,
    HTTPException: _framework_error,
    Exception: _bug,
}
"""For `Starlette(exception_handlers=…)`."""
