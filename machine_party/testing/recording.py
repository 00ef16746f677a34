"""Recordings in tests: a room that was played once, run again with today's code.

`machine-party export PARTY/ROOM --pytest DIR` writes a recording and a test that uses this.
"""

from __future__ import annotations

from machine_party.core import Party
from machine_party.room.recording import Recording
from machine_party.room.rerun import rerun

__all__ = ["Recording", "assert_replays"]


def assert_replays(recording: Recording, party: type[Party]) -> None:
    """Fails unless today's code does what was recorded, cause by cause, or if that is nothing.

    Args:
        recording: from `Recording.load(path)`.
        party: the kind of room.

    Raises:
        AssertionError: it does something else; says at which version, and what.
        RestoreError: the recording is damaged.
    """
    if not recording.runnable:
        raise AssertionError(f"no commit of {recording.key} can be run again: none is kept")
    difference = rerun(recording, party())
    if difference is not None:
        raise AssertionError(f"{recording.key} goes another way now: {difference}")
