"""What nobody may see early, over HTTP: states, waits, streams and receipts of a game of trivia.

As `tests/games/test_secrets.py` for WebSockets: the right answers and the players' answers are
128-bit canaries. No byte to anybody else holds one before its recap; and when only one player's
answers differ between two otherwise equal games, everybody else gets the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.trivia import Trivia
from machine_party import MachineParty
from machine_party.room import LoopClock
from machine_party.testing import VirtualClock
from tests.games.canary import INPUT, KEYS, PLAYERS, guess, leak, play, revealed
from tests.server.asgi import http
from tests.server.stream import Stream, listen

ROOM = "/parties/trivia/room"
Move = tuple[str, str]

moves = st.lists(
    st.tuples(
        st.sampled_from(["answer", "confirm", "get", "steal", "wait", "drop", "listen", "time"]),
        st.sampled_from(PLAYERS),
    ),
    max_size=16,
)


class Member:
    """One member: a poller, a waiter and a listener at once; every byte that it was sent."""

    def __init__(self, game: Game, name: str, token: str) -> None:
        self.name = name
        self.headers = {"authorization": f"Bearer {token}"}
        self.tag = ""
        self.state: dict[str, Any] = {}
        self._game, self._token = game, token
        self._answers: list[httpx.Response] = []
        self._streams: list[Stream] = []
        self._waiting: asyncio.Task[httpx.Response] | None = None

    @property
    def seen(self) -> str:
        """Everything, heads included."""
        heads = [f"{answer.status_code}{answer.headers}" for answer in self._answers]
        streams = [f"{stream.headers}{stream.text}" for stream in self._streams]
        return "".join([*heads, *(answer.text for answer in self._answers), *streams])

    def take(self, answer: httpx.Response) -> httpx.Response:
        self._answers.append(answer)
        return answer

    async def get(self, tag: str | None = None) -> None:
        """Ask for the state, with what it has, or with somebody else's mark."""
        headers = {**self.headers, "if-none-match": self.tag if tag is None else tag}
        answer = self.take(await self._game.client.get(ROOM, headers=headers))
        if answer.status_code == 200:
            self.tag, self.state = answer.headers["etag"], answer.json()["snapshot"]

    def wait(self) -> None:
        if self._waiting is None or self._waiting.done():
            headers = {**self.headers, "if-none-match": self.tag}
            self._waiting = asyncio.create_task(
                self._game.client.get(f"{ROOM}?wait=60", headers=headers)
            )
            self._waiting.add_done_callback(lambda task: self.take(task.result()))

    async def listen(self) -> None:
        await self.drop()
        last = self._streams[-1].last_id if self._streams else None
        path = f"{ROOM}/events"
        self._streams.append(await listen(self._game.app, path, token=self._token, last_id=last))

    async def drop(self) -> None:
        if self._streams and not self._streams[-1].task.done():
            self._streams[-1].heard()
            await self._streams[-1].leave()

    async def send(self, **event: Any) -> Any:
        body = {"event": event}
        post = await self._game.client.post(f"{ROOM}/events", json=body, headers=self.headers)
        return self.take(post).json()

    async def leave(self) -> None:
        await self.drop()
        if self._waiting is not None:
            await self._game.clock.until(self._waiting, within=61)


class Game:
    """A game, and who may not know what yet.

    Attributes:
        salt: changes bob's answers, and nothing else.
        revealed: the questions that a recap has shown.
        given: `(player, question)` of the answers that were taken.
    """

    def __init__(
        self, app: MachineParty, client: httpx.AsyncClient, clock: VirtualClock, salt: str
    ) -> None:
        self.app, self.client, self.clock, self.salt = app, client, clock, salt
        self.members: dict[str, Member] = {}
        self.revealed: set[str] = set()
        self.given: set[tuple[str, str]] = set()

    async def begin(self) -> None:
        await self.app.rooms.create("trivia", "room", INPUT)
        for name in (*PLAYERS, "wall"):
            await self._join(name, "screen" if name == "wall" else "player")
        for name in PLAYERS:
            await self.members[name].send(type="ready", ready=True)
        await self.clock.advance(5 + 2)
        for member in self.members.values():
            await member.get()

    async def _join(self, name: str, role: str) -> None:
        token = self.app.token("trivia", "room", name, role=role, name=name)
        member = self.members[name] = Member(self, name, token)
        seat = await self.client.post(f"{ROOM}/members", json={}, headers=member.headers)
        assert seat.status_code == 201
        await member.listen()

    async def move(self, action: str, name: str) -> None:
        member = self.members[name]
        match action:
            case "get":
                await member.get()
            case "steal":  # the marks of all the others: none confirms anything
                for other in self.members.values():
                    if other is not member:
                        await member.get(other.tag)
                        assert member._answers[-1].status_code == 200
            case "wait":
                member.wait()
            case "drop":
                await member.drop()
            case "listen":
                await member.listen()
            case "time":
                await self.clock.advance(5)
            case _:
                await self._play(action, member)
        await self.clock.settle()
        self._note()

    async def _play(self, action: str, member: Member) -> None:
        await member.get()
        question = member.state["context"]["question"]
        if question is None:
            return
        if action == "confirm":
            await member.send(type="confirm", question=question["id"])
            return
        salt = self.salt if member.name == "bob" else ""
        text = guess(member.name, question["id"], salt)
        receipt = await member.send(type="answer", question=question["id"], text=text)
        if receipt["status"] == "accepted":
            self.given.add((member.name, question["id"]))

    def _note(self) -> None:
        (room,) = self.app.rooms.list()
        self.revealed |= revealed(room)

    def check(self) -> None:
        """Nobody has a byte of what is not revealed, but for one's own answers."""
        for name, member in self.members.items():
            seen = member.seen
            for question, key in KEYS.items():
                assert question in self.revealed or key not in seen
            for player, question in self.given:
                if question not in self.revealed and player != name:
                    assert guess(player, question) not in seen

    async def end(self) -> None:
        for member in self.members.values():
            await member.leave()
        await self.app.close()


def run(script: Sequence[Move], *, salt: str = "", stop_at_reveal: bool = False) -> dict[str, str]:
    """Play a script; `{member: everything that it was sent}`."""
    return play(lambda clock: _play(clock, script, salt, stop_at_reveal))


class QuickTrivia(Trivia):
    """Its commits wait for nothing: no request has to let time pass."""

    name = "trivia"
    patch_interval = 0.0


async def _play(
    clock: VirtualClock, script: Sequence[Move], salt: str, stop_at_reveal: bool
) -> dict[str, str]:
    app = MachineParty(
        [QuickTrivia],
        secret="a secret of tests",
        seed="secrets",
        clock=LoopClock(epoch=clock.now()),
    )
    async with http(app) as client:
        game = Game(app, client, clock, salt)
        await game.begin()
        seen: dict[str, str] = {}
        for action, name in script:
            await game.move(action, name)
            if stop_at_reveal and game.revealed:
                break
            seen = {key: member.seen for key, member in game.members.items()}
            if not salt:
                game.check()
        await game.end()
    return seen


@given(script=moves)
@settings(max_examples=settings().max_examples // 6)
def test_no_byte_holds_a_secret_before_its_recap(script: list[Move]) -> None:
    run([("wait", "cid"), ("answer", "ann"), ("answer", "bob"), ("steal", "cid"), *script])


@given(script=moves)
@settings(max_examples=settings().max_examples // 10)
def test_one_players_secret_changes_no_byte_of_anybody_else(script: list[Move]) -> None:
    script = [("wait", "ann"), ("answer", "bob"), *[m for m in script if m[0] != "steal"]]
    first = run(script, stop_at_reveal=True)
    second = run(script, salt="other", stop_at_reveal=True)
    assert first["bob"] != second["bob"]
    del first["bob"], second["bob"]
    assert first == second


WHOLE_GAME: list[Move] = [
    ("answer", "ann"), ("answer", "bob"), *[("time", "ann"), ("get", "wall")] * 20,
]  # fmt: skip


def test_the_canaries_do_travel_once_they_are_revealed() -> None:
    """Else the checks above would look for what is never sent."""
    seen = run(WHOLE_GAME)
    assert all(key in seen["wall"] for key in KEYS.values())
    assert guess("bob", "q1") in seen["ann"]


def test_a_deliberate_leak_is_found() -> None:
    with leak(), pytest.raises(AssertionError):
        run([("answer", "bob"), ("get", "ann")])
