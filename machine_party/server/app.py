"""`MachineParty`: the ASGI app that serves parties, alone or mounted in another app."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable

from starlette.applications import Starlette
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.types import Lifespan, Receive, Scope, Send

from machine_party.backends.store.memory import MemoryStore
from machine_party.core import Party
from machine_party.protocol.limits import Limits
from machine_party.room.clock import Clock
from machine_party.room.rooms import Rooms
from machine_party.room.store import Store
from machine_party.server.auth import new_stranger
from machine_party.server.cross_origin import cross_origin
from machine_party.server.error import HANDLERS
from machine_party.server.http import Http
from machine_party.server.limits import ServerLimits
from machine_party.server.link import Links
from machine_party.server.node import Node, by_name, running_loop
from machine_party.server.origin import Origins
from machine_party.server.pages import Pages
from machine_party.server.room_id import ROOM_ID, is_room_id
from machine_party.server.secret import Keys
from machine_party.server.token import ANY_ROOM, Tokens
from machine_party.server.websocket import PartySocket

__all__ = ["MachineParty"]

_logger = logging.getLogger(__name__)


class MachineParty:
    """Serves parties; an ASGI app.

    Run it with `machine_party.server.Server` (or any ASGI server: then a peer that never reads
    is closed, not aborted), or mount it: `Mount("/games", app=MachineParty([Counter]))` in
    Starlette, `app.mount("/games", MachineParty([Counter]))` in FastAPI. A parent that does not
    run our lifespan calls `start()` when it begins (else sleeping rooms wake from the first request
    on) and `close()` when it ends.

    Args:
        parties: Party classes (or instances).
        store: where rooms are kept; None keeps them in memory.
        secret: at least 16 bytes, signs tokens; None makes one for this process only, so that
            members cannot come back after a restart.
        limits: `Limits` or `ServerLimits`; None for the defaults.
        allowed_origins: the origins of the web pages that may connect, exactly: the server's own
            pages, too, if they are to be played on. None allows those of the host that is
            connected to.
        clock: None for the running loop's.
        seed: makes the rooms' seeds predictable, for tests.
        public_url: this server as others reach it, for links made on the loopback.
        pages: whether to serve pages for people: the front page, and each party's.
        stranger: makes a new guest's identity, for tests; by default 128 random bits.
        alone: whether no other process uses the store: then all that used it before are dead, and
            their rooms wake at once. When that is not known, they wake some seconds later.

    Raises:
        ValueError: one of these is not what it must be; the text says what is allowed.
        DefinitionError: a party's page is not there.
    """

    def __init__(
        self,
        parties: Iterable[Party | type[Party]],
        *,
        store: Store | None = None,
        secret: str | bytes | None = None,
        limits: Limits | None = None,
        allowed_origins: Iterable[str] | None = None,
        clock: Clock | None = None,
        seed: str | None = None,
        public_url: str | None = None,
        pages: bool = True,
        stranger: Callable[[], str] = new_stranger,
        alone: bool = False,
    ) -> None:
        self.parties = by_name(parties)
        self.limits = ServerLimits.of(limits)
        self._store = store if store is not None else MemoryStore()
        self._keys = Keys(secret)
        self._tokens = Tokens(self._keys.token, self.limits.token_seconds)
        self._origins = Origins(allowed_origins)
        self._clock = clock
        self._seed = seed
        self._stranger = stranger
        self._alone = alone or store is None
        self._node: Node | None = None
        if secret is None and not isinstance(self._store, MemoryStore):
            _logger.warning("no secret was given: after a restart, nobody can come back")
        self._app = Starlette(
            routes=_routes(self, Links(public_url), pages),
            exception_handlers=HANDLERS,
            middleware=cross_origin(self._origins),
            lifespan=_lifespan(self),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        await self._app(scope, receive, send)

    @property
    def node(self) -> Node:
        """The working parts; made at the first use, in the running event loop.

        Raises:
            Bug: they work in another event loop than the running one.
        """
        if self._node is None:
            self._node = Node(
                self.parties,
                store=self._store,
                keys=self._keys,
                tokens=self._tokens,
                limits=self.limits,
                origins=self._origins,
                clock=self._clock,
                seed=self._seed,
                stranger=self._stranger,
                alone=self._alone,
            )
        self._node.check_loop()
        return self._node

    @property
    def rooms(self) -> Rooms:
        """This server's rooms, for the app around it."""
        return self.node.rooms

    def token(
        self,
        party: str,
        room: str,
        identity: str,
        *,
        role: str | None = None,
        name: str | None = None,
        seconds: float | None = None,
    ) -> str:
        """A token for somebody whom the app around this one knows.

        Args:
            party, room: where it counts.
            identity: who it is, in the app's own words (a user's id); unique in the room.
            role: the role that it grants; None: as for anybody.
            name: the display name that it grants; None: the member chooses.
            seconds: how long it lasts; None: `limits.token_seconds`.

        Raises:
            ValueError: no room can be called so.
        """
        if not is_room_id(room):
            raise ValueError(f"no room is called {room!r}: {ROOM_ID}")
        return self._tokens.issue(
            f"u:{identity}", party, room, now=self._now(), role=role, name=name, life=seconds
        )

    def service_token(self, party: str, *, seconds: float | None = None) -> str:
        """A token for the operator's own programs: any room of the party, role `service`."""
        return self._tokens.issue(
            "s:service", party, ANY_ROOM, now=self._now(), role="service", life=seconds
        )

    def _now(self) -> float:
        """Tokens are made wherever the app around us is, also in a thread without a loop."""
        if self._node is not None:
            return self._node.clock.now()
        return self.node.clock.now() if running_loop() else time.time()

    async def start(self) -> None:
        """Begins, before anybody has come. Our lifespan does it."""
        await self.node.start()

    async def close(self) -> None:
        """Closes the rooms, and the store that they are kept in. The app is done."""
        node, self._node = self._node, None
        await (self._store.close() if node is None else node.close())


def _routes(app: MachineParty, links: Links, pages: bool) -> list[BaseRoute]:
    http = Http(lambda: app.node, links, Pages(app.parties) if pages else None)
    socket = PartySocket(lambda: app.node)
    return [WebSocketRoute("/parties/{party}/{room}", socket), *http.routes()]


def _lifespan(app: MachineParty) -> Lifespan[Starlette]:
    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            await app.start()
            yield
        finally:
            await app.close()

    return lifespan
