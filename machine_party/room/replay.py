"""A replay: a recording read with today's code: a room's machines, and what was seen of them.

The state is the recorded one; what a view shows of it is what today's view makes of it. What must
not be here: running causes again (`rerun.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from machine_party.core import Actor, Member, Party
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
            LookupError: that version is not kept.
        """
        return self._actor(self.recording.form(version))

    def document(
        self, version: int, *, member: str | None = None, audience: str | None = None
    ) -> dict[str, Any]:
        """What a member saw after the commit `version`, or what everyone of an audience did.

        Args:
            member: its id; its own layer is in the document then.
            audience: whose shared layer; by default the member's.

        Raises:
            LookupError: that version is not kept, or the member had no seat then.
        """
        actor = self.at(version)
        if member is None:
            if audience is None:
                raise LookupError("name a member or an audience")
            return self._layers.read(actor, None, audience)
        if member not in actor.roster.members:
            raise LookupError(f"{member} has no seat at version {version}")
        return self._seen(actor, actor.roster.members[member], audience)

    def shown(self, member: str) -> Iterator[Shown]:
        """What a member was sent: its document at each version that changed it while it was
        connected.

        Args:
            member: its id.
        """
        last = None
        for version, form in self.recording.states():
            actor = self._actor(form)
            seated = actor.roster.members.get(member)
            if seated is None or seated.presence != "connected":
                continue
            document = self._seen(actor, seated)
            if document != last:
                yield Shown(version, actor.now, document)
            last = document

    def _actor(self, form: Form) -> Actor:
        return Actor.restore(self._party, form["actor"])

    def _seen(self, actor: Actor, member: Member, audience: str | None = None) -> dict[str, Any]:
        return self._layers.read(actor, member, audience or self._party.audience(member))
