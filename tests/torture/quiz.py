"""Two people who play one quiz after the other, whatever happens to the server."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from client_facade import Closed
from games.trivia.pack import find
from games.trivia.question import Text
from tests.torture.place import Place
from tests.torture.seat import SocketSeat

__all__ = ["DURATIONS", "QuizNight"]

DURATIONS = {"countdown": 0.1, "prep": 0.05, "time": 3, "pause": 0.05, "recap": 0.05}
GAME_SECONDS = 60
"""The longest that a game may last; it takes about four, and half a second for each kill."""

QUESTIONS = [asked for category in find("general").categories for asked in category.questions]


class QuizNight:
    """Ann and Bob, one on msgpack and one on JSON.

    Attributes:
        games: how many they have played to the end.
        seats: those of the last game.
    """

    def __init__(self, place: Place) -> None:
        self.games = 0
        self.seats: list[SocketSeat] = []
        self._place = place
        self._over = False

    async def play(self) -> None:
        """One game after the other, until `end`."""
        while not self._over:
            await self._leave()
            async with asyncio.timeout(GAME_SECONDS):
                await self._gather()
                await asyncio.gather(*(_play(seat) for seat in self.seats))
            self.games += 1

    def end(self) -> None:
        """This game is the last one."""
        self._over = True

    async def _gather(self) -> None:
        """Sit down in a new room: one that is killed before two have met was never kept."""
        while True:
            url = await self._room()
            self.seats = [
                self._place.seat(url, name="Ann", codec="msgpack"),
                self._place.seat(url, name="Bob", codec="json"),
            ]
            try:
                players = await self._meet()
            except Closed as closed:
                assert closed.code == "not_found", closed
            else:
                if players == len(self.seats):
                    return
            await self._leave()

    async def _meet(self) -> int:
        """How many players there are. One too many: whoever was killed before their welcome came
        has no token, and is another one the next time."""
        await asyncio.gather(*(seat.facade.ready for seat in self.seats))
        seen = [
            await seat.facade.wait_for(lambda s: len(s.context["players"]) >= len(self.seats))
            for seat in self.seats
        ]
        return max(len(snapshot.context["players"]) for snapshot in seen)

    async def _room(self) -> str:
        body = {"input": {"pack": "general", "durations": DURATIONS}}
        made = await self._place.request("POST", "/parties/trivia", json=body)
        assert made.status_code == httpx.codes.CREATED, made.text
        return f"{self._place.url}/parties/trivia/{made.json()['room']}"

    async def _leave(self) -> None:
        for seat in self.seats:
            await seat.close()


async def _play(seat: SocketSeat) -> None:
    """One game: an answer to each question, most of the time a second one, and its confirmation."""
    await seat.send("ready")
    done = 0
    while (number := await _next(seat, done)) is not None:
        question = seat.facade.context["question"]
        for _ in range(seat.random.choice((1, 2, 2))):
            await seat.pause(0.08)
            await seat.send("answer", question=question["id"], **_answer(seat, question))
        await seat.send("confirm", question=question["id"])
        done = number


async def _next(seat: SocketSeat, done: int) -> int | None:
    """The number of the next question that is open; None: the game is over."""
    snapshot = await seat.facade.wait_for(
        lambda s: s.matches("ranking") or (s.matches("question.open") and _number(s) > done)
    )
    return None if snapshot.matches("ranking") else _number(snapshot)


def _number(snapshot: Any) -> int:
    return int(snapshot.context["question"]["number"])


def _answer(seat: SocketSeat, question: Any) -> dict[str, str]:
    asked = QUESTIONS[question["number"] - 1]
    if isinstance(asked, Text):
        return {"text": seat.random.choice([asked.answers[0], "no idea"])}
    return {"choice": seat.random.choice(sorted(question["options"]))}
