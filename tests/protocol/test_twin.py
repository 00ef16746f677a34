"""The client's half in JavaScript decides as the one in Python: sessions at random, in both.

`docs/vectors.json` has the sessions that someone thought of; these are the others. Most messages
nearly fit, so that all the ways of not fitting come up.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from random import Random
from typing import Any

import pytest

from docs.vectors import CLIENT_ID, Player
from machine_party.protocol import Resume
from tests.requirement import ROOT, node

PLAYER = ROOT / "tests" / "client_js" / "protocol" / "player.js"
SESSIONS, STEPS = 600, 40

SNAPSHOTS = [
    {"value": "on", "context": {"count": 0, "mine": 0}},
    {"value": "off", "context": {"count": 0, "mine": 0, "list": [1, {"a": []}]}},
    {"value": {"a": "b"}, "context": {"count": 1, "mine": 2}, "live": {"at": 1}},
]


class Author:
    """Writes one session, and looks where the client stands to make the next step fit, mostly."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._player = Player()
        self.steps: list[Any] = []
        self.rows: list[Any] = []

    def write(self) -> None:
        self._take("connected")
        self._take(self._welcome())
        for _ in range(STEPS):
            self._take(self._step())

    def _take(self, step: Any) -> None:
        self.steps.append(step)
        self.rows.append(self._player.play(step))

    def _step(self) -> Any:
        kinds = {
            self._patch: 60,
            self._update: 10,
            self._welcome: 8,
            self._connect: 8,
            self._send: 8,
            self._receipt: 10,
            self._message: 4,
        }
        return self._random.choices(list(kinds), list(kinds.values()))[0]()

    def _near(self, value: int) -> int:
        return max(0, value + self._random.choices([0, -1, 1, 2, 70, -70], [60, 9, 9, 6, 1, 1])[0])

    @property
    def _point(self) -> Resume:
        return self._player.position or Resume(3, "player", "m1", 117, 104)

    def _connect(self) -> str:
        return self._random.choice(["connected", "connected", "disconnected"])

    def _welcome(self) -> dict[str, Any]:
        point, random = self._point, self._random
        head: dict[str, Any] = {
            "type": "party.welcome",
            "protocol": 1,
            "now": 1,
            "resumed": random.random() < 0.7,
        }
        head |= {"member": random.choices([point.member, "m2"], [9, 1])[0]}
        head |= {"audience": random.choices([point.audience, "host"], [9, 1])[0]}
        head |= {"epoch": random.choices([point.epoch, point.epoch + 1], [9, 1])[0]}
        if head["resumed"] and random.random() < 0.95:
            ahead = random.choice([0, 1, 2])
            head["until"] = {
                "shared": point.shared + ahead,
                "own": point.own + random.choice([0, 1]),
            }
        return head

    def _update(self) -> dict[str, Any]:
        point, random = self._point, self._random
        update: dict[str, Any] = {
            "type": "party.snapshot.update",
            "snapshot": random.choice(SNAPSHOTS),
        }
        update |= {"epoch": random.choices([point.epoch, self._near(point.epoch)], [9, 1])[0]}
        update |= {"version": self._near(self._player.version), "audience": point.audience}
        update |= {"shared": self._near(point.shared), "own": self._near(point.own)}
        return update | ({"live": random.choice([7, 8])} if random.random() < 0.5 else {})

    def _patch(self) -> dict[str, Any]:
        random, point = self._random, self._point
        layer = random.choices(["shared", "own", "live"], [5, 3, 2])[0]
        at = {"shared": point.shared + 1, "own": point.own + 1, "live": random.choice([8, 9])}
        patch: dict[str, Any] = {
            "type": "party.snapshot.patch",
            "operations": self._operations(layer),
        }
        patch |= {"layer": layer, "seq": self._near(at[layer])}
        patch |= {"version": self._near(self._player.version + random.choice([0, 1]))}
        return patch | ({"more": True} if layer == "own" and random.random() < 0.5 else {})

    def _operations(self, layer: str) -> list[dict[str, Any]]:
        value = self._random.choice([0, 1, {"at": 1}, [1]])
        if layer == "live" and self._random.random() < 0.5:
            return [
                {"op": self._random.choice(["add", "replace"]), "path": "/live", "value": value}
            ]
        paths = ["/context/count", "/context/mine", "/context/new", "/live/at", "/context/list/-"]
        name = self._random.choices(["add", "replace", "remove"], [8, 1, 1])[0]
        operation = {"op": name, "path": self._random.choices(paths, [8, 8, 2, 1, 1])[0]}
        return [operation if name == "remove" else operation | {"value": value}]

    def _send(self) -> dict[str, Any]:
        send = {"send": {"type": "increment"}, "times": self._random.choices([1, 40], [9, 1])[0]}
        return send | ({"actorId": "child"} if self._random.random() < 0.2 else {})

    def _receipt(self) -> dict[str, Any]:
        number = self._random.choice([*range(1, 10), 64, 65, 70])
        head = {"type": "party.receipt", "id": f"{CLIENT_ID}.{number}", "version": 41}
        status = self._random.choice(["accepted", "duplicate", "rejected"])
        code = self._random.choice(["no", "store_unavailable"])
        return head | {"status": status} | ({"code": code} if status == "rejected" else {})

    def _message(self) -> dict[str, Any]:
        emit = {"type": "party.emit", "event": {"type": "ding"}}
        chunk = {"type": "party.chunk", "stream": "story", "index": 0, "data": None}
        error = {"type": "party.error", "code": "no", "reason": "no", "temporary": False}
        return self._random.choice([emit, chunk, error, {"type": "party.pong", "now": 1}])


@pytest.fixture(scope="module")
def authors() -> list[Author]:
    found = [Author(seed) for seed in range(SESSIONS)]
    for author in found:
        author.write()
    return found


def test_both_clients_do_the_same(authors: list[Author]) -> None:
    sessions = json.dumps([author.steps for author in authors])
    command = [node(), str(PLAYER)]
    done = subprocess.run(command, input=sessions, capture_output=True, check=True, text=True)

    for author, played in zip(authors, json.loads(done.stdout), strict=True):
        for step, ours, theirs in zip(author.steps, author.rows, played, strict=True):
            assert theirs == ours, step


def test_the_sessions_have_everything_in_them(authors: list[Author]) -> None:
    notices = [notice for author in authors for row in author.rows for notice in row["notices"]]
    told = Counter(notice.get("reason") or notice["notice"] for notice in notices)
    expected = {"changed", "ready", "resolved", "emitted", "chunked", "failed", "stale-message",
                "missing-snapshot", "version-gap", "patch-apply-failed"}  # fmt: skip

    assert {name for name, count in told.items() if count > 100} == expected, told
    sent = Counter(m["type"] for author in authors for row in author.rows for m in row["sends"])
    resumed = [
        m for author in authors for row in author.rows for m in row["sends"] if "resume" in m
    ]
    assert len(sent) == 4
    assert len(resumed) > 500
