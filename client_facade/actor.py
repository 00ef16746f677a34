"""What every façade shows of a machine, and a façade over a snapshot from anywhere.

The twin of the reference's `createActorFacade`: where there is no connection (a program that
polls, a test, a saved document), `actor_facade` gives a document the machine's looks.
What must not be here: connections (`facade.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, overload

from client_facade.snapshot import ContextT, Snapshot
from machine_party.protocol import StateValue

__all__ = ["Actor", "ActorFacade", "actor_facade", "event_from"]

R = TypeVar("R")


class Actor(Generic[ContextT]):
    """Reads a machine's snapshot, whoever holds it. Subclasses say what `snapshot` is."""

    @property
    def snapshot(self) -> Snapshot[ContextT]:
        """The latest snapshot."""
        raise NotImplementedError

    @property
    def value(self) -> StateValue:
        """The active states, nested as in XState."""
        return self.snapshot.value

    @property
    def tags(self) -> frozenset[str]:
        """The tags of the active states."""
        return self.snapshot.tags

    @property
    def status(self) -> str:
        """`"active"`, `"done"`, `"error"` or `"stopped"`."""
        return self.snapshot.status

    @property
    def context(self) -> ContextT:
        """What the party's views show of the machine's context."""
        return self.snapshot.context

    @property
    def output(self) -> Any:
        """What the machine has returned, once it is done."""
        return self.snapshot.output

    @property
    def error(self) -> Any:
        """The code of the machine's error, if it ended with one."""
        return self.snapshot.error

    @property
    def children(self) -> Mapping[str, Snapshot[Any]]:
        """The visible child machines, by id."""
        return self.snapshot.children

    def matches(self, pattern: StateValue) -> bool:
        """Whether the machine is in the state that `pattern` describes, as XState's."""
        return self.snapshot.matches(pattern)

    def has_tag(self, tag: str) -> bool:
        """Whether an active state has `tag`."""
        return self.snapshot.has_tag(tag)

    def can(self, type: str) -> bool:
        """Whether an event of this type may be sent now."""
        return self.snapshot.can(type)

    def select(self, selector: Callable[[Snapshot[ContextT]], R]) -> R:
        """What `selector` returns for the latest snapshot."""
        return selector(self.snapshot)


class ActorFacade(Actor[ContextT], Generic[ContextT, R]):
    """A façade over one snapshot and a way to send; make it with `actor_facade`."""

    def __init__(
        self,
        snapshot: Snapshot[ContextT],
        send: Callable[[dict[str, Any]], R],
        send_to: Callable[[str, dict[str, Any]], R] | None,
    ) -> None:
        self._snapshot, self._send, self._send_to = snapshot, send, send_to

    @property
    def snapshot(self) -> Snapshot[ContextT]:
        """The snapshot that this façade was made with."""
        return self._snapshot

    def send(self, event: str | Mapping[str, Any], /, **fields: Any) -> R:
        """Sends an event: `send("approve", by="Ada")` or `send({"type": "approve"})`."""
        return self._send(event_from(event, fields))

    def send_to(self, child_id: str, event: str | Mapping[str, Any], /, **fields: Any) -> R:
        """Sends an event to a child machine.

        Raises:
            TypeError: the façade was made without `send_to`.
        """
        if self._send_to is None:
            raise TypeError("this façade cannot send to children; give actor_facade a send_to")
        return self._send_to(child_id, event_from(event, fields))


@overload
def actor_facade(
    snapshot: Snapshot[ContextT],
    send: Callable[[dict[str, Any]], R],
    *,
    send_to: Callable[[str, dict[str, Any]], R] | None = None,
) -> ActorFacade[ContextT, R]: ...


@overload
def actor_facade(
    snapshot: Mapping[str, Any],
    send: Callable[[dict[str, Any]], R],
    *,
    send_to: Callable[[str, dict[str, Any]], R] | None = None,
) -> ActorFacade[Any, R]: ...


def actor_facade(
    snapshot: Snapshot[Any] | Mapping[str, Any],
    send: Callable[[dict[str, Any]], R],
    *,
    send_to: Callable[[str, dict[str, Any]], R] | None = None,
) -> ActorFacade[Any, R]:
    """A façade over any snapshot, without a connection.

    Args:
        snapshot: a snapshot, or a document as the server's HTTP endpoint returns it.
        send: called with an event `{"type": …}`; what it returns, `send` returns.
        send_to: the same for a child machine, called with its id and the event.
    """
    whole = snapshot if isinstance(snapshot, Snapshot) else Snapshot[Any](snapshot)
    return ActorFacade(whole, send, send_to)


def event_from(event: str | Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The event that `send(event, **fields)` means.

    Raises:
        TypeError: it has no type, or it has fields both inside and beside.
    """
    if isinstance(event, str):
        if "type" in fields:
            raise TypeError(f"the type is {event!r} already; call the field something else")
        return {"type": event, **fields}
    if fields:
        raise TypeError('write send("type", field=…) or send({"type": …, "field": …}), not both')
    if not isinstance(event.get("type"), str):
        raise TypeError(f'an event has a type: {{"type": "increment"}}, not {dict(event)!r}')
    return dict(event)
