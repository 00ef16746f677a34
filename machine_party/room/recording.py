"""A recording: all that is kept of a room, as one value that needs nothing else to be read.

It is data: forms, patches, causes. Any version's form can be had of it, whatever the code is today.
What must not be here: the code that reads a form as a room (`replay.py`, `rerun.py`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import jsonpatch
import msgspec

from machine_party.errors import NotRecorded, RestoreError
from machine_party.room.outline import check_outline
from machine_party.room.store import Entry, History, RoomKey

__all__ = ["FORMAT", "Gap", "Recording", "Stretch", "applied", "patched"]

FORMAT = 1
"""Of the file. Raise it when a field changes its meaning."""

Form = dict[str, Any]

_version_of = attrgetter("version")


class Gap(NamedTuple):
    """Versions that were kept and cannot be read.

    Attributes:
        first, last: of them.
    """

    first: int
    last: int
    why: str


class Stretch(msgspec.Struct, frozen=True):
    """A whole form, and the commits that were made upon it until the next whole form.

    Attributes:
        version: of the form.
        last: the version before the next form's; the room's, if there is none.
        entries: those that follow upon the form without a gap, up to the next form's.
    """

    version: int
    last: int
    form: Form
    entries: Sequence[Entry]

    def states(self) -> Iterator[tuple[int, Form]]:
        """`(version, form)` of each of its versions. The form is changed by the next step: copy it.

        Raises:
            RestoreError: the next version cannot be read.
        """
        version, form = self.version, deepcopy(self.form)
        yield version, form
        for entry in self.entries:
            if entry.version <= self.last:
                version, form = entry.version, patched(form, entry)
                yield version, form
        if version < self.last:
            raise RestoreError(f"the journal's version {version + 1} is missing")

    def gap(self) -> Gap | None:
        """Its versions that cannot be read: they are the last ones."""
        reached = self.version
        try:
            for version, _ in self.states():
                reached = version
        except RestoreError as error:
            return Gap(reached + 1, self.last, str(error))
        return None


class _Head(msgspec.Struct):
    """What a file of any format begins with."""

    format: int


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of a room. Making one raises RestoreError if that is damaged.

    Attributes:
        format: of the file.
        epoch, version: the last ones.
        forms: `(version, form)`, oldest first; at least one. They may be of different schemas.
        entries: every commit after the oldest form, in order, but for those that are missing.
        missing: `(first, last)` of what was kept and could not be read any more.
    """

    format: int = FORMAT
    party: str
    room: str
    epoch: int
    version: int
    forms: list[tuple[int, Form]]
    entries: list[Entry]
    missing: list[tuple[int, int]] = []

    def __post_init__(self) -> None:
        self._check_forms()
        self._check_entries()

    @classmethod
    def of(cls, key: RoomKey, history: History) -> Recording:
        """What a store has of a room. A whole form that is none is left out: what can be read
        without it is kept.

        Raises:
            RestoreError: no whole form can be read.
        """
        forms = [(version, deepcopy(form)) for version, form in history.forms if _is_whole(form)]
        if not forms:
            raise RestoreError(f"none of the whole forms of {key} can be read")
        first, version = forms[0][0], history.version
        entries = [entry for entry in history.entries if entry.version > first]
        there = [first, *map(_version_of, entries)]
        missing = _missing(range(history.forms[0][0], version + 1), there)
        return cls(
            party=key.party, room=key.room, epoch=history.epoch, version=version,
            forms=forms, entries=entries, missing=missing,
        )  # fmt: skip

    @classmethod
    def decode(cls, data: bytes) -> Recording:
        """A recording as `encode` wrote it.

        Raises:
            RestoreError: it is none, one of another format, or damaged.
        """
        try:
            found = msgspec.json.decode(data, type=_Head).format
            if found != FORMAT:
                what = f"the recording has format {found}, and this code reads format {FORMAT}"
                raise RestoreError(f"{what}. Use the release that wrote it, or a newer one.")
            return msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise RestoreError(f"this is no recording of a room: {error}") from error

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

    @property
    def span(self) -> range:
        """The versions that are kept."""
        return range(self.first, self.version + 1)

    @property
    def extent(self) -> str:
        """Which versions are kept, in words."""
        extent = f"{self.key} is kept from version {self.first} to {self.version}"
        return f"{extent}; what was kept before is damaged" if self._lost() else extent

    @property
    def runnable(self) -> bool:
        """Whether there is a commit of which the state before it is known, too."""
        return any(stretch.entries for stretch in self.stretches())

    def stretches(self, first: int = 0) -> Iterator[Stretch]:
        """The forms, each with the commits up to the next one.

        Args:
            first: begin with the newest form at or below this version, if there is one.
        """
        versions = [version for version, _ in self.forms]
        begin = max(0, bisect_right(versions, first) - 1)
        ends = [*versions[1:], self.version + 1]
        for (version, form), end in [*zip(self.forms, ends, strict=True)][begin:]:
            yield Stretch(version, end - 1, form, self._following(version, end))

    def states(self, span: range | None = None) -> Iterator[tuple[int, Form]]:
        """`(version, form)` of every version that can be read; `gaps` has the others. The form is
        changed by the next step: copy it.

        Args:
            span: of the versions; None: all. What is before it is read from its last whole form on.
        """
        span = self.span if span is None else span
        for stretch in self.stretches(span.start):
            with suppress(RestoreError):
                for version, form in stretch.states():
                    if version >= span.stop:
                        return
                    if version in span:
                        yield version, form

    def gaps(self, span: range | None = None) -> list[Gap]:
        """What was kept and cannot be read, oldest first.

        Args:
            span: those that have versions of it; None: all.
        """
        span = self.span if span is None else span
        found = (s.gap() for s in self.stretches(span.start) if s.version < span.stop)
        gaps = [gap for gap in found if gap and gap.first < span.stop and gap.last >= span.start]
        return [*self._lost(), *gaps] if span.start <= self.first else gaps

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
            NotRecorded: nobody has it, or several have had that name.
        """
        names = self.members()
        found = [who] if who in names else [key for key, name in names.items() if name == who]
        if len(found) == 1:
            return found[0]
        there = ", ".join(f"{name} ({key})" for key, name in names.items())
        what = f"{len(found)} members were called {who!r}" if found else f"nobody is {who!r}"
        raise NotRecorded(f"{what}; by name (id) there were: {there or 'none'}")

    def form(self, version: int) -> Form:
        """The persisted form after the commit `version`.

        Raises:
            NotRecorded: that version is not kept. RestoreError: it cannot be read.
        """
        if version not in self.span:
            raise NotRecorded(f"there is no version {version}; {self.extent}")
        states = next(self.stretches(version)).states()
        return next(form for found, form in states if found == version)

    def _lost(self) -> list[Gap]:
        """What was kept before the oldest form."""
        return [
            Gap(*each, "their whole form is damaged")
            for each in self.missing
            if each[1] < self.first
        ]

    def _following(self, version: int, end: int) -> Sequence[Entry]:
        """The commits after a version, up to `end`, as far as none is missing."""
        begin, stop = (bisect_right(self.entries, each, key=_version_of) for each in (version, end))
        found = self.entries[begin:stop]
        return [entry for place, entry in enumerate(found, version + 1) if entry.version == place]

    def _check_forms(self) -> None:
        versions = [version for version, _ in self.forms]
        if not versions:
            raise RestoreError("the recording is damaged: it has no whole form")
        if versions != sorted(set(versions)) or versions[-1] > self.version:
            what = f"its whole forms are not in order, or newer than version {self.version}"
            raise RestoreError(f"the recording is damaged: {what}")
        for version, form in self.forms:
            check_outline(form, f"the whole form of version {version}")

    def _check_entries(self) -> None:
        """Each commit after the oldest form is there once, or known to be missing."""
        versions = [*map(_version_of, self.entries)]
        due = range(self.first + 1, self.version + 1)
        gone = [each for each in self.missing if each[1] > self.first]
        if versions != sorted(set(versions)) or _missing(due, versions) != gone:
            what = f"not every commit from version {due.start} to {self.version} is in it, once"
            raise RestoreError(f"the recording is damaged: {what}")


def _is_whole(form: Form) -> bool:
    try:
        check_outline(form, "a form")
    except RestoreError:
        return False
    return True


def _missing(due: range, there: Sequence[int]) -> list[tuple[int, int]]:
    """`(first, last)` of the numbers of `due` that are not there.

    Args:
        there: in order.
    """
    found, next_ = [], due.start
    for version in (*there, due.stop):
        if version > next_:
            found.append((next_, version - 1))
        next_ = version + 1
    return found


def patched(form: Form, entry: Entry) -> Form:
    """The form after a commit; the given one is used up, and of the commit nothing.

    Raises:
        RestoreError: the patch does not fit, or it leaves no room's form.
    """
    changed = applied(form, entry.version, deepcopy(entry.patch))
    check_outline(changed, f"what the journal's version {entry.version} leaves")
    return changed


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
