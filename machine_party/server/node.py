"""One server's working parts, put together. Needs a running event loop; no ASGI in here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

from machine_party.core import Party
from machine_party.errors import Bug
from machine_party.room.clock import Clock, LoopClock
from machine_party.room.rooms import Rooms
from machine_party.room.store import Store
from machine_party.server.admission import Admission
from machine_party.server.auth import Auth
from machine_party.server.door import Door
from machine_party.server.limits import ServerLimits
from machine_party.server.origin import Origins
from machine_party.server.secret import Keys
from machine_party.server.token import Tokens

__all__ = ["Node", "by_name", "running_loop"]


class Node:
    """The rooms of this process, and everything that stands before them.

    Args:
        parties: by name.
        store: where rooms are kept.
        keys, tokens: of this server.
        limits: the settings.
        origins: whose pages may come.
        clock: None for the running loop's.
        seed: makes the rooms' seeds predictable, for tests; None for random ones.
        stranger: makes a new guest's identity.
        alone: whether no other server uses the store.
    """

    def __init__(
        self,
        parties: Mapping[str, Party],
        *,
        store: Store,
        keys: Keys,
        tokens: Tokens,
        limits: ServerLimits,
        origins: Origins,
        clock: Clock | None,
        seed: str | None,
        stranger: Callable[[], str],
        alone: bool,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.parties = parties
        self.limits = limits
        self.origins = origins
        self.clock = clock or LoopClock()
        self.tokens = tokens
        self.keys = keys
        self.auth = Auth(keys, self.tokens, self.clock.now, stranger)
        self.admission = Admission(limits, self.clock.now)
        seed_of = None if seed is None else (lambda key: f"{seed}:{key}")
        self.rooms = Rooms(
            parties, store=store, clock=self.clock, limits=limits, seed=seed_of, alone=alone
        )
        self.door = Door(parties, self.rooms, self.auth, self.admission, limits, self.clock)

    def check_loop(self) -> None:
        """Raises `Bug` in another event loop than its own, where its rooms would never answer."""
        if running_loop() not in (None, self._loop):
            raise Bug(
                "this MachineParty works in another event loop: close() it there first, or make "
                "another one here; with Starlette's TestClient: `with TestClient(app) as client`"
            )

    async def start(self) -> None:
        """Sleeping rooms wake on time from now on, also before anybody has come."""
        await self.rooms.start()

    async def close(self) -> None:
        """Closes every room; their connections are told."""
        self.door.closing = True
        await self.rooms.close()


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop of this thread, if one runs."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def by_name(parties: Iterable[Party | type[Party]]) -> dict[str, Party]:
    """The parties by the name in their address.

    Raises:
        ValueError: two have the same name, or there is none.
    """
    made = [party() if isinstance(party, type) else party for party in parties]
    named = {party.name: party for party in made}
    if not made:
        raise ValueError("MachineParty needs at least one party: MachineParty([Counter])")
    if len(named) < len(made):
        raise ValueError(
            f"two parties have the same name ({', '.join(party.name for party in made)}); "
            'give one another: name: ClassVar = "…"'
        )
    return named
