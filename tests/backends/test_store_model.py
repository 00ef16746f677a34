"""Whatever is done to a durable store, it answers as the memory store does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from machine_party.backends.store import MemoryStore
from machine_party.errors import StoreError
from machine_party.room import RoomKey, Store
from tests.backends.adapter import Adapter
from tests.backends.journal import EPOCH, entry, form

ROOMS, PARTIES = st.sampled_from(["a", "b"]), st.sampled_from(["one", "two"])
EPOCHS, VERSIONS = st.integers(0, 2), st.integers(0, 3)
"""Offsets from what is right most of the time: a model that only refuses shows little."""

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), PARTIES, ROOMS, st.just(0), VERSIONS),
        st.tuples(st.just("append"), PARTIES, ROOMS, EPOCHS, VERSIONS),
        st.tuples(st.just("append right"), PARTIES, ROOMS, st.just(0), VERSIONS),
        st.tuples(st.just("append right"), PARTIES, ROOMS, st.just(0), VERSIONS),
        st.tuples(st.just("compact"), PARTIES, ROOMS, EPOCHS, VERSIONS),
        st.tuples(st.just("claim"), PARTIES, ROOMS, st.just(0), VERSIONS),
        st.tuples(st.just("delete"), PARTIES, ROOMS, EPOCHS, VERSIONS),
        st.tuples(st.just("keys"), PARTIES, ROOMS, st.just(0), VERSIONS),
        st.tuples(st.just("reopen"), PARTIES, ROOMS, st.just(0), VERSIONS),
    ),
    max_size=30,
)
Step = tuple[str, str, str, int, int]
examples = count()


@settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_a_durable_store_is_as_the_memory_store(durable: Adapter, steps: list[Step]) -> None:
    example = next(examples)
    durable.run(compare(durable, example, steps))


async def compare(durable: Adapter, example: int, steps: list[Step]) -> None:
    model, store = MemoryStore(), durable.new()
    try:
        for kind, party, room, epoch, version in steps:
            if kind == "reopen" and epoch == 0 and example % 5 == 0:  # it is slow
                await store.close()
                store = durable.new()
            key = RoomKey(f"{party} of {example}", room)
            do = call(model, kind, key, epoch, version)
            expected = await outcome(do(model))
            assert await outcome(do(store)) == expected, (kind, key)
        everything = [key for key in await store.keys() if key.party.endswith(f" of {example}")]
        assert sorted(everything) == sorted(await model.keys())
    finally:
        await store.close()


def call(
    model: MemoryStore, kind: str, key: RoomKey, epoch: int, version: int
) -> Callable[[Store], Awaitable[Any]]:
    """One step, made from what the model has."""
    record = model._records.get(key)
    now = record.epoch if record else EPOCH
    at = record.version if record else 0
    first = at + 1 if kind == "append right" else version + 1
    several = [entry(first + step) for step in range(version)]
    calls: dict[str, Callable[[Store], Awaitable[Any]]] = {
        "create": lambda store: store.create(key, EPOCH, version, form(version)),
        "append": lambda store: store.append(key, now - epoch, several),
        "append right": lambda store: store.append(key, now, several),
        "compact": lambda store: store.compact(key, now - epoch, at - version + 1, form(at)),
        "claim": lambda store: store.claim(key),
        "delete": lambda store: store.delete(key, now - epoch),
    }
    return calls.get(kind, lambda store: store.keys(key.party))


async def outcome(doing: Awaitable[Any]) -> Any:
    """What it gave, or the error that it raised."""
    try:
        found = await doing
    except StoreError as error:
        return type(error), str(error)
    return sorted(found) if isinstance(found, list) else found
