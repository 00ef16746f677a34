"""Every scene of the trivia page, for every role, in the smallest window that it has to fit into,
and audited by axe in both themes.

The scenes are those of `tests/games/trivia_page/gallery.py`: no room, no connection.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.audit import audit, audit_themes
from tests.browser.findings import Findings
from tests.games.trivia_page import gallery

PHONE = {"width": 320, "height": 640}
SCREEN = {"width": 1280, "height": 720}
ON_ITS_SIDE = {"width": 844, "height": 390}
WINDOWS = {"player": PHONE, "host": PHONE, "spectator": PHONE, "screen": SCREEN}
SHOWN = [
    *(("long", role) for role in sorted(WINDOWS)),
    *(("scripts", role) for role in ("player", "screen")),
    *(("sixty", role) for role in ("host", "screen")),
    ("plays", "host"),
]
"""Which games are shown to whom. Roles that have the same parts in a scene share a game: names and
texts of any length and script in each part, many people in each list, a host who plays."""
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

AUDITED = ("long", "plays")
"""In these games, each part of the page is seen by each role: axe asks no more of other texts."""

LARGER = "() => { document.documentElement.style.fontSize = '150%' }"
SEEN = """
(element) => {
  const { top, bottom } = element.getBoundingClientRect()
  return top >= 0 && bottom <= innerHeight
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


@pytest.mark.parametrize(("scenario", "role"), SHOWN)
async def test_scene(
    browser: Browser, place: str, scenario: str, role: str, runner: object
) -> None:
    audited = scenario in AUDITED
    assert await _faults(browser, place, WINDOWS[role], _scenes(scenario, role), audited) == []


@pytest.mark.parametrize("role", sorted(WINDOWS))
async def test_scene_without_a_connection(
    browser: Browser, place: str, role: str, runner: object
) -> None:
    async with _opened(browser, place, WINDOWS[role]) as (page, findings):
        for scene in ("countdown", "radio-urgent", "text-paused", "radio-recap"):
            query = f"scenario=long&scene={scene}&role={role}&connection=reconnecting"
            await _open(page, place, query)
            await page.wait_for_selector(".connection button")
            assert await page.evaluate(FAULTS) == [], query
            assert await audit_themes(page) == [], query
            assert await page.locator(".timer-seconds:not(:empty)").count() == 0, query
    assert findings.all == []


@pytest.mark.parametrize("role", ["player", "host"])
async def test_scene_in_larger_letters(
    browser: Browser, place: str, role: str, runner: object
) -> None:
    """Text at 150 % on a phone: nothing is cut off, nothing scrolls sideways."""
    async with _opened(browser, place, {"width": 390, "height": 844}) as (page, findings):
        for query in _scenes("eight", role)[1::2]:
            await _open(page, place, query)
            await page.evaluate(LARGER)
            assert await page.evaluate(FAULTS) == [], query
    assert findings.all == []


@pytest.mark.parametrize("query", ["scenario=eight&role=player", "scenario=plays&role=host"])
async def test_a_phone_on_its_side_can_answer(
    browser: Browser, place: str, query: str, runner: object
) -> None:
    """The prompt, an option and the button that confirms are seen together."""
    async with _opened(browser, place, ON_ITS_SIDE) as (page, _):
        await _open(page, place, f"{query}&scene=radio-open")
        for part in ("h1", ".option:first-child", ".answer-bar button"):
            assert await page.locator(part).first.evaluate(SEEN), part
        last = page.locator(".option").last
        await last.scroll_into_view_if_needed()
        await last.click(trial=True)  # nothing lies over it


async def test_page_without_a_room(browser: Browser, place: str, runner: object) -> None:
    assert await _faults(browser, place, PHONE, [f"page={page}" for page in PAGES], True) == []


async def test_a_fault_is_found(browser: Browser, place: str, runner: object) -> None:
    """The same check, in a window in which nothing fits."""
    faults = await _faults(browser, place, {"width": 120, "height": 640}, ["page=make"], False)
    assert any("sideways" in fault or "outside" in fault for fault in faults)


async def test_a_broken_page_is_told(browser: Browser, place: str, runner: object) -> None:
    """The audit can go red: without a label, and with a text that nobody can read."""
    async with _opened(browser, place, PHONE) as (page, _):
        await _open(page, place, "page=name")
        await page.evaluate("document.querySelector('label').remove()")
        await page.evaluate("document.querySelector('.hint').style.color = '#eee'")
        broken = {each.partition(":")[0] for each in await audit(page)}
        assert broken >= {"label", "color-contrast"}


def _scenes(scenario: str, role: str) -> list[str]:
    """The gallery's addresses of one game, as one role sees it."""
    return [
        f"scenario={scenario}&scene={scene}&role={role}"
        for scene, shown in DOCUMENTS[scenario].items()
        if role in shown["documents"]
    ]


@asynccontextmanager
async def _opened(
    browser: Browser, place: str, window: dict[str, int]
) -> AsyncIterator[tuple[Page, Findings]]:
    """A page, and what goes wrong in it."""
    findings = Findings(place)
    context = await browser.new_context(viewport=window, reduced_motion="reduce")  # type: ignore[arg-type]
    try:
        await findings.watch(context)
        yield await context.new_page(), findings
    finally:
        await context.close()


async def _faults(
    browser: Browser, place: str, window: dict[str, int], queries: list[str], audited: bool
) -> list[str]:
    """What is wrong with these scenes, and what went wrong while they were shown."""
    async with _opened(browser, place, window) as (page, findings):
        faults = [fault for query in queries for fault in await _shown(page, place, query, audited)]
        return faults + findings.all


async def _shown(page: Page, place: str, query: str, audited: bool) -> list[str]:
    await _open(page, place, query)
    faults = await page.evaluate(FAULTS)
    if audited:
        faults += await audit_themes(page)
    return [f"{query}: {fault}" for fault in faults]


async def _open(page: Page, place: str, query: str) -> None:
    await page.goto(f"http://{place}{gallery.HOME}#{query}")
    await page.wait_for_selector(f'[data-shown="#{query}"] #page h1')
