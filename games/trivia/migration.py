"""Rooms of older releases: what their stored form lacks today. See `docs/migrate.md`."""

from __future__ import annotations

from typing import Any

from games.trivia.game import CLOCK

__all__ = ["MIGRATIONS"]


def _to_2(form: dict[str, Any]) -> dict[str, Any]:
    """The clock is the timer, which stands still while the room is down; there was a copy of it."""
    game = form["machine"]["context"]
    del game["deadline"], game["duration"]
    for asked in game["rounds"]:
        del asked["opened"]
    for timer in form["timers"].values():
        if timer["event"] == CLOCK:
            timer["policy"] = "remaining"
    return form


MIGRATIONS = {1: _to_2}
