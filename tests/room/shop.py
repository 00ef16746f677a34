"""A party whose machine has a child that is spawned again under its id: what one invokes is not the
other's."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from msgspec import Struct, field

from machine_party.core import ClientEvent, Machine, Party, Snapshot, State
from machine_party.room import Invocation
from tests.room.board import WORK

__all__ = ["Shop"]


class Order(ClientEvent):
    """Instead of the order before it."""

    what: str


class Touch(ClientEvent):
    """Changes what nobody sees."""


async def charge(invocation: Invocation) -> Any:
    return await WORK[invocation.input["what"]](invocation)


class Heard(Struct):
    heard: list[str] = field(default_factory=list)
    touched: int = 0


class PayMachine(Machine[Heard]):
    """Knows nothing to do about a failure."""

    charging = State(initial=True, invoke=charge)
    done_invoke_charging = charging.to.itself(internal=True, on="tell")

    def tell(self, data: Any) -> None:
        self.send_parent("told", data)


class ShopMachine(Machine[Heard]):
    Children = (PayMachine,)
    open = State(initial=True)
    order = open.to.itself(internal=True, on="do_order")
    touch = open.to.itself(internal=True, on="do_touch")
    told = open.to.itself(internal=True, on="hear")

    def do_order(self, data: Order) -> None:
        self.stop_child("pay")
        self.spawn(PayMachine, id="pay", input={"what": data.what})

    def do_touch(self) -> None:
        self.context.touched += 1

    def hear(self, data: str) -> None:
        self.context.heard.append(data)


class Shared(Struct):
    heard: list[str]


class Shop(Party):
    machine = ShopMachine
    events = (Order, Touch)
    creation: ClassVar[Literal["connect", "request", "service"]] = "connect"

    def shared(self, snapshot: Snapshot[Heard], audience: str) -> Shared:
        return Shared(heard=snapshot.context.heard)
