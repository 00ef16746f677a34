"""Dedupe windows: what became of a member's last sends, so that a resend is answered, not run.

A send's id is `<client>.<n>`: one client per façade, n counted from 1. With each answer a mark of
the event is kept: an id that comes again with another event is no resend.
"""

from __future__ import annotations

from typing import Any, Literal
from zlib import crc32

import msgspec

from machine_party.core import Sent
from machine_party.errors import RestoreError
from machine_party.protocol import DEFAULT_LIMITS, split_id

__all__ = ["CLIENTS", "REUSED", "WIDTH", "Answer", "Windows", "mark_of", "reused"]

CLIENTS = 8
"""Façades remembered per member: a phone, a laptop, and some reloads of each."""
WIDTH = DEFAULT_LIMITS.sends_in_flight
"""Sends remembered per façade: as many as a façade has on their way, so that none it may resend
is forgotten."""
REUSED = "id_reused"


class Answer(msgspec.Struct, omit_defaults=True):
    """What the first receipt of a send said.

    Attributes:
        mark: of the event (`mark_of`); None: an older release has answered.
    """

    status: Literal["accepted", "rejected"]
    version: int
    result: Any = None
    code: str | None = None
    reason: str | None = None
    mark: int | None = None


def mark_of(sent: Sent) -> int:
    """By what a resend is told from another event under the same id: 32 bits, against mistakes. Who
    would look for two events of one mark would only deceive themselves."""
    return crc32(msgspec.json.encode([sent.type, sent.data, sent.child], order="deterministic"))


def reused(version: int) -> Answer:
    """What is said of an event whose id was used for another one."""
    reason = "This id was used for another event. Send this one under a new id."
    return Answer("rejected", version, code=REUSED, reason=reason)


class _Window(msgspec.Struct):
    """One client's last sends.

    Attributes:
        highest: the highest n seen.
        answers: `{str(n): Answer}` for the last WIDTH numbers.
    """

    highest: int = 0
    answers: dict[str, Answer] = msgspec.field(default_factory=dict)

    @property
    def last_used(self) -> int:
        """The room's version when it last answered this client."""
        return max((answer.version for answer in self.answers.values()), default=0)


class Windows:
    """All windows of a room: `{member id: {client: window}}`.

    Args:
        stored: as `dump` gave it.

    Raises:
        RestoreError: `stored` is not that.
    """

    def __init__(self, stored: Any = None) -> None:
        kind = dict[str, dict[str, _Window]]
        try:
            self._members = msgspec.convert(stored, kind) if stored else {}
        except msgspec.ValidationError as error:
            raise RestoreError(f"the dedupe windows: {error}") from error

    def find(self, member: str, id: str) -> Answer | None:
        """The first answer to `id`, or None if it was never seen.

        A number so old that its answer is forgotten counts as seen: its answer is a rejection
        with the code `stale_id`, because running it could be running it twice.
        """
        client, number = split_id(id)
        window = self._members.get(member, {}).get(client)
        if window is None:
            return None
        answer = window.answers.get(str(number))
        if answer is None and number <= window.highest - WIDTH:
            return Answer("rejected", 0, code="stale_id", reason="This send is too old to repeat.")
        return answer

    def record(self, member: str, id: str, answer: Answer) -> list[dict[str, Any]]:
        """Remember an answer; the operations that do the same to the stored form."""
        client, number = split_id(id)
        clients = self._members.get(member)
        base = f"/windows/{member}"
        operations: list[dict[str, Any]] = []
        if clients is None:
            clients = self._members[member] = {}
            operations.append({"op": "add", "path": base, "value": {}})
        if client not in clients:
            operations += self._open(clients, client, base)
        return operations + self._write(clients[client], f"{base}/{client}", number, answer)

    def dump(self) -> dict[str, Any]:
        """The stored form."""
        dumped: dict[str, Any] = msgspec.to_builtins(self._members)
        return dumped

    def _open(self, clients: dict[str, _Window], client: str, base: str) -> list[dict[str, Any]]:
        operations: list[dict[str, Any]] = []
        if len(clients) >= CLIENTS:
            oldest = min(clients, key=lambda key: clients[key].last_used)
            del clients[oldest]
            operations.append({"op": "remove", "path": f"{base}/{oldest}"})
        clients[client] = _Window()
        empty = {"highest": 0, "answers": {}}
        return [*operations, {"op": "add", "path": f"{base}/{client}", "value": empty}]

    def _write(
        self, window: _Window, base: str, number: int, answer: Answer
    ) -> list[dict[str, Any]]:
        operations: list[dict[str, Any]] = []
        if number > window.highest:
            window.highest = number
            operations.append({"op": "replace", "path": f"{base}/highest", "value": number})
        window.answers[str(number)] = answer
        value = msgspec.to_builtins(answer)
        operations.append({"op": "add", "path": f"{base}/answers/{number}", "value": value})
        for key in [key for key in window.answers if int(key) <= window.highest - WIDTH]:
            del window.answers[key]
            operations.append({"op": "remove", "path": f"{base}/answers/{key}"})
        return operations
