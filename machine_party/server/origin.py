"""Which web pages may talk to this server (OWASP: cross-site WebSocket hijacking).

A browser names the page in `Origin`; a program sends none, and is not what this guards.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

__all__ = ["Origins"]

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Origins:
    """An exact allowlist.

    Args:
        allowed: origins as a browser writes them (`https://quiz.example`); None allows pages
            of the host that the request is for, and no others.

    Raises:
        ValueError: an entry is not an origin.
    """

    def __init__(self, allowed: Iterable[str] | None = None) -> None:
        self._allowed = None if allowed is None else {_checked(origin) for origin in allowed}

    @property
    def listed(self) -> frozenset[str]:
        """The origins of the list; empty without one."""
        return frozenset(self._allowed or ())

    def allows(self, origin: str | None, host: str | None, scheme: str) -> bool:
        """Whether a request with these headers may come in.

        Args:
            origin: the `Origin` header; None when there is none.
            host: the `Host` header.
            scheme: of the request: `http`, `https`, `ws` or `wss`.
        """
        if origin is None:
            return True
        if self._allowed is not None:
            return origin in self._allowed
        return host is not None and _place(origin) == _place(f"{scheme}://{host}")


def _place(url: str) -> tuple[str | None, int | None] | None:
    """Host and port, the port that a scheme implies included."""
    try:
        parts = urlsplit(url)
        return parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None


def _checked(origin: str) -> str:
    parts = urlsplit(origin)
    exact = f"{parts.scheme}://{parts.netloc}".lower()
    if parts.scheme not in ("http", "https") or not parts.netloc or exact != origin:
        raise ValueError(
            f"{origin!r} is not an origin; write it as a browser does: "
            "https://quiz.example, in lower case, without a path or a slash at the end"
        )
    return origin
