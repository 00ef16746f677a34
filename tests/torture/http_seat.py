"""A client's seat in a room by HTTP alone: it asks, and asks again until there is an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from machine_party.protocol import Receipt
from machine_party.room import RoomKey
from tests.torture.ledger import Acknowledged, Sight
from tests.torture.place import Place

__all__ = ["HttpSeat", "Refusal"]


class Refusal(AssertionError):
    """The server has said no.

    Attributes:
        code: the error's.
    """

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.status_code} {answer.text}")
        self.code = answer.json()["error"]["code"]


class HttpSeat:
    """Made by `take`, which sits down.

    Attributes:
        member: its id.
        document: what it was shown last.
    """

    def __init__(self, place: Place, path: str, name: str, token: str) -> None:
        self.key = RoomKey(*path.rsplit("/", 2)[1:])
        self.name, self.token = name, token
        self.member = ""
        self.document: Mapping[str, Any] = {}
        self._place, self._path = place, path
        self._client = f"{place.random.getrandbits(64):016x}"
        self._number = 0
        self._etag = ""

    @classmethod
    async def take(cls, place: Place, path: str, name: str, token: str) -> HttpSeat:
        """Sit down with a token.

        Raises:
            Refusal: there is no such room, or it does not let in.
        """
        seat = cls(place, path, name, token)
        made = await seat._ask("POST", "/members", json={"name": name})
        seat.member = made.json()["member"]
        return seat

    async def send(self, type: str, **fields: Any) -> Receipt:
        """Send an event until it is answered."""
        self._number += 1
        event = {"type": type, **fields}
        body = {"id": f"{self._client}.{self._number}", "event": event}
        while True:
            receipt = Receipt(**(await self._ask("POST", "/events", json=body)).json())
            if receipt.code not in ("store_unavailable", "draining"):  # these are no answers
                told = Acknowledged(self.member, event, receipt)
                self._place.ledger.acknowledged[self.key].append(told)
                return receipt

    async def look(self, wait: float = 0) -> Mapping[str, Any]:
        """The document; waits for so many seconds until it is another one."""
        headers = {"If-None-Match": self._etag} if self._etag else {}
        answer = await self._ask("GET", "", headers=headers, params={"wait": wait} if wait else {})
        if answer.status_code == httpx.codes.OK:
            self._etag = answer.headers["ETag"]
            found = answer.json()
            self.document = found["snapshot"]
            sight = Sight(self.member, found["version"], self.document)
            self._place.ledger.sights[self.key].append(sight)
        return self.document

    async def _ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        answer = await self._place.request(method, f"{self._path}{path}", headers=bearer, **more)
        if answer.is_error:
            raise Refusal(answer)
        return answer
