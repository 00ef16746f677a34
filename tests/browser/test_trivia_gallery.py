"""Every scene of the trivia page, for every role, in the smallest window that it has to fit into.

The scenes are those of `tests/games/trivia_page/gallery.py`: no room, no connection.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.findings import Findings
from tests.games.trivia_page import gallery

PHONE = {"width": 320, "height": 640}
SCREEN = {"width": 1280, "height": 720}
WINDOWS = {"player": PHONE, "host": PHONE, "spectator": PHONE, "screen": SCREEN}
DOCUMENTS: dict[str, dict[str, Any]] = json.loads(gallery.recorded())
PAGES = ("make", "name", "refused", "joining", "connecting", "kicked", "not_found", "closed")

FAULTS = """
() => {
  const faults = []
  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth) faults.push('scrolls sideways')
  if (document.querySelectorAll('h1').length !== 1) faults.push('not exactly one h1')
  if (document.querySelectorAll('main').length !== 1) faults.push('not exactly one main')
  if (root.dataset.view === 'screen' && innerWidth > 1000)
    if (root.scrollHeight > root.clientHeight) faults.push('the big screen scrolls')
  for (const each of document.querySelectorAll('button, a, input:not([type=checkbox]), .switch')) {
    const { width, height, left, right } = each.getBoundingClientRect()
    const name = each.textContent.trim() || each.id
    if (width && (width < 47.9 || height < 47.9)) faults.push(`small: ${name} ${width}x${height}`)
    if (left < -1 || right > innerWidth + 1) faults.push(`outside: ${name}`)
  }
  for (const each of document.querySelectorAll('.tile, .chip, .group, .mine, .locked, .card')) {
    if (each.scrollWidth > each.clientWidth + 1) faults.push(`overflows: ${each.className}`)
  }
  return faults
}
"""


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """The `host:port` of a gallery."""
    server = gallery.server(0)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("role", sorted(WINDOWS))
@pytest.mark.parametrize("scenario", ["long", "plays", "scripts", "sixty"])
async def test_scene(
    browser: Browser, place: str, scenario: str, role: str, runner: object
) -> None:
    queries = [f"scenario={scenario}&scene={scene}&role={role}" for scene in DOCUMENTS[scenario]]
    seated = [
        query
        for query, shown in zip(queries, DOCUMENTS[scenario].values(), strict=True)
        if role in shown["documents"]
    ]
    assert await _faults(browser, place, WINDOWS[role], seated) == []


async def test_page_without_a_room(browser: Browser, place: str, runner: object) -> None:
    assert await _faults(browser, place, PHONE, [f"page={page}" for page in PAGES]) == []


async def test_a_fault_is_found(browser: Browser, place: str, runner: object) -> None:
    """The same check, in a window in which nothing fits."""
    faults = await _faults(browser, place, {"width": 120, "height": 640}, ["page=make"])
    assert any("sideways" in fault or "outside" in fault for fault in faults)


async def _faults(
    browser: Browser, place: str, window: dict[str, int], queries: list[str]
) -> list[str]:
    """What is wrong with these scenes, and what went wrong while they were shown."""
    findings = Findings(place)
    context = await browser.new_context(viewport=window, reduced_motion="reduce")  # type: ignore[arg-type]
    try:
        await findings.watch(context)
        page = await context.new_page()
        faults = [fault for query in queries for fault in await _shown(page, place, query)]
        return faults + findings.all
    finally:
        await context.close()


async def _shown(page: Page, place: str, query: str) -> list[str]:
    await page.goto(f"http://{place}{gallery.HOME}#{query}")
    await page.wait_for_selector(f'[data-shown="#{query}"] #page h1')
    return [f"{query}: {fault}" for fault in await page.evaluate(FAULTS)]
