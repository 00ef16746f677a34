"""The plain pages for people: make a room, join one. No game is played on them.

Nothing is loaded from elsewhere, and the policy of every answer says so.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from string import Template
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

__all__ = ["HEADERS", "Links", "front_page", "join_page", "static_file", "wants_page"]

_PAGES = Path(__file__).parent / "pages"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
"""Of every page. A page's address may hold a room code: no referrer."""

_TEMPLATES = {
    file.name: Template(file.read_text(encoding="utf-8")) for file in _PAGES.glob("*.html")
}
_STATIC = {file.name: file.read_bytes() for file in _PAGES.joinpath("static").iterdir()}


class Links:
    """Addresses that somebody else can open.

    Args:
        public_url: this server as others reach it, for requests that came to the loopback,
            which nobody else can open; None to use the loopback anyway.

    Raises:
        ValueError: it is not an http(s) address.
    """

    def __init__(self, public_url: str | None = None) -> None:
        if public_url is not None and not _is_address(public_url):
            raise ValueError(f"public_url {public_url!r}: write http://host:port")
        self._public = public_url and public_url.rstrip("/")

    def room(self, request: Request, party: str, room: str) -> str:
        """A room's address, for a browser, a terminal and a QR code alike."""
        return f"{self._base(request)}/parties/{quote(party)}/{quote(room)}"

    def _base(self, request: Request) -> str:
        url = request.url
        if self._public is not None and _loopback(url.hostname):
            return self._public + root(request)
        return f"{url.scheme}://{url.netloc}{root(request)}"


def root(request: Request) -> str:
    """The path under which this app is mounted; empty at the top."""
    path: str = request.scope.get("root_path", "")
    return path.rstrip("/")


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, and not a program."""
    return "text/html" in request.headers.get("accept", "")


def static_file(name: str) -> Response | None:
    """One of the files that the pages load; None if there is none of that name."""
    file = _STATIC.get(name)
    if file is None:
        return None
    return Response(file, media_type=_TYPES[Path(name).suffix], headers=HEADERS)


def front_page(request: Request, parties: Iterable[str]) -> HTMLResponse:
    """Make a room of one of the parties."""
    options = "".join(f"<option>{html.escape(name)}</option>" for name in parties)
    return _page("front.html", root=html.escape(root(request)), options=options)


def join_page(request: Request, party: str, room: str, url: str) -> HTMLResponse:
    """How to join that room, whether or not it exists: the page does not tell."""
    values = {"party": party, "room": room, "url": url, "root": root(request)}
    page = _page("join.html", **{key: html.escape(text) for key, text in values.items()})
    page.headers["Vary"] = "Accept"
    return page


def _page(name: str, **values: str) -> HTMLResponse:
    return HTMLResponse(_TEMPLATES[name].substitute(values), headers=HEADERS)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
