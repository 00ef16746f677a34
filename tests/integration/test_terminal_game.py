"""Three terminals play one whole game of trivia on a real server, over real sockets.

Everything is as a host has it: the installed command serves, and three more of it play, each
fed by a pipe. The players know the right answers to different degrees, and must agree on the
ranking.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from client_facade import connect
from games.trivia.pack import find
from games.trivia.question import Text

pytestmark = [pytest.mark.socket, pytest.mark.slow]

PATIENCE = 60
"""Seconds that a whole game may take here; it takes about a fifth of that."""

DURATIONS = {"countdown": 0.2, "prep": 0.5, "time": 20, "pause": 0.5, "recap": 0.1}
"""Every state that a player waits for lasts long enough to be seen by a process that is held up."""

PACK = find("general")
TEXTS = [
    asked for category in PACK.categories for asked in category.questions if isinstance(asked, Text)
]
POINTS_OF_TEXTS = 10 * len(TEXTS)
KNOWING = {"Ann": True, "Bob": False, "Cid": True}
"""Who knows the right answers to the questions that are answered with a text."""

COMMAND = [str(Path(sys.executable).with_name("machine-party"))]


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a server of its own; it is stopped by SIGTERM and must end cleanly."""
    with subprocess.Popen(
        [*COMMAND, "serve", "--host", "127.0.0.1", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield _address(process)
        finally:
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=20)
    assert "Traceback" not in output
    assert process.returncode == 0


def test_three_terminals_end_with_the_same_ranking(server: str) -> None:
    url = _make_room(server)
    with ExitStack() as running:
        players = {name: running.enter_context(_play(url, name)) for name in KNOWING}
        outputs = _played(url, players)

    rankings = {name: _ranking(output) for name, output in outputs.items()}
    assert rankings["Ann"] == rankings["Bob"] == rankings["Cid"], outputs
    ranks = {name: rank for rank, name, _ in rankings["Ann"]}
    points = {name: float(points) for _, name, points in rankings["Ann"]}
    assert ranks == {"Ann": "1", "Cid": "1", "Bob": "3"}
    assert points["Ann"] == points["Cid"] == points["Bob"] + POINTS_OF_TEXTS


def _played(url: str, players: dict[str, subprocess.Popen[str]]) -> dict[str, str]:
    """A whole game; what each player's terminal has shown."""
    for player in players.values():
        _type(player, ["/wait lobby"])
    _wait_for_names(url, set(players))
    for name, player in players.items():
        _type(player, ["ready", *_script(KNOWING[name]), "/wait ranking", "/quit"])
    return {name: player.communicate(timeout=PATIENCE)[0] for name, player in players.items()}


def _script(knows: bool) -> list[str]:
    """What a player types: of options the first one; texts are known or not; Enter confirms."""
    lines = []
    for category in PACK.categories:
        for asked in category.questions:
            answer = "1" if not isinstance(asked, Text) else asked.answers[0] if knows else "?"
            lines += ["/wait question.open", answer, "", "/wait question.preparation"]
        lines[-1] = "/wait recap"
    return lines


@contextmanager
def _play(url: str, name: str) -> Iterator[subprocess.Popen[str]]:
    """A terminal; it has ended afterwards, also if the game has not."""
    with subprocess.Popen(
        [*COMMAND, "play", url, "--name", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "100"},
    ) as player:
        try:
            yield player
        finally:
            player.kill()


def _type(player: subprocess.Popen[str], lines: list[str]) -> None:
    assert player.stdin is not None
    player.stdin.write("".join(f"{line}\n" for line in lines))
    player.stdin.flush()


def _wait_for_names(url: str, names: set[str]) -> None:
    """Until all are in the lobby: who is alone there and ready starts the game alone."""

    async def wait() -> None:
        async with connect(url, role="screen", name="wall") as wall:
            await wall.wait_for(
                lambda snapshot: {c["name"] for c in snapshot.context["players"].values()} >= names,
                timeout=PATIENCE,
            )

    asyncio.run(wait())


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://\S+:(\d+)", line)
        if found:
            return f"http://127.0.0.1:{found[1]}"
    raise AssertionError("the server said no address")


def _make_room(server: str) -> str:
    body = json.dumps({"input": {"pack": "general", "durations": DURATIONS}}).encode()
    request = urllib.request.Request(
        f"{server}/parties/trivia", data=body, headers={"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        room: str = json.load(response)["room"]
    return f"{server}/parties/trivia/{room}"


def _ranking(output: str) -> list[tuple[str, str, str]]:
    """`(rank, name, points)` of the last ranking on a player's screen."""
    last = output[output.rindex("The game is over") :]
    rows = re.findall(r"(\d+)\.?\s+[^A-Za-z\n]*(Ann|Bob|Cid)\D+([\d.]+)", last)
    assert len(rows) == 3, output
    return rows
