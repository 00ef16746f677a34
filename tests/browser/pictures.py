"""The README's pictures: `python -m tests.browser.pictures`, into docs/images.

Scenes of the trivia page as its gallery shows them, with an evening of eight players. What must
not be here: checks.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from playwright.async_api import Browser, async_playwright

from tests.browser import chromium
from tests.browser.theatre import PHONE, SCREEN
from tests.games.trivia_page import gallery
from tests.games.trivia_page.documents import SCENARIOS, Scenario

__all__ = ["main"]

HOME = Path(__file__).parents[2] / "docs" / "images"
NAMES = ["Amara", "Benedikt", "Chloé", "Darius", "Elif", "Finn", "Giulia", "Hassan"]
EVENING = Scenario(
    """
title: Friday quiz
categories:
  - name: Planet Earth
    questions:
      - type: radio
        prompt: Which of these hot deserts is the largest?
        time: 29
        options:
          - {text: The Kalahari}
          - {text: The Arabian Desert}
          - {text: The Sahara, correct: true}
          - {text: The Sonoran Desert}
      - type: text
        prompt: Which river carries more water to the sea than any other?
        answers: [Amazon]
        points: 20
        explanation: The Amazon brings about a fifth of all the river water that reaches the oceans.
""",
    NAMES,
    {},
)
FONTS = """
  :root { --font-text: 'Liberation Sans', system-ui, sans-serif }
  :root { --font-code: 'Liberation Mono', monospace }
"""
"""Such as most devices have, wherever the pictures are made."""

_PHONE = {**PHONE, "device_scale_factor": 2}
_SCREEN = {**SCREEN, "viewport": {"width": 1280, "height": 720}}


class Picture(NamedTuple):
    """One file: what is shown, and on what."""

    name: str
    scene: str
    role: str
    device: dict[str, Any]
    theme: str = "light"


PICTURES = (
    Picture("phone-question", "radio-urgent", "player", _PHONE),
    Picture("phone-recap", "text-recap", "player", _PHONE, "dark"),
    Picture("screen-lobby", "half-ready", "screen", _SCREEN),
    Picture("screen-question", "radio-urgent", "screen", _SCREEN),
    Picture("screen-podium", "ranking", "screen", _SCREEN),
)


def _recorded() -> bytes:
    """The gallery's documents of the evening; nobody has left it."""
    SCENARIOS["evening"] = EVENING
    shown = json.loads(gallery.recorded())
    for scene in shown["evening"].values():
        for document in scene["documents"].values():
            context = document["context"]
            for card in context["players"].values():
                card["presence"] = "connected"
            if context["progress"]:
                context["progress"]["present"] = len(NAMES)
    return json.dumps(shown).encode()


async def _take(browser: Browser, place: str, picture: Picture, folder: Path) -> None:
    context = await browser.new_context(reduced_motion="reduce", **picture.device)
    page = await context.new_page()
    query = f"scenario=evening&scene={picture.scene}&role={picture.role}&theme={picture.theme}"
    await page.goto(f"http://{place}{gallery.HOME}#{query}")
    await page.wait_for_selector(f'[data-shown="#{query}"] #page h1')
    await page.add_style_tag(content=FONTS)
    await page.evaluate("document.fonts.ready")
    await page.wait_for_load_state("networkidle")
    png = await page.screenshot()
    folder.joinpath(f"{picture.name}.png").write_bytes(_smaller(png))
    await context.close()


def _smaller(png: bytes) -> bytes:
    """The same picture, compressed as well as zlib can; Chromium is in a hurry (RFC 2083, 10)."""
    chunks = list(_chunks(png))
    body = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    kept = [(kind, data) for kind, data in chunks if kind not in (b"IDAT", b"IEND")]
    again = [*kept, (b"IDAT", zlib.compress(body, 9)), (b"IEND", b"")]
    return png[:8] + b"".join(_chunk(kind, data) for kind, data in again)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


async def _take_all(place: str, folder: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.find(), chromium_sandbox=not chromium.is_root()
        )
        for picture in PICTURES:
            await _take(browser, place, picture, folder)
        await browser.close()


def main(folder: Path) -> None:
    """Takes all pictures anew."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = _recorded()
    gallery.recorded = lambda: documents  # type: ignore[assignment]
    server = gallery.server(0)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        asyncio.run(_take_all(f"127.0.0.1:{server.server_port}", folder))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HOME)
