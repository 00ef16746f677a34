"""Asks the installed server for its pages, as a browser would; `.ci/wheel` runs it.

The front page and the games' pages answer, and so does every file that they name; modules are
served as JavaScript. The description of HTTP names all parties. Standard library only: nothing but
the wheel is installed.
"""

import json
import re
import sys
from urllib.request import Request, urlopen

KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
PAGES = ("/", "/parties/trivia", "/parties/trivia/k7m2xw", "/parties/payment")
NEEDED = (
    "/client/index.js",
    "/vendor/preact.js",
    "/parties/trivia/page.js",
    "/parties/payment/page.js",
)


def get(url: str) -> tuple[str, str]:
    """The content type and the text at `url`; raises when it is not answered with 200."""
    with urlopen(Request(url, headers={"Accept": "text/html"}), timeout=5) as answer:
        return answer.headers.get_content_type(), answer.read().decode(errors="replace")


def main(port: str) -> None:
    """Raises at the first address that does not answer as it should."""
    server = f"http://127.0.0.1:{port}"
    named: set[str] = set()
    for path in PAGES:
        kind, page = get(server + path)
        assert kind == "text/html", f"{path} is {kind}"
        named.update(re.findall(r'(?:href|src)="([^"]*/static/[^"]+)"', page))
    for file in NEEDED:
        assert any(address.endswith(file) for address in named), f"no page names {file}"
    for address in sorted(named):
        kind, _ = get(server + address)
        wanted = KINDS[address[address.rindex(".") :]]
        assert kind == wanted, f"{address} is {kind}, not {wanted}"
    kind, text = get(server + "/openapi.json")
    described = json.loads(text)["paths"]
    assert kind == "application/json", f"the description of HTTP is {kind}"
    for party in ("trivia", "payment", "counter"):
        assert f"/parties/{party}/{{room}}/events" in described, f"{party} is not described"
    print(f"the installed server answers its pages and the {len(named)} files that they name")


if __name__ == "__main__":
    main(sys.argv[1])
