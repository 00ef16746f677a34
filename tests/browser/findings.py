"""What must not happen while a page is open, whatever a test looks at: recorded, and told at its
end.

Errors on the console, exceptions that nobody has caught, violations of the content policy, and
requests to another host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, WebError, WebSocket

__all__ = ["NETWORK", "Findings"]

NETWORK = (
    r"^console: WebSocket connection to ",
    r"^console: Failed to load resource: net::ERR_",
)
"""What Chromium itself writes when a connection fails; a page cannot keep it from doing so."""

_WATCH = """
document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`policy: ${event.effectiveDirective} ${event.blockedURI}`))
"""


class Findings:
    """The findings in one browser context.

    Args:
        place: the `host:port` that its pages may speak with.
        allowed: patterns of findings that belong to the test.
    """

    def __init__(self, place: str, allowed: Iterable[str] = ()) -> None:
        self._place = place
        self._allowed = [re.compile(pattern) for pattern in allowed]
        self._all: list[str] = []

    @property
    def all(self) -> list[str]:
        """What was found and is not allowed."""
        return [f for f in self._all if not any(p.search(f) for p in self._allowed)]

    def allow(self, *patterns: str) -> None:
        """Expect findings that match one of these regular expressions."""
        self._allowed += map(re.compile, patterns)

    async def watch(self, context: BrowserContext) -> None:
        """Record what happens in all pages of `context`."""
        await context.add_init_script(_WATCH)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("page", self._page)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._all.append(f"console: {message.text}")

    def _error(self, error: WebError) -> None:
        self._all.append(f"uncaught: {error.error}")

    def _page(self, page: Page) -> None:
        page.on("websocket", self._socket)

    def _socket(self, socket: WebSocket) -> None:
        self._address(socket.url)

    def _request(self, request: Request) -> None:
        self._address(request.url)

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self._place:
            self._all.append(f"another host: {url}")
