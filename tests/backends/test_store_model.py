"""Whatever is done to a durable store, it answers as the memory store does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from machine_party.backends.store import MemoryStore
from machine_party.errors import StoreError
from machine_party.room import RoomKey, RoomRecord, Store
from tests.backends.adapter import Adapter
from tests.backends.journal import EPOCH, entry, form


class Step(NamedTuple):
    """One thing that is done, to one room.

    Attributes:
        epoch, version: offsets from what is right; 0 most of the time, since a model that only
            refuses shows little.
        node: one of two.
        seconds: a time, or how far back; None where the store may be told of none.
    """

    kind: str
    party: str
    room: str
    epoch: int
    version: int
    node: str
    seconds: float | None


KINDS = st.sampled_from(
    [
        "create", "append", "append right", "append right", "checkpoint", "checkpoint right",
        "checkpoint right", "sleep", "claim", "delete", "read", "history", "records", "stamp",
        "latest stamp", "wakes", "reopen",
    ]
)  # fmt: skip

STEPS = st.lists(
    st.builds(
        Step,
        KINDS,
        st.sampled_from(["one", "two"]),
        st.sampled_from(["a", "b"]),
        st.integers(0, 2),
        st.integers(0, 3),
        st.sampled_from(["x", "y"]),
        st.none() | st.integers(0, 6).map(lambda halves: halves / 2),
    ),
    max_size=30,
)
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
    """Examples share a place: each has parties, nodes and a time of its own."""
    model, store = MemoryStore(), durable.new()
    try:
        for step in steps:
            if step.kind == "reopen" and example % 5 == 0:  # it is slow
                await store.close()
                store = durable.new()
            own = step._replace(party=f"{step.party} of {example}", node=f"{step.node} {example}")
            do = call(model, own, example * 100.0)
            expected = await outcome(do(model), example)
            assert await outcome(do(store), example) == expected, own
        expected = await outcome(model.records(), example)
        assert await outcome(store.records(), example) == expected
    finally:
        await store.close()


def call(model: MemoryStore, step: Step, start: float) -> Callable[[Store], Awaitable[Any]]:
    """One step, made from what the model has."""
    key, node = RoomKey(step.party, step.room), step.node
    record = model._records.get(key)
    epoch = record.epoch if record else EPOCH
    at = record.version if record else 0
    wake = None if step.seconds is None else start + step.seconds
    now, back = wake or start, step.version
    whole = form(at)
    wrong, right = commits(back + 1, back), commits(at + 1, back)
    calls: dict[str, Callable[[Store], Awaitable[Any]]] = {
        "create": lambda it: it.create(key, EPOCH, back, form(back), node=node, wake=wake),
        "append": lambda it: it.append(key, epoch - step.epoch, wrong, wake=wake),
        "append right": lambda it: it.append(key, epoch, right, wake=wake),
        "checkpoint": lambda it: it.checkpoint(
            key, epoch - step.epoch, at - back + 1, whole, keep_from=at, wake=wake
        ),
        "checkpoint right": lambda it: it.checkpoint(
            key, epoch, at, whole, keep_from=at - back, wake=wake
        ),
        "sleep": lambda it: it.checkpoint(
            key, epoch, at, whole, keep_from=0, wake=wake, asleep=True
        ),
        "claim": lambda it: it.claim(key, node),
        "delete": lambda it: it.delete(key, epoch - step.epoch),
        "read": lambda it: it.read(key),
        "history": lambda it: it.history(key),
        "stamp": lambda it: it.stamp(node, now),
        "latest stamp": lambda it: it.latest_stamp(),
        "wakes": lambda it: it.wakes(1_000_000, stale=now),
    }
    return calls.get(step.kind, lambda it: it.records(key.party))


def commits(first: int, number_of: int) -> list[Any]:
    return [entry(first + step) for step in range(number_of)]


async def outcome(doing: Awaitable[Any], example: int) -> Any:
    """What it gave, of this example, or the error that it raised."""
    try:
        found = await doing
    except StoreError as error:
        return type(error), str(error)
    if isinstance(found, float):  # the latest stamp, which may be of an earlier example
        return found if found >= example * 100.0 else None
    if isinstance(found, list):
        return [one for one in found if key_of(one).party.endswith(f" of {example}")]
    return found


def key_of(found: RoomRecord | tuple[float, RoomKey]) -> RoomKey:
    return found.key if isinstance(found, RoomRecord) else found[1]
