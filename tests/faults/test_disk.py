"""The disk that the faults are tried on, and the reading of the log that it is made from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random

from tests.faults.disk import LOSSES, PAGE, SECTOR, Disk, Loss, steps
from tests.faults.syscall import Call, read_calls
from tests.faults.wire import said

FOLDER = Path("/there")
FILE = "/there/file"
LAST = Loss(1.0)


def call(name: str, data: bytes = b"", number: int = 0, *, result: int = 0, at: str = FILE) -> Call:
    flags = ", O_RDWR|O_CREAT, 0600" if name == "openat" else ""
    return Call(name, 0, 0, at, data, number, result, flags)


def write(data: bytes, offset: int = 0) -> Call:
    return call("pwrite64", data, offset, result=len(data))


MADE = (call("openat"), call("fsync", at=str(FOLDER)))


def disk_after(*calls: Call) -> Disk:
    disk = Disk(FOLDER)
    for number, one in enumerate(calls):
        disk.step(False, one._replace(begun=number))
        disk.step(True, one._replace(ended=number))
    return disk


def possible(disk: Disk, losses: Iterable[Loss] = LOSSES) -> set[bytes | None]:
    """All that may be in the file after a power cut."""
    random = Random(3)
    return {disk.cut(loss, random).get("file") for loss in losses for _ in range(60)}


def test_what_was_synced_is_there_and_the_rest_may_be() -> None:
    first, second, third = (bytes([number]) * 8 for number in (1, 2, 3))
    disk = disk_after(*MADE, write(first), call("fdatasync"), write(second), write(third))
    assert possible(disk) == {first, second, third}
    assert possible(disk, [Loss(0.0)]) == {first}
    assert possible(disk, [LAST]) == {third}


def test_a_sync_that_fails_has_done_nothing() -> None:
    disk = disk_after(*MADE, write(b"1"), call("fdatasync", result=-1))
    assert possible(disk, [Loss(0.0)]) == {b""}


def test_a_write_is_torn_at_sectors_or_at_pages() -> None:
    old, new = bytes(2 * PAGE), b"x" * 2 * PAGE
    disk = disk_after(*MADE, write(old), call("fdatasync"), write(new))
    by_page = possible(disk, [Loss(0.5, PAGE)])
    assert by_page == {a + b for a in (old[:PAGE], new[:PAGE]) for b in (old[:PAGE], new[:PAGE])}
    assert any(SECTOR <= content.find(b"x") < PAGE for content in possible(disk) if content)


def test_a_size_and_what_is_in_it_come_apart() -> None:
    written = b"x" * PAGE
    disk = disk_after(*MADE, write(written))
    assert {b"", bytes(PAGE), written} <= possible(disk)
    cut_off = disk_after(*MADE, write(written), call("fdatasync"), call("ftruncate", number=1))
    assert possible(cut_off) >= {written, b"x"}


def test_a_name_is_there_when_its_folder_is_synced() -> None:
    made = disk_after(call("openat"), write(b"1"), call("fdatasync"))
    assert possible(made) == {None, b"1"}
    gone = disk_after(*MADE, write(b"1"), call("fdatasync"), call("unlink"))
    assert possible(gone) == {None, b"1"}
    assert possible(disk_after(*MADE, call("unlink"), MADE[1])) == {None}


def test_a_folder_whose_sync_failed_has_the_names_of_files_that_are_synced() -> None:
    failed = call("fsync", result=-1, at=str(FOLDER))
    disk = disk_after(call("openat"), failed, write(b"1"))
    assert possible(disk) == {None, b"", b"\0", b"1"}
    assert possible(disk_after(call("openat"), failed, write(b"1"), call("fdatasync"))) == {b"1"}


LOG = [
    '11 pwrite64(4<\\x2f\\x61>, "\\x68\\x69", 2, 512 <unfinished ...>',
    '10 write(9<TCP:[127.0.0.1:80->127.0.0.1:4242]>, "\\x48\\x54", 2) = 2',
    "11 <... pwrite64 resumed>) = 2",
    "11 fdatasync(4<\\x2f\\x61>) = -1 EIO (Input/output error) (INJECTED)",
    '11 openat(AT_FDCWD<\\x2f>, "\\x61", O_RDWR|O_CREAT, 0600) = 5<\\x2f\\x61>',
    "10 --- SIGTERM {si_signo=SIGTERM} ---",
    "10 +++ exited with 0 +++",
]


def test_strace_s_log_is_read() -> None:
    written, sent, synced, opened = read_calls(LOG)
    assert written[:7] == ("pwrite64", 0, 2, "/a", b"hi", 512, 2)
    assert (sent.place, sent.data) == ("TCP:[127.0.0.1:80->127.0.0.1:4242]", b"HT")
    assert (synced.name, synced.place, synced.failed) == ("fdatasync", "/a", True)
    assert (opened.place, "O_CREAT" in opened.flags, opened.failed) == ("/a", True, False)
    marks = [(line, ends) for line, ends, _ in steps([written, sent])]
    assert marks == [(0, False), (1, False), (1, True), (2, True)]


def test_messages_are_found_in_what_was_written_in_pieces() -> None:
    place = "TCP:[127.0.0.1:80->127.0.0.1:4242]"
    long = b'{"n": "' + b"x" * 200 + b'"}'
    head = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
    first, ping = head + b'\x81\x08{"n": 1}', b"\x89\x00"
    pieces = [first + ping, b"\x81\x7e", b"\x00\xd1" + long]
    calls = [
        Call("write", line, line, place, piece, 0, len(piece), "")
        for line, piece in enumerate(pieces)
    ]
    found = said(calls)
    assert [(m.line, m.peer, m.body["n"]) for m in found] == [(0, 4242, 1), (1, 4242, "x" * 200)]


def test_answers_of_http_are_found() -> None:
    place = "TCP:[127.0.0.1:80->127.0.0.1:4242]"
    answers = [
        b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\ndate: now\r\n\r\n{"n": %d}' % n for n in (1, 2)
    ]
    calls = [Call("write", n, n, place, one, 0, len(one), "") for n, one in enumerate(answers)]
    assert [(m.line, m.body["n"]) for m in said(calls)] == [(0, 1), (1, 2)]
