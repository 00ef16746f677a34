"""The host stops the clock, lets it go on and adds to it; everybody sees what it does."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.audit import audit_themes
from tests.browser.test_trivia_manners import opened, press, seated
from tests.browser.theatre import Stage

TIME = 600
"""Seconds for the question."""


async def seconds(page: Page) -> int:
    return int(await page.locator(".timer-seconds").inner_text())


def over(bound: int) -> re.Pattern[str]:
    """Of a clock that shows more than `bound` seconds, and no more than ten more."""
    return re.compile("|".join(f"^{n} seconds" for n in range(bound + 1, bound + 11)))


async def gone(page: Page) -> float:
    """How much of the ring has run out, in percent."""
    ring = page.locator(".timer-ring")
    return float(
        await ring.evaluate("(ring) => getComputedStyle(ring).strokeDashoffset.slice(0, -2)")
    )


async def everybody(stage: Stage) -> list[Page]:
    """A host, a player and the big screen, in an open question."""
    host, phone, room = await seated(stage)
    screen = await stage.screen()
    await screen.open(f"{room.path}#screen")
    await opened(host)
    pages = [host, phone, screen.page]
    for page in pages:
        await expect(page.locator(".timer")).to_be_visible()
    return pages


async def test_a_pause_is_seen_by_all_and_loses_no_time(stage: Stage) -> None:
    host, phone, _ = pages = await everybody(stage)
    before = await seconds(host)
    await press(host, "Pause")
    for page in pages:
        await expect(page.get_by_text("Paused: the clock stands still.")).to_be_visible()
        await expect(page.locator(".timer")).to_have_count(0)
        assert await audit_themes(page) == []
    await expect(phone.get_by_role("radio").first).to_be_disabled()
    await phone.get_by_role("radio").first.tap(force=True)
    await expect(phone.get_by_role("button", name="Pass this one")).to_be_disabled()
    await stage.shoot("paused")
    await press(host, "Continue")
    for page in pages:
        await expect(page.locator(".timer")).to_be_visible()
        await expect(page.locator(".paused p")).to_have_count(0)
        assert await seconds(page) <= before
    await expect(phone.get_by_role("radio", checked=True)).to_have_count(0)
    await phone.get_by_role("radio").first.tap()
    await expect(phone.get_by_role("radio", checked=True)).to_have_count(1)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
async def test_more_time_is_on_every_clock(stage: Stage, motion: str) -> None:
    pages = await everybody(stage)
    host = pages[0]
    for page in pages:
        await page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
    for whole in (TIME + 10, TIME + 20):
        before = await seconds(host)
        await host.get_by_role("button", name="+10 s for this question").click()
        for page in pages:
            await expect(page.locator(".timer")).to_have_attribute("aria-label", over(before))
            run_out = 100 * (1 - await seconds(page) / whole)
            assert await gone(page) == pytest.approx(run_out, abs=0.5)


async def test_only_a_host_has_the_buttons(stage: Stage) -> None:
    host, phone, screen = await everybody(stage)
    for name in ("Pause", "+10 s for this question"):
        await expect(host.get_by_role("button", name=name)).to_be_visible()
        for page in (phone, screen):
            await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await press(host, "Close the question")
    await expect(host.get_by_role("button", name="+10 s for this question")).to_have_count(0)
    await expect(host.get_by_role("button", name="Pause")).to_be_visible()
