"""One server's working parts, put together. Needs a running event loop; no ASGI in here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from machine_party.core import Party
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

__all__ = ["Node", "by_name"]


class Node:
    """The rooms of this process, and everything that stands before them.

    Args:
        parties: by name.
        store: where rooms are kept; None keeps them in memory.
        keys: of this server.
        limits: the settings.
        origins: whose pages may come.
        clock: None for the running loop's.
        seed: makes the rooms' seeds predictable, for tests; None for random ones.
    """

    def __init__(
        self,
        parties: Mapping[str, Party],
        *,
        store: Store,
        keys: Keys,
        limits: ServerLimits,
        origins: Origins,
        clock: Clock | None,
        seed: str | None,
    ) -> None:
        self.parties = parties
        self.limits = limits
        self.origins = origins
        self.clock = clock or LoopClock()
        self.tokens = Tokens(keys.token, limits.token_seconds)
        self.auth = Auth(keys, self.tokens, self.clock.now)
        self.admission = Admission(limits, self.clock.now)
        seed_of = None if seed is None else (lambda key: f"{seed}:{key}")
        self.rooms = Rooms(parties, store=store, clock=self.clock, limits=limits, seed=seed_of)
        self.door = Door(parties, self.rooms, self.auth, self.admission, limits, self.clock)

    async def close(self) -> None:
        """Closes every room; their connections are told."""
        self.door.closing = True
        await self.rooms.close()


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
