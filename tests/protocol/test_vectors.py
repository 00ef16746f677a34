"""The recorded vectors, replayed against this code as a client elsewhere replays them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from docs.vectors import SESSIONS, Player, decoded
from machine_party.protocol import (
    JSON,
    MSGPACK,
    MalformedMessage,
    Message,
    PatchError,
    apply,
    matches,
)
from machine_party.protocol.table import CLIENT_MESSAGES, SERVER_MESSAGES

FILE = Path(__file__).resolve().parents[2] / "docs" / "vectors.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS["messages"], ids=lambda vector: vector["json"][:40])
def test_message(vector: dict[str, str]) -> None:
    text, packed = vector["json"], bytes.fromhex(vector["msgpack"])
    messages: list[Message]
    if vector["from"] == "server":
        messages = [JSON.decode_server(text), MSGPACK.decode_server(packed)]
    else:
        messages = [JSON.decode_client(text), MSGPACK.decode_client(packed)]

    assert messages[0] == messages[1]
    assert {JSON.encode(message) for message in messages} == {text}
    assert {MSGPACK.encode(message) for message in messages} == {packed}


def test_every_message_has_a_vector() -> None:
    recorded = {json.loads(vector["json"])["type"] for vector in VECTORS["messages"]}

    assert {shape.type for shape in (*CLIENT_MESSAGES, *SERVER_MESSAGES) if shape.type} < recorded


@pytest.mark.parametrize("vector", VECTORS["tolerated"], ids=str)
def test_tolerated(vector: dict[str, Any]) -> None:
    assert json.loads(JSON.encode(decoded(vector))) == vector["means"]


@pytest.mark.parametrize("vector", VECTORS["malformed"], ids=str)
def test_malformed(vector: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage) as caught:
        decoded(vector)
    assert caught.value.path == vector["path"]


@pytest.mark.parametrize("vector", VECTORS["patches"], ids=str)
def test_patch(vector: dict[str, Any]) -> None:
    if "fails_at" not in vector:
        assert apply(vector["document"], vector["operations"]) == vector["result"]
        return
    with pytest.raises(PatchError) as caught:
        apply(vector["document"], vector["operations"])
    assert caught.value.index == vector["fails_at"]


@pytest.mark.parametrize("vector", VECTORS["states"], ids=str)
def test_state(vector: dict[str, Any]) -> None:
    assert matches(vector["pattern"], vector["value"]) is vector["matches"]


@pytest.mark.parametrize("name", VECTORS["sessions"])
def test_session(name: str) -> None:
    player = Player()

    for row in VECTORS["sessions"][name]:
        expected = {key: row[key] for key in ("sends", "notices", "document")}
        assert player.play(row["step"]) == expected


def test_every_session_is_recorded() -> None:
    assert list(VECTORS["sessions"]) == list(SESSIONS)
