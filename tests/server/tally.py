"""The party of these tests: a counter with an open door, and hooks that write down what comes."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct, field

from machine_party import (
    AuthRequest,
    ClientEvent,
    Grant,
    Machine,
    Member,
    Party,
    Refused,
    Snapshot,
    State,
)


class Increment(ClientEvent):
    by: Annotated[int, Meta(ge=1, le=100)] = 1


class Note(ClientEvent):
    text: str


class Close(ClientEvent):
    roles = ("host",)


class Context(Struct):
    count: int = 0
    by_member: dict[str, int] = field(default_factory=dict)
    note: str = ""


class TallyMachine(Machine[Context]):
    counting = State(initial=True)
    closed = State(final=True)
    increment = counting.to.itself(internal=True, on="add")
    note = counting.to.itself(internal=True, on="write")
    close = counting.to(closed)

    def add(self, data: Increment, member: Member) -> None:
        self.context.count += data.by
        mine = self.context.by_member.get(member.id, 0)
        self.context.by_member[member.id] = mine + data.by

    def write(self, data: Note) -> None:
        self.context.note = data.text


class Shared(Struct):
    count: int
    note: str


class Own(Struct):
    mine: int
    name: str
    role: str


class Tally(Party):
    """Whoever comes makes the room; players and screens are open."""

    machine = TallyMachine
    events = (Increment, Note, Close)
    refusals = {"members_only": "Only members of the club come in."}
    creation: ClassVar[Literal["connect", "request", "service"]] = "connect"
    patch_interval = 0.0
    open_roles: ClassVar[tuple[str, ...]] = ("player", "screen")

    def __init__(self) -> None:
        self.asked: list[AuthRequest] = []
        self.joined: list[tuple[Member, dict[str, Any]]] = []
        self.left: list[Member] = []
        self.answer: Grant | Exception | None = None

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
        return Shared(count=snapshot.context.count, note=snapshot.context.note)

    def own(self, snapshot: Snapshot[Context], member: Member) -> Own:
        mine = snapshot.context.by_member.get(member.id, 0)
        return Own(mine=mine, name=member.name, role=member.role)

    async def on_auth(self, request: AuthRequest) -> Grant | None:
        self.asked.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def on_join(self, room: Any, member: Member, connection: Any) -> None:
        self.joined.append((member, dict(connection.metadata)))

    def on_leave(self, room: Any, member: Member, connection: Any) -> None:
        self.left.append(member)


class Invited(Tally):
    """Rooms are asked for."""

    creation = "request"


class Arranged(Tally):
    """Only the operator makes rooms, and nobody comes without a token."""

    creation = "service"
    open_roles = ()


__all__ = ["Arranged", "Invited", "Refused", "Tally"]
