"""What of a stored context would be lost in today's: nothing that msgspec can write and read again.

A refusal that is wrong takes a room away from its players, so there is a case for each kind of
type that a context may be made of.
"""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypedDict, TypeVar

import msgspec
import pytest
from msgspec import UNSET, Meta, Struct, UnsetType

from machine_party.core import Actor, Machine, Party, State
from machine_party.errors import RestoreError
from tests.core.rig import party_of

T = TypeVar("T")


class Suit(enum.Enum):
    HEARTS = "h"
    SPADES = "s"


class Rank(enum.IntEnum):
    TWO = 2
    ACE = 14


class Point(Struct, frozen=True, order=True):
    x: int = 0
    y: int = 0


class Renamed(Struct, rename="camel"):
    first_name: str = "a"
    last_name: str = "b"


class NamedApart(Struct):
    id_: int = msgspec.field(default=1, name="id")


class Strict(Struct, forbid_unknown_fields=True):
    n: int = 1


class Sparse(Struct, omit_defaults=True, frozen=True):
    n: int = 0
    text: str = ""
    more: tuple[int, ...] = ()


class Row(Struct, array_like=True):
    n: int = 1
    sparse: Sparse = Sparse()


class TaggedRow(Struct, array_like=True, tag=True):
    n: int = 1


class Cat(Struct, tag=True):
    lives: int = 9


class Dog(Struct, tag_field="kind", tag="dog"):
    good: bool = True


class Cow(Struct, tag_field="kind", tag="cow"):
    milk: float = 0.5


class Box(Struct, Generic[T]):
    inner: T


class Tree(Struct):
    children: list[Tree] = []
    by_name: dict[str, Tree] = {}


class Maybe(Struct):
    n: int | UnsetType = UNSET
    m: int | None = None


class Grown(Point, frozen=True):
    z: int = 0


class Keyed(Struct, kw_only=True, omit_defaults=True):
    needed: int
    other: Sparse | None = None


class Normal(Struct):
    """Tidies up what it is given."""

    words: list[str] = []

    def __post_init__(self) -> None:
        self.words = [word.lower() for word in self.words if word]


@dataclass
class Data:
    n: int = 0
    sparse: Sparse = field(default_factory=Sparse)
    rows: list[Sparse] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Slotted:
    n: int = 0


class Pair(NamedTuple):
    a: int
    b: Sparse = Sparse()


class Typed(TypedDict, total=False):
    n: int
    sparse: Sparse


NOON = datetime(2024, 2, 29, 12, 0, 0, 5, tzinfo=UTC)
SAME: dict[str, tuple[Any, Any]] = {
    "scalars": (tuple[int, float, str, bool, None], (1, 1.5, "a", True, None)),
    "a float that is whole": (float, 3.0),
    "bytes": (bytes, b"\x00\xff"),
    "a decimal": (Decimal, Decimal("1.50")),
    "a uuid": (uuid.UUID, uuid.UUID(int=7)),
    "a time": (datetime, NOON),
    "a time of no place": (datetime, NOON.replace(tzinfo=None)),
    "a day": (date, NOON.date()),
    "an hour": (time, NOON.time()),
    "a while": (timedelta, timedelta(days=1, microseconds=3)),
    "an enum": (Suit, Suit.SPADES),
    "a number's enum": (Rank, Rank.ACE),
    "a literal": (Literal["a", 1, None], None),
    "none": (Point | None, None),
    "a bounded number": (Annotated[int, Meta(ge=0)], 5),
    "anything": (Any, {"a": [1, {"b": None}], "": {}}),
    "objects": (list[Any], [{"a": 1}]),
    "a tuple": (tuple[int, Sparse, str], (1, Sparse(n=2), "a")),
    "a tuple of any length": (tuple[Sparse, ...], (Sparse(n=2), Sparse())),
    "a named tuple": (Pair, Pair(1, Sparse(text="b"))),
    "a typed dict": (Typed, Typed(n=1, sparse=Sparse(n=1))),
    "numbers as keys": (dict[int, Point], {1: Point(), -2: Point(1)}),
    "enums as keys": (dict[Suit, dict[Rank, int]], {Suit.HEARTS: {Rank.ACE: 1}}),
    "times as keys": (dict[datetime, int], {NOON: 1}),
    "days as keys": (dict[date, int], {NOON.date(): 1}),
    "uuids as keys": (dict[uuid.UUID, Sparse], {uuid.UUID(int=7): Sparse()}),
    "floats as keys": (dict[float, int], {1.0: 1, 0.1: 2}),
    "literals as keys": (dict[Literal["a", "b"], int], {"a": 1}),
    "decimals as keys": (dict[Decimal, int], {Decimal("1.50"): 1}),
    "empty things": (tuple[list[int], dict[str, int], Tree], ([], {}, Tree())),
    "a struct": (Point, Point(1, 2)),
    "renamed": (list[Renamed], [Renamed("x", "y")]),
    "a field with another name": (NamedApart, NamedApart(4)),
    "nothing unknown": (Strict, Strict(2)),
    "defaults left out": (list[Sparse], [Sparse(), Sparse(n=1), Sparse(text="a")]),
    "as an array": (Row, Row(2, Sparse(text="a"))),
    "arrays": (list[Row], [Row(), Row(2)]),
    "a tagged array": (list[TaggedRow | None], [TaggedRow(3), None]),
    "a tag": (Cat, Cat(8)),
    "tags": (list[Dog | Cow], [Cow(1.0), Dog(good=False)]),
    "a union": (int | str | list[Cat] | Dog | None, [Cat()]),
    "a generic": (Box[Box[Sparse]], Box(Box(Sparse(n=1)))),
    "a tree": (Tree, Tree([Tree()], {"a": Tree([Tree()])})),
    "unset": (list[Maybe], [Maybe(), Maybe(n=1), Maybe(n=0, m=2)]),
    "inherited": (Grown, Grown(1, 2, 3)),
    "keywords": (Keyed, Keyed(needed=1, other=Sparse(n=1))),
    "tidied up": (Normal, Normal(["A", "", "b"])),
    "a dataclass": (Data, Data(1, Sparse(text="a"), [Sparse(), Sparse(n=1)])),
    "a frozen dataclass": (list[Slotted], [Slotted(3)]),
}  # fmt: skip
"""`{what: (type, value)}` that today's code has as it had it before."""


@pytest.mark.parametrize("what", SAME)
def test_what_could_be_stored_is_not_refused(what: str) -> None:
    kind, value = SAME[what]
    assert changed(kind, value, kind) == value


class Old(Struct, frozen=True):
    n: int = 5
    gone: int = 0


class New(Struct, frozen=True):
    n: int = 5
    new: str = "new"


class Other(Struct, frozen=True, omit_defaults=True):
    """With another default than the `Sparse` that was stored: what it has is left out now."""

    n: int = 1
    text: str = "a"
    more: tuple[int, ...] = ()


@dataclass
class OtherData:
    n: int = 0
    sparse: Other = field(default_factory=Other)
    rows: list[Other] = field(default_factory=list)


class OtherRow(Struct, array_like=True):
    n: int = 1
    sparse: Other = Other()
    new: int = 0


class OtherPair(NamedTuple):
    a: int
    b: Other = Other()
    new: int = 0


OldTagged = msgspec.defstruct("Tagged", [("n", int, 0), ("gone", int, 0)], tag=True)
NewTagged = msgspec.defstruct("Tagged", [("n", int, 0)], tag=True)
STORED_SPARSE = Sparse(n=1, text="a")
FITS: dict[str, tuple[Any, Any, Any]] = {
    "a new field": (Point, Point(1), Grown),
    "another default": (Sparse, STORED_SPARSE, Other),
    "another default in a list": (list[Sparse], [STORED_SPARSE], list[Other]),
    "another default in a tuple": (tuple[Sparse, int], (STORED_SPARSE, 1), tuple[Other, int]),
    "another default in a dict": (dict[int, Sparse], {1: STORED_SPARSE}, dict[int, Other]),
    "another default in a dataclass": (
        Data, Data(1, STORED_SPARSE, [STORED_SPARSE]), OtherData,
    ),
    "another default in an array": (Row, Row(1, STORED_SPARSE), OtherRow),
    "another default in a named tuple": (Pair, Pair(1, STORED_SPARSE), OtherPair),
    "another default in an option": (Sparse | None, STORED_SPARSE, Other | None),
    "a longer array": (Row, Row(3), OtherRow),
    "a wider number": (dict[str, int], {"a": 1}, dict[str, float]),
    "a wider union": (list[Dog], [Dog()], list[Dog | Cow]),
    "an option": (Sparse, Sparse(n=1), Sparse | None),
    "a list as a tuple": (list[Sparse], [Sparse(), Sparse(n=1)], tuple[Sparse, ...]),
    "a struct as a dict": (Point, Point(1, 2), dict[str, int]),
    "a struct as anything": (Renamed, Renamed(), Any),
    "a dict as a struct": (dict[str, int], {"x": 1}, Point),
    "a dataclass as a struct": (Slotted, Slotted(1), Strict | None),
    "words as an enum": (list[str], ["h"], list[Suit]),
    "words as numbers for keys": (dict[str, int], {"1": 1}, dict[int, int]),
    "words as times": (str, "2024-02-29T12:00:00Z", datetime),
    "with a tag": (Slotted, Slotted(1), NewTagged),
}  # fmt: skip
"""`{what: (type, value, the type that it has now)}`."""


@pytest.mark.parametrize("what", FITS)
def test_what_fits_another_type_is_not_refused(what: str) -> None:
    changed(*FITS[what])


@dataclass
class OldData:
    inner: Old = field(default_factory=Old)


@dataclass
class NewData:
    inner: New = field(default_factory=New)


class OldRow(Struct, array_like=True):
    inner: Old = Old()
    last: int = 0


class NewRow(Struct, array_like=True):
    inner: New = New()
    last: int = 0


class LongRow(Struct, array_like=True, tag=True):
    n: int = 0
    middle: int = 1
    last: int = 2


class ShortRow(Struct, array_like=True, tag="LongRow"):
    n: int = 0
    last: int = 2


OldPair = NamedTuple("OldPair", [("inner", Old)])  # noqa: UP014
NewPair = NamedTuple("NewPair", [("inner", New)])  # noqa: UP014
OldCamel = msgspec.defstruct("Camel", [("a_b", int, 0)], rename="camel")
NewCamel = msgspec.defstruct("Camel", [("a_b", int, 0)])

LOST: dict[str, tuple[Any, Any, Any, str]] = {
    "a struct": (Old, Old(), New, ".gone"),
    "a list": (list[Old], [Old()], list[New], "[0].gone"),
    "a tuple": (tuple[int, Old], (1, Old()), tuple[int, New], "[1].gone"),
    "a long tuple": (tuple[Old, ...], (Old(),), tuple[New, ...], "[0].gone"),
    "a named tuple": (OldPair, OldPair(Old()), NewPair, "[0].gone"),
    "a dict": (dict[int, Old], {1: Old()}, dict[int, New], ".1.gone"),
    "a dict in a dict": (dict[Suit, dict[str, Old]], {Suit.HEARTS: {"a": Old()}},
                         dict[Suit, dict[str, New]], ".h.a.gone"),
    "a dataclass": (OldData, OldData(), NewData, ".inner.gone"),
    "an array": (OldRow, OldRow(), NewRow, "[0].gone"),
    "a shorter array": (OtherRow, OtherRow(), Row, "[2]"),
    "a shorter array with a tag": (list[LongRow], [LongRow()], list[ShortRow], "[0][3]"),
    "a union": (Old | None, Old(), New | None, ".gone"),
    "a tagged one": (OldTagged, OldTagged(), NewTagged, ".gone"),
    "another name": (OldCamel, OldCamel(1), NewCamel, ".aB"),
    "a generic": (Box[Old], Box(Old()), Box[New], ".inner.gone"),
}  # fmt: skip
"""`{where: (type, value, the type that it has now, the path of what is lost)}`."""


@pytest.mark.parametrize("where", LOST)
def test_what_would_be_lost_is_refused_wherever_it_is(where: str) -> None:
    kind, value, today, path = LOST[where]
    with pytest.raises(RestoreError) as refused:
        changed(kind, value, today)
    assert f"the stored context.value{path} is no field any more" in str(refused.value)


def changed(kind: Any, value: Any, today: Any) -> Any:
    """What a context's value becomes when the code has another type for it."""
    stored = Actor.start(party(kind, value), input=None, seed="seed", now=0.0).dump()
    stored["definition"] = "another one"
    stored = msgspec.json.decode(msgspec.json.encode(stored))
    restored = Actor.restore(party(today, None), stored)
    return restored.machines[""].context.value


def party(kind: Any, value: Any) -> Party:
    """A party whose context is one value of that type."""
    context: Any = msgspec.defstruct("Held", [("value", kind)], kw_only=True)

    class Holder(Machine[context]):
        held = State(initial=True)
        hold = held.to.itself()

        @classmethod
        def initial(cls, input: Any) -> Any:
            return context(value=value)

    return party_of(Holder)
