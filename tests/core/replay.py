"""A room's recorded causes run again, in a process of its own: `python -m tests.core.replay`.

Reads a `Recording` from its input and prints what became of it.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from games.trivia import Trivia
from machine_party.core import Actor, Cause, Party
from tests.core.everything import Everything
from tests.core.game import game
from tests.core.rig import NOW

__all__ = ["PARTIES", "Recording", "replayed"]

PARTIES: dict[str, Party] = {"everything": Everything(), "game": game(), "trivia": Trivia()}


class Recording(msgspec.Struct):
    """A room from its start.

    Attributes:
        causes: `(version, place in the commit, cause)`.
    """

    party: str
    input: Any
    causes: list[tuple[int, int, Cause]] = msgspec.field(default_factory=list)


def replayed(recording: Recording) -> dict[str, Any]:
    """The definition's hash, and the room's form after its last cause."""
    party = PARTIES[recording.party]
    input = party.convert_input(recording.input)
    actor = Actor.start(party, input=input, seed="seed", now=NOW)
    for version, index, cause in recording.causes:
        actor.step(cause, version=version, index=index)
    return {"definition": party.definition, "form": actor.dump()}


if __name__ == "__main__":
    found = msgspec.json.decode(sys.stdin.buffer.read(), type=Recording)
    sys.stdout.buffer.write(msgspec.json.encode(replayed(found)))
