"""The front page in a real browser: whole on every width, and usable with a keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.theatre import Stage

FOCUS = """() => {
  const style = getComputedStyle(document.activeElement)
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
  return { tag: document.activeElement.tagName, shown: outlined || style.boxShadow !== 'none' }
}"""


@pytest.mark.parametrize("width", [320, 390, 1920])
async def test_it_is_whole_on_every_width(stage: Stage, width: int) -> None:
    kind = stage.screen if width > 1000 else stage.phone
    device = await kind(f"{width}", width=width)
    page = await device.open("/")

    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await overflow(page) == 0
    await stage.shoot("front")


async def overflow(page: Page) -> int:
    """How many CSS pixels of the page are to the right of the window."""
    script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    found: int = await page.evaluate(script)
    return found


async def test_the_keyboard_s_focus_can_be_seen(stage: Stage) -> None:
    page = await (await stage.screen()).open("/")
    reached = []
    for _ in range(3):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate(FOCUS))

    elements = [each for each in reached if each["tag"] != "BODY"]
    assert elements
    assert [each["tag"] for each in elements if not each["shown"]] == []
