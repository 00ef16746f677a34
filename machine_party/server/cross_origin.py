"""Pages of the listed origins may use HTTP, too (the Fetch standard's CORS protocol)."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from machine_party.server.error import HttpError, error_response
from machine_party.server.origin import Origins

__all__ = ["cross_origin"]

_HEADERS = ("Authorization", "Content-Type", "If-None-Match", "Last-Event-ID")


def cross_origin(origins: Origins) -> list[Middleware]:
    """The middleware for pages of other origins; none if only our own may come."""
    if not origins.listed:
        return []
    return [
        Middleware(
            _Cors,
            allow_origins=sorted(origins.listed),
            allow_methods=["GET", "POST"],
            allow_headers=_HEADERS,
            expose_headers=["ETag", "Location", "Retry-After"],
        )
    ]


class _Cors(CORSMiddleware):
    """Starlette's, but a refusal is in our envelope."""

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code == HTTPStatus.OK:
            return response
        reason = "pages of this origin, or this request, are not allowed here"
        return error_response(HttpError(HTTPStatus.FORBIDDEN, "not_allowed", reason))
