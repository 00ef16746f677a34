"""The host stops the clock, lets it go on and adds to it; everybody sees what it does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.audit import audit_themes
from tests.browser.cable import Cable
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


async def everybody(stage: Stage, *, through: Cable | None = None) -> list[Page]:
    """A host, a player and the big screen, in an open question."""
    host, phone, room = await seated(stage, through=through)
    screen = await stage.screen()
    await screen.open(f"{room.path}#screen")
    await opened(host)
    pages = [host, phone, screen.page]
    for page in pages:
        await expect(page.locator(".timer")).to_be_visible()
    return pages


def stands(page: Page, label: str) -> Any:
    """The clock stands still, and is called that."""
    return expect(page.locator('.timer[data-still="true"]')).to_have_attribute("aria-label", label)


async def typing(host: Page, phone: Page) -> Locator:
    """The field of the first question that is answered with a text."""
    field = phone.get_by_label("Your answer")
    for _ in range(20):
        if await field.count():
            break
        await host.locator(".go button").click()
    return field


async def test_a_pause_is_seen_by_all_and_loses_no_time(stage: Stage) -> None:
    host, phone, _ = pages = await everybody(stage)
    await press(host, "Pause")
    await expect(host.locator('.timer[data-still="true"]')).to_be_visible()
    left = await seconds(host)
    for page in pages:
        await expect(page.get_by_text("Paused: the clock stands still.")).to_be_visible()
        await stands(page, f"{left} seconds left")
        assert await gone(page) == pytest.approx(100 * (1 - left / TIME), abs=0.5)
        assert await audit_themes(page) == []
    await expect(phone.get_by_role("radio").first).to_be_disabled()
    await phone.get_by_role("radio").first.tap(force=True)
    await expect(phone.get_by_role("button", name="Pass this one")).to_be_disabled()
    await stage.shoot("paused")
    await press(host, "Continue")
    for page in pages:
        await expect(page.locator('.timer:not([data-still="true"])')).to_be_visible()
        await expect(page.locator(".paused p")).to_have_count(0)
        assert await seconds(page) <= left
    await expect(phone.get_by_role("radio", checked=True)).to_have_count(0)
    await phone.get_by_role("radio").first.tap()
    await expect(phone.get_by_role("radio", checked=True)).to_have_count(1)


async def test_more_time_in_a_pause_is_seen_and_told(stage: Stage) -> None:
    host, *_ = pages = await everybody(stage)
    await press(host, "Pause")
    await expect(host.locator('.timer[data-still="true"]')).to_be_visible()
    left = await seconds(host) + 10
    await press(host, "+10 s for this question")
    for page in pages:
        await stands(page, f"{left} seconds left")
        told = page.locator("[aria-live]")
        await expect(told).to_have_text(f"10 more seconds. {left} seconds left")
    await stage.shoot("extended-paused")


async def test_what_was_typed_before_a_pause_is_the_answer(stage: Stage) -> None:
    host, phone, _ = await everybody(stage)
    field = await typing(host, phone)
    await field.fill("Nile")
    await expect(phone.get_by_text("Received. You can still change it.")).to_be_visible()
    await field.fill("Amazon")  # and at once, before it is sent:
    await host.locator(".host-tools button").first.evaluate("(button) => button.click()")
    await expect(phone.locator(".paused p")).to_be_visible()
    note = phone.locator(".answer-note")
    await expect(note).to_have_text("Paused: answers are taken when it goes on.")
    await stage.shoot("typed-paused")
    await press(host, "Continue")
    await expect(note).to_have_text("Received. You can still change it.")
    await expect(phone.locator(".notices .notice")).to_have_count(0)
    await host.locator(".go button").click()
    await expect(phone.locator(".closed")).to_contain_text("Your answer: Amazon")


async def test_what_was_typed_offline_and_comes_in_a_pause_is_the_answer(stage: Stage) -> None:
    cable = await stage.cable()
    host, phone, _ = await everybody(stage, through=cable)
    field = await typing(host, phone)
    await field.fill("Nile")
    await expect(phone.get_by_text("Received. You can still change it.")).to_be_visible()
    cable.cut()
    await expect(phone.get_by_text("Connection lost.")).to_be_visible()
    await field.fill("Amazon")
    await field.blur()  # sent now, as far as the page can
    await expect(phone.get_by_text("Will be sent when you are back online")).to_be_visible()
    await stage.shoot("typed-offline")
    await press(host, "Pause")
    cable.mend()
    await expect(phone.locator(".paused p")).to_be_visible()
    await expect(phone.locator(".notices .notice")).to_be_visible()
    await press(host, "Continue")
    await expect(phone.locator(".notices .notice")).to_have_count(0)
    await expect(phone.get_by_text("Received. You can still change it.")).to_be_visible()
    await host.locator(".go button").click()
    await expect(phone.locator(".closed")).to_contain_text("Your answer: Amazon")


async def test_who_cannot_reach_the_room_sees_no_number(stage: Stage) -> None:
    """Its clock may stand still: with the server, or in a pause."""
    cable = await stage.cable()
    _, phone, _ = await everybody(stage, through=cable)
    cable.cut()
    await expect(phone.get_by_text("Connection lost.")).to_be_visible()
    await stands(phone, "The time that is left is not known now.")
    await expect(phone.locator(".timer-seconds")).to_be_empty()
    assert await audit_themes(phone) == []
    await stage.shoot("away")
    cable.mend()
    await phone.get_by_role("button", name="Try now").tap()
    await expect(phone.locator(".timer-seconds")).to_have_text(re.compile("^\\d+$"))
    await expect(phone.get_by_role("button", name="Try now")).to_have_count(0)


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


async def test_when_the_button_for_more_time_goes_no_key_goes_on(stage: Stage) -> None:
    host, phone, _ = await everybody(stage)
    more = host.get_by_role("button", name="+10 s for this question")
    await expect(more).to_be_enabled()
    await more.focus()
    await phone.get_by_role("button", name="Pass this one").tap()
    await expect(host.get_by_role("button", name="Pause")).to_be_focused()
    await host.keyboard.press("Enter")
    await expect(host.get_by_role("button", name="Continue")).to_be_focused()
    await expect(phone.get_by_text("Answers are in").first).to_be_visible()
