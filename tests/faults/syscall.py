"""What a process asked of the system, read from strace's log: writes, syncs, names of files.

What must not be here: what the bytes mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["TRACED", "Call", "read_calls"]

TRACED = (
    "openat,pwrite64,pwritev,pwritev2,write,writev,sendto,sendmsg,sendmmsg,sendfile,"
    "fsync,fdatasync,sync_file_range,msync,ftruncate,fallocate,"
    "unlink,unlinkat,rename,renameat,renameat2,link,linkat"
)
"""Everything by which bytes can get to a disk or to a peer, but for memory that is mapped."""

_LINE = re.compile(r"(?P<pid>\d+) +(?P<text>.*)")
_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+|\?)(?P<rest>.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>")
_UNFINISHED = " <unfinished ...>"
_FILE = re.compile(r"\d+<(.*?)>(?:\(deleted\))?(?:,|$)")
_RETURNED = re.compile(r"<(.*?)>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(?P<cut>\.\.\.)?')
_PATH = re.compile(r"(?:\\x[0-9a-f]{2})+")
_NUMBER = re.compile(r"(\d+)$")


class Call(NamedTuple):
    """One system call.

    Attributes:
        begun, ended: the log's lines: what ended at a lower line than another one began was
            before it.
        place: the file, or the connection `TCP:[here->there]`, that it is about.
        data: what was to be written.
        number: its last argument, if that is a number: an offset, a size.
        result: what it returned; negative: it failed.
    """

    name: str
    begun: int
    ended: int
    place: str
    data: bytes
    number: int
    result: int
    flags: str

    @property
    def failed(self) -> bool:
        return self.result < 0


def read_calls(lines: Iterable[str]) -> list[Call]:
    """The calls of all threads, in the order in which they began.

    Args:
        lines: as `strace -f -yy -xx` writes them.
    """
    return sorted(_calls(lines), key=lambda call: call.begun)


def _calls(lines: Iterable[str]) -> Iterator[Call]:
    begun: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines):
        pid, text = _LINE.fullmatch(line.rstrip("\n")).groups()  # type: ignore[union-attr]
        if text.endswith(_UNFINISHED):
            begun[pid] = number, text.removesuffix(_UNFINISHED)
            continue
        first = number
        if resumed := _RESUMED.match(text):
            first, start = begun.pop(pid)
            text = start + text[resumed.end() :]
        if found := _CALL.fullmatch(text):
            yield _call(found, first, number)


def _call(found: re.Match[str], begun: int, ended: int) -> Call:
    arguments, result = found["arguments"], found["result"]
    strings = list(_STRING.finditer(arguments))
    assert not any(string["cut"] for string in strings), "strace has cut a string: -s is too small"
    data = b"".join(_bytes(string[1]) for string in strings)
    number = _NUMBER.search(arguments)
    return Call(
        name=found["name"],
        begun=begun,
        ended=ended,
        place=_place(arguments, found["rest"], data),
        data=data,
        number=int(number[1]) if number else 0,
        result=-1 if result == "?" else int(result),
        flags=arguments[strings[0].end() :] if strings else "",
    )


def _place(arguments: str, rest: str, data: bytes) -> str:
    if file := _FILE.match(arguments):
        return _text(file[1])
    if opened := _RETURNED.match(rest):
        return _text(opened[1])
    return data.decode(errors="replace")


def _text(quoted: str) -> str:
    path = _PATH.match(quoted)
    return _bytes(path[0]).decode() if path else quoted


def _bytes(quoted: str) -> bytes:
    return bytes.fromhex(quoted.replace("\\x", ""))
