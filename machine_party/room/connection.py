"""A connection: one transport session of a member, as its room sees it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from machine_party.core import Member
from machine_party.protocol import ServerSync

__all__ = ["Connection"]


class Connection:
    """What the server gives to a room for each open socket.

    Args:
        sync: the server's half of the sync protocol for it.
        metadata: what is known of it: the hello's `meta`, the address, the user agent.
        write: called after the room has queued something: `sync.data_to_send()` has it.
        close: called when the room wants it closed, with a code and a reason.
    """

    __slots__ = ("_close", "_unanswered", "_write", "id", "member", "metadata", "sections", "sync")

    def __init__(
        self,
        sync: ServerSync,
        *,
        metadata: Mapping[str, Any],
        write: Callable[[], None],
        close: Callable[[int, str], None],
    ) -> None:
        self.id = secrets.token_hex(8)
        self.sync = sync
        self.metadata = metadata
        self.member: Member | None = None
        self.sections: frozenset[str] | None = None
        self._write = write
        self._close = close
        self._unanswered = 0

    def unanswered(self) -> None:
        """Note that a send had no answer, for a reason of ours: it will come again."""
        self._unanswered += 1

    def take_unanswered(self) -> int:
        """How many such there were since this was asked last."""
        count, self._unanswered = self._unanswered, 0
        return count

    def write(self) -> None:
        """Tell the transport that there is something to send."""
        self._write()

    def close(self, code: int, reason: str) -> None:
        """Ask the transport to close, after what is queued."""
        self._close(code, reason)
