"""Running a batch of causes as one commit, each all or nothing.

When an action raises, the actor is thrown away, the last good state is restored, and the
batch's earlier causes are run again: they carry their time and their place, so that they give
the same. The raiser is told; nobody else sees anything.

A step that leaves a number or a text which cannot be stored counts as one that raised. Whether
there is one is asked once, of what the whole batch has changed; only then are its steps run again
one by one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from machine_party.core.actor import Actor
from machine_party.core.cause import Cause, InvokeEnded, Postponed, PresenceChanged, TimerFired
from machine_party.core.diff import diff
from machine_party.core.plain import Flaw, flaw_of, is_storable, storable_text
from machine_party.core.step import Step
from machine_party.errors import DefinitionError, PeerError, Refused

if TYPE_CHECKING:
    from machine_party.core.party import Party

__all__ = ["MAX_ATTEMPTS", "BatchResult", "run_batch"]

logger = logging.getLogger("machine_party.room")

MAX_ATTEMPTS = 3
"""A timer, invoke result or presence change that raises is retried after 1, 2 and 4 seconds.
One that the game refuses is not: its machine has said no."""


@dataclass(slots=True)
class BatchResult:
    """What a batch did.

    Attributes:
        actor: the actor to go on with; another one than before if something raised.
        causes: what was run, in order; a raising timer stands there as `Postponed`.
        steps: one for each cause given.
        form: the actor's persisted form now.
        patch: what has changed in it, RFC 6902.
        changed: whether there is anything to commit.
        given_up: why the room must be quarantined, if it must.
    """

    actor: Actor
    causes: list[Cause]
    steps: list[Step]
    form: dict[str, Any]
    patch: list[dict[str, Any]]
    changed: bool = False
    given_up: str | None = None

    def committed(self) -> list[tuple[int, Cause]]:
        """`(place, cause)` of those that had an effect: with the seed, what a replay needs."""
        steps = enumerate(zip(self.causes, self.steps, strict=True))
        return [(index, cause) for index, (cause, step) in steps if step.changed]


@dataclass(slots=True)
class _Run:
    party: Party
    version: int
    causes: list[Cause]
    actor: Actor
    checkpoint: dict[str, Any]
    careful: bool = False
    since: int = 0
    steps: list[Step] = field(default_factory=list)
    given_up: str | None = None

    def run(self) -> None:
        while len(self.steps) < len(self.causes):
            index = len(self.steps)
            try:
                step = self.actor.step(self.causes[index], version=self.version, index=index)
                if self.careful and step.changed:
                    self._check()
            except Exception as error:
                self._raised(index, error)
            else:
                self.steps.append(step)

    def patch(self, stored: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The persisted form, and what has changed in it since `stored`."""
        if not any(step.changed for step in self.steps):
            return stored, []
        form = self.actor.dump()
        return form, diff(stored, form, keep_order=True)

    def _check(self) -> None:
        """Raises if what the last step has changed cannot be stored: all before it could."""
        flaw = _unstorable(diff(self.checkpoint, self.actor.dump()))
        if flaw is not None:
            what = f"{flaw.path} became {flaw.what}, which cannot be stored"
            raise DefinitionError(self.party.name, what, flaw.fix)

    def _raised(self, index: int, error: Exception) -> None:
        """Back to before `index`, with everything before it done once more."""
        cause = self.causes[index]
        attempts = _attempts(cause, self.checkpoint) + 1
        self.actor = Actor.restore(self.party, self.checkpoint)
        for place in range(self.since, index):
            if self.steps[place].changed:
                self.actor.step(self.causes[place], version=self.version, index=place)
        self.checkpoint, self.since = self.actor.dump(), index
        if isinstance(cause, TimerFired | InvokeEnded | PresenceChanged):
            self._postpone(index, cause, attempts, error)
        else:
            self.steps.append(_rejected(error, self.party))

    def _postpone(self, index: int, cause: Any, attempts: int, error: Exception) -> None:
        if isinstance(error, PeerError | Refused):
            attempts = 0
        else:
            logger.error(
                "%s: %s raised, attempt %d", self.party.name, _told(cause), attempts, exc_info=error
            )
        if attempts > MAX_ATTEMPTS:
            self.given_up = f"{type(cause).__name__} raised {attempts} times: {error!r}"
        seconds = float(2 ** (attempts - 1)) if attempts else 0.0
        self.causes[index] = Postponed(
            now=cause.now, first=cause, attempts=attempts, seconds=seconds
        )


def run_batch(
    party: Party, actor: Actor, stored: dict[str, Any], causes: Sequence[Cause], *, version: int
) -> BatchResult:
    """Run `causes` in order.

    Args:
        stored: the actor's persisted form at the last commit, as `Actor.dump` gave it.
        version: the version that the commit will have, if there is one.
    """
    run = _Run(party, version, list(causes), actor, stored)
    run.run()
    form, patch = run.patch(stored)
    if _unstorable(patch) is not None:
        again = Actor.restore(party, stored)
        run = _Run(party, version, list(causes), again, stored, careful=True)
        run.run()
        form, patch = run.patch(stored)
    return BatchResult(
        actor=run.actor,
        causes=run.causes,
        steps=run.steps,
        form=form,
        patch=patch,
        changed=any(step.changed for step in run.steps),
        given_up=run.given_up,
    )


def _unstorable(patch: list[dict[str, Any]]) -> Flaw | None:
    """What a patch brings that JSON has not."""
    if is_storable(patch):
        return None
    for operation in patch:
        path = operation["path"]
        flaw = flaw_of(path, storable_text(path)) or flaw_of(operation.get("value"), path)
        if flaw is not None:
            return flaw
    return None


def _attempts(cause: Cause, checkpoint: dict[str, Any]) -> int:
    """How often what `cause` stands for has raised before."""
    if not isinstance(cause, TimerFired):
        return 0
    row = checkpoint["timers"].get(cause.timer)
    return int(row.get("attempts", 0)) if row is not None else 0  # a default is not dumped


def _told(cause: Cause) -> str:
    """Which one it is, for the log: no data, which may be a secret (what an invoke returned)."""
    match cause:
        case TimerFired():
            return f"timer {cause.timer}"
        case InvokeEnded():
            which = f"{cause.path}/{cause.invoke}" if cause.path else cause.invoke
            return f"the end of invoke {which}"
        case _:
            return type(cause).__name__


def _rejected(error: Exception, party: Party) -> Step:
    step = Step()
    if isinstance(error, PeerError | Refused):
        step.reject(error, party)
    else:
        logger.error("%s: an action raised", party.name, exc_info=error)
        step.accepted, step.code = False, "error"
        step.reason = "The game failed on this event. Nothing of it happened."
    return step
