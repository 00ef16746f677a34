"""Server-sent events (the HTML standard, section 9.2) as a codec, and positions as their ids.

Messages in, text out: nothing is sent here.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote, unquote

from machine_party.protocol.codec import JsonCodec
from machine_party.protocol.limits import MAX_INTEGER
from machine_party.protocol.messages import Message, Resume
from machine_party.protocol.server import ServerSync
from machine_party.protocol.table import SERVER_MESSAGES

__all__ = ["EventCodec", "EventSync", "position_of"]

_KINDS: Final = {shape.cls: shape.type for shape in SERVER_MESSAGES}
_COMMENT: Final = ":\n\n"
"""What a client ignores: it keeps the connection in use."""

_ID: Final = re.compile(r"([0-9]{1,16})\.(.*)\.([0-9A-Za-z_-]+)\.([0-9]{1,16})\.([0-9]{1,16})")
_ID_FIELD: Final = "id: "


class EventCodec(JsonCodec):
    """Each message as one event: its type is the event's, and its JSON form the data."""

    def encode(self, message: Message) -> str:
        return f"event: {_KINDS[type(message)]}\ndata: {super().encode(message)}\n\n"


class EventSync(ServerSync):
    """The server's half of an event stream: the last event of each commit has the position.

    An id is queued as something passing: where patches are dropped, it is dropped with them, so
    that no client is ever told that it stands where it does not.
    """

    def open(self, **opened: Any) -> None:
        super().open(**opened)
        self._mark()

    def commit(self, **committed: Any) -> None:
        super().commit(**committed)
        self._mark()

    def update(self, **updated: Any) -> None:
        super().update(**updated)
        self._mark()

    def keep_alive(self) -> None:
        """Queue a comment."""
        self._outbox.add(_COMMENT)

    def data_to_send(self) -> list[str | bytes]:
        """What to write now, one item per event, in order."""
        events: list[str | bytes] = []
        for data in super().data_to_send():
            marked = isinstance(data, str) and data.startswith(_ID_FIELD)
            events.append(data + events.pop() if marked and events else data)  # type: ignore[operator]
        return events

    def _mark(self) -> None:
        self._outbox.add_passing(f"{_ID_FIELD}{_id_of(self.position)}\n")


def position_of(id: str | None) -> Resume | None:
    """The position that an id stands for; None for what is no id of ours."""
    found = _ID.fullmatch(id or "")
    if found is None:
        return None
    epoch, shared, own = (int(found[group]) for group in (1, 4, 5))
    if max(epoch, shared, own) > MAX_INTEGER:
        return None
    return Resume(epoch, unquote(found[2]), found[3], shared, own)


def _id_of(at: Resume) -> str:
    """`epoch.audience.member.shared.own`: the audience as in an address."""
    return f"{at.epoch}.{quote(at.audience, safe='')}.{at.member}.{at.shared}.{at.own}"
