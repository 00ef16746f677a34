"""A gallery of the trivia page: `python -m tests.games.trivia_page.gallery [port]`.

Every scene of `documents.py`, for every role, without a room and without a connection. It serves
the files of this repository to this machine only.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from machine_party.server.qr import qr_svg
from tests.games.trivia_page.documents import SCENARIOS, documents

__all__ = ["HOME", "main", "recorded", "server"]

ROOT = Path(__file__).parents[3]
PORT = 8199
HOME = "/tests/games/trivia_page/gallery.html"


@cache
def recorded() -> bytes:
    """All documents, as JSON: `{scenario: {scene: …}}`."""
    return json.dumps({name: documents(each) for name, each in SCENARIOS.items()}).encode()


class _Files(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}

    def __init__(self, *args: object, **rest: object) -> None:
        super().__init__(*args, directory=str(ROOT), **rest)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            self.send_response(302)
            self.send_header("Location", HOME)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == "/documents.json":
            self._send(recorded(), "application/json")
        elif path.endswith("/qr.svg"):
            self._send(qr_svg("http://192.168.178.23:8000/parties/trivia/k7m2xw"), "image/svg+xml")
        else:
            super().do_GET()

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def server(port: int) -> ThreadingHTTPServer:
    """The gallery's server, on this machine only; port 0 takes any free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), _Files)


def main(port: int) -> None:
    print(f"http://127.0.0.1:{port}/", flush=True)
    server(port).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PORT)
