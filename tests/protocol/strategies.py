"""What Hypothesis draws for the protocol: JSON values, documents, messages."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from machine_party.protocol import (
    MAX_INTEGER,
    POISON_KEYS,
    Bare,
    Chunk,
    Emit,
    Error,
    Hello,
    Ping,
    Pong,
    Position,
    Receipt,
    Resume,
    Send,
    SendTo,
    SnapshotGet,
    SnapshotPatch,
    SnapshotUpdate,
    Welcome,
)

naturals = st.integers(0, MAX_INTEGER)
texts = st.text(max_size=12)
keys = texts.filter(lambda key: key not in POISON_KEYS)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(keys, values, max_size=4)
event_types = st.text(min_size=1, max_size=12).filter(lambda type: not type.startswith("party."))
events = st.builds(lambda fields, type: {**fields, "type": type}, objects, event_types)
ids = st.builds(
    lambda client, number: f"{client:016x}.{number}",
    st.integers(0, 2**64 - 1),
    st.integers(1, 10**15 - 1),
)

pointers = st.lists(keys, max_size=3).map(
    lambda tokens: "".join("/" + t.replace("~", "~0").replace("/", "~1") for t in tokens)
)
operations = st.one_of(
    st.builds(
        lambda op, path, value: {"op": op, "path": path, "value": value},
        st.sampled_from(["add", "replace", "test"]),
        pointers,
        values,
    ),
    st.builds(lambda path: {"op": "remove", "path": path}, pointers),
    st.builds(
        lambda op, source, path: {"op": op, "from": source, "path": path},
        st.sampled_from(["move", "copy"]),
        pointers,
        pointers,
    ),
)
patches = st.lists(operations, max_size=4).map(tuple)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


positions = st.builds(Position, naturals, naturals)
resumes = st.builds(Resume, naturals, texts, texts, naturals, naturals)
hellos = st.builds(
    Hello,
    maybe(resumes),
    maybe(texts),
    maybe(texts),
    maybe(objects),
    maybe(st.lists(texts, max_size=3).map(tuple)),
    maybe(st.sampled_from(["patch", "snapshot"])),
)
client_messages = st.one_of(
    hellos,
    st.builds(Send, ids, events),
    st.builds(SendTo, texts, events, maybe(ids)),
    st.just(SnapshotGet()),
    st.just(Ping()),
    st.builds(Bare, events),
)
welcomes = st.builds(
    Welcome, naturals, texts, texts, naturals, naturals, st.booleans(), maybe(positions),
    maybe(texts),
)  # fmt: skip
updates = st.builds(
    SnapshotUpdate, objects, naturals, naturals, texts, naturals, naturals, maybe(naturals)
)
snapshot_patches = st.builds(
    SnapshotPatch,
    patches,
    st.sampled_from(["shared", "own", "live"]),
    naturals,
    naturals,
    st.booleans(),
)
receipts = st.builds(
    Receipt,
    ids,
    st.sampled_from(["accepted", "rejected", "duplicate"]),
    naturals,
    maybe(values),
    maybe(texts),
    maybe(texts),
)
errors = st.builds(
    Error, texts, texts, st.booleans(), maybe(st.floats(0, 1e6) | st.integers(0, 1000))
)
server_messages = st.one_of(
    welcomes,
    updates,
    snapshot_patches,
    receipts,
    st.builds(Emit, events),
    st.builds(Chunk, texts, naturals, values),
    errors,
    st.builds(Pong, naturals),
)
