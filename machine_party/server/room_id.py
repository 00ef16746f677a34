"""What a room may be called in an address. Codes for new rooms are made by `Rooms`."""

from __future__ import annotations

import re

__all__ = ["ROOM_ID", "is_room_id"]

ROOM_ID = "a letter or digit, and up to 63 of letters, digits, _ and -"
"""The rule, for people."""

_ROOM_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def is_room_id(text: str) -> bool:
    """Whether a room may be called so."""
    return _ROOM_ID.fullmatch(text) is not None
