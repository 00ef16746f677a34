"""A room with timers of each policy, and what stops them."""

from __future__ import annotations

from typing import Any, get_args

from machine_party.core import Machine, Restored, State, Step, Waiting
from machine_party.core.timer import Policy
from tests.core.rig import NOW, Notes, Rig, event, party_of

__all__ = ["POLICIES", "Clocks", "Kid", "down", "fired", "rig", "waiting"]

POLICIES: tuple[Policy, ...] = get_args(Policy)


class Kid(Machine[Notes]):
    idle = State(initial=True)
    ring = idle.to.itself(internal=True, on="note")

    def on_enter_idle(self) -> None:
        self.after(10, "ring", policy="remaining")

    def note(self) -> None:
        self.context.log.append(self.now)


class Clocks(Machine[Notes]):
    """Starts timers of each policy, and halts them."""

    Children = (Kid,)
    idle = State(initial=True)
    arm = idle.to.itself(internal=True, on="do_arm")
    hire = idle.to.itself(internal=True, on="do_hire")
    stop = idle.to.itself(internal=True, on="do_stop")
    go = idle.to.itself(internal=True, on="do_go")
    more = idle.to.itself(internal=True, on="do_more")
    rung = idle.to.itself(internal=True, on="note")
    fails = idle.to.itself(internal=True, on="do_fail")

    def do_arm(self, data: Any) -> None:
        for policy in POLICIES:
            if data.text in ("", policy):
                self.after(data.n, "rung", policy, id=policy, policy=policy)

    def do_hire(self) -> None:
        self.spawn(Kid, "kid")

    def do_stop(self) -> None:
        self.pause_timers()

    def do_go(self) -> None:
        self.resume_timers()

    def do_more(self, data: Any) -> None:
        self.extend_timers(data.seconds, data.text or None)

    def note(self, data: Any) -> None:
        self.context.log.append([data, self.now - NOW])

    def do_fail(self) -> None:
        raise RuntimeError("broken")


def rig(seconds: float = 10, policy: str = "") -> Rig:
    """A room with a timer of each policy, or of one, started at 0."""
    more = event("more", fields=(("seconds", float), ("text", str, "")))
    arm = event("arm", fields=(("n", float), ("text", str, "")))
    others = tuple(event(name) for name in ("hire", "stop", "go"))
    rig = Rig(party_of(Clocks, events=(arm, more, *others)))
    rig.send("arm", n=seconds, text=policy)
    return rig


def down(rig: Rig, seconds: float) -> Step:
    """No process has the room for so long."""
    since = rig.now
    rig.restart()
    rig.now += seconds
    return rig.step(Restored(now=rig.now, since=since))


def fired(rig: Rig, seconds: float = 1_000) -> dict[str, float]:
    """When each timer fires, in seconds after the start."""
    rig.elapse(seconds)
    assert len(rig.context.log) == len(dict(rig.context.log)), "one has fired twice"
    return dict(rig.context.log)


def waiting(rig: Rig, name: str) -> Waiting | None:
    return rig.actor.snapshot().timer(name)
