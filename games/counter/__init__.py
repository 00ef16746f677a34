"""The smallest party: a number that everybody in the room counts up together."""

from typing import Annotated

from msgspec import Meta, Struct, field

from machine_party import ClientEvent, Machine, Member, Party, Snapshot, State


class Increment(ClientEvent):
    by: Annotated[int, Meta(ge=1, le=100)] = 1


class Context(Struct):
    by_member: dict[str, int] = field(default_factory=dict)


class CounterMachine(Machine[Context]):
    counting = State(initial=True)
    increment = counting.to.itself(internal=True, on="add")

    def add(self, data: Increment, member: Member) -> None:
        mine = self.context.by_member.get(member.id, 0)
        self.context.by_member[member.id] = mine + data.by


class Shared(Struct):
    count: int


class Own(Struct):
    mine: int


class Counter(Party):
    machine = CounterMachine
    events = (Increment,)
    creation = "connect"

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
        return Shared(count=sum(snapshot.context.by_member.values()))

    def own(self, snapshot: Snapshot[Context], member: Member) -> Own:
        return Own(mine=snapshot.context.by_member.get(member.id, 0))
