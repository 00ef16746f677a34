"""Addresses of this server: where it is mounted, and what can be handed to somebody else."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from starlette.requests import Request

__all__ = ["Links", "root"]


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
