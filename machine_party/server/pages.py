"""The pages for people: the front page, a party's own page, and plain ones for parties without.

No game is played in here: a party's page is the party's (`Party.page`); this makes its shell.
"""

from __future__ import annotations

import html
import importlib.util
import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from string import Template
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from machine_party.core import Party
from machine_party.errors import DefinitionError
from machine_party.server.accept import quality
from machine_party.server.link import root
from machine_party.server.policy import page_headers
from machine_party.server.preload import needed
from machine_party.server.static import StaticFolders

__all__ = ["Pages", "wants_page"]

_PAGES = Path(__file__).parent / "pages"

_TEMPLATES = {
    file.name: Template(file.read_text(encoding="utf-8").strip()) for file in _PAGES.glob("*.html")
}

_IMPORTS = {
    "@machine-party/client": "client/index.js",
    "@machine-party/page": "site/page/index.js",
    "@preact/signals": "vendor/signals.js",
    "@preact/signals-core": "vendor/signals-core.js",
    "htm": "vendor/htm.js",
    "preact": "vendor/preact.js",
    "preact/hooks": "vendor/preact-hooks.js",
}
"""What a party's page imports by name: `{specifier: file below /static/{version}/}`."""


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, and not a program: it would rather have a page than data."""
    accept = request.headers.get("accept")
    return quality(accept, "text/html") > quality(accept, "application/json")


class Pages:
    """The pages of some parties.

    Args:
        parties: by name.

    Raises:
        DefinitionError: a party's page is not there, or cannot work here; says the fix.
    """

    def __init__(self, parties: Mapping[str, Party]) -> None:
        self._parties = parties
        self._static = StaticFolders(_folders(parties))
        self._found: dict[tuple[str, str], tuple[str, ...]] = {}

    def routes(self) -> list[Route]:
        """The front page, and the files that all pages load. The others share their addresses
        with data, and are given by whoever tells the two apart."""
        return [Route("/", self.front), self._static.route()]

    async def front(self, request: Request) -> HTMLResponse:
        """Join a room by its code, or make one of one of the parties."""
        self._static.look()
        # Who types a code wants to play on a page: those that have one come first.
        parties = sorted(self._parties.values(), key=lambda party: party.page is None)
        made = [party for party in parties if party.creation != "service"]
        values = {
            "cards": "\n".join(_card(request, party) for party in made),
            "making": "" if made else "hidden",
            "choices": "\n".join(_choice(party, first=party is parties[0]) for party in parties),
            "choosing": "" if len(parties) > 1 else "hidden",
        }
        return self._page(request, "front.html", values)

    def party(self, request: Request, party: Party) -> HTMLResponse:
        """Where a room of that party is made."""
        self._static.look()
        if party.page is not None:
            return self._shell(request, party, "")
        return self._page(request, "party.html", _names(party))

    def room(self, request: Request, party: Party, room: str, url: str) -> HTMLResponse:
        """A room, whether or not it exists: the page does not tell.

        Args:
            url: the room's address, for others.
        """
        self._static.look()
        values = {"room": html.escape(room), "url": html.escape(url)}
        if party.page is not None:
            about = ' data-room="{room}" data-url="{url}"'.format_map(values)
            return self._shell(request, party, about)
        return self._page(request, "room.html", _names(party) | values)

    def missing(self, request: Request) -> HTMLResponse:
        """There is nothing at that address."""
        self._static.look()
        return self._page(request, "missing.html", {}, status=HTTPStatus.NOT_FOUND)

    def _shell(self, request: Request, party: Party, about: str) -> HTMLResponse:
        """The page of a party, but for what the party's own files make of it."""
        static, own = self._url(request), f"parties/{party.name}"
        imports = _script({"imports": {name: static + file for name, file in _IMPORTS.items()}})
        modules, styles = self._needed(f"{own}/page.js"), self._needed(f"{own}/page.css")
        links = [
            *(_link("modulepreload", static + quote(file)) for file in modules),
            *(_link("preload", static + quote(file), 'as="style" ') for file in styles[1:]),
            *(_link("stylesheet", static + quote(file)) for file in styles[:1]),
        ]
        values = {
            "imports": imports,
            "links": "\n".join(links),
            "page": html.escape(static + quote(f"{own}/page.js")),
            "about": about,
        }
        return self._page(request, "shell.html", _names(party) | values, inline=imports)

    def _needed(self, entry: str) -> tuple[str, ...]:
        """What a module or a style sheet loads; read once for each version of the files."""
        key = (self._static.version, entry)
        if key not in self._found:
            self._found = {old: it for old, it in self._found.items() if old[0] == key[0]}
            self._found[key] = needed(entry, self._static.text, _IMPORTS)
        return self._found[key]

    def _url(self, request: Request) -> str:
        return f"{root(request)}/static/{self._static.version}/"

    def _page(
        self,
        request: Request,
        template: str,
        values: Mapping[str, str],
        *,
        inline: str | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> HTMLResponse:
        """A page of a template; the values are HTML, escaped by whoever made them."""
        place = {"root": html.escape(root(request)), "static": html.escape(self._url(request))}
        head = _TEMPLATES["head.html"].substitute(place)
        text = _TEMPLATES[template].substitute({**place, **values, "head": head})
        headers = page_headers(request.headers.get("host"), inline)
        return HTMLResponse(text, status, headers={**headers, "Vary": "Accept"})


# -- folders -----------------------------------------------------------------------------------


def _folders(parties: Mapping[str, Party]) -> dict[str, Path]:
    """Where the served files are: `{prefix in the address: folder}`."""
    folders = {"site": _PAGES / "static", "vendor": _PAGES / "vendor"}
    own = {f"parties/{name}": _checked(party) for name, party in parties.items() if party.page}
    if own:
        client = _client()
        if client is None:
            what = "its page needs client_facade/js, which is not installed"
            fix = "Install machine-party whole, or serve with MachineParty(…, pages=False)."
            raise DefinitionError(next(iter(parties.values())).name, what, fix)
        folders["client"] = client
    return folders | own


def _checked(party: Party) -> Path:
    page = Path(party.page or "")
    if not page.is_dir() or not page.joinpath("page.js").is_file():
        what = f"its page is {str(page)!r}, and there is no page.js in a folder of that name"
        fix = 'Write page = Path(__file__).parent / "page", and put page.js there.'
        raise DefinitionError(type(party).__name__, what, fix)
    return page


def _client() -> Path | None:
    """The JavaScript client: found and not imported, it is no part of the server."""
    spec = importlib.util.find_spec("client_facade")
    for place in (spec and spec.submodule_search_locations) or ():
        if Path(place, "js").is_dir():
            return Path(place, "js")
    return None


# -- parts of pages ------------------------------------------------------------------------------


def _names(party: Party) -> dict[str, str]:
    return {"party": html.escape(party.name), "title": html.escape(_title(party))}


def _title(party: Party) -> str:
    """`word-race` is called Word race."""
    words = party.name.replace("-", " ")
    return words[:1].upper() + words[1:]


def _card(request: Request, party: Party) -> str:
    href = html.escape(f"{root(request)}/parties/{quote(party.name)}")
    title = html.escape(_title(party))
    return _TEMPLATES["card.html"].substitute(href=href, title=title, letter=title[:1])


def _choice(party: Party, *, first: bool) -> str:
    return _TEMPLATES["choice.html"].substitute(
        _names(party), creation=party.creation, checked="checked" if first else ""
    )


def _link(relation: str, url: str, more: str = "") -> str:
    return f'<link rel="{relation}" {more}href="{html.escape(url)}">'


def _script(data: object) -> str:
    """JSON that a script element can hold: nothing in it ends the element."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
