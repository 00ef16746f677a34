"""What the type checker says of a façade: checked by mypy, and run to see that it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from client_facade import Facade, Receipt, Snapshot, actor_facade, connect

if TYPE_CHECKING:
    from typing import assert_type


class Counting(TypedDict):
    count: int


if TYPE_CHECKING:

    async def _typed() -> None:
        room = connect("ws://test", context=Counting)
        assert_type(room, Facade[Counting])
        assert_type(room.context, Counting)
        assert_type(room.context["count"], int)
        assert_type(await room.send("add", by=2), Receipt)
        assert_type(room.select(lambda snapshot: snapshot.context["count"]), int)
        assert_type(await room.wait_for(lambda _: True), Snapshot[Counting])
        room.watch(lambda snapshot: snapshot.context["count"], lambda count: count + 1)

    async def _refused() -> None:
        room = connect("ws://test", context=Counting)
        room.context["nothing"]  # type: ignore[typeddict-item]
        room.watch(lambda snapshot: snapshot.value, lambda value: value + 1)  # type: ignore[operator]
        room.value = "elsewhere"  # type: ignore[misc]
        connect("ws://test", codec="xml")  # type: ignore[arg-type]
        room.send("add")  # type: ignore[unused-coroutine]

    def _untyped(room: Facade[Any]) -> None:
        assert_type(room.context, Any)


def test_a_facade_over_a_typed_snapshot() -> None:
    snapshot: Snapshot[Counting] = Snapshot({"context": {"count": 3}})
    actor = actor_facade(snapshot, send=len)
    count: int = actor.context["count"]
    sent: int = actor.send("add", by=2)
    assert (count, sent) == (3, 2)
