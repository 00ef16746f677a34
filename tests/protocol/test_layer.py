"""Layers: contiguous seqs, a ring that says when it falls short, patches encoded once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_party.protocol import (
    JSON,
    MSGPACK,
    Broadcast,
    Emit,
    JsonCodec,
    Layer,
    PatchRecord,
    SnapshotPatch,
    first_seq,
)


def counted(count: int, **options: Any) -> Layer:
    """A shared layer that has been published `count` times."""
    layer = Layer("shared", {"context": {"n": 0}}, **options)
    for n in range(1, count + 1):
        bump(layer, n)
    return layer


def bump(layer: Layer, n: int) -> PatchRecord:
    operation = {"op": "replace", "path": "/context/n", "value": n}
    return layer.publish([operation], {"context": {"n": n}}, version=100 + n)


def test_publish_counts_and_records() -> None:
    layer = counted(2)

    record = bump(layer, 3)

    assert (layer.seq, record.seq, record.version) == (3, 3, 103)
    assert layer.document == {"context": {"n": 3}}
    assert record.message == SnapshotPatch(
        ({"op": "replace", "path": "/context/n", "value": 3},), "shared", 3, 103
    )


@given(published=st.integers(0, 12), capacity=st.integers(1, 6), seq=st.integers(0, 15))
def test_since_bridges_exactly_or_says_that_it_cannot(
    published: int, capacity: int, seq: int
) -> None:
    layer = counted(published, capacity=capacity)

    records = layer.since(seq)

    if seq > published or published - seq > capacity:
        assert records is None
    else:
        assert records is not None
        assert [record.seq for record in records] == list(range(seq + 1, published + 1))


def test_a_layer_may_begin_anywhere() -> None:
    layer = Layer("own", {}, seq=40)

    assert layer.since(40) == []
    assert layer.since(39) is None
    assert bump(layer, 1).seq == 41


@given(
    version=st.integers(0, 10**6),
    commits=st.lists(st.booleans(), max_size=20),
    identity=st.tuples(st.integers(0, 9), st.sampled_from(["player", "host"])),
)
def test_a_layer_made_anew_gives_no_seq_a_second_meaning(
    version: int, commits: list[bool], identity: tuple[int, str]
) -> None:
    layer = Layer("shared", {}, seq=first_seq(version, *identity))
    for changes in commits:
        version += 1
        if changes:
            layer.publish([], {}, version)

    again = first_seq(version + 1, *identity)

    assert again > layer.seq
    assert Layer("shared", {}, seq=again).since(layer.seq) is None


def test_layers_of_a_room_begin_far_apart() -> None:
    audiences = [first_seq(0, epoch, name) for epoch in (1, 2) for name in ("player", "host")]

    gaps = [abs(a - b) for a in audiences for b in audiences if a is not b]
    assert min(gaps) > 256
    assert max(audiences) < 2**16


class _CountingCodec(JsonCodec):
    """A codec that counts what it encodes."""

    def __init__(self) -> None:
        super().__init__()
        self.encodings = 0

    def encode(self, message: Any) -> str:
        self.encodings += 1
        return super().encode(message)


def test_a_patch_is_encoded_once_per_codec() -> None:
    codec, record = _CountingCodec(), bump(counted(0), 1)

    data = [record.encode(codec) for _ in range(1_000)]

    assert codec.encodings == 1
    assert all(item is data[0] for item in data)
    assert MSGPACK.decode_server(record.encode(MSGPACK)) == JSON.decode_server(data[0])


def test_with_more_to_follow_it_is_another_message() -> None:
    codec, record = _CountingCodec(), bump(counted(0), 1)

    plain, more = record.encode(codec), record.encode(codec, more=True)

    assert JSON.decode_server(plain) == record.message
    assert JSON.decode_server(more) != record.message
    assert record.encode(codec, True) is more
    assert codec.encodings == 2


def test_a_broadcast_is_encoded_once_per_codec() -> None:
    codec, broadcast = _CountingCodec(), Broadcast(Emit({"type": "bang"}))

    assert broadcast.encode(codec) is broadcast.encode(codec)
    assert codec.encodings == 1


def test_the_live_layer_whole_is_one_patch_at_its_seq() -> None:
    layer = Layer("live", {"live": {"cursor": [1, 2]}}, seq=7)

    whole = layer.whole(version=9)

    assert whole.message == SnapshotPatch(
        ({"op": "add", "path": "/live", "value": {"cursor": [1, 2]}},), "live", 7, 9
    )
    assert layer.whole(version=9) is whole


@pytest.mark.parametrize("version", [9, 10])
def test_the_live_layer_whole_is_made_anew_when_it_changed(version: int) -> None:
    layer = Layer("live", {"live": 1})
    before = layer.whole(version=9)

    layer.publish([{"op": "replace", "path": "/live", "value": 2}], {"live": 2}, version)

    assert layer.whole(version).message.operations[0]["value"] == 2
    assert before.message.operations[0]["value"] == 1
