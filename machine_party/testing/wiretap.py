"""Everything that a server has sent to one member, and the search for what it must not contain.

What must not be here: how the bytes came (`asgi.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from machine_party.protocol import JSON, MSGPACK, MalformedMessage

__all__ = ["Wiretap"]

#: Fields of messages that count or name something of the protocol's own: a secret number may
#: equal one of them by chance. Strings are sought in every byte.
COUNTERS = frozenset(
    {"epoch", "version", "seq", "shared", "own", "live", "index", "now", "until", "protocol"}
    | {"id", "token", "retry_after"}
)


class Wiretap:
    """Every frame that a server has sent to one member, over all of its connections."""

    def __init__(self) -> None:
        self.writes: list[tuple[str | bytes, ...]] = []

    def write(self, frames: Sequence[str | bytes]) -> None:
        """Notes what was sent in one go."""
        self.writes.append(tuple(frames))

    @property
    def frames(self) -> list[str | bytes]:
        """Every frame, in order; text as str."""
        return [frame for write in self.writes for frame in write]

    @property
    def data(self) -> bytes:
        """Every byte, in order."""
        return b"".join(_bytes(frame) for frame in self.frames)

    def find(self, value: Any) -> str | bytes | None:
        """The first frame that contains `value`, in any form; None if there is none.

        Args:
            value: a string (found within others, too), a number (as a value, or as a word of
                a string; not among the protocol's own counters), or a list or dict of such
                (as a whole).

        Raises:
            TypeError: a bool, None or "" is everywhere; look for something telling.
        """
        if value is None or value is True or value is False or value == "":
            raise TypeError(f"{value!r} is everywhere; look for a value that tells something")
        forms = tuple(_raw_forms(value))
        for frame in self.frames:
            raw = _bytes(frame)
            if any(form in raw for form in forms) or _holds(_contents(frame), value):
                return frame
        return None

    def assert_never_sees(self, value: Any) -> None:
        """Fails if `value` was sent in any form; see `find`."""
        frame = self.find(value)
        assert frame is None, f"{value!r} was sent to this member: {frame!r}"


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode("utf-8", "surrogatepass") if isinstance(frame, str) else frame


def _raw_forms(value: Any) -> Iterator[bytes]:
    """How a string looks in bytes: as UTF-8, and as JSON escapes it."""
    if isinstance(value, str):
        for text in (value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
            yield _bytes(text)


def _contents(frame: str | bytes) -> Any:
    """What a frame says, without the protocol's counters."""
    codec = JSON if isinstance(frame, str) else MSGPACK
    try:
        return _without_counters(codec.decode_server(frame))
    except MalformedMessage:
        return frame if isinstance(frame, str) else frame.decode("utf-8", "replace")


def _without_counters(message: Any) -> dict[str, Any]:
    assert is_dataclass(message)
    names = (field.name for field in fields(message) if field.name not in COUNTERS)
    return {name: getattr(message, name) for name in names}


def _holds(whole: Any, value: Any) -> bool:
    return any(_is(part, value) for part in _parts(whole))


def _parts(whole: Any) -> Iterator[Any]:
    yield whole
    if isinstance(whole, dict):
        yield from whole
        yield from _parts_of(whole.values())
    elif isinstance(whole, list | tuple):
        yield from _parts_of(whole)


def _parts_of(parts: Iterable[Any]) -> Iterator[Any]:
    for part in parts:
        yield from _parts(part)


def _is(part: Any, value: Any) -> bool:
    if isinstance(part, bool):
        return False
    if isinstance(part, str):
        return _text_is(part, value)
    return bool(part == value)


def _text_is(text: str, value: Any) -> bool:
    """A string within the text; a number as a word of it."""
    if isinstance(value, str):
        return value in text
    if not isinstance(value, int | float):
        return False
    return re.search(rf"(?<![\w.-]){re.escape(str(value))}(?![\w]|\.\w)", text) is not None
