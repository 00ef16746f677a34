"""What a browser loads for a page, in bytes: `python -m bench.sizes`, with `--write` into the docs.

The page is asked of the app itself, and what its shell names is weighed: nothing here knows which
modules there are. Bytes are the same on every machine but for gzip's, which differ by a little
between its versions; so the documented figures may be off by `TOLERANCE`.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import sys
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

import httpx

from games.trivia import Trivia
from machine_party import MachineParty

__all__ = ["BUDGETS", "DOCUMENT", "Weight", "broken_budgets", "main", "stale", "weigh"]

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "sizes.md"
_BLOCK = re.compile(r"(?<=<!-- sizes -->\n).*?(?=<!-- end -->)", re.DOTALL)
_ROW = re.compile(r"^\| (.+?) \|.* ([\d.]+) \|$", re.MULTILINE)

TOLERANCE = 0.05
"""A documented figure may be off by so much, and 100 bytes: not every comment is worth a commit."""

BUDGETS = {"the façade": 55_000, "all of it": 170_000}
"""Gzipped bytes. Thirty phones that scan one code at once load all of it over one access point of
20 Mbit/s in about two seconds. The modules go out as they are written: their comments are a quarter
of it, and minifying would save two fifths, at the price of a build step. The façade is what a page
of another game takes, too; it may not outweigh that game."""

PARTS = {
    "the page's shell": "/parties/",
    "the façade": "/client/",
    "Preact, signals and htm": "/vendor/",
    "the headings' font": "/vendor/fredoka",
    "the design system": "/site/",
    "what pages share": "/site/page/",
    "the game's own": "/parties/trivia/",
}
"""What a part's addresses have in them, below `/static/{version}` but for the shell's."""


class Weight(NamedTuple):
    """What some files weigh together, in bytes, as they are and gzipped."""

    files: int
    raw: int
    packed: int


class _Links(HTMLParser):
    """The addresses that a page's head loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, None] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get("src" if tag == "script" else "href")
        if tag in ("link", "script") and address:
            self.found[address] = None


def weigh() -> dict[str, Weight]:
    """Each part of the trivia page, and `all of it`."""
    loaded = asyncio.run(_loaded("/parties/trivia/k7m2xw"))
    parts = {
        name: _weight(data for at, data in loaded.items() if _part(at) == name) for name in PARTS
    }
    return {**parts, "all of it": _weight(loaded.values())}


async def _loaded(path: str) -> Mapping[str, bytes]:
    """`{address: content}` of a page and of all that its head names."""
    transport = httpx.ASGITransport(MachineParty([Trivia], secret="a secret of the bench"))
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        page = await client.get(path, headers={"accept": "text/html"})
        loaded = {path: page.raise_for_status().content}
        for address in _Links(page.text).found:
            answer = await client.get(urljoin(path, address))
            loaded[address] = answer.raise_for_status().content
    return loaded


def _part(address: str) -> str:
    """The part that an address belongs to.

    Raises:
        LookupError: to none; then there is a new kind of file.
    """
    if not address.startswith("/static/"):
        return "the page's shell"
    below = "/" + address.split("/", 3)[3]
    return next(name for name, start in reversed(PARTS.items()) if below.startswith(start))


def _weight(contents: Iterable[bytes]) -> Weight:
    contents = list(contents)
    packed = sum(len(gzip.compress(data, mtime=0)) for data in contents)
    return Weight(len(contents), sum(map(len, contents)), packed)


# -- the document ------------------------------------------------------------------------


def table(weights: Mapping[str, Weight]) -> str:
    """The figures as Markdown, in kilobytes."""
    rows = [
        f"| {name} | {weight.files} | {weight.raw / 1000:.1f} | {weight.packed / 1000:.1f} |\n"
        for name, weight in weights.items()
    ]
    return "| | files | kB | kB gzipped |\n|---|---:|---:|---:|\n" + "".join(rows)


def stale(weights: Mapping[str, Weight], document: str) -> list[str]:
    """The names of the figures that the document does not have, or not as they are."""
    documented = {name: 1000 * float(packed) for name, packed in _ROW.findall(document)}
    return [
        name
        for name, weight in weights.items()
        if name not in documented
        or abs(documented[name] - weight.packed) > TOLERANCE * weight.packed + 100
    ]


def broken_budgets(weights: Mapping[str, Weight]) -> list[str]:
    """A sentence for each budget that is exceeded."""
    return [
        f"{name} has {weights[name].packed} bytes gzipped; its budget is {budget}"
        for name, budget in BUDGETS.items()
        if weights[name].packed > budget
    ]


def main(write: bool) -> int:
    """Prints the table, or writes it; fails when a budget is exceeded."""
    weights = weigh()
    if write:
        text = DOCUMENT.read_text("utf-8")
        DOCUMENT.write_text(_BLOCK.sub(table(weights), text), "utf-8")
    else:
        print("\nwhat a browser loads for a room of trivia\n")
        for name, weight in weights.items():
            print(f"{name:>24} {weight.files:>4} files {weight.raw:>8} B {weight.packed:>7} B gzip")
    broken = broken_budgets(weights)
    print(*broken, sep="\n", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv))
