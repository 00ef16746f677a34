"""Rerun: a recording's causes once more, with today's code, and where it does something else.

Each stretch from one whole form to the next is run by itself. States are compared as today's code
reads them: restored, and migrated if need be, so that a new field or another definition is no
difference in itself.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import jsonpatch
import msgspec

from machine_party.core import Actor, Party, Step, diff
from machine_party.errors import PeerError, Refused, RestoreError
from machine_party.room.caption import caption
from machine_party.room.recording import Form, Recording, Stretch, patched
from machine_party.room.store import Entry

__all__ = ["Difference", "rerun"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where today's code first does something else than was recorded.

    Attributes:
        version: of the commit.
        causes: what the commit came from, in words.
        path: what differs in the actor's persisted form, RFC 6901; None: there is none to compare.
        expected, got: that value as JSON, recorded and now; None: it is not there.
        why: what else is known: what was raised, or what is refused now.
    """

    version: int
    causes: list[str] = field(default_factory=list)
    path: str | None = None
    expected: str | None = None
    got: str | None = None
    why: str = ""

    def __str__(self) -> str:
        where = f"version {self.version}"
        if self.causes:
            where += f" ({'; '.join(self.causes)})"
        if self.path is None:
            return f"{where}: {self.why}"
        found = f"{self.path} was {_short(self.expected)}, and is {_short(self.got)} now"
        return f"{where}: {found}{'; ' if self.why else ''}{self.why}"


def rerun(recording: Recording, party: Party) -> Difference | None:
    """Run the recorded causes again; where it first goes another way, or None if it does not.

    Raises:
        RestoreError: a recorded patch does not fit what it was made for: the recording is damaged.
    """
    found = (_rerun(stretch, party) for stretch in recording.stretches())
    return next((difference for difference in found if difference is not None), None)


def _rerun(stretch: Stretch, party: Party) -> Difference | None:
    form = deepcopy(stretch.form)
    try:
        actor = Actor.restore(party, form["actor"])
    except RestoreError as error:
        return Difference(stretch.version, why=f"it cannot be restored: {error}")
    for entry in stretch.entries:
        told = [caption(cause, form["actor"]) for _, cause in entry.causes]
        form = patched(form, entry)
        difference = _compare(actor, entry, form, told)
        if difference is not None:
            return difference
    return None


def _compare(actor: Actor, entry: Entry, form: Form, told: list[str]) -> Difference | None:
    """Run a commit's causes; what differs from the form that is recorded for it."""
    try:
        steps = [
            actor.step(cause, version=entry.version, index=place) for place, cause in entry.causes
        ]
        expected, got = _comparable(actor, form["actor"])
    except RestoreError as error:
        return Difference(entry.version, told, why=f"it cannot be restored: {error}")
    except (PeerError, Refused) as error:
        return Difference(entry.version, told, why=f"today's code rejects it: {error.code}")
    except Exception as error:  # whatever a handler raises
        return Difference(entry.version, told, why=f"today's code raises {error!r}")
    operations = diff(expected, got, keep_order=True)
    if not operations:
        return None
    path = min((each["path"] for each in operations), key=_not_of_a_machine)
    values = (_value(expected, path), _value(got, path))
    return Difference(entry.version, told, path, *values, why=_refusals(steps))


def _comparable(actor: Actor, recorded: Form) -> tuple[Form, Form]:
    """The recorded form and the actor's, as today's code reads both, unless they are the same."""
    got = actor.dump()
    if not diff(recorded, got, keep_order=True):
        return got, got
    expected, read = (Actor.restore(actor.party, form).dump() for form in (recorded, got))
    return expected, read


def _not_of_a_machine(path: str) -> bool:
    """What the machines have become says most; that the clock stands elsewhere, least."""
    return not path.startswith("/machine")


def _refusals(steps: list[Step]) -> str:
    codes = [step.code for step in steps if not step.accepted and not step.changed]
    return f"today's code rejects it: {', '.join(map(str, codes))}" if codes else ""


def _value(form: Any, path: str) -> str | None:
    try:
        return msgspec.json.encode(jsonpatch.JsonPointer(path).resolve(form)).decode()
    except jsonpatch.JsonPointerException:
        return None


def _short(value: str | None) -> str:
    if value is None:
        return "not there"
    return value if len(value) <= 200 else f"{value[:200]}…"
