"""What each client could see, message by message, against what is kept of its room.

The parties' documents are computed here a second time, from the journal alone.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Mapping
from typing import Any

import jsonpatch

from machine_party.room import History, RoomKey
from tests.faults.promise import histories
from tests.faults.traced import DATABASE, Recording

__all__ = ["check_documents"]


def check_documents(recording: Recording, totals: Mapping[RoomKey, int]) -> None:
    """Every document that anybody had at a version is the one that is kept as that version, and
    what everybody had last is what is kept in the end.

    Args:
        totals: what the counter of each room shows in the end.
    """
    kept = asyncio.run(histories(recording.folder / DATABASE, totals))
    counters = {room: _counters(history) for room, history in kept.items()}
    for peer, room in recording.rooms.items():
        shown = _shown_last(recording, peer, counters[room])
        last = sum(counters[room][max(counters[room])].values())
        assert shown == last == totals[room], f"{room}: {shown} was shown last, {last} is kept"


def _counters(history: History | None) -> dict[int, dict[str, int]]:
    """`{version: {member: its sum}}` of all that is kept of a room."""
    assert history is not None
    version, form = history.forms[0]
    found = {version: _by_member(form)}
    for entry in history.entries:
        form = jsonpatch.apply_patch(form, entry.patch)
        found[entry.version] = _by_member(form)
    return found


def _by_member(form: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = form["actor"]["machine"]["context"]["by_member"]
    return copy.copy(found)


def _shown_last(recording: Recording, peer: int, counters: dict[int, dict[str, int]]) -> int:
    """What a client's counter has shown last, after a look at all that it has shown."""
    member, document = "", dict[str, Any]()
    for message in recording.messages:
        if message.peer != peer:
            continue
        match message.body:
            case {"type": "party.welcome", "member": member}:
                pass
            case {"type": "party.snapshot.update", "snapshot": document, "version": version}:
                _compare(document, member, counters.get(version, {}))
            case {"type": "party.snapshot.patch", "operations": operations, "version": version}:
                document = jsonpatch.apply_patch(document, operations)
                if not message.body.get("more"):
                    _compare(document, member, counters[version])
    shown: int = document["context"]["count"]
    return shown


def _compare(document: dict[str, Any], member: str, kept: dict[str, int]) -> None:
    """Nothing is kept of a room before somebody has used it: then it shows nothing."""
    expected = {"count": sum(kept.values()), "mine": kept.get(member, 0)}
    assert document["context"] == expected, f"{member} saw {document['context']}, not {expected}"
