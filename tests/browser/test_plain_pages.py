"""The front page, and the pages of a party that has none, as a guest uses them."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Page, expect

from games.counter import Counter
from games.trivia import Trivia
from machine_party import MachineParty
from tests.browser.audit import audit
from tests.browser.theatre import Stage

NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
"""As on a page that came over plain http from another machine."""

NO_COPY = ";document.execCommand = () => false"
"""As in a browser that has given up the old way."""

HEARD = "document.addEventListener('copy', () => { window.heard = `${getSelection()}` })"
"""Keeps what is copied the old way."""

NOT_FOUND = "status of 404"
"""What Chromium writes about the answer that the front page asks for, and about no page."""


class Plain(Counter):
    """Rooms are asked for, and there is no page."""

    creation = "request"  # type: ignore[assignment]


@pytest.fixture
def app() -> MachineParty:
    return MachineParty([Plain, Counter, Trivia], secret="a secret of the tests")


async def made(page: Page) -> str:
    """Makes a room on the page of the plain party; returns its code."""
    await page.goto("/parties/plain")
    await page.get_by_role("button", name="Make a room").click()
    await expect(page.get_by_role("heading", name="Your room is open")).to_be_focused()
    return await page.locator("#code").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1920])
async def test_the_plain_pages_are_whole(
    stage: Stage, width: int, theme: Literal["light", "dark"]
) -> None:
    kind = stage.screen if width > 1000 else stage.phone
    device = await kind(f"{width}-{theme}", width=width, color_scheme=theme, allow=[NOT_FOUND])
    page = device.page
    room = await made(page)
    await page.locator("summary").click()
    for path in (None, f"/parties/plain/{room}", "/", "/parties/nowhere"):
        if path is not None:
            await page.goto(path)
        script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(script) == 0, path
        assert await audit(page) == [], path
        await stage.shoot((path or "made").strip("/").replace("/", "-") or "front")


async def test_a_wrong_code_is_told_before_the_page_is_left(stage: Stage) -> None:
    page = await (await stage.phone(allow=[NOT_FOUND])).open("/")
    before = page.url
    await page.get_by_label("Plain", exact=True).check()
    await page.get_by_label("Room code").fill("k7m2xw")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("No open room of Plain has this code")
    await expect(page.get_by_label("Room code")).to_be_focused()
    assert page.url == before
    link = page.get_by_role("link", name="I was in it before")
    await expect(link).to_have_attribute("href", "/parties/plain/k7m2xw")
    await page.get_by_label("Room code").fill("?")
    await expect(page.get_by_role("status")).to_be_empty()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("letters and digits")


async def test_a_code_counts_as_it_was_meant(stage: Stage) -> None:
    page = (await stage.phone()).page
    room = await made(page)
    await page.goto("/")
    await page.get_by_label("Plain", exact=True).check()
    await page.get_by_label("Room code").fill(f" {room[:3].upper()} {room[3:]}")
    await page.get_by_role("button", name="Join").click()
    await page.wait_for_url(f"**/parties/plain/{room}")


async def test_where_whoever_comes_makes_the_room_any_code_will_do(stage: Stage) -> None:
    page = await (await stage.phone()).open("/")
    await page.get_by_label("Counter", exact=True).check()
    await page.get_by_label("Room code").fill("Lunch-Table")
    await page.get_by_role("button", name="Join").click()
    await page.wait_for_url("**/parties/counter/Lunch-Table")


async def test_a_card_leads_to_a_party_s_own_page(stage: Stage) -> None:
    page = await (await stage.phone()).open("/")
    await page.get_by_role("link", name="Trivia").click()
    await page.wait_for_url("**/parties/trivia")
    await expect(page.locator("#page > *").first).to_be_visible()


async def test_without_a_clipboard_the_address_is_copied_the_old_way(stage: Stage) -> None:
    device = await stage.phone()
    await device.context.add_init_script(NO_CLIPBOARD)
    room = await made(device.page)
    await device.page.evaluate(HEARD)
    await device.page.get_by_role("button", name="Copy").click()
    await expect(device.page.locator("#copy-status")).to_contain_text("is copied")
    assert await device.page.evaluate("heard") == f"{device.url}/parties/plain/{room}"


async def test_where_nothing_copies_the_address_is_selected(stage: Stage) -> None:
    device = await stage.phone()
    await device.context.add_init_script(NO_CLIPBOARD + NO_COPY)
    room = await made(device.page)
    await device.page.get_by_role("button", name="Copy").click()
    await expect(device.page.locator("#copy-status")).to_contain_text("is selected")
    selected = await device.page.evaluate("getSelection().toString()")
    assert selected == f"{device.url}/parties/plain/{room}"
