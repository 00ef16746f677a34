"""A recording: all that is kept of a room, as one value that needs nothing else to be read.

It is data: forms, patches, causes. Any version's form can be had of it, whatever the code is today.
What must not be here: the code that reads a form as a room (`replay.py`, `rerun.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonpatch
import msgspec

from machine_party.errors import RestoreError
from machine_party.room.store import Entry, History, RoomKey

__all__ = ["FORMAT", "Recording", "Stretch", "applied", "patched"]

FORMAT = 1
"""Of the file. Raise it when a field changes its meaning."""

Form = dict[str, Any]


class Stretch(msgspec.Struct, frozen=True):
    """A whole form, and the commits that were made upon it until the next whole form.

    Attributes:
        version: of the form.
    """

    version: int
    form: Form
    entries: Sequence[Entry]


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of a room.

    Attributes:
        format: of the file.
        epoch, version: the last ones.
        forms: `(version, form)`, oldest first; at least one. They may be of different schemas.
        entries: every commit after the oldest form.
    """

    format: int = FORMAT
    party: str
    room: str
    epoch: int
    version: int
    forms: list[tuple[int, Form]]
    entries: list[Entry]

    @classmethod
    def of(cls, key: RoomKey, history: History) -> Recording:
        """What a store has of a room."""
        return cls(
            party=key.party,
            room=key.room,
            epoch=history.epoch,
            version=history.version,
            forms=[(version, deepcopy(form)) for version, form in history.forms],
            entries=list(history.entries),
        )

    @classmethod
    def decode(cls, data: bytes) -> Recording:
        """A recording as `encode` wrote it.

        Raises:
            RestoreError: it is none, or one of another format.
        """
        try:
            found = msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise RestoreError(f"this is no recording of a room: {error}") from error
        if found.format != FORMAT or not found.forms:
            what = f"format {found.format} with {len(found.forms)} forms"
            raise RestoreError(f"the recording has {what}; this code reads format {FORMAT}")
        return found

    @classmethod
    def load(cls, path: Path | str) -> Recording:
        """The recording in a file that `machine-party export` wrote.

        Raises:
            RestoreError: it is none. OSError: it cannot be read.
        """
        return cls.decode(Path(path).read_bytes())

    def encode(self) -> bytes:
        """The recording as JSON, a line for each value: Git shows what differs between two."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"

    @property
    def key(self) -> RoomKey:
        """The room's address."""
        return RoomKey(self.party, self.room)

    @property
    def first(self) -> int:
        """The oldest version that is kept."""
        return self.forms[0][0]

    def stretches(self) -> Iterator[Stretch]:
        """The forms, each with the commits up to the next one."""
        ends = [version for version, _ in self.forms[1:]] + [self.version]
        for (version, form), end in zip(self.forms, ends, strict=True):
            entries = [entry for entry in self.entries if version < entry.version <= end]
            yield Stretch(version, form, entries)

    def states(self) -> Iterator[tuple[int, Form]]:
        """`(version, form)` of every version. The form is changed by the next step: copy it.

        Raises:
            RestoreError: a patch does not fit.
        """
        wholes = {version for version, _ in self.forms}
        for stretch in self.stretches():
            form = deepcopy(stretch.form)
            yield stretch.version, form
            for entry in stretch.entries:
                form = patched(form, entry)
                if entry.version not in wholes:  # else the next stretch begins with it
                    yield entry.version, form

    def members(self) -> dict[str, str]:
        """`{member id: name}` of everyone who has had a seat, with the last name of each."""
        names: dict[str, str] = {}
        for _, form in self.states():
            for key, seat in form["actor"]["seats"].items():
                names[key] = seat["member"]["name"]
        return names

    def member(self, who: str) -> str:
        """The id of a member.

        Args:
            who: its id, or its name.

        Raises:
            LookupError: nobody has it, or several have had that name.
        """
        names = self.members()
        found = [who] if who in names else [key for key, name in names.items() if name == who]
        if len(found) == 1:
            return found[0]
        there = ", ".join(f"{name} ({key})" for key, name in names.items())
        what = f"{len(found)} members were called {who!r}" if found else f"nobody is {who!r}"
        raise LookupError(f"{what}; by name (id) there were: {there or 'none'}")

    def form(self, version: int) -> Form:
        """The persisted form after the commit `version`.

        Raises:
            LookupError: that version is not kept. RestoreError: a patch does not fit.
        """
        for found, form in self.states():
            if found == version:
                return form
        raise LookupError(f"{self.key} is kept from version {self.first} to {self.version}")


def patched(form: Form, entry: Entry) -> Form:
    """The form after a commit; the given one is used up, and of the commit nothing.

    Raises:
        RestoreError: the patch does not fit.
    """
    return applied(form, entry.version, deepcopy(entry.patch))


def applied(form: Form, version: int, patch: list[dict[str, Any]]) -> Form:
    """The form after the commit `version`; form and patch are used up.

    Raises:
        RestoreError: the patch does not fit.
    """
    try:
        changed: Form = jsonpatch.apply_patch(form, patch, in_place=True)
    except Exception as error:  # jsonpatch raises what its operations run into
        what = f"does not fit the one before it ({type(error).__name__})"
        # Not its text, nor in a traceback: jsonpatch puts the document there, with all its secrets.
        raise RestoreError(f"the journal's version {version} {what}") from None
    return changed
