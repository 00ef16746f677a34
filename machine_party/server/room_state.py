"""`GET /parties/{party}/{room}`: a room as the bearer sees it; for who has it already, its changes.

The mark (`ETag`) of what is seen is made of that alone, and of who sees it: so it holds across
restarts, and fits nobody else's document.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from machine_party.errors import PeerError
from machine_party.protocol.messages import Hello
from machine_party.room.room import Room
from machine_party.room.seen import Seen
from machine_party.server.body import bearer_of
from machine_party.server.caller import Caller
from machine_party.server.door import Entry, Sight
from machine_party.server.handshake import asked
from machine_party.server.node import Node

__all__ = ["LONGEST_WAIT", "RoomState"]

LONGEST_WAIT: Final = 60.0
"""Seconds: proxies commonly end a request that is silent for as long (nginx: 60 s)."""

_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e]*")')
"""An entity tag (RFC 9110, section 8.8.3). It is compared weakly, so `W/` does not matter."""

_SECONDS: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,20})?(e-?[0-9]{1,3})?", re.ASCII)


class RoomState:
    """Shows rooms.

    Args:
        node: gives the working parts.
    """

    def __init__(self, node: Callable[[], Node]) -> None:
        self._node = node

    async def get(self, request: Request) -> Response:
        """200 with what the bearer sees, or 304: as they have it already."""
        node, wait = self._node(), _wait(request)
        handshake = asked(request, node.origins)
        entry = await node.door.enter(handshake, Hello(token=bearer_of(request)))
        poll = _Poll(node, request, entry, _known(request))
        if not wait:
            return poll.answer(await poll.look())
        with node.admission.connected(handshake.address):
            return poll.answer(await poll.wait(wait))


class _Look(NamedTuple):
    """What was seen, and by whom.

    Attributes:
        room: where.
        visit: for how many seconds the member is connected by having looked; None for anybody else.
        tag: the mark of what was seen.
    """

    room: Room
    seen: Seen
    visit: float | None
    tag: str


class _Poll:
    """One request.

    Args:
        node: the working parts.
        request: for the state.
        entry: who asks, and where.
        known: the tags of what the asker has; `*` for anything.
    """

    def __init__(self, node: Node, request: Request, entry: Entry, known: frozenset[str]) -> None:
        self._node = node
        self._entry = entry
        self._caller = Caller(request.scope, request.receive)
        self._known = known

    def answer(self, look: _Look) -> Response:
        """What is sent for it."""
        headers = {
            "ETag": f"W/{look.tag}",
            "Cache-Control": "private, no-cache",
            "Vary": "Accept, Authorization",
        }
        if self._has(look):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(self._body(look), headers=headers, media_type="application/json")

    async def look(self) -> _Look:
        """What the asker sees of the last released commit. A member's look is a visit.

        Raises:
            PeerError: as `Door.look`.
        """
        return await self._node.door.look(self._entry, self._read)

    async def wait(self, seconds: float) -> _Look:
        """What they see once it differs from what they have, the time is up, or they leave."""
        ends = [
            asyncio.create_task(end)
            for end in (self._caller.gone(), _set(self._caller.draining), asyncio.sleep(seconds))
        ]
        try:
            look = await self.look()
            while self._has(look) and not any(end.done() for end in ends):
                await self._change(look, ends)
                look = await self.look()
            return look
        finally:
            for end in ends:
                end.cancel()

    async def _change(self, last: _Look, ends: list[asyncio.Task[None]]) -> None:
        """Returns after the next commit, at an end, or when it is time to say: still here."""
        commit = asyncio.create_task(_next(last.room, last.seen.version))
        again = last.visit and last.visit / 2
        try:
            await asyncio.wait([commit, *ends], timeout=again, return_when=asyncio.FIRST_COMPLETED)
        finally:
            commit.cancel()

    async def _read(self, sight: Sight) -> _Look:
        visit = None if sight.member is None else sight.room.visit(sight.member)
        seen = await sight.room.see(sight.member, sight.audience)
        return _Look(sight.room, seen, visit, self._tag(sight, seen))

    def _tag(self, sight: Sight, seen: Seen) -> str:
        who = seen.audience.encode(), (sight.member or "").encode()
        return f'"{self._node.keys.etag(*who, seen.digest)}"'

    def _body(self, look: _Look) -> bytes:
        return msgspec.json.encode(
            {
                "party": self._entry.party.name,
                "room": self._entry.room_id,
                "audience": look.seen.audience,
                "epoch": look.seen.epoch,
                "version": look.seen.version,
                "now": int(self._node.clock.now() * 1000),
                "snapshot": msgspec.Raw(look.seen.json),
            }
        )

    def _has(self, look: _Look) -> bool:
        return look.tag in self._known or "*" in self._known


def _known(request: Request) -> frozenset[str]:
    """The tags of `If-None-Match` (RFC 9110, section 13.1.2)."""
    given = ",".join(request.headers.getlist("if-none-match"))
    return frozenset({"*"}) if given.strip() == "*" else frozenset(_TAG.findall(given))


def _wait(request: Request) -> float:
    text = request.query_params.get("wait", "0")
    if not _SECONDS.fullmatch(text) or float(text) > LONGEST_WAIT:
        reason = f"wait is a number of seconds, from 0 to {LONGEST_WAIT:g}"
        raise PeerError("bad_request", reason, path="?wait")
    return float(text)


async def _next(room: Room, after: int) -> None:
    """Returns after the next commit, or when the room has ended: who looks again is told so, or
    finds it opened anew."""
    with suppress(PeerError):
        await room.wait_commit(after)


async def _set(event: asyncio.Event) -> None:
    await event.wait()
