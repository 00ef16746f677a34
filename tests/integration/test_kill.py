"""`kill -9` of a real server in the middle of a game, and nobody notices more than a pause.

Three clients play trivia on `machine-party serve`, which is killed at random moments and started
again on the same port and the same files. What was acknowledged counts, once; the clients come back
by themselves, to their seats.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from contextlib import AsyncExitStack, closing
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from client_facade import Channel, Closed, Facade, WebSocketTransport, connect
from games.trivia.pack import find
from games.trivia.question import Text
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.room import RoomKey
from machine_party.room.committer import restored_form
from tests.integration.process import ServeProcess, serve_process

pytestmark = [pytest.mark.socket, pytest.mark.slow]

KILLS = 5
PATIENCE = 38
"""Seconds for everything; it takes about 15."""

DURATIONS = {"countdown": 0.2, "prep": 0.1, "time": 20, "pause": 0.1, "recap": 0.1}
KNOWING = {"Ann": True, "Bob": False, "Cid": True}
"""Who knows the right answers to the questions that are answered with a text."""

QUESTIONS = [asked for category in find("general").categories for asked in category.questions]
EVENTS = len(KNOWING) * (1 + 2 * len(QUESTIONS))
"""Each player is ready once, and answers and confirms each question."""


class Line:
    """A client's transport, on which what the server says can get lost until the next connection.

    So a kill may come after a commit and before its receipt: else that takes microseconds.
    """

    def __init__(self) -> None:
        self.deaf = False
        self._inner = WebSocketTransport()

    async def open(self, url: str, subprotocol: str) -> Channel:
        self._channel = await self._inner.open(url, subprotocol)
        self.deaf = False
        return self

    async def receive(self) -> str | bytes:
        while True:
            data = await self._channel.receive()
            if not self.deaf:
                return data

    async def send(self, data: str | bytes) -> None:
        await self._channel.send(data)

    async def close(self, close_code: int = 1000, reason: str = "") -> None:
        await self._channel.close(close_code, reason)


class Player:
    """One client that plays by itself.

    Attributes:
        acknowledged: `{send's id: its receipt's status}`.
        answers: `{question's number: what was acknowledged as the answer}`.
        members: the ids of the seats that it has had.
        sending: whether a send waits for its receipt.
    """

    def __init__(self, url: str, name: str, seed: int) -> None:
        self.line = Line()
        self.facade: Facade[Any] = connect(url, name=name, transport=self.line)
        self.acknowledged: dict[str, str] = {}
        self.answers: dict[int, dict[str, str]] = {}
        self.members: set[str] = set()
        self.sending = False
        self._knows = KNOWING[name]
        self._random = Random(seed)

    async def play(self) -> None:
        await self._send("ready")
        while True:
            snapshot = await self.facade.wait_for(self._is_asked)
            if snapshot.matches("ranking"):
                return
            question = snapshot.context["question"]
            answer = self._answer(question)
            await asyncio.sleep(self._random.uniform(0, 0.1))
            await self._send("answer", question=question["id"], **answer)
            self.answers[question["number"]] = answer
            await self._send("confirm", question=question["id"])

    def _is_asked(self, snapshot: Any) -> bool:
        if snapshot.matches("question.open"):
            return snapshot.context["question"]["number"] not in self.answers
        return bool(snapshot.matches("ranking"))

    def _answer(self, question: Any) -> dict[str, str]:
        asked = QUESTIONS[question["number"] - 1]
        if isinstance(asked, Text):
            return {"text": asked.answers[0] if self._knows else "no idea"}
        return {"choice": self._random.choice(sorted(question["options"]))}

    async def _send(self, type: str, **fields: Any) -> None:
        self.sending = True
        receipt = await self.facade.send(type, **fields)
        self.sending = False
        self.acknowledged[receipt.id] = receipt.status
        self.members.add(self.facade.member)

    @property
    def ranking(self) -> dict[str, tuple[int, float]]:
        players = self.facade.context["players"].values()
        return {player["name"]: (player["rank"], player["points"]) for player in players}


async def make_room(server: ServeProcess) -> str:
    body = {"input": {"pack": "general", "durations": DURATIONS}}
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{server.url}/parties/trivia", json=body)
    return f"{server.url}/parties/trivia/{answer.json()['room']}"


async def everybody(stack: AsyncExitStack, url: str, seed: int) -> list[Player]:
    """Who is in the lobby now."""
    players = []
    for number, name in enumerate(KNOWING):
        player = Player(url, name, seed + number)
        stack.push_async_callback(player.facade.close)
        await player.facade.ready
        players.append(player)
    for player in players:
        await player.facade.wait_for(lambda s: len(s.context["players"]) == len(KNOWING))
    return players


async def kill_at_random_moments(
    server: ServeProcess, players: list[Player], moments: Random
) -> None:
    """The first time in the lobby; then after so many receipts, while a send is on its way."""
    for kill in range(KILLS):
        due = kill * EVENTS / KILLS
        while not (  # noqa: ASYNC110  what is waited for belongs to the players
            sum(len(player.acknowledged) for player in players) >= due
            and any(player.sending for player in players)
        ):
            await asyncio.sleep(0)
        for player in players:
            player.line.deaf = True
        await asyncio.sleep(moments.uniform(0, 0.15))
        await server.end()
        await server.start()
        for player in players:  # as if the connection had held for five seconds
            player.facade._connection._backoff.succeeded()


async def game_with_kills(data: Path, seed: int, *options: str) -> tuple[list[Player], str]:
    """The players at the end of a game, and the room's id."""
    async with serve_process(data, *options) as server, AsyncExitStack() as stack:
        url = await make_room(server)
        players = await everybody(stack, url, seed)
        killing = asyncio.create_task(kill_at_random_moments(server, players, Random(seed)))
        await asyncio.gather(killing, *(player.play() for player in players))
        assert "Traceback" not in server.output
        return players, url.rpartition("/")[2]


async def kept(data: Path, room: str) -> tuple[dict[str, Any], list[str]]:
    """The room's game as it is stored, and the ids of the sends in its journal."""
    file = data / "rooms.sqlite"
    with closing(sqlite3.connect(file)) as db:
        entries = [json.loads(entry) for (entry,) in db.execute("SELECT entry FROM entries")]
        whole = db.execute("SELECT version FROM forms").fetchall()
    store = SqliteStore(file)
    found = await store.claim(RoomKey("trivia", room))
    await store.close()
    assert found is not None
    assert whole[0][0] < 10, "the first form is still the only one, so the journal has every send"
    sends = [cause["id"] for entry in entries for _, cause in entry["causes"] if "id" in cause]
    context: dict[str, Any] = restored_form(found)["actor"]["machine"]["context"]
    return context, sends


def check_journal(journal: list[str], players: list[Player]) -> None:
    """Every acknowledged send is there, and none twice."""
    assert {id: times for id, times in Counter(journal).items() if times > 1} == {}
    acknowledged = {id for player in players for id in player.acknowledged}
    assert len(acknowledged) == EVENTS
    assert acknowledged == set(journal)


def check_answers(game: dict[str, Any], players: list[Player]) -> None:
    """What was acknowledged as an answer is the answer that counts."""
    for player in players:
        (member,) = player.members
        for number, answer in player.answers.items():
            counted = game["rounds"][number - 1]["answers"][member]
            assert counted["confirmed"]
            assert answer.get("text") == counted.get("text")
            assert ("choice" in answer) == (counted.get("choice") is not None)


def test_a_game_goes_on_through_kills_and_every_answer_counts_once(tmp_path: Path) -> None:
    async def main() -> None:
        players, room = await game_with_kills(tmp_path / "data", 7)
        statuses = Counter(s for player in players for s in player.acknowledged.values())
        assert statuses.keys() == {"accepted", "duplicate"}, statuses
        rankings = [player.ranking for player in players]
        assert rankings[0] == rankings[1] == rankings[2]
        assert rankings[0].keys() == KNOWING.keys()
        game, journal = await kept(tmp_path / "data", room)
        check_journal(journal, players)
        check_answers(game, players)
        with pytest.raises(AssertionError):
            check_journal([*journal, journal[0]], players)
        with pytest.raises(AssertionError):
            check_journal(journal[1:], players)

    asyncio.run(asyncio.wait_for(main(), PATIENCE))


def test_a_server_that_keeps_nothing_loses_the_game(tmp_path: Path) -> None:
    async def main() -> None:
        with pytest.raises(Closed) as lost:
            await game_with_kills(tmp_path, 7, "--store", "memory:")
        assert lost.value.code in ("bad_token", "not_found")

    asyncio.run(asyncio.wait_for(main(), PATIENCE))
    assert list(tmp_path.iterdir()) == [], "an evening without traces"
