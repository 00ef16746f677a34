"""The wiretap: a secret is found in every form in which it can travel."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_party.protocol import (
    JSON,
    MSGPACK,
    Codec,
    Emit,
    Receipt,
    ServerMessage,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
)
from machine_party.testing import Wiretap

CODECS = pytest.mark.parametrize("codec", [JSON, MSGPACK])


def tapped(message: ServerMessage, codec: Codec) -> Wiretap:
    tap = Wiretap()
    tap.write([codec.encode(message)])
    return tap


def messages_with(secret: Any) -> list[ServerMessage]:
    """Everywhere that a value can hide."""
    operation = {"op": "add", "path": "/context/x", "value": {"deep": [secret]}}
    messages: list[ServerMessage] = [
        SnapshotUpdate({"context": {"deep": [{"x": secret}]}}, 1, 1, "player", 0, 0),
        SnapshotPatch((operation,), "shared", 1, 1),
        Receipt("0000000000000001.1", "accepted", 1, {"x": secret}),
        Emit({"type": "told", "x": secret}),
    ]
    if isinstance(secret, str | int):
        messages += [
            SnapshotUpdate({"context": {str(secret): 1}}, 1, 1, "player", 0, 0),
            SnapshotPatch(({"op": "remove", "path": f"/context/{secret}"},), "own", 1, 1),
            Receipt("0000000000000001.1", "rejected", 1, None, "wrong", f"it was ({secret})"),
        ]
    return messages


@CODECS
@pytest.mark.parametrize(
    "secret",
    ["Paris", 'quo"ted', "übung", "snow ☃ 𝄞", "a\nb", 42, -7, 2.5, 1234567, [3, 1], {"a": 1}],
)
def test_a_secret_is_found_wherever_it_hides(codec: Codec, secret: Any) -> None:
    for message in messages_with(secret):
        if isinstance(secret, str) and "\n" in secret and "path" in str(message):
            continue
        with pytest.raises(AssertionError, match="was sent to this member"):
            tapped(message, codec).assert_never_sees(secret)


@CODECS
@pytest.mark.parametrize("secret", ["Rome", 43, 7, 2.25, [1, 3], {"a": 2}])
def test_what_was_not_sent_is_not_found(codec: Codec, secret: Any) -> None:
    for other in ("Paris", 42, -7, 2.5, [3, 1], {"a": 1}, True):
        for message in messages_with(other):
            if isinstance(message, SnapshotUpdate | SnapshotPatch | Receipt | Emit):
                tapped(message, codec).assert_never_sees(secret)


def test_escaped_json_is_found_in_both_forms() -> None:
    tap = Wiretap()
    tap.write([json.dumps({"type": "party.emit", "event": {"type": "x", "y": "über ☃"}})])
    assert tap.find("über ☃") is not None
    tap.write([b"not a message: \xff secret"])
    assert tap.find("secret") is not None


@CODECS
def test_a_number_is_not_confused_with_the_protocols_own(codec: Codec) -> None:
    tap = tapped(SnapshotUpdate({"context": {}}, 42, 42, "player", 42, 42), codec)
    tap.write([codec.encode(Welcome(1, "m", "player", 42, 42, False))])
    tap.write([codec.encode(Receipt("0000000000000001.42", "accepted", 42))])
    tap.assert_never_sees(42)
    tap.assert_never_sees(1)


@pytest.mark.parametrize("value", [None, True, False, ""])
def test_what_is_everywhere_cannot_be_looked_for(value: Any) -> None:
    with pytest.raises(TypeError, match="is everywhere"):
        Wiretap().find(value)


@CODECS
@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_any_text_is_found(codec: Codec, secret: str) -> None:
    assert tapped(Emit({"type": "told", "x": f"<{secret}>"}), codec).find(secret) is not None


def test_everything_is_kept_in_order() -> None:
    tap = Wiretap()
    tap.write(["a", b"b"])
    tap.write(["ç"])
    assert tap.writes == [("a", b"b"), ("ç",)]
    assert tap.frames == ["a", b"b", "ç"]
    assert tap.data == b"ab\xc3\xa7"
