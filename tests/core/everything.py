"""A party whose types are of every kind that can be declared, and one value of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, IntFlag
from typing import (
    Annotated,
    ClassVar,
    Generic,
    Literal,
    NamedTuple,
    NotRequired,
    TypedDict,
    TypeVar,
)
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from machine_party import (
    ChildView,
    ClientEvent,
    Emit,
    HistoryState,
    Machine,
    Member,
    Party,
    Snapshot,
    State,
    View,
)

T = TypeVar("T")


# -- what is shown ------------------------------------------------------------------------


class Color(Enum):
    """Of a team."""

    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Rights(IntFlag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: int = 0


class Pair(Struct, array_like=True):
    """Fields by position."""

    left: str
    right: str = ""


class Tagged(Struct, array_like=True, tag="tagged"):
    value: int = 0


@dataclass
class Data:
    number: int
    words: list[str]


class Typed(TypedDict):
    always: int
    sometimes: NotRequired[str]


class Box(Struct, Generic[T]):
    item: T


class Circle(Struct, tag=True, rename="camel"):
    line_width: float


class Square(Struct, tag="square", tag_field="kind"):
    side: int


class Tree(Struct):
    """A tree. It says */ nothing.

    Not this.
    """

    label: str
    children: list[Tree] = []


class Sparse(Struct, omit_defaults=True):
    always: int
    sometimes: int = 0


class Left:
    class Card(Struct):
        left: int


class Right:
    class Card(Struct):
        right: int


class Shared(Struct):
    words: Literal["a", "it's", 'say "b"', 3] | None
    color: Color
    level: Level
    rights: Rights
    point: Point
    pair: Pair
    tagged: Tagged
    data: Data
    typed: Typed
    boxes: list[Box[int]]
    box: Box[str | None]
    tree: Tree
    sparse: Sparse
    cards: tuple[Left.Card, Right.Card]
    shape: Circle | int
    square: Square
    many: tuple[int, ...]
    matrix: list[list[int]]
    mixed: list[int | str]
    by_id: dict[str, Annotated[int, Meta(ge=0)]]
    by_name: dict[Literal["one", "two"], bool]
    when: datetime
    long: timedelta
    exact: Decimal
    raw: bytes
    unique: UUID
    share: float
    perhaps: str | UnsetType = UNSET
    filled_in: int | UnsetType = 1
    renamed: int = field(name="not an identifier", default=1)
    default: int = 1


class Own(Struct):
    mine: int


class PlayerCard(Struct):
    points: int


# -- what is sent -------------------------------------------------------------------------


class Target(Struct):
    id: str
    strength: int = 1


class Hit(ClientEvent):
    """Hits what is there."""

    at: Point
    pair: Pair = field(default_factory=lambda: Pair(""))
    target: Target | None = None
    dropped: str | UnsetType = UNSET


class Poke(ClientEvent):
    pass


class StrangeEvent(ClientEvent):
    type: ClassVar[str] = "strange.event"


class Boom(Emit):
    loudness: float
    of: Target | None = None


# -- the machine --------------------------------------------------------------------------


class Context(Struct):
    pass


class Pawn(Machine[Context]):
    standing = State(initial=True)
    poke = standing.to.itself(internal=True)


class EverythingMachine(Machine[Context]):
    lobby = State(initial=True, tags=["waiting"])

    class fight(State.Parallel, tags=["compound"]):
        class left(State.Compound, tags=["compound", "left"]):
            up = State(initial=True, tags=["it's"])
            down = State()
            remembered = HistoryState()
            remembered.to(up)
            hit = up.to(down)

        right = State()

        class deep(State.Compound):
            shallow = State(initial=True)

            class inner(State.Compound):
                one = State(initial=True)
                two = State(final=True)
                go = one.to(two)

            dive = shallow.to(inner)

    over = State(final=True)
    strange = lobby.to(fight, event="strange.event")
    end = fight.to(over) | over.from_(lobby)
    Children = (Pawn,)


class Everything(Party):
    """Every kind of type."""

    machine = EverythingMachine
    events = (Hit, Poke, StrangeEvent)
    emits = (Boom,)
    shared_children = {"player:*": PlayerCard, "boss": PlayerCard}

    def shared(self, snapshot: Snapshot[Context], audience: str) -> View[Shared]:
        return View(context=sample(), children={"boss": ChildView(context=PlayerCard(1))})

    def own(self, snapshot: Snapshot[Context], member: Member) -> Own:
        return Own(1)


def sample() -> Shared:
    """A value of each kind."""
    return Shared(
        words="it's",
        color=Color.RED,
        level=Level.HIGH,
        rights=Rights.READ | Rights.WRITE,
        point=Point(1, 2),
        pair=Pair("l"),
        tagged=Tagged(),
        data=Data(1, ["a"]),
        typed={"always": 1},
        boxes=[Box(1)],
        box=Box(None),
        tree=Tree("root", [Tree("leaf")]),
        sparse=Sparse(1),
        cards=(Left.Card(1), Right.Card(2)),
        shape=Circle(1.5),
        square=Square(1),
        many=(1, 2, 3),
        matrix=[[1], []],
        mixed=[1, "a"],
        by_id={"a": 1},
        by_name={"one": True},
        when=datetime(2030, 1, 1, tzinfo=UTC),
        long=timedelta(seconds=1),
        exact=Decimal("1.5"),
        raw=b"raw",
        unique=UUID(int=1),
        share=0.5,
        filled_in=UNSET,
    )
