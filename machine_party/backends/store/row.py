"""Rows: what a store keeps of a form and of a commit, as bytes.

Every store keeps the same JSON (RFC 8259), so that all of them give back the same. JSON and not
MessagePack: a journal is a list of JSON Patches, which any SQL shell can then show; whole numbers
have no width; and it is the form that decides what a room may hold at all.

What must not be here: where rows are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from machine_party.core.plain import refuse_unstorable
from machine_party.errors import Damaged, Fenced, RestoreError
from machine_party.room import Entry, History, RoomKey, StoredRoom

__all__ = [
    "NODE_SECONDS",
    "Ownership",
    "before",
    "encode_entries",
    "encode_form",
    "fenced",
    "history",
    "stored_room",
    "taken",
]


NODE_SECONDS = 86_400.0
"""How long the stamp of a node that made no room's last commit is kept. Longer than any node rests:
one that is forgotten while it lives would be told to be dead until its next stamp."""


class Ownership(NamedTuple):
    """How far a room is and whose: the row that changes with every commit.

    Attributes:
        node, alive_at: as in `StoredRoom`.
    """

    epoch: int
    version: int
    node: str | None
    alive_at: float | None


def encode_form(key: RoomKey, form: dict[str, Any]) -> bytes:
    """A whole form's row.

    Raises:
        DefinitionError: it holds a number that JSON has not: it would come back as null.
    """
    refuse_unstorable(form, f"{key}: the form")
    return msgspec.json.encode(form)


def encode_entries(key: RoomKey, entries: Sequence[Entry]) -> list[bytes]:
    """The rows of commits that follow upon each other.

    Raises:
        DefinitionError: as `encode_form`.
        Fenced: their versions have a gap.
    """
    for number, entry in enumerate(entries, entries[0].version if entries else 0):
        if entry.version != number:
            raise Fenced(f"{key}: version {entry.version} is not the next, {number}")
    return [_encode_entry(key, entry) for entry in entries]


def before(entries: Sequence[Entry]) -> int | None:
    """The version that these commits go on from; None if there are none."""
    return entries[0].version - 1 if entries else None


def fenced(key: RoomKey, epoch: int) -> Fenced:
    """What a write raises that does not fit what is kept."""
    return Fenced(f"{key}: it is not kept with epoch {epoch} and that version")


def taken(key: RoomKey) -> Fenced:
    """What making a room raises that is kept already."""
    return Fenced(f"{key} is kept already")


def stored_room(
    key: RoomKey,
    record: Ownership,
    whole: tuple[int, bytes] | None,
    entries: Sequence[bytes],
) -> StoredRoom:
    """A room from its rows.

    Args:
        whole: the last whole form's version, and its row.
        entries: the rows of all commits since, in order.

    Raises:
        RestoreError: a row is missing, damaged, or of a kind that today's code does not know.
    """
    read = history(key, record, [] if whole is None else [whole], entries)
    (_, form), *_ = read.forms
    return StoredRoom(read.epoch, read.version, form, read.entries, record.node, record.alive_at)


def history(
    key: RoomKey,
    record: Ownership,
    forms: Sequence[tuple[int, bytes]],
    entries: Sequence[bytes],
) -> History:
    """All of a room from its rows.

    Args:
        forms: the whole forms' versions and rows, oldest first.
        entries: the rows of all commits since the oldest form, in order.

    Raises:
        RestoreError: as `stored_room`; Damaged, with what can be read, if there is a whole form.
    """
    if not forms:
        raise RestoreError(f"{key}: it has no whole form")
    problems: list[str] = []
    wholes = [(version, _read(_form_decoder, form, problems)) for version, form in forms]
    tail = [_read(_entry_decoder, entry, problems) for entry in entries]
    oldest, newest = forms[0][0], forms[-1][0]
    if not problems:
        problems += _misplaced(oldest, newest, record.version, tail)
    if problems:
        raise Damaged(f"{key}: {problems[0]}", _left(record, wholes, tail))
    return History(record.epoch, record.version, wholes, tail)


_form_decoder = msgspec.json.Decoder(dict[str, Any])
_entry_decoder = msgspec.json.Decoder(Entry)


def _read(decoder: msgspec.json.Decoder[Any], row: bytes, problems: list[str]) -> Any:
    """What a row holds; None if that cannot be read, which is noted."""
    try:
        return decoder.decode(row)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        problems.append(f"what is stored cannot be read: {error}")
        return None


def _misplaced(oldest: int, newest: int, version: int, tail: Sequence[Entry]) -> Iterator[str]:
    if [entry.version for entry in tail] != [*range(oldest + 1, version + 1)]:
        yield f"its journal from {oldest} to {version} has a gap"
    if newest > version:
        yield f"its form is of {newest}, and it is at {version}"


def _left(
    record: Ownership,
    wholes: Sequence[tuple[int, dict[str, Any] | None]],
    tail: Sequence[Entry | None],
) -> History:
    """What can be read beside what cannot."""
    forms = [(version, form or {}) for version, form in wholes if version <= record.version]
    entries: list[Entry] = []
    last = wholes[0][0]
    for entry in tail:
        if entry is not None and last < entry.version <= record.version:
            entries.append(entry)
            last = entry.version
    return History(record.epoch, record.version, forms, entries)


def _encode_entry(key: RoomKey, entry: Entry) -> bytes:
    row = msgspec.json.encode(entry)
    if b"null" in row:  # which is what msgspec writes for NaN
        refuse_unstorable(msgspec.to_builtins(entry), f"{key}: version {entry.version}")
    return row
