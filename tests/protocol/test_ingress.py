"""The door: what parses and is refused all the same, and what passes."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import given

from machine_party.protocol import (
    JSON,
    MAX_INTEGER,
    MSGPACK,
    Bare,
    Limits,
    MalformedMessage,
)
from tests.protocol.strategies import values


def refusal(data: str | bytes, limits: Limits | None = None) -> MalformedMessage:
    """The error with which the door refuses `data`."""
    codec = JSON if isinstance(data, str) else MSGPACK
    with pytest.raises(MalformedMessage) as caught:
        codec.decode_client(data, limits or Limits())
    return caught.value


def passes(value: Any, limits: Limits | None = None) -> None:
    """Assert that an event with `value` in it comes through both codecs."""
    event = {"type": "x", "a": value}
    for codec in (JSON, MSGPACK):
        message = codec.decode_client(codec.encode(Bare(event)), limits or Limits())
        assert message == Bare(event)


@pytest.mark.parametrize(
    ("json_value", "says"),
    [
        (r'"\ud800"', "surrogate"),
        (r'{"\udfff":1}', "surrogate"),
        ("NaN", "finite"),
        ("-Infinity", "finite"),
        ("1e400", "finite"),
        ('{"b":1,"b":1}', "twice"),
        (str(MAX_INTEGER + 1), "integer"),
        (str(-MAX_INTEGER - 1), "integer"),
        ("9" * 4_000, "integer"),
        ('{"__proto__":1}', "__proto__"),
        ('{"prototype":1}', "prototype"),
        ('[{"constructor":1}]', "constructor"),
    ],
)
def test_json_that_could_hurt_later_is_refused(json_value: str, says: str) -> None:
    error = refusal(f'{{"type":"x","a":{json_value}}}')

    assert error.code == "bad_request"
    assert says in error.reason
    assert (error.path or "").startswith("$.a")


@pytest.mark.parametrize(
    "packed",
    [
        msgpack.ExtType(1, b"x"),
        msgpack.Timestamp(1, 2),
        b"raw bytes",
        float("nan"),
        float("inf"),
        MAX_INTEGER + 1,
        2**64 - 1,
        -(2**63),
        {"__proto__": 1},
        {1: "a key that is a number"},
        {b"k": "a key of bytes"},
    ],
    ids=repr,
)
def test_messagepack_that_could_hurt_later_is_refused(packed: Any) -> None:
    assert refusal(msgpack.packb([0, {"type": "x", "a": packed}])).code == "bad_request"


@pytest.mark.parametrize(
    "data",
    [
        msgpack.packb([0, {"type": "x"}]) + b"\x00",
        b"\x92\x00\x82\xa4type\xa1x\xa4type\xa1y",
        b"\x92\x00\x81\xa4type\xa2\xff\xfe",
        b"\x92\x00\x81\xa4type\xa3\xed\xa0\x80",
        b"\x92\x00",
        b"",
    ],
    ids=["trailing", "repeated key", "bad UTF-8", "surrogate", "cut", "empty"],
)
def test_broken_messagepack_is_refused(data: bytes) -> None:
    assert refusal(data).code == "bad_request"


def test_messagepack_takes_no_text() -> None:
    with pytest.raises(MalformedMessage, match="binary"):
        MSGPACK.decode_client("[5]")


@given(value=values)
def test_plain_values_pass(value: Any) -> None:
    passes(value, Limits(message_bytes=1 << 20))


@pytest.mark.parametrize("value", [MAX_INTEGER, -MAX_INTEGER, 1e308, "é😀", True, None, -0.0])
def test_the_extremes_pass(value: Any) -> None:
    passes(value)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_depth_is_bounded_in_json() -> None:
    at_most = Limits().depth

    passes(nested(at_most - 2))
    error = refusal(json.dumps({"type": "x", "a": nested(at_most)}))
    assert (error.code, error.reason) == ("too_large", "nested too deep")


@pytest.mark.parametrize("depth", [5_000, 16_000])
def test_depth_beyond_the_parsers_own_is_refused_too(depth: int) -> None:
    assert refusal("[" * depth + "]" * depth, Limits(message_bytes=1 << 20)).code == "too_large"
    assert refusal(b"\x91" * depth + b"\xc0").code in ("bad_request", "too_large")


def test_nodes_are_bounded() -> None:
    at_most = Limits().nodes

    passes([0] * (at_most - 5))
    assert refusal(json.dumps({"type": "x", "a": [0] * at_most})).code == "too_large"


def test_bytes_are_bounded_and_counted_as_utf_8() -> None:
    limits = Limits(message_bytes=100)
    frame = len('{"type":"x","a":""}')
    full = "é" * ((100 - frame) // 2)

    passes(full, limits)
    assert refusal('{"type":"x","a":"' + full + "é" + '"}', limits).code == "too_large"
    assert refusal(msgpack.packb([0, {"type": "x", "a": "b" * 100}]), limits).code == "too_large"


@pytest.mark.parametrize(
    "bomb",
    [
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xdc\x07\xd0" * 5_000,
        b"\xde\x07\xd0" * 5_000,
        b"\xdd\x00\x00\x3f\xfa" + b"\x80" * 16_378,
        b"\xc6\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
    ],
    ids=["array32", "map32", "nested array16", "nested map16", "empty maps", "bin32", "str32"],
)
def test_a_bomb_is_refused_in_bounded_memory(bomb: bytes) -> None:
    tracemalloc.start()
    try:
        assert refusal(bomb).code in ("bad_request", "too_large")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 24 * 1024 * 1024
