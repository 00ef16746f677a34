"""An evening: a host, two phones and a big screen in browsers, and two Python programs.

The general pack from the first question to the ranking. One phone loses its network in an open
question, answers, and comes back.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from client_facade import Facade, connect
from games.trivia import Trivia
from games.trivia.pack import find
from games.trivia.question import Radio
from machine_party import MachineParty
from machine_party.backends.store import MemoryStore
from machine_party.core import Sent
from machine_party.room import RoomKey
from machine_party.server import ServerLimits
from tests.browser.cable import Cable
from tests.browser.theatre import Device, Room, Stage

RIGHT = {
    question.prompt: (
        next(option.text for option in question.options if option.value == 1)
        if isinstance(question, Radio)
        else question.answers[0]
    )
    for category in find("general").categories
    for question in category.questions
}
"""`{prompt: a right answer}`, as somebody knows it who has read the pack."""

PROMPTS = list(RIGHT)
KNOWS = {
    "Ada": set(PROMPTS),
    "Ben": set(PROMPTS[1:]),
    "Cleo": set(PROMPTS[:5]),
    "Dan": set(PROMPTS[:5]),
}
"""Who knows what; so two share the last rank."""

RANKING = ["1 Ada 100", "2 Ben 90", "3 Cleo 50", "3 Dan 50"]
NETWORK_IS_GONE = 2
"""The place of the question in which Ada's phone loses its network."""

OPENS = re.compile("Show the options|Take answers now")
SHOTS = {prompt: f"{number:02}" for number, prompt in enumerate(PROMPTS, start=1)}


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def app(store: MemoryStore) -> MachineParty:
    return MachineParty(
        [Trivia], store=store, secret="a secret of the tests", limits=ServerLimits()
    )


class Program:
    """A player without a screen: a Python program with a façade."""

    def __init__(self, name: str, room: Facade[Any]) -> None:
        self.name, self.room = name, room

    async def answer(self, prompt: str) -> None:
        question = self.room.context["question"]
        event = {"question": question["id"], **self._given(prompt, question["options"])}
        for type, fields in (("answer", event), ("confirm", {"question": question["id"]})):
            assert (await self.room.send(type, **fields)).status == "accepted"

    def _given(self, prompt: str, options: dict[str, str]) -> dict[str, str]:
        knows, right = prompt in KNOWS[self.name], RIGHT[prompt]
        if not options:
            return {"text": right if knows else "no idea"}
        return {"choice": next(key for key in options if (options[key] == right) is knows)}

    def member_called(self, name: str) -> str:
        """The member id of a player."""
        players = self.room.context["players"]
        return str(next(id for id, card in players.items() if card["name"] == name))

    async def ranking(self) -> list[str]:
        """As on the pages: rank, name, points."""
        await self.room.wait_for(lambda snapshot: snapshot.matches("ranking"), timeout=5)
        cards = sorted(self.room.context["players"].values(), key=lambda card: card["place"])
        return [f"{card['rank']} {card['name']} {card['points']:g}" for card in cards]


class Phone:
    """A player with a phone."""

    def __init__(self, name: str, device: Device) -> None:
        self.name, self.device, self.page = name, device, device.page
        self.tiles = self.page.get_by_role("radio")

    async def join(self, room: str) -> None:
        await self.device.open(room)
        await self.page.get_by_label("Your name").fill(self.name)
        await self.page.get_by_role("button", name="Join", exact=True).click()
        await expect(
            self.page.get_by_role("heading", name=f"You’re in, {self.name}!")
        ).to_be_visible()

    async def ready(self) -> None:
        await self.page.get_by_role("button", name="I’m ready").click()

    async def see_options(self, prompt: str) -> None:
        await expect(self.page.get_by_role("heading", name=prompt)).to_be_visible()
        await expect(self.page.get_by_label("Your answer").or_(self.tiles.first)).to_be_visible()

    async def choose(self, prompt: str) -> None:
        """Give an answer that is not final yet."""
        await self.see_options(prompt)
        knows, right = prompt in KNOWS[self.name], RIGHT[prompt]
        field = self.page.get_by_label("Your answer")
        if await field.is_visible():
            await field.fill(right if knows else "no idea")
        elif knows:
            await self.tiles.filter(has_text=right).tap()
        else:
            await self.tiles.filter(has_not_text=right).first.tap()

    async def answer(self, prompt: str) -> None:
        await self.choose(prompt)
        await self.confirm()

    async def confirm(self) -> None:
        await self.page.get_by_role("button", name="Confirm").tap()


async def make_room(host: Device) -> Room:
    """Make a room as a host does: on the page. No wait in it ends by itself."""
    await host.page.route("**/parties/trivia", _with_long_waits)
    page = await host.open("/parties/trivia")
    await page.get_by_role("button", name="Make the room").click()
    await expect(page.get_by_role("heading", name="Your room is open")).to_be_visible()
    path = page.url.removeprefix(host.url)
    return Room(path.rsplit("/", 1)[1], path, "")


async def _with_long_waits(route: Route) -> None:
    if route.request.method != "POST":
        await route.fallback()
        return
    body = json.loads(route.request.post_data or "{}")
    durations = dict.fromkeys(("countdown", "prep", "time", "pause", "recap"), 600)
    await route.fallback(post_data={**body, "input": {**body["input"], "durations": durations}})


async def go_on(host: Page, words: str) -> None:
    """The host presses the button that says `words`, once it says so."""
    await host.get_by_role("button", name=words, exact=True).click()


async def ranking(page: Page) -> list[str]:
    """The final list, as it stands on a page."""
    await expect(page.get_by_role("heading", name="Final ranking")).to_be_visible()
    columns = [
        await page.locator(f".standing-{column}").all_inner_texts()
        for column in ("rank", "name", "points")
    ]
    return [" ".join(row) for row in zip(*columns, strict=True)]


@contextlib.asynccontextmanager
async def program(stage: Stage, room: Room, name: str) -> AsyncIterator[Program]:
    """Somebody who plays from Python."""
    async with connect(stage.url + room.path, name=name) as facade:
        yield Program(name, facade)


async def answers(store: MemoryStore, room: Room, member: str) -> dict[str, int]:
    """How many answers of a member the room has taken, `{question id: count}`."""
    stored = await store.history(RoomKey("trivia", room.id))
    assert stored is not None
    causes = [cause for entry in stored.entries for _, cause in entry.causes]
    return Counter(
        cause.data["question"]
        for cause in causes
        if isinstance(cause, Sent) and (cause.type, cause.member) == ("answer", member)
    )


class Evening:
    """Everybody who is there, and what they do in each question."""

    def __init__(self, stage: Stage, host: Device, cable: Cable) -> None:
        self.stage, self.host, self.cable = stage, host.page, cable
        self.phones: list[Phone] = []
        self.programs: list[Program] = []

    async def get_ready(self) -> None:
        for phone in self.phones:
            await phone.ready()
        for program in self.programs:
            assert (await program.room.send("ready", ready=True)).status == "accepted"
        await go_on(self.host, "Begin now")

    async def play(self, prompt: str) -> None:
        """One question, until everybody has confirmed."""
        for phone in self.phones:
            await expect(phone.page.get_by_role("heading", name=prompt)).to_be_visible()
        await self.stage.shoot(f"{SHOTS[prompt]}-reading")
        await self.host.get_by_role("button", name=OPENS).click()
        ada, *others = self.phones
        if PROMPTS.index(prompt) == NETWORK_IS_GONE:
            await self._answer_without_network(ada, prompt)
        else:
            await ada.answer(prompt)
        for phone in others:
            await phone.answer(prompt)
        for program in self.programs:
            await program.answer(prompt)
        self.cable.mend()
        await go_on(self.host, "Go on")

    async def _answer_without_network(self, phone: Phone, prompt: str) -> None:
        await phone.see_options(prompt)
        self.cable.cut()
        await phone.choose(prompt)
        await expect(
            phone.page.get_by_text("Will be sent when you are back online")
        ).to_be_visible()
        await phone.confirm()
        await expect(phone.page.get_by_text("Confirmed here; will be sent")).to_be_visible()
        await self.stage.shoot(f"{SHOTS[prompt]}-offline")

    async def recap(self, prompts: Iterable[str], last: str) -> None:
        """The answers to a category's questions, one after the other."""
        for number, prompt in enumerate(prompts):
            if number:
                await go_on(self.host, "Next")
            for phone in self.phones:
                await expect(phone.page.get_by_text(prompt)).to_be_visible()
            await self.stage.shoot(f"{SHOTS[prompt]}-recap")
        await go_on(self.host, last)


async def test_a_whole_game(stage: Stage, store: MemoryStore) -> None:
    host = await stage.device("host", viewport={"width": 1280, "height": 800})
    room = await make_room(host)
    screen = await stage.screen()
    await screen.open(room.path + "#screen")
    cable = await stage.cable()
    evening = Evening(stage, host, cable)
    evening.phones = [
        Phone("Ada", await stage.phone("ada", through=cable)),
        Phone("Ben", await stage.phone("ben", color_scheme="dark")),
    ]
    for phone in evening.phones:
        await phone.join(room.path)
    async with program(stage, room, "Cleo") as cleo, program(stage, room, "Dan") as dan:
        evening.programs = [cleo, dan]
        await expect(screen.page.get_by_text("4 players here")).to_be_visible()
        await stage.shoot("00-lobby")
        await evening.get_ready()
        for prompt in PROMPTS[:5]:
            await evening.play(prompt)
        await evening.recap(PROMPTS[:5], last="Next")
        for prompt in PROMPTS[5:]:
            await evening.play(prompt)
        await evening.recap(PROMPTS[5:], last="To the final ranking")

        pages = [*(phone.page for phone in evening.phones), screen.page, host.page]
        assert [await ranking(page) for page in pages] == [RANKING] * 4
        assert [await each.ranking() for each in (cleo, dan)] == [RANKING] * 2
        await stage.shoot("11-ranking")
        counted = await answers(store, room, cleo.member_called("Ada"))
        assert list(counted.values()) == [1] * len(PROMPTS)
