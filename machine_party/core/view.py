"""Views: what a layer of a member's document may hold, declared as types.

A view is a pure function of a snapshot and of who is looking. It returns its declared type, and
nothing is sent that is not a field of that type: what is not declared is hidden.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Struct, UnsetType

from machine_party.core.shape import check_closed, check_struct
from machine_party.core.snapshot import Status
from machine_party.errors import DefinitionError
from machine_party.protocol import StateValue

__all__ = ["ChildView", "Declared", "View", "declared_view", "patterns_overlap"]

C = TypeVar("C")


class ChildView(Struct, Generic[C], kw_only=True):
    """What is shown of a spawned child: as a document, without `can` and `children`."""

    context: C
    value: StateValue = ""
    tags: list[str] = []
    status: Status = "active"
    output: Any = None


class View(Struct, Generic[C], kw_only=True):
    """What a view may return instead of a bare context, to show or override more.

    Attributes:
        context: the layer's part of the context.
        children: `{child id: ChildView}`, ids as the party's `shared_children` or
            `own_children` allow.
        value, tags, status: overrides of the machine's own; the shared view only.
        output: shown once it is given; the shared view only.
        error: a code; the shared view only.
    """

    context: C
    children: dict[str, Any] = {}
    value: StateValue | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    output: Any = None
    error: str | None = None


class Declared(Struct, frozen=True):
    """What a view's return annotation declares.

    Attributes:
        context: the Struct type of the layer's context.
        full: whether it returns a `View` and not the bare context.
    """

    context: type[Struct]
    full: bool

    @property
    def fields(self) -> frozenset[str]:
        """The wire names of the layer's context fields, a tag's included."""
        names = {field.encode_name for field in msgspec.structs.fields(self.context)}
        tag = self.context.__struct_config__.tag_field
        return frozenset(names | {tag} if tag is not None else names)


def declared_view(party: type[Any], method: str) -> Declared:
    """What `party.<method>` declares to return.

    Raises:
        DefinitionError: it declares nothing, or a type that could carry anything.
    """
    where = f"{party.__name__}.{method}"
    annotation = _returned(getattr(party, method), where)
    full = get_origin(annotation) is View
    context = get_args(annotation)[0] if full else annotation
    if not (isinstance(context, type) and issubclass(context, Struct)) or context is View:
        fix = "Annotate it with a msgspec.Struct, or with View[ThatStruct]."
        raise DefinitionError(where, "it does not declare what it returns", fix)
    check_struct(context, where)
    check_closed(context, where)
    return Declared(context=context, full=full)


def _returned(view: Any, where: str) -> Any:
    try:
        return get_type_hints(view).get("return")
    except NameError as error:
        fix = "Import it where the party is defined, not under TYPE_CHECKING."
        raise DefinitionError(where, f"its annotation is not known here ({error})", fix) from error


def patterns_overlap(first: str, second: str) -> bool:
    """Whether a child id can match both patterns (`player:*`, or an exact id)."""
    a, b = first.removesuffix("*"), second.removesuffix("*")
    if first.endswith("*") and second.endswith("*"):
        return a.startswith(b) or b.startswith(a)
    if first.endswith("*"):
        return b.startswith(a)
    return a.startswith(b) if second.endswith("*") else a == b
