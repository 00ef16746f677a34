"""What a page may load and do: the Content-Security-Policy, and the headers that go with it.

Nothing comes from elsewhere, and nothing inline runs but what is named by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re

__all__ = ["HEADERS", "NOTHING", "page_headers"]

NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""For what is no page: opened on its own (an SVG), it runs and loads nothing."""

HEADERS = {
    "Content-Security-Policy": NOTHING,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
"""Of everything for a browser. A page's address may hold a room code: no referrer."""

_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
"""RFC 3986, section 3.2.2, without what would need escapes: it goes into a header."""


def page_headers(host: str | None, inline: str | None = None) -> dict[str, str]:
    """The headers of one page.

    Args:
        host: the request's `Host`. To Safari before 17, `'self'` is no WebSocket's address
            (https://www.w3.org/TR/CSP3/#match-schemes came later), so the host is written out.
        inline: the text of the page's one inline script; None if it has none.
    """
    script = "'self'" if inline is None else f"'self' '{_hash(inline)}'"
    policy = (
        f"default-src 'none'; script-src {script}; style-src 'self'; img-src 'self'; "
        f"font-src 'self'; connect-src 'self'{_sockets(host)}; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {**HEADERS, "Content-Security-Policy": policy}


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _sockets(host: str | None) -> str:
    """Both schemes: behind a proxy that ends TLS, the request does not say which it was."""
    if host is None or not _HOST.fullmatch(host):
        return ""
    return f" ws://{host} wss://{host}"
