"""Both codecs: round trips, the bytes themselves, and what decoders let through."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from machine_party.protocol import (
    JSON,
    MSGPACK,
    Bare,
    Codec,
    Hello,
    JsonCodec,
    Limits,
    MalformedMessage,
    PeerError,
    Ping,
    Receipt,
    Resume,
    Send,
    SendTo,
    SnapshotGet,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
    codec_for,
)
from machine_party.protocol.messages import ClientMessage, ServerMessage
from machine_party.protocol.table import CLIENT_MESSAGES, SERVER_MESSAGES, STRUCTURES
from tests.protocol.strategies import client_messages, server_messages, values

CODECS = pytest.mark.parametrize("codec", [JSON, MSGPACK], ids=lambda codec: codec.subprotocol)
ROOMY = Limits(message_bytes=1 << 20)
ID = "0123456789abcdef.7"
PATCH = SnapshotPatch(
    ({"op": "replace", "path": "/context/count", "value": 3},), "shared", 512, 70_000
)


# -- the table ---------------------------------------------------------------------------


def test_the_table_names_the_fields_of_the_dataclasses_in_their_order() -> None:
    for shape in (*CLIENT_MESSAGES, *SERVER_MESSAGES, *STRUCTURES.values()):
        assert [field.name for field in shape.fields] == [f.name for f in fields(shape.cls)]


def test_the_table_and_the_dataclasses_agree_on_what_is_optional() -> None:
    for shape in (*CLIENT_MESSAGES, *SERVER_MESSAGES, *STRUCTURES.values()):
        for field, declared in zip(shape.fields, fields(shape.cls), strict=True):
            assert field.optional == (declared.default is not MISSING)
            assert not field.optional or field.default is declared.default


def test_kinds_and_types_are_unique_and_required_fields_come_first() -> None:
    shapes = (*CLIENT_MESSAGES, *SERVER_MESSAGES)

    assert len({shape.kind for shape in shapes}) == len(shapes)
    assert len({shape.type for shape in shapes}) == len(shapes)
    for shape in shapes:
        optional = [field.optional for field in shape.fields]
        assert optional == sorted(optional)


# -- round trips -------------------------------------------------------------------------


@CODECS
@given(message=client_messages)
def test_a_client_message_survives_the_wire(codec: Codec, message: ClientMessage) -> None:
    assert codec.decode_client(codec.encode(message), ROOMY) == message


@CODECS
@given(message=server_messages)
def test_a_server_message_survives_the_wire(codec: Codec, message: ServerMessage) -> None:
    assert codec.decode_server(codec.encode(message)) == message


@given(message=server_messages)
def test_json_is_taken_as_text_or_as_bytes(message: ServerMessage) -> None:
    text = JSON.encode(message)

    assert JSON.decode_server(text.encode()) == JSON.decode_server(text)


def test_another_serializer_may_be_injected() -> None:
    calls: list[Any] = []

    def dumps(value: Any) -> str:
        calls.append(value)
        return json.dumps(value)

    codec = JsonCodec(dumps=dumps)

    assert codec.decode_server(codec.encode(PATCH)) == PATCH
    assert calls[0]["layer"] == "shared"


# -- the bytes ---------------------------------------------------------------------------

LAYOUT: list[tuple[ClientMessage | ServerMessage, str, list[Any]]] = [
    (
        Hello(Resume(3, "player", "m1", 17, 4), mode="snapshot"),
        '{"type":"party.hello","resume":{"epoch":3,"audience":"player","member":"m1","shared":17,'
        '"own":4},"mode":"snapshot"}',
        [1, [3, "player", "m1", 17, 4], None, None, None, None, 1],
    ),
    (
        Send(ID, {"type": "increment", "by": 2}),
        '{"type":"party.send","id":"0123456789abcdef.7","event":{"type":"increment","by":2}}',
        [2, ID, {"type": "increment", "by": 2}],
    ),
    (
        SendTo("p:m1", {"type": "x"}),
        '{"type":"party.sendTo","actorId":"p:m1","event":{"type":"x"}}',
        [3, "p:m1", {"type": "x"}],
    ),
    (SnapshotGet(), '{"type":"party.snapshot.get"}', [4]),
    (Ping(), '{"type":"party.ping"}', [5]),
    (Bare({"by": 1, "type": "x"}), '{"type":"x","by":1}', [0, {"by": 1, "type": "x"}]),
    (
        PATCH,
        '{"type":"party.snapshot.patch","operations":[{"op":"replace","path":"/context/count",'
        '"value":3}],"layer":"shared","seq":512,"version":70000}',
        [18, [[2, "/context/count", 3]], 0, 512, 70_000],
    ),
    (
        SnapshotUpdate({"value": "idle"}, 3, 9, "player", 5, 0),
        '{"type":"party.snapshot.update","snapshot":{"value":"idle"},"epoch":3,"version":9,'
        '"audience":"player","shared":5,"own":0}',
        [17, {"value": "idle"}, 3, 9, "player", 5, 0],
    ),
    (
        Receipt(ID, "rejected", 9, code="not_handled", reason="no"),
        '{"type":"party.receipt","id":"0123456789abcdef.7","status":"rejected","version":9,'
        '"code":"not_handled","reason":"no"}',
        [19, ID, 1, 9, None, "not_handled", "no"],
    ),
    (
        Welcome(1, "m1", "player", 3, 1_760_000_000_000, False),
        '{"type":"party.welcome","protocol":1,"member":"m1","audience":"player","epoch":3,'
        '"now":1760000000000,"resumed":false}',
        [16, 1, "m1", "player", 3, 1_760_000_000_000, False],
    ),
]


@pytest.mark.parametrize(("message", "text", "row"), LAYOUT, ids=lambda x: type(x).__name__)
def test_the_bytes_are_these(
    message: ClientMessage | ServerMessage, text: str, row: list[Any]
) -> None:
    assert JSON.encode(message) == text
    assert MSGPACK.encode(message) == msgpack.packb(row)


@given(message=server_messages)
def test_in_json_the_type_comes_first_and_nothing_is_spaced(message: ServerMessage) -> None:
    text = JSON.encode(message)
    parsed = json.loads(text)

    assert next(iter(parsed)) == "type"
    assert text == json.dumps(parsed, separators=(",", ":"), ensure_ascii=False)
    assert None not in [v for k, v in parsed.items() if k != "data"]


def test_a_patch_of_one_field_takes_less_than_48_bytes() -> None:
    assert len(MSGPACK.encode(PATCH)) < 48


@pytest.mark.parametrize(
    ("operation", "packed"),
    [
        ({"op": "add", "path": "/a", "value": None}, [0, "/a", None]),
        ({"op": "remove", "path": "/a"}, [1, "/a"]),
        ({"op": "replace", "path": "/a", "value": 1}, [2, "/a", 1]),
        ({"op": "move", "path": "/a", "from": "/b"}, [3, "/a", "/b"]),
        ({"op": "copy", "path": "/a", "from": "/b"}, [4, "/a", "/b"]),
        ({"op": "test", "path": "/a", "value": []}, [5, "/a", []]),
    ],
)
def test_an_operation_is_packed_by_position(operation: dict[str, Any], packed: list[Any]) -> None:
    data = MSGPACK.encode(SnapshotPatch((operation,), "live", 1, 1))

    assert msgpack.unpackb(data) == [18, [packed], 2, 1, 1]


# -- decoding ----------------------------------------------------------------------------


def refused(decode: Callable[[str | bytes], Any], data: str | bytes) -> MalformedMessage | None:
    """What `decode` raises on `data`, if it is the one thing that it may raise."""
    try:
        decode(data)
    except MalformedMessage as error:
        return error
    return None


@CODECS
@given(data=st.binary(max_size=200) | st.text(max_size=200) | values.map(json.dumps))
@example(data="[" * 10_000)
@example(data="9" * 5_000)
@example(data='{"type":1e999}')
@example(data="\ud800")
@example(data=b"\xc1")
@example(data=b"\xd6\xff\x00\x00\x00\x00")
def test_whatever_comes_only_a_malformed_message_escapes(codec: Codec, data: str | bytes) -> None:
    for decode in (codec.decode_client, codec.decode_server):
        refusal = refused(decode, data)
        if refusal is not None:
            assert refusal.code in ("bad_request", "too_large")
            assert refusal.reason
            assert refusal.path is not None


@given(row=st.lists(values | st.integers(0, 24), max_size=8))
def test_whatever_a_row_holds_only_a_malformed_message_escapes(row: list[Any]) -> None:
    for decode in (MSGPACK.decode_client, MSGPACK.decode_server):
        refused(decode, msgpack.packb(row))


@given(
    type=st.sampled_from([shape.type for shape in (*CLIENT_MESSAGES, *SERVER_MESSAGES)]),
    fields=st.dictionaries(
        st.sampled_from(
            [field.key for shape in (*CLIENT_MESSAGES, *SERVER_MESSAGES) for field in shape.fields]
        ),
        values,
    ),
)
def test_whatever_the_fields_hold_only_a_malformed_message_escapes(
    type: str, fields: dict[str, Any]
) -> None:
    for decode in (JSON.decode_client, JSON.decode_server):
        refused(decode, json.dumps({"type": type, **fields}))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[]", "$"),
        ("{}", "$.type"),
        ('{"type":7}', "$.type"),
        ('{"type":""}', "$.event"),
        ('{"type":"party.unknown"}', "$.type"),
        ('{"type":"party.welcome"}', "$.type"),
        ('{"type":"party.send"}', "$.id"),
        ('{"type":"party.send","id":"x.1","event":{}}', "$.event"),
        ('{"type":"party.send","id":"x.0","event":{"type":"x"}}', "$.id"),
        ('{"type":"party.hello","resume":{"epoch":-1}}', "$.resume.epoch"),
        ('{"type":"party.hello","resume":[]}', "$.resume"),
        ('{"type":"party.hello","sections":["a",1]}', "$.sections"),
        ('{"type":"party.hello","mode":"both"}', "$.mode"),
        ('{"type":"x","a":[{"b":NaN}]}', "$.a[0].b"),
    ],
)
def test_a_malformed_message_says_where(text: str, path: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        JSON.decode_client(text)

    assert caught.value.path == path


@pytest.mark.parametrize(
    "data",
    [
        f'{{"type":"party.send","id":"{ID}","event":{{"type":"x","a":NaN}}}}',
        f'{{"type":"party.sendTo","id":"{ID}"}}',
        msgpack.packb([2, ID, {"type": "x", "a": float("nan")}]),
        msgpack.packb([3, "child", {}, ID]),
    ],
)
def test_a_malformed_send_keeps_its_id(data: str | bytes) -> None:
    codec: Codec = JSON if isinstance(data, str) else MSGPACK

    with pytest.raises(MalformedMessage) as caught:
        codec.decode_client(data)

    assert caught.value.id == ID


@pytest.mark.parametrize(
    "data",
    [
        b"\x91",
        msgpack.packb([2]),
        msgpack.packb([2, 5, {}]),
        msgpack.packb([True]),
        '{"type":"party.hello","id":"a.1","mode":7}',
        '{"type":"party.send","id":["a.1"],"event":{}}',
    ],
)
def test_without_a_readable_id_there_is_none(data: str | bytes) -> None:
    codec: Codec = JSON if isinstance(data, str) else MSGPACK

    with pytest.raises(MalformedMessage) as caught:
        codec.decode_client(data)

    assert caught.value.id is None


def test_fields_of_a_later_version_are_ignored() -> None:
    assert JSON.decode_client('{"type":"party.ping","later":[1]}') == Ping()
    assert MSGPACK.decode_client(msgpack.packb([5, "later"])) == Ping()


def test_an_optional_field_may_be_null() -> None:
    assert JSON.decode_client('{"type":"party.hello","token":null}') == Hello()


def test_the_reference_client_is_understood() -> None:
    assert JSON.decode_client(b'{"type":"party.snapshot.get"}') == SnapshotGet()
    assert JSON.decode_client(b'{"type":"Ready"}') == Bare({"type": "Ready"})
    assert JSON.decode_client(
        '{"type":"party.sendTo","actorId":"player-1","event":{"type":"Ready"}}'
    ) == SendTo("player-1", {"type": "Ready"})


# -- choosing ----------------------------------------------------------------------------


def test_the_subprotocol_chooses_the_codec() -> None:
    assert codec_for("machine-party.v1+json") is JSON
    assert codec_for("machine-party.v1+msgpack") is MSGPACK
    assert codec_for(None) is JSON


def test_an_unknown_subprotocol_is_the_peers_fault() -> None:
    with pytest.raises(PeerError) as caught:
        codec_for("machine-party.v2+json")

    assert (caught.value.code, caught.value.close_code) == ("unsupported_version", 4000)
