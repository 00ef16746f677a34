"""A table of players over the pure core: causes in, documents out, time only when it is told."""

from __future__ import annotations

from typing import Any

from machine_party import Party, Snapshot
from machine_party.core import (
    Actor,
    Cause,
    Joined,
    Kicked,
    Presence,
    PresenceChanged,
    Sent,
    Step,
    TimerFired,
    project_own,
    project_shared,
    run_batch,
)

__all__ = ["Table"]


class Table:
    """A room of `party`, driven by hand. Members are called by their identity."""

    def __init__(self, party: Party, *, input: Any = None, seed: str = "seed") -> None:
        self.party = party
        self.now = 1_000.0
        self.actor = Actor.start(party, input=party.convert_input(input), seed=seed, now=self.now)
        self.version = 0
        self.ids: dict[str, str] = {}

    # -- what happens ----------------------------------------------------------------------

    def join(self, who: str, role: str = "player") -> Step:
        """Take a seat, or come back to it."""
        step = self.take(Joined(now=self.now, identity=who, role=role, name=who))
        if step.member is not None:
            self.ids[who] = step.member.id
        return step

    def presence(self, who: str, presence: Presence) -> Step:
        return self.take(PresenceChanged(now=self.now, member=self.ids[who], presence=presence))

    def kick(self, who: str) -> Step:
        return self.take(Kicked(now=self.now, member=self.ids[who]))

    def send(self, who: str | None, type: str, **data: Any) -> Step:
        """Send an event as a member, or as a service."""
        member = self.ids[who] if who is not None else None
        return self.take(Sent(now=self.now, type=type, data=data, member=member))

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and fire what falls due meanwhile, in its order."""
        until = self.now + seconds
        while (due := self.actor.timers.next_deadline()) is not None and due <= until:
            self.tick()
        self.now = until

    def tick(self) -> Step:
        """Go to the next deadline and fire it."""
        key, timer = min(self.actor.timers.rows.items(), key=lambda row: row[1].deadline)
        self.now = max(self.now, timer.deadline)
        return self.take(TimerFired(now=self.now, timer=key))

    def restart(self) -> None:
        """Throw the machines away and restore them from what was stored."""
        self.actor = Actor.restore(self.party, self.actor.dump())

    def take(self, cause: Cause) -> Step:
        """Let a cause happen."""
        self.version += 1
        stored = self.actor.dump()
        result = run_batch(self.party, self.actor, stored, [cause], version=self.version)
        self.actor = result.actor
        return result.steps[0]

    # -- what is seen ----------------------------------------------------------------------

    @property
    def snapshot(self) -> Snapshot[Any]:
        return self.actor.snapshot()

    def document(self, role: str = "player") -> dict[str, Any]:
        """The shared layer of a role."""
        machine = self.actor.machines[""]
        return project_shared(self.party, machine, self.snapshot, role, role).document()

    def own_document(self, who: str) -> dict[str, Any]:
        """A member's own layer."""
        member = self.actor.roster.members[self.ids[who]]
        machine = self.actor.machines[""]
        return project_own(self.party, machine, self.snapshot, member).document()

    @property
    def shared(self) -> Any:
        return self.document()["context"]

    def own(self, who: str) -> Any:
        return self.own_document(who)["context"]

    def card(self, who: str) -> Any:
        """What everybody sees of a player."""
        return self.shared["players"][self.ids[who]]

    @property
    def value(self) -> Any:
        return self.snapshot.value
