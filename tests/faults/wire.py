"""What a server has said on its sockets, and when: WebSocket frames and HTTP answers out of
system calls.

What must not be here: whether it was allowed to say it.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tests.faults.syscall import Call

__all__ = ["Message", "said"]

_PEER = re.compile(r"TCP:\[127\.0\.0\.1:\d+->127\.0\.0\.1:(\d+)\]")
_TEXT = 0x81
_LENGTHS = {126: 2, 127: 8}
_BODY = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


class Message(NamedTuple):
    """One message of the server.

    Attributes:
        line: the log's, at which its first byte may have left.
        peer: the client's port.
    """

    line: int
    peer: int
    body: dict[str, Any]


class _Stream:
    """One connection's bytes, and the lines at which they left."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._starts: list[int] = []
        self._lines: list[int] = []

    def add(self, call: Call) -> None:
        self._starts.append(len(self.data))
        self._lines.append(call.begun)
        self.data += call.data[: max(call.result, 0)]

    def line(self, position: int) -> int:
        return self._lines[bisect_right(self._starts, position) - 1]


def said(calls: Iterable[Call]) -> list[Message]:
    """Every message that left, in order."""
    streams: dict[int, _Stream] = {}
    for call in calls:
        if found := _PEER.fullmatch(call.place):
            streams.setdefault(int(found[1]), _Stream()).add(call)
    messages = [m for peer, stream in streams.items() for m in _messages(peer, stream)]
    return sorted(messages, key=lambda message: message.line)


def _messages(peer: int, stream: _Stream) -> Iterator[Message]:
    data = bytes(stream.data)
    texts = _frames(data) if data.startswith(b"HTTP/1.1 101 ") else _answers(data)
    for start, payload in texts:
        yield Message(stream.line(start), peer, json.loads(payload))


def _answers(data: bytes) -> Iterator[tuple[int, bytes]]:
    """`(where it begins, body)` of each answer to a request."""
    at = 0
    while at < len(data):
        end = data.index(b"\r\n\r\n", at) + 4
        length = _BODY.search(data, at, end)
        assert length is not None, data[at:end]
        start, at = at, end + int(length[1])
        yield start, data[end:at]


def _frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """`(where it begins, payload)` of each text frame after the handshake (RFC 6455, 5.2). A
    server masks nothing, and ours sends whole messages."""
    at = data.index(b"\r\n\r\n") + 4
    while at + 2 <= len(data):
        start, kind, length = at, data[at], data[at + 1]
        at += 2
        if more := _LENGTHS.get(length):
            length = int.from_bytes(data[at : at + more])
            at += more
        if kind == _TEXT and at + length <= len(data):
            yield start, data[at : at + length]
        at += length
