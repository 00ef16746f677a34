"""A payment in real browsers: live, by polling, and both beside each other."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Locator, Page, expect

from client_facade import Facade, connect
from games.payment import Payment, machine
from games.payment.bank import Bank, bank
from machine_party import MachineParty
from machine_party.backends.store import MemoryStore
from machine_party.server import ServerLimits
from tests.browser.audit import audit_themes
from tests.browser.test_front_page import overflow
from tests.browser.theatre import Device, Room, Stage

PATIENCE = 300.0
"""Seconds."""
QUICK = {"amount": 10_000, "balance": 50_000, "latency": 0.2}
LONG = {"payer": "W" * 40, "payee": "ש" * 40}
"""As long as a name may be, and nowhere to break it."""
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CUT_OFF = """
[...document.querySelectorAll('.card, .card *')]
  .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 1)
  .map((each) => each.className)
"""
SECOND_CLICK = """
(name) => new MutationObserver((_, observer) => {
  const buttons = [...document.querySelectorAll('button')]
  const button = buttons.find((each) => each.textContent.trim() === name)
  if (!button) return
  observer.disconnect()
  setTimeout(() => {
    document.body.dataset.clicked = name
    button.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 2 }))
  }, 150)
}).observe(document.body, { subtree: true, childList: true, characterData: true })
"""
"""Clicks the button of that name once, soon after it has come: as a double click does."""
NO_STORAGE = """
for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError') } })
"""


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def app(store: MemoryStore) -> MachineParty:
    return served(store)


def served(store: MemoryStore) -> MachineParty:
    limits = ServerLimits(events_per_second=1e4, events_burst=10_000)
    return MachineParty([Payment], store=store, secret="a secret of the tests", limits=limits)


@pytest.fixture(autouse=True)
def books(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bank:
    """The bank of this test."""
    monkeypatch.setenv("MACHINE_PARTY_DATA", str(tmp_path))
    return bank()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No payer runs out of time because this machine is slow."""
    monkeypatch.setattr(machine, "APPROVAL_SECONDS", PATIENCE)


@contextlib.asynccontextmanager
async def as_admin(stage: Stage, room: Room) -> AsyncIterator[Facade[Any]]:
    """A Python program with the maker's token."""
    async with connect(f"ws://{stage.place}{room.path}", token=room.token) as admin:
        yield admin


async def let_time_pass(stage: Stage, room: Room, seconds: float) -> None:
    """The room's timers come so much earlier, as an operator may want it."""
    found = await stage.app.rooms.get("payment", room.id)
    assert found is not None
    assert (await found.extend(-seconds)).status == "accepted"


def panel(page: Page, way: str) -> Locator:
    return page.locator(f'[data-way="{way}"]')


def state(where: Page | Locator, name: str) -> Any:
    return expect(where.locator(".state strong")).to_have_text(name)


def step(where: Page | Locator, name: str) -> Any:
    return expect(where.locator('[aria-current="step"]')).to_have_text(name)


async def test_a_live_page_and_a_polling_page_follow_the_same_payment(
    stage: Stage, books: Bank
) -> None:
    room = await stage.make_room("payment", **QUICK)
    ada = await (await stage.phone("ada")).open(room.path)
    bob = await (await stage.phone("bob")).open(f"{room.path}?view=poll")
    for page in (ada, bob):
        await state(page, "Needs confirm")
    await ada.get_by_role("button", name="Confirm").tap()
    for page in (ada, bob):
        await state(page, "Awaiting approval")
        await expect(page.get_by_text("seconds left")).to_be_visible()
    await expect(bob.get_by_role("button")).to_have_count(0)
    await expect(bob.get_by_text("balance")).to_have_count(0)
    await stage.shoot("countdown")
    async with as_admin(stage, room) as admin:
        assert not admin.can("approve")
        await let_time_pass(stage, room, PATIENCE)
        for page in (ada, bob):
            await state(page, "Awaiting admin approval")
            await expect(page.get_by_role("button")).to_have_count(0)
        assert (await admin.send("approve")).status == "accepted"
    for page in (ada, bob):
        await state(page, "Succeeded")
        await step(page, "Succeeded")
        await expect(page.get_by_text("Ten seconds are over, needs an admin")).to_be_visible()
    await expect(ada.get_by_text("$400.00")).to_be_visible()
    await expect(bob.get_by_text("$400.00")).to_have_count(0)
    assert len(books.keys()) == 2


async def test_the_polling_page_decides_without_a_websocket(stage: Stage) -> None:
    room = await stage.make_room("payment", **QUICK)
    ada = await stage.phone("ada")
    sockets: list[str] = []
    ada.page.on("websocket", lambda socket: sockets.append(socket.url))
    page = await ada.open(f"{room.path}?view=poll")
    await page.get_by_role("button", name="Confirm").tap()
    await page.get_by_role("button", name="Approve").tap()
    await state(page, "Succeeded")
    assert sockets == []
    await page.get_by_role("link", name="Live").tap()
    await state(page, "Succeeded")
    assert len(sockets) == 1
    await page.go_back()
    await expect(panel(page, "poll")).to_be_visible()
    await expect(panel(page, "live")).to_have_count(0)


async def test_side_by_side_both_show_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "RETRIES", 1)
    room = await stage.make_room("payment", **QUICK, failures={"credit": 1})
    ada = await stage.screen("ada")
    page = await ada.open(f"{room.path}?view=both")
    live, poll = panel(page, "live"), panel(page, "poll")
    await live.get_by_role("button", name="Confirm").click()
    await state(poll, "Awaiting approval")
    await poll.get_by_role("button", name="Approve").click()
    for way in (live, poll):
        await expect(way.get_by_text("it is asked again")).to_be_visible()
    await stage.shoot("unanswered")
    for way in (live, poll):
        await state(way, "Refunded")
        await expect(way.get_by_text("$500.00")).to_be_visible()
    boxes = [await way.bounding_box() for way in (live, poll)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]
    await stage.shoot("refunded")


async def test_a_payment_is_made_and_its_link_handed_out(stage: Stage) -> None:
    desk = await stage.screen("admin")
    page = await desk.open("/parties/payment")
    await page.get_by_label("Amount").fill("ten")
    await page.get_by_role("button", name="Ask for it").click()
    await expect(page.get_by_label("Amount")).to_be_focused()
    await expect(page.get_by_text("from $0.01 to $1,000,000")).to_be_visible()
    await page.get_by_label("Amount").fill("$1,099.50")
    await page.get_by_label("From").fill("\u200fZoë")
    await page.get_by_role("button", name="Ask for it").click()
    await expect(page.get_by_label("From")).to_be_focused()
    await expect(page.get_by_text("characters in it that nobody sees")).to_be_visible()
    await page.get_by_label("From").fill("Zoë")
    await expect(page.get_by_text("characters in it that nobody sees")).to_have_count(0)
    await page.get_by_role("button", name="Ask for it").click()
    await expect(page.get_by_role("heading", name="Hand out this link")).to_be_focused()
    await expect(page.get_by_text("from Zoë to Bob")).to_be_visible()
    await expect(page.get_by_text("$1,099.50")).to_be_visible()
    await expect(page).to_have_title("Needs confirm · Payment")
    await page.get_by_role("button", name="Copy the address").click()
    await expect(page.locator(".address .status")).not_to_be_empty()
    assert await page.evaluate("`${getSelection()}`") == await page.locator(".url").inner_text()
    await page.reload()
    async with page.context.expect_page() as opening:
        await page.get_by_role("link", name="Open as the payer").click()
    payer = await opening.value
    await payer.get_by_role("button", name="Confirm").click()
    await payer.get_by_role("button", name="Reject").click()
    await state(page, "Rejected")
    await expect(page.get_by_text("The payer said no.")).to_be_visible()
    await expect(page.get_by_text("Payer rejected")).to_be_visible()
    await expect(page).to_have_title("Rejected · Payment")


async def test_a_server_that_ends_in_the_middle_is_found_again(
    stage: Stage, store: MemoryStore, books: Bank
) -> None:
    room = await stage.make_room("payment", **{**QUICK, "latency": 3})
    cable = await stage.cable()
    ada = await stage.screen("ada", through=cable)
    page = await ada.open(f"{room.path}?view=both")
    live, poll = panel(page, "live"), panel(page, "poll")
    await live.get_by_role("button", name="Confirm").click()
    await poll.get_by_role("button", name="Approve").click()
    await expect(live.locator(".state strong")).to_have_text("Approved")
    await stage.stop()
    for way in (live, poll):
        await expect(way.get_by_text("trying again")).to_be_visible()
        await state(way, "Approved")
    await stage.start(served(store))
    for way in (live, poll):
        await state(way, "Succeeded")
    assert len(books.keys()) == 2


async def test_where_nothing_may_be_stored_the_maker_is_the_admin(stage: Stage) -> None:
    desk = await stage.screen("admin")
    await desk.context.add_init_script(NO_STORAGE)
    page = await desk.open("/parties/payment")
    await page.get_by_role("button", name="Ask for it").click()
    for way in ("Polling", "Side by side", "Live"):
        await page.get_by_role("link", name=way).click()
        await expect(page.get_by_role("button", name="Cancel the payment").first).to_be_visible()


async def test_an_admin_without_a_websocket_decides(stage: Stage) -> None:
    """The browser of who has made it gets none through, and polls from the beginning."""
    desk = await stage.screen("admin")
    await desk.page.route_web_socket("**/*", lambda socket: socket.close())
    page = await desk.open("/parties/payment")
    await page.get_by_role("button", name="Ask for it").click()
    await expect(page.get_by_text("Not reached over a WebSocket")).to_be_visible()
    await stage.shoot("stuck")
    await page.get_by_role("link", name="Polling needs none").click()
    await expect(page.get_by_role("button", name="Cancel the payment")).to_be_visible()
    await expect(page.get_by_text("The payer’s balance")).to_be_visible()
    room = await made(stage, page)
    async with connect(f"ws://{stage.place}{room.path}") as ada:
        await ada.send("confirm")
        await let_time_pass(stage, room, PATIENCE)
    await page.get_by_role("button", name="Approve").click()
    await state(page, "Debited")
    await expect(page.get_by_text("Admin approved")).to_be_visible()


async def made(stage: Stage, page: Page) -> Room:
    """The payment that a page shows."""
    path = urlsplit(page.url).path
    return Room(path.rpartition("/")[2], path, "")


@pytest.mark.parametrize("view", ["live", "poll"])
@pytest.mark.parametrize("name", ["Approve", "Reject"])
async def test_a_double_click_does_one_thing(stage: Stage, view: str, name: str) -> None:
    """The second one meets another button, which has just come under the pointer."""
    room = await stage.make_room("payment", **QUICK)
    page = await (await stage.screen("ada")).open(f"{room.path}?view={view}")
    await expect(page.get_by_role("button", name="Confirm")).to_be_visible()
    await page.evaluate(SECOND_CLICK, name)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.locator("[data-clicked]")).to_have_count(1)
    await expect(page.get_by_role("button", name=name)).to_be_enabled()
    await state(page, "Awaiting approval")
    await page.get_by_role("button", name=name).click()
    await state(page, "Succeeded" if name == "Approve" else "Rejected")


@pytest.mark.parametrize("view", ["live", "poll"])
async def test_who_comes_second_hears_why_and_not_for_ever(stage: Stage, view: str) -> None:
    room = await stage.make_room("payment", **{**QUICK, "latency": 1})
    cable = await stage.cable()
    bob = await stage.phone("bob", through=cable)
    page = await bob.open(f"{room.path}?view={view}")
    confirm = page.get_by_role("button", name="Confirm")
    await expect(confirm).to_be_enabled()
    cable.cut()
    await expect(page.get_by_text("trying again")).to_be_visible()
    await confirm.tap()
    await expect(page.get_by_text("Will be sent when you are back online.")).to_be_visible()
    assert await audit_themes(page) == []
    await stage.shoot("will-be-sent")
    async with connect(f"ws://{stage.place}{room.path}") as ada:
        await ada.send("confirm")
        cable.mend()
        await page.get_by_role("button", name="Try now").tap()
        refusal = page.get_by_text("Somebody else has confirmed already.")
        await expect(refusal).to_be_visible()
        await state(page, "Awaiting approval")
        await stage.shoot("second")
        await ada.send("approve")
        await expect(page.locator(".state strong")).not_to_have_text("Awaiting approval")
        await expect(refusal).to_have_count(0)


async def test_a_button_that_goes_by_itself_leaves_the_focus_to_its_panel(stage: Stage) -> None:
    room = await stage.make_room("payment", **QUICK)
    page = await (await stage.screen("bob")).open(room.path)
    await page.get_by_role("button", name="Confirm").focus()
    async with connect(f"ws://{stage.place}{room.path}") as ada:
        await ada.send("confirm")
        await state(page, "Awaiting approval")
    await expect(panel(page, "live")).to_be_focused()


async def test_who_does_not_see_hears_of_the_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "APPROVAL_SECONDS", 8.0)
    room = await stage.make_room("payment", **QUICK)
    page = await (await stage.screen("ada")).open(f"{room.path}?view=both")
    live, poll = panel(page, "live"), panel(page, "poll")
    await live.get_by_role("button", name="Confirm").click()
    told = live.locator('.state[role="status"]')
    await expect(told).to_contain_text("You decide, within 8 seconds.")
    reminder = live.locator(".countdown [role=status]")
    await expect(reminder).to_be_empty()
    await expect(reminder).to_have_text("5 seconds left")
    await expect(poll.locator(".state")).to_be_visible()
    # What two panels show is told once; what one's buttons have come to is told by it.
    await expect(poll.locator("[role=status]:not(.actions *)")).to_have_count(0)


async def test_while_the_server_is_away_nothing_is_promised(
    stage: Stage, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "APPROVAL_SECONDS", 3.0)
    room = await stage.make_room("payment", **QUICK)
    cable = await stage.cable()
    ada = await stage.screen("ada", through=cable)
    page = await ada.open(f"{room.path}?view=both")
    live, poll = panel(page, "live"), panel(page, "poll")
    await live.get_by_role("button", name="Confirm").click()
    await state(poll, "Awaiting approval")
    await stage.stop()
    for way in (live, poll):
        await expect(way.get_by_role("button", name="Try now")).to_be_visible()
        await expect(way.get_by_text("The time is up.")).to_be_visible()
        await expect(way.get_by_text("seconds left")).to_have_count(0)
    await stage.shoot("away")
    await stage.start(served(store))
    await poll.get_by_role("button", name="Try now").click()
    for way in (live, poll):
        await state(way, "Awaiting admin approval")


@pytest.mark.parametrize("view", ["live", "poll"])
async def test_what_is_not_there(stage: Stage, view: str) -> None:
    phone = await stage.phone(allow=[r"status of 404"])
    page = await phone.open(f"/parties/payment/nowhere?view={view}")
    await expect(page.get_by_role("heading", name="There is no such payment")).to_be_focused()
    await expect(page).to_have_title("There is no such payment · Payment")
    await expect(page.get_by_role("link", name="Ask for another payment")).to_be_visible()


@pytest.mark.parametrize("view", ["live", "poll"])
async def test_a_seat_that_has_expired_can_be_taken_anew(stage: Stage, view: str) -> None:
    room = await stage.make_room("payment", **QUICK)
    phone = await stage.phone(allow=[r"status of 401", r"WebSocket"])
    await phone.context.add_init_script(
        f"localStorage['machine-party:seat:{room.path}:user'] ??= 'no token'"
    )
    page = await phone.open(f"{room.path}?view={view}")
    await expect(page.get_by_role("heading", name="Your seat has expired")).to_be_visible()
    await page.get_by_role("button", name="Come in again").tap()
    await expect(page.get_by_role("button", name="Confirm")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_be_focused()


@pytest.mark.parametrize("view", ["live", "poll"])
async def test_with_the_keyboard_only(stage: Stage, view: str) -> None:
    room = await stage.make_room("payment", **QUICK)
    page = await (await stage.screen("ada")).open(f"{room.path}?view={view}")
    await tab_to(page, page.get_by_role("button", name="Confirm: I pay"), within=8)
    await page.keyboard.press("Enter")
    await state(page, "Awaiting approval")
    await expect(panel(page, view)).to_be_focused()
    await tab_to(page, page.get_by_role("button", name="Approve"), within=1)
    await page.keyboard.press("Enter")
    await state(page, "Succeeded")
    await expect(panel(page, view)).to_be_focused()


async def tab_to(page: Page, wanted: Locator, *, within: int) -> None:
    await expect(wanted).to_be_visible()
    for _ in range(within):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError("the Tab key does not get there")


@pytest.mark.parametrize("width", [320, 390, 1920])
async def test_every_state_is_whole_and_accessible(stage: Stage, width: int) -> None:
    room = await stage.make_room("payment", **QUICK | LONG)
    kind = stage.screen if width > 1000 else stage.phone
    device = await kind(f"{width}", width=width)
    for path, name in (("/parties/payment", "make"), (f"{room.path}?view=both", "confirm")):
        page = await device.open(path)
        await looked_at(stage, device, name)
    maker = await kind(f"maker-{width}", width=width)
    await maker.context.add_init_script(
        f"localStorage['machine-party:seat:{room.path}:admin'] = '{room.token}'"
    )
    await maker.open(room.path)
    await looked_at(stage, maker, "admin")
    live = panel(page, "live")
    await live.get_by_role("button", name="Confirm").click()
    await looked_at(stage, device, "approve")
    await live.get_by_role("button", name="Approve").click()
    await state(panel(page, "poll"), "Succeeded")
    await looked_at(stage, device, "succeeded")


async def looked_at(stage: Stage, device: Device, name: str) -> None:
    await expect(device.page.get_by_role("heading", level=1)).to_be_visible()
    await expect(device.page.locator("form, .log").last).to_be_visible()
    assert await overflow(device.page) == 0
    assert await audit_themes(device.page) == []
    assert await device.page.evaluate(CUT_OFF) == []
    for theme in THEMES:
        await device.page.emulate_media(color_scheme=theme)
        await stage.shoot(f"payment-{name}-{theme}", device)
