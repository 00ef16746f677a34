"""A disk that loses its power: what may be on it, by what was written and what was synced.

A sector that was written since the last sync has, after a power cut, any of the contents that it
has had since: the page cache writes back in any order. So it is with a file's size, and with a
folder's entry until the folder itself was synced (`man 2 fsync`). A sync that fails has done
nothing.

What must not be here: what the files are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

from tests.faults.syscall import Call

__all__ = ["LOSSES", "PAGE", "SECTOR", "Disk", "Loss", "steps"]

SECTOR = 512
"""Bytes that a disk writes as a whole, at least."""
PAGE = 4096
"""Bytes that the page cache writes back, and many a disk writes, as a whole."""

T = TypeVar("T")


@dataclass(frozen=True)
class Loss:
    """What a power cut takes of that which was not synced.

    Attributes:
        keep: how likely each part is there as it was written last.
        block: bytes that are there as a whole: `SECTOR` or `PAGE`.
    """

    keep: float
    block: int = PAGE


LOSSES = [
    Loss(0.0),
    *(Loss(keep, block) for keep in (0.1, 0.5, 0.9) for block in (SECTOR, PAGE)),
    Loss(1.0),
]


def steps(calls: Iterable[Call]) -> Iterator[tuple[int, bool, Call]]:
    """`(line, whether it ends, call)`: each call begins and ends."""
    marks = [
        mark for call in calls for mark in ((call.begun, False, call), (call.ended, True, call))
    ]
    return iter(sorted(marks, key=lambda mark: mark[:2]))


@dataclass
class _File:
    """A file: what is on the disk for sure, what a reader sees, and what may be in between."""

    sure: bytearray = field(default_factory=bytearray)
    seen: bytearray = field(default_factory=bytearray)
    changes: int = 0
    versions: dict[int, list[tuple[int, bytes]]] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)

    def write(self, offset: int, data: bytes) -> None:
        end = offset + len(data)
        if end > len(self.seen):
            self._resize(end)
        self.seen[offset:end] = data
        self._changed(offset, end)

    def truncate(self, size: int) -> None:
        start, end = sorted((size, len(self.seen)))
        self._resize(size)
        self._changed(start, end)

    def sync(self) -> None:
        self._fit(self.sure, len(self.seen))
        for sector in self.versions:
            self._put(self.sure, sector, self._sector(sector))
        self.versions.clear()
        self.sizes.clear()

    def image(self, loss: Loss, random: Random) -> bytes:
        """What may be there after a power cut."""
        content = bytearray(self.sure)
        size = _choose([len(self.sure), *self.sizes], loss, random)
        self._fit(content, max([size, *((sector + 1) * SECTOR for sector in self.versions)]))
        for block in self._blocks(loss.block):
            self._restore(content, block, loss, random)
        self._fit(content, size)
        return bytes(content)

    def _blocks(self, block: int) -> list[list[int]]:
        """The sectors that were written, by the block that they are in."""
        found: dict[int, list[int]] = {}
        for sector in sorted(self.versions):
            found.setdefault(sector * SECTOR // block, []).append(sector)
        return list(found.values())

    def _restore(self, content: bytearray, block: list[int], loss: Loss, random: Random) -> None:
        changes = sorted({change for sector in block for change, _ in self.versions[sector]})
        until = _choose([0, *changes], loss, random)
        for sector in block:
            versions = self.versions[sector]
            index = bisect_right(versions, until, key=lambda version: version[0])
            if index:
                self._put(content, sector, versions[index - 1][1])

    def _changed(self, start: int, end: int) -> None:
        self.changes += 1
        for sector in range(start // SECTOR, -(-end // SECTOR)):
            self.versions.setdefault(sector, []).append((self.changes, self._sector(sector)))

    def _resize(self, size: int) -> None:
        self._fit(self.seen, size)
        self.sizes.append(size)

    def _sector(self, sector: int) -> bytes:
        return bytes(self.seen[sector * SECTOR : (sector + 1) * SECTOR])

    @staticmethod
    def _put(content: bytearray, sector: int, data: bytes) -> None:
        start = sector * SECTOR
        content[start : start + len(data)] = data

    @staticmethod
    def _fit(content: bytearray, size: int) -> None:
        del content[size:]
        content.extend(bytes(size - len(content)))


class Disk:
    """A folder's files, as system calls have left them.

    SQLite does not look at whether its sync of the folder has worked. Once one has failed, the disk
    is the usual one, a journaling file system: a file's entry comes with the file's own sync.

    Args:
        folder: the one that is looked at; empty at first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._files: dict[str, _File | None] = {}
        self._listed: dict[str, _File | None] = {}
        self._relisted: dict[str, list[_File | None]] = {}
        self._syncing: set[str] = set()
        self._folder_failed = False

    def step(self, ends: bool, call: Call) -> None:
        """Take in that a call begins, or ends."""
        if call.place == self._folder and call.name in ("fsync", "fdatasync"):
            self._sync_folder(ends, call)
        elif call.place.startswith(self._folder + "/") and not call.place.endswith("-shm"):
            self._step(Path(call.place).name, ends, call)

    def cut(self, loss: Loss, random: Random) -> dict[str, bytes]:
        """`{name: content}` as a power cut may leave it now."""
        names = sorted(self._listed.keys() | self._relisted.keys())
        found = {
            name: _choose([self._listed.get(name), *self._relisted.get(name, [])], loss, random)
            for name in names
        }
        return {name: file.image(loss, random) for name, file in found.items() if file is not None}

    def _step(self, name: str, ends: bool, call: Call) -> None:
        match call.name:
            case "openat" if ends and not call.failed:
                self._open(name, call.flags)
            case "unlink" if ends and not call.failed:
                self._list(name, None)
            case "pwrite64" if not ends:
                assert name not in self._syncing, "a write while the file is synced"
                self._file(name).write(call.number, call.data[: max(call.result, 0)])
            case "ftruncate" if not ends and not call.failed:
                self._file(name).truncate(call.number)
            case "fsync" | "fdatasync":
                self._sync(name, ends, call)
            case "openat" | "unlink" | "pwrite64" | "ftruncate":
                """Its other end."""
            case other:
                raise AssertionError(f"a disk has no {other} yet")

    def _open(self, name: str, flags: str) -> None:
        assert "O_TRUNC" not in flags, "a disk has no O_TRUNC yet"
        if self._files.get(name) is None:
            assert "O_CREAT" in flags, f"{name} was there before"
            self._list(name, _File())

    def _list(self, name: str, file: _File | None) -> None:
        self._files[name] = file
        self._relisted.setdefault(name, []).append(file)

    def _file(self, name: str) -> _File:
        file = self._files[name]
        assert file is not None
        return file

    def _sync(self, name: str, ends: bool, call: Call) -> None:
        if not ends:
            self._syncing.add(name)
            return
        self._syncing.discard(name)
        if not call.failed:
            self._file(name).sync()
            if self._folder_failed:
                self._list_surely(name)

    def _sync_folder(self, ends: bool, call: Call) -> None:
        self._folder_failed |= call.failed
        if ends and not call.failed:
            for name in list(self._relisted):
                self._list_surely(name)

    def _list_surely(self, name: str) -> None:
        if name in self._relisted:
            self._listed[name] = self._relisted.pop(name)[-1]


def _choose(history: list[T], loss: Loss, random: Random) -> T:
    """One of what has been, the newest last."""
    if len(history) == 1 or loss.keep == 1.0 or random.random() < loss.keep:
        return history[-1]
    return history[0] if loss.keep == 0.0 else random.choice(history[:-1])
