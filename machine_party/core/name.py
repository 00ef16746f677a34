"""A member's display name: one place that says which names are allowed, and makes them so."""

from __future__ import annotations

import unicodedata

import regex

from machine_party.errors import PeerError

__all__ = ["MAX_BYTES", "MAX_GRAPHEMES", "clean_name", "unique_name"]

MAX_GRAPHEMES = 24
MAX_BYTES = 96
"""A name that a projector can show; four bytes for each of 24 graphemes of any script."""

# Controls, formats (bidi overrides, zero-width), surrogates, private use, unassigned, and line
# separators. The zero-width joiner stays: emoji families and several scripts need it.
_FORBIDDEN = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?!\u200d|\u200c)\p{Cf}")
_INVISIBLE = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u2800]")
_VISIBLE = regex.compile(r"[^\p{M}\s]")
_SPACES = regex.compile(r"\s+")
_GRAPHEME = regex.compile(r"\X")


def clean_name(text: str) -> str:
    """The name in NFC, trimmed, inner spaces folded to one.

    Raises:
        PeerError: `bad_request`, saying what is allowed.
    """
    name = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if _FORBIDDEN.search(name):
        raise _refused("control and direction characters are not allowed in a name")
    if not _VISIBLE.search(_INVISIBLE.sub("", name)):
        raise _refused("a name needs at least one visible character")
    if len(_GRAPHEME.findall(name)) > MAX_GRAPHEMES or len(name.encode()) > MAX_BYTES:
        raise _refused(f"a name has at most {MAX_GRAPHEMES} characters")
    return name


def unique_name(name: str, taken: set[str]) -> str:
    """`name`, or `name 2`, `name 3` … whichever nobody has yet.

    Names that look alike are one: letter case, width and invisible characters are ignored.
    """
    folded = {_folded(other) for other in taken}
    candidate, number = name, 1
    while _folded(candidate) in folded:
        number += 1
        suffix = f" {number}"
        candidate = (_shortened(name, len(suffix)) + suffix).strip()
    return candidate


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", name)).casefold()


def _shortened(name: str, by: int) -> str:
    graphemes = _GRAPHEME.findall(name)[: MAX_GRAPHEMES - by]
    while graphemes and len("".join(graphemes).encode()) > MAX_BYTES - by:
        graphemes.pop()
    return "".join(graphemes).rstrip()


def _refused(reason: str) -> PeerError:
    return PeerError("bad_request", reason, path="$.name")
