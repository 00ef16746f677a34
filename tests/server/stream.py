"""A client of event streams, as small as tests need, and what it has heard."""

from __future__ import annotations

import asyncio
import json
from typing import Any, NamedTuple

from starlette.types import ASGIApp

from machine_party.server.caller import EXTENSION, HttpExtension
from tests.server.asgi import FAR

__all__ = ["Ended", "Event", "Stream", "listen", "parsed"]


class Ended(Exception):
    """The app has ended the stream."""


class Event(NamedTuple):
    """One event, as the HTML standard's parser (section 9.2.6) makes it; a comment has no kind.

    Attributes:
        kind: its `event`.
        data: its `data`, which is JSON.
        id, retry: only if it has one.
    """

    kind: str
    data: Any
    id: str | None = None
    retry: int | None = None


def parsed(block: str) -> Event:
    """The event of one block of lines."""
    fields: dict[str, str] = {}
    for line in block.strip("\n").splitlines():
        name, _, value = line.partition(":")
        assert name not in fields
        fields[name] = value.removeprefix(" ")
    data = json.loads(fields["data"]) if "data" in fields else None
    retry = int(fields["retry"]) if "retry" in fields else None
    return Event(fields.get("event", ""), data, fields.get("id"), retry)


class Stream:
    """A client's end of an event stream that an app serves in this event loop.

    Attributes:
        status, headers: of the response, once it has begun.
        text: everything that came.
        last_id: the id of the last event heard that had one.
        aborted: whether the app has dropped the connection.
        draining: set it, and the app hears that the server wants to end.
    """

    def __init__(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.text = ""
        self.last_id: str | None = None
        self.aborted = False
        self.ended = False
        self.draining = asyncio.Event()
        scope["extensions"] = {EXTENSION: HttpExtension(self.draining, self._abort)}
        self._heard = 0
        self._asked = False
        self._gone = asyncio.Event()
        self._reads = asyncio.Event()
        self._reads.set()
        self._came = asyncio.Event()
        self.task = asyncio.create_task(self._serve(app, scope), name="stream")
        self.task.add_done_callback(lambda _task: self._came.set())

    async def _serve(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        await app(scope, self._receive, self._send)

    async def begun(self) -> Stream:
        """Returns once the response has begun."""
        while not self.status:
            await self._more()
        return self

    async def hear(self, kind: str | None = None) -> Event:
        """The next event; with `kind`, the next one of that. Raises `Ended`."""
        while True:
            while "\n\n" not in self.text[self._heard :]:
                if self.ended or self.task.done():
                    raise Ended
                await self._more()
            event = self._next()
            if kind is None or event.kind == kind:
                return event

    def heard(self) -> list[Event]:
        """Every whole event that has come and was not heard."""
        events = []
        while "\n\n" in self.text[self._heard :]:
            events.append(self._next())
        return events

    def error(self) -> dict[str, Any]:
        """What is in the envelope of an answer that is no stream."""
        error: dict[str, Any] = json.loads(self.text)["error"]
        return error

    def stall(self) -> None:
        """The app's writes block from now on, as with a peer that reads nothing."""
        self._reads.clear()

    def read_on(self) -> None:
        self._reads.set()

    async def leave(self) -> None:
        """Goes away without a word; returns when the app has finished with it."""
        self._gone.set()
        self._reads.set()
        await self.task

    def _next(self) -> Event:
        end = self.text.index("\n\n", self._heard) + 2
        event = parsed(self.text[self._heard : end])
        self._heard = end
        self.last_id = event.id or self.last_id
        return event

    def _abort(self) -> None:
        self.aborted = True
        self._gone.set()
        self._reads.set()

    async def _more(self) -> None:
        self._came.clear()
        await self._came.wait()

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self._reads.wait()
        if self._gone.is_set():
            return  # as uvicorn does
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): text.decode() for name, text in message["headers"]}
        else:
            self.text += message["body"].decode()
            self.ended = not message.get("more_body", False)
        self._came.set()


async def listen(
    app: ASGIApp,
    path: str = "/parties/tally/room/events",
    *,
    query: str = "",
    token: str | None = None,
    last_id: str | None = None,
    method: str = "GET",
    **headers: str,
) -> Stream:
    """Asks for an event stream; returns once the answer has begun, whatever it is."""
    sent = {"host": "quiz.example", "accept": "text/event-stream", **headers}
    if token is not None:
        sent["authorization"] = f"Bearer {token}"
    if last_id is not None:
        sent["last-event-id"] = last_id
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": FAR,
        "server": ("quiz.example", 80),
    }
    return await Stream(app, scope).begun()
