"""What a member sees of a machine, as XState's snapshot looks: an immutable view of a document.

What must not be here: how it got here (`connection.py`), or how to change it (`facade.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from client_facade.frozen import FrozenDict, share
from machine_party.protocol import StateValue, matches

__all__ = ["ContextT", "Snapshot"]

#: The type of a machine's context: a TypedDict of what the party's views declare, or Any.
ContextT = TypeVar("ContextT")

NOTHING = share(None, {})


class Snapshot(Generic[ContextT]):
    """One state of a machine, as it is shown to this member. It cannot be changed.

    Two snapshots are equal if their documents are; a part that did not change from one to the
    next is the same object.

    Args:
        document: `{value, tags, status, can, context, children, output, error}`; what is
            missing is empty. It must not be changed afterwards.
        previous: the snapshot to share unchanged parts with.
    """

    def __init__(
        self, document: Mapping[str, Any], previous: Snapshot[ContextT] | None = None
    ) -> None:
        self.document: FrozenDict = share(previous.document if previous else None, document)
        self._previous_children = previous._known_children if previous else {}

    @property
    def value(self) -> StateValue:
        """The active states, nested as in XState: `"idle"`, `{"question": "open"}`."""
        return cast(StateValue, self.document.get("value", NOTHING))

    @cached_property
    def tags(self) -> frozenset[str]:
        """The tags of the active states."""
        return frozenset(self.document.get("tags", ()))

    @property
    def status(self) -> str:
        """`"active"`, `"done"`, `"error"` or `"stopped"`."""
        return cast(str, self.document.get("status", "active"))

    @property
    def context(self) -> ContextT:
        """What the party's views show of the machine's context, and nothing else."""
        return cast(ContextT, self.document.get("context", NOTHING))

    @property
    def output(self) -> Any:
        """What the machine has returned, once its status is `"done"`."""
        return self.document.get("output")

    @property
    def error(self) -> Any:
        """The code of the machine's error, once its status is `"error"`."""
        return self.document.get("error")

    @cached_property
    def children(self) -> Mapping[str, Snapshot[Any]]:
        """The visible child machines, by id."""
        known, self._previous_children = self._previous_children, {}
        documents = self.document.get("children", NOTHING)
        return {id: _child(document, known.get(id)) for id, document in documents.items()}

    def matches(self, pattern: StateValue) -> bool:
        """Whether the machine is in the state that `pattern` describes, as XState's `matches`.

        `"question"` matches `{"question": "open"}`; so do `"question.open"` and
        `{"question": "open"}`.
        """
        return matches(pattern, self.value)

    def has_tag(self, tag: str) -> bool:
        """Whether an active state has `tag`."""
        return tag in self.tags

    def can(self, type: str) -> bool:
        """Whether an event of this type may be sent now, as far as the server can tell."""
        return type in self.document.get("can", NOTHING)

    @property
    def events(self) -> tuple[str, ...]:
        """The event types that may be sent now, sorted."""
        return tuple(sorted(self.document.get("can", NOTHING)))

    @property
    def _known_children(self) -> Mapping[str, Snapshot[Any]]:
        return self.children if "children" in self.__dict__ else self._previous_children

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Snapshot) and self.document == other.document

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Snapshot {self.value!r} {self.status} {self.context!r}>"


def _child(document: FrozenDict, known: Snapshot[Any] | None) -> Snapshot[Any]:
    if known is not None and known.document is document:
        return known
    return Snapshot(document, known)
