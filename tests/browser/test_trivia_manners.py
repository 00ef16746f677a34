"""What people do to a trivia page: press twice, change their minds, reload, take a second tab, use
the keyboard only, forbid storage.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.cable import Cable
from tests.browser.theatre import Device, Room, Stage

LONG = dict.fromkeys(("countdown", "prep", "time", "pause", "recap"), 600)
NO_STORAGE = """
for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError') } })
"""
"""As where cookies are blocked."""

FOCUS_IS_SEEN = """() => {
  const style = getComputedStyle(document.activeElement)
  return style.outlineStyle !== 'none' || style.boxShadow !== 'none'
}"""


async def seated(stage: Stage, *, through: Cable | None = None) -> tuple[Page, Page, Room]:
    """A host and one player, in a lobby where nothing goes on by itself.

    Args:
        through: the player's cable.
    """
    room = await stage.make_room(durations=LONG)
    key, seat = f"machine-party:seat:{room.path}:host", json.dumps({"token": room.token})
    kept = {"origin": stage.url, "localStorage": [{"name": key, "value": seat}]}
    host = await stage.device(
        "host", viewport={"width": 1280, "height": 800}, storage_state={"origins": [kept]}
    )
    await host.open(room.path)
    phone = await stage.phone("ada", through=through)
    await join(await phone.open(room.path), "Ada")
    await expect(host.page.get_by_text("Players (1)")).to_be_visible()
    return host.page, phone.page, room


async def made(host: Device) -> Page:
    """A room that is made on the page."""
    page = await host.open("/parties/trivia")
    await page.get_by_role("button", name="Make the room").click()
    await expect(page.get_by_role("heading", name="Your room is open")).to_be_visible()
    return page


async def join(page: Page, name: str) -> None:
    await page.get_by_label("Your name").fill(name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=f"You’re in, {name}!")).to_be_visible()


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).click()


async def opened(host: Page) -> None:
    """From the lobby to the first question, open for answers."""
    for name in ("Start now", "Begin now", "Show the options"):
        await press(host, name)


def choice(page: Page) -> Locator:
    """The tile that the room holds."""
    return page.locator('[role=radio][aria-checked="true"]')


async def test_the_last_of_quick_choices_counts(stage: Stage) -> None:
    host, phone, _ = await seated(stage)
    await opened(host)
    tiles = phone.get_by_role("radio")
    await expect(tiles.first).to_be_visible()
    await phone.evaluate(
        "[0, 1, 2, 1, 3].forEach((n) => document.querySelectorAll('[role=radio]')[n].click())"
    )
    await expect(choice(phone)).to_have_attribute("data-letter", "d")
    await expect(phone.get_by_text("Received. You can still change it.")).to_be_visible()
    last = await choice(phone).locator(".option-text").inner_text()
    confirm = phone.get_by_role("button", name="Confirm")
    await confirm.evaluate("(button) => { button.click(); button.click() }")
    await expect(phone.get_by_text(f"Your answer: {last}")).to_be_visible()


async def test_two_quick_presses_go_on_once(stage: Stage) -> None:
    host, phone, _ = await seated(stage)
    await press(host, "Start now")
    await expect(host.get_by_role("button", name="Begin now")).to_be_visible()
    await host.locator("h1").focus()
    await expect(host.get_by_role("button", name="Begin now")).to_be_enabled()
    await host.keyboard.press(" ")
    await expect(host.get_by_role("button", name="Show the options")).to_be_visible()
    await host.keyboard.press(" ")
    await expect(host.get_by_role("button", name="Show the options")).to_be_enabled()
    await expect(phone.get_by_text("The options are coming")).to_be_visible()
    await host.keyboard.press(" ")
    await expect(phone.get_by_role("radio").first).to_be_visible()


async def test_a_ready_that_is_tapped_twice_stays(stage: Stage) -> None:
    host, phone, _ = await seated(stage)
    button = phone.get_by_role("button", name=re.compile("ready", re.IGNORECASE))
    await button.tap()
    await expect(button).to_have_text("Ready! Waiting for the others")
    await button.tap()
    await expect(host.get_by_role("button", name="Begin now")).to_be_visible()


async def test_what_is_typed_without_a_pause_counts(stage: Stage) -> None:
    """Somebody types until the question closes; all but the last letters are in the room."""
    host, phone, _ = await seated(stage)
    await opened(host)
    field = phone.get_by_label("Your answer")
    for _ in range(20):
        if await field.count():
            break
        await host.locator(".go button").click()
    await field.focus()
    for number in range(20):
        await phone.keyboard.type(f"{number} ", delay=25)
    await press(host, "Close the question")
    await expect(phone.locator(".closed")).to_contain_text("Your answer: 0 1 2 3 4 5 6")


async def test_where_nothing_may_be_stored_the_host_is_the_host(stage: Stage) -> None:
    host = await stage.device("host", viewport={"width": 1280, "height": 800})
    await host.context.add_init_script(NO_STORAGE)
    page = await made(host)
    phone = await stage.phone("ada")
    await phone.context.add_init_script(NO_STORAGE)
    await join(await phone.open(page.url.removeprefix(host.url)), "Ada")
    await press(page, "Start now")
    await expect(phone.page.get_by_role("heading", name="Here we go")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("button", name="Make the room")).to_be_visible()


async def test_a_reload_keeps_the_seat_in_every_scene(stage: Stage) -> None:
    host, phone, _ = await seated(stage)
    scenes = {
        "Start now": "Here we go",
        "Begin now": "The options are coming",
        "Show the options": "Pass this one",
        "Close the question": "Answers are in",
    }
    for name, shown in scenes.items():
        await press(host, name)
        await expect(phone.get_by_text(shown).first).to_be_visible()
        for page in (phone, host):
            await page.reload()
        await expect(phone.get_by_text(shown).first).to_be_visible()
        await expect(host.get_by_text("Players (1)")).to_be_visible()


async def test_a_screen_beside_the_host_takes_no_seat(stage: Stage) -> None:
    host, _, _ = await seated(stage)
    async with host.context.expect_page() as opening:
        await host.get_by_role("link", name="Open the big screen").click()
    screen = await opening.value
    await expect(screen.get_by_text("1 player here")).to_be_visible()
    await host.reload()
    await press(host, "Start now")
    await expect(screen.get_by_role("heading", name="Here we go")).to_be_visible()


async def test_two_tabs_of_a_player_are_one_player(stage: Stage) -> None:
    host, phone, room = await seated(stage)
    second = await phone.context.new_page()
    await second.goto(room.path)
    await expect(second.get_by_role("heading", name="You’re in, Ada!")).to_be_visible()
    await opened(host)
    await expect(host.get_by_text("Players (1)")).to_be_visible()
    await phone.get_by_role("radio").nth(1).tap()
    await expect(choice(second)).to_have_attribute("data-letter", "b")
    await second.get_by_role("button", name="Confirm").tap()
    await expect(phone.get_by_text("Answers are in").first).to_be_visible()


async def test_with_the_keyboard_only(stage: Stage) -> None:
    host, phone, _ = await seated(stage)
    await _tab_to(host, "Start now")
    await host.keyboard.press("Enter")
    await _press_key(host, "Begin now", " ")
    await _press_key(host, "Show the options", "Enter")
    await _tab_to(phone, "")
    await phone.keyboard.press("ArrowDown")
    await expect(choice(phone)).to_have_attribute("data-letter", "b")
    await phone.keyboard.press("ArrowUp")
    await expect(choice(phone)).to_have_attribute("data-letter", "a")
    await _tab_to(phone, "Confirm")
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_text("Answers are in").first).to_be_visible()
    await expect(phone.locator("h1")).to_be_focused()


@pytest.mark.parametrize("way", ["Escape", "Cancel"])
async def test_a_dialog_keeps_the_focus_and_gives_it_back(stage: Stage, way: str) -> None:
    host, _, _ = await seated(stage)
    await _tab_to(host, "Remove Ada")
    await host.keyboard.press("Enter")
    dialog = host.get_by_role("dialog", name="Remove Ada?")
    await expect(dialog).to_be_visible()
    for _ in range(6):
        await host.keyboard.press("Tab")
        inside = (
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert await host.evaluate(inside)
    if way == "Escape":
        await host.keyboard.press("Escape")
    else:
        await dialog.get_by_role("button", name=way).press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(host.get_by_role("button", name="Remove Ada")).to_be_focused()


async def _press_key(page: Page, name: str, key: str) -> None:
    """Once the host's button says `name`."""
    await expect(page.get_by_role("button", name=name)).to_be_enabled()
    await page.keyboard.press(key)


async def _tab_to(page: Page, name: str) -> None:
    """With the Tab key, to the button of that name, or the first radio; the focus is seen."""
    wanted: Any = page.get_by_role("button", name=name) if name else page.get_by_role("radio").first
    await expect(wanted).to_be_visible()
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement !== document.body"):
            assert await page.evaluate(FOCUS_IS_SEEN)
        if await wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"no way to {name or 'the options'}")
