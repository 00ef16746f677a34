"""Anonymous recordings: a placeholder for each identity, the same one wherever it stands.

An identity is what a credential proves; whoever has a room's identities can tell its members in
another recording. What else is private in a room (its secrets, its seed, the names that its members
have typed) stays: a rerun needs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from machine_party.core import Joined
from machine_party.room.recording import Recording

__all__ = ["anonymous"]

_TELLING = re.compile(r"\W|\w{16}")
"""In an identity that nobody takes for anything else. `on_auth` may use any word for one: `7`."""


def anonymous(recording: Recording) -> Recording:
    """The recording with `identity-1`, `identity-2` … in the order in which they appear: those of
    its forms, then those of its commits."""
    found = dict.fromkeys(_identities(recording))
    names = {identity: f"identity-{n}" for n, identity in enumerate(found, 1)}
    plain = msgspec.to_builtins(recording)
    return msgspec.convert(_mapped(plain, names, _replacer(names)), Recording)


def _identities(recording: Recording) -> Iterator[str]:
    """Those that have a seat, or had one; and those that come. Patches bring no others."""
    for _, form in recording.forms:
        for seats in (form["actor"]["seats"], form["actor"]["kicked"]):
            yield from (seat["identity"] for seat in seats.values())
    for entry in recording.entries:
        yield from (cause.identity for _, cause in entry.causes if isinstance(cause, Joined))


def _replacer(names: dict[str, str]) -> Callable[[str], str]:
    """Replaces the telling ones in a text, as words of their own: `u:1` not in `menu:12`.

    A patch names a key in a path, where `/` is written `~1` (RFC 6901).
    """
    telling = {key: name for key, name in names.items() if _TELLING.search(key)}
    written = {key.replace("~", "~0").replace("/", "~1"): name for key, name in telling.items()}
    words = telling | written
    longest_first = sorted(words, key=len, reverse=True)
    if not longest_first:
        return str
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return lambda text: pattern.sub(lambda found: words[found[0]], text)


def _mapped(value: Any, names: dict[str, str], change: Callable[[str], str], key: str = "") -> Any:
    """The value with every `identity` in it renamed, and any other text changed, keys too."""
    if isinstance(value, str):
        return names[value] if key == "identity" and value in names else change(value)
    if isinstance(value, dict):
        return {change(key): _mapped(each, names, change, key) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(each, names, change) for each in value]
    return value
