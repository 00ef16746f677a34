"""The party of these tests: one event for each power that a machine has over its room."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Literal

from msgspec import Struct, field

from machine_party.core import ClientEvent, Emit, Machine, Member, Party, Snapshot, State
from machine_party.room import Invocation

BROKEN: set[str] = set()
"""What raises now: `explode`, `member_away`, `shared`, `own`, `done` …; emptied after each test."""
WORK: dict[str, Callable[[Invocation], Awaitable[Any]]] = {}
"""What the invoke of `fetching` does, by the event's `job`; emptied after each test."""


def fails(what: str) -> None:
    if what in BROKEN:
        raise RuntimeError(f"{what} is broken")


class Add(ClientEvent):
    """Everybody sees the total, each their own part."""

    roles = ("player", "host", "screen")
    by: int = 1


class Note(ClientEvent):
    """Only the sender sees it."""

    text: str


class Touch(ClientEvent):
    """Accepted, and nobody sees anything."""


class Total(Struct):
    total: int


class Ask(ClientEvent):
    """Is answered in the receipt."""

    reply: ClassVar = Total


class Spoil(ClientEvent):
    """Changes everything, then raises."""


class Decline(ClientEvent):
    """Is refused, for a declared reason."""


class Shout(ClientEvent):
    """Is emitted to somebody."""

    to: str | None = None
    text: str = "hey"


class Promote(ClientEvent):
    member: str
    role: str


class Eject(ClientEvent):
    member: str


class Later(ClientEvent):
    """A timer, which adds `by`."""

    seconds: float
    by: int = 1
    policy: Literal["deadline", "remaining", "restart"] = "deadline"


class Arm(ClientEvent):
    """A timer that raises while `explode` is broken."""

    seconds: float = 1.0


class Pose(ClientEvent):
    """Opens a question for so many seconds."""

    seconds: float


class Guess(ClientEvent):
    """Counts only while a question is open."""

    value: int


class Fetch(ClientEvent):
    """Starts an invoke, `WORK[job]`."""

    job: str


class Compute(ClientEvent):
    """Starts an invoke that is a plain function."""


class Stop(ClientEvent):
    """Leaves `fetching`, and so cancels its invoke."""


class Finish(ClientEvent):
    """The machine is done."""

    roles = ("host",)


class Shouted(Emit):
    text: str


async def fetch(invocation: Invocation) -> Any:
    return await WORK[invocation.data["job"]](invocation)


def compute(invocation: Invocation) -> dict[str, Any]:
    return {"thread": threading.current_thread() is not threading.main_thread()}


class Context(Struct):
    total: int = 0
    hidden: int = 0
    mine: dict[str, int] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    rung: list[list[float]] = field(default_factory=list)
    guesses: list[int] = field(default_factory=list)
    presence: list[str] = field(default_factory=list)
    result: str | None = None
    fetched: int = 0


class BoardMachine(Machine[Context]):
    enable_self_transition_entries: bool = False

    class board(State.Parallel):
        class desk(State.Compound):
            ready = State(initial=True)

        class work(State.Compound):
            idle = State(initial=True)
            asking = State(tags=["answering"])
            fetching = State(invoke=fetch)
            computing = State(invoke=compute)

    over = State(final=True)

    add = board.desk.ready.to.itself(internal=True, on="do_add")
    note = board.desk.ready.to.itself(internal=True, on="do_note")
    touch = board.desk.ready.to.itself(internal=True, on="do_touch")
    ask = board.desk.ready.to.itself(internal=True, on="do_ask")
    spoil = board.desk.ready.to.itself(internal=True, on="do_spoil")
    decline = board.desk.ready.to.itself(internal=True, validators="declines")
    shout = board.desk.ready.to.itself(internal=True, on="do_shout")
    promote = board.desk.ready.to.itself(internal=True, on="do_promote")
    eject = board.desk.ready.to.itself(internal=True, on="do_eject")
    later = board.desk.ready.to.itself(internal=True, on="do_later")
    ring = board.desk.ready.to.itself(internal=True, on="do_ring")
    arm = board.desk.ready.to.itself(internal=True, on="do_arm")
    explode = board.desk.ready.to.itself(internal=True, on="do_explode")
    guess = board.work.asking.to.itself(internal=True, on="do_guess")
    member_joined = board.desk.ready.to.itself(internal=True, on="do_joined")
    member_connected = board.desk.ready.to.itself(internal=True, on="do_connected")
    member_away = board.desk.ready.to.itself(internal=True, on="do_away")
    member_gone = board.desk.ready.to.itself(internal=True, on="do_gone")
    member_left = board.desk.ready.to.itself(internal=True, on="do_left")

    pose = board.work.idle.to(board.work.asking, on="do_pose")
    close = board.work.asking.to(board.work.idle)
    fetch = board.work.idle.to(board.work.fetching)
    compute = board.work.idle.to(board.work.computing)
    stop = board.work.fetching.to(board.work.idle)
    done_invoke_fetching = board.work.fetching.to(board.work.idle, on="do_done")
    error_invoke_fetching = board.work.fetching.to(board.work.idle, on="do_failed")
    done_invoke_computing = board.work.computing.to(board.work.idle, on="do_done")
    finish = board.to(over)

    def do_add(self, data: Add, member: Member | None) -> None:
        self.context.total += data.by
        if member is not None:
            self.context.mine[member.id] = self.context.mine.get(member.id, 0) + data.by

    def do_note(self, data: Note, member: Member) -> None:
        self.context.notes[member.id] = data.text

    def do_touch(self) -> None:
        self.context.hidden += 1

    def do_ask(self) -> None:
        self.reply(Total(total=self.context.total))

    def do_spoil(self, member: Member) -> None:
        self.context.total += 1_000_000
        self.context.notes.clear()
        self.after(1.0, "ring", {"by": 1_000_000})
        self.emit(Shouted(text="spoilt"), "*")
        raise RuntimeError("spoilt")

    def declines(self) -> None:
        self.refuse("no")

    def do_shout(self, data: Shout) -> None:
        self.emit(Shouted(text=data.text), data.to)

    def do_promote(self, data: Promote) -> None:
        self.set_role(data.member, data.role)

    def do_eject(self, data: Eject) -> None:
        self.kick(data.member)

    def do_later(self, data: Later) -> None:
        self.after(data.seconds, "ring", {"by": data.by}, policy=data.policy)

    def do_ring(self, data: dict[str, int]) -> None:
        fails("ring")
        self.context.total += data["by"]
        self.context.rung.append([data["by"], self.now])

    def do_arm(self, data: Arm) -> None:
        self.after(data.seconds, "explode")

    def do_explode(self) -> None:
        self.context.total += 1_000_000
        fails("explode")
        self.context.total -= 1_000_000
        self.context.hidden += 1

    def do_pose(self, data: Pose) -> None:
        self.after(data.seconds, "close")

    def do_guess(self, data: Guess) -> None:
        self.context.guesses.append(data.value)

    def do_joined(self, member: Member) -> None:
        self.context.presence.append(f"joined {member.name}")
        self.emit(Shouted(text=f"welcome {member.name}"))

    def do_connected(self, member: Member) -> None:
        self.context.presence.append(f"connected {member.name}")

    def do_away(self, member: Member) -> None:
        fails("member_away")
        self.context.presence.append(f"away {member.name}")

    def do_gone(self, member: Member) -> None:
        self.context.presence.append(f"gone {member.name}")

    def do_left(self, member: Member) -> None:
        self.context.presence.append(f"left {member.name}")

    def do_done(self, data: Any) -> None:
        fails("done")
        self.context.fetched += 1
        self.context.result = f"done {data}"

    def do_failed(self, data: Any) -> None:
        self.context.result = f"failed {data}"


class Shared(Struct):
    total: int
    audience: str
    people: dict[str, list[str]]
    rung: list[list[float]]
    guesses: list[int]
    result: str | None


class Own(Struct):
    mine: int
    note: str | None


class Board(Party):
    """Made by whoever comes first; players and screens may come in."""

    machine = BoardMachine
    events = (
        Add, Note, Touch, Ask, Spoil, Decline, Shout, Promote, Eject, Later, Arm, Pose, Guess,
        Fetch, Compute, Stop, Finish,
    )  # fmt: skip
    emits = (Shouted,)
    refusals = {"no": "No."}
    creation: ClassVar[Literal["connect", "request", "service"]] = "connect"
    open_roles = ("player", "screen")

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
        fails("shared")
        context = snapshot.context
        return Shared(
            total=context.total,
            audience=audience,
            people={m.id: [m.name, m.role, m.presence] for m in snapshot.members.values()},
            rung=context.rung,
            guesses=context.guesses,
            result=context.result,
        )

    def own(self, snapshot: Snapshot[Context], member: Member) -> Own:
        fails("own")
        context = snapshot.context
        return Own(mine=context.mine.get(member.id, 0), note=context.notes.get(member.id))

    def on_create(self, room: Any, input: Any) -> None:
        self.calls.append(("create", room.key.room, input))

    def on_join(self, room: Any, member: Member, connection: Any) -> None:
        self.calls.append(("join", member.name, connection.metadata.get("ip")))

    def on_leave(self, room: Any, member: Member, connection: Any) -> None:
        self.calls.append(("leave", member.name, connection.metadata.get("ip")))

    def on_dispose(self, room: Any) -> None:
        self.calls.append(("dispose", room.key.room))


class Asked(Board):
    """Rooms are asked for."""

    name = "asked"
    creation = "request"
