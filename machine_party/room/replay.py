"""A replay: a recording read with today's code: a room's machines, and what was seen of them.

The state is the recorded one; what a view shows of it is what today's view makes of it. What must
not be here: running causes again (`rerun.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from machine_party.core import Actor, Member, Party
from machine_party.errors import NotRecorded, RestoreError
from machine_party.room.layers import Layers
from machine_party.room.recording import Form, Recording

__all__ = ["Replay", "Shown"]


class Shown(NamedTuple):
    """A member's document, as a commit left it.

    Attributes:
        now: the room's time, epoch seconds.
    """

    version: int
    now: float
    document: dict[str, Any]


class Replay:
    """A recording, and the party that reads it.

    Raises (every method):
        RestoreError: the recording, or its version, does not fit today's code.
    """

    def __init__(self, recording: Recording, party: Party) -> None:
        self.recording = recording
        self._party = party
        self._layers = Layers(party, epoch=recording.epoch, resume_seconds=0)

    def at(self, version: int) -> Actor:
        """The room's machines after the commit `version`.

        Raises:
            NotRecorded: that version is not kept.
        """
        return self._actor(version, self.recording.form(version))

    def document(
        self, version: int, *, member: str | None = None, audience: str | None = None
    ) -> dict[str, Any]:
        """What a member was sent of the commit `version`, or what everyone of an audience was.

        Args:
            member: its id; its own layer is in the document then.
            audience: whose shared layer; by default the member's.

        Raises:
            NotRecorded: that version is not kept, or the member was not there to be sent anything.
        """
        actor = self.at(version)
        if member is not None:
            return self._seen(actor, _connected(actor, member, version), audience)
        if audience is None:
            raise ValueError("name a member or an audience")
        return self._layers.read(actor, None, audience)

    def shown(self, member: str, span: range | None = None) -> Iterator[Shown]:
        """What a member was sent: its document at each version that changed it while it was
        connected; first, as it was when they begin.

        Args:
            member: its id.
            span: of the versions; None: all.
        """
        last = None
        for version, form in self.recording.states(span):
            actor = self._actor(version, form)
            seated = actor.roster.members.get(member)
            if seated is None or seated.presence != "connected":
                continue
            document = self._seen(actor, seated)
            if document != last:
                yield Shown(version, actor.now, document)
            last = document

    def _actor(self, version: int, form: Form) -> Actor:
        try:
            return Actor.restore(self._party, form["actor"])
        except RestoreError as error:
            raise RestoreError(f"version {version}: {error}") from error

    def _seen(self, actor: Actor, member: Member, audience: str | None = None) -> dict[str, Any]:
        return self._layers.read(actor, member, audience or self._party.audience(member))


def _connected(actor: Actor, member: str, version: int) -> Member:
    seated = actor.roster.members.get(member)
    if seated is None:
        raise NotRecorded(f"{member} has no seat at version {version}")
    if seated.presence != "connected":
        what = f"{seated.name} ({member}) is {seated.presence} at version {version}"
        raise NotRecorded(f"{what}: what happened then was not sent")
    return seated
