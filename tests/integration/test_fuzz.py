"""Random bytes into a real server, below, at and above the protocol: nobody else notices.

The frames are random, and the same in every run. Longer runs: MACHINE_PARTY_FUZZ=1000 rounds.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from random import Random
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
import websockets

from machine_party import MachineParty
from machine_party.protocol import JSON, MSGPACK
from machine_party.server import ServerLimits
from tests.server.network import GET, connect, heard, run, served, until
from tests.server.tally import Tally

pytestmark = [pytest.mark.socket, pytest.mark.slow]

ROUNDS = int(os.environ.get("MACHINE_PARTY_FUZZ", "15"))
AT_ONCE = 20
ROOM = "/parties/tally/room"

TEXTS = [
    r'{"type":"note","text":"\ud800"}',
    '{"type":"note","text":NaN}',
    '{"type":"note","text":1e400}',
    '{"type":"note","type":"note","text":"twice"}',
    '{"type":"increment","by":%s}' % ("9" * 5000),
    '{"type":"note","text":"x","__proto__":{}}',
    '{"type":"party.hello","meta":{"constructor":1}}',
    "[" * 9000,
    '{"a":' * 3000,
    "\0",
    '{"type":"party.send","id":"a.1","event":{"type":"\\ud800"}}',
    '{"type":"party.send","id":"a.999999999999999","event":{"type":"increment"}}',
    '{"type":"party.sendTo","actorId":"x","event":{"type":"increment"}}',
    '{"type":"party.hello","name":"%s"}' % ("é" * 7000),
    '{"type":"party.hello","mode":"snapshot","sections":["count","mine"]}',
    '{"type":"party.hello","token":"eyJhbGciOiJub25lIn0.e30."}',
    '{"type":"party.hello","resume":{"epoch":9007199254740991,"audience":"player","member":"",'
    '"shared":9007199254740991,"own":0}}',
    GET,
]
PACKED = [
    b"\xc1",
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xc7\x08\xff" + b"\xff" * 8,
    b"\xd6\xff\0\0\0\0",
    b"\x91" * 9000,
    b"\xd9\xff",
    b"\xcb\x7f\xf8\0\0\0\0\0\0",
    *(msgpack.packb(row) for row in ([1], [1, None, "t"], [2, "a.1", {"type": "increment"}], [4])),
    msgpack.packb([2, "a.1", {"type": b"increment"}]),
    msgpack.packb([2, "a.1", {"type": "increment", "by": 2**63}]),
]
HANDSHAKE = (
    f"GET {ROOM} HTTP/1.1\r\nHost: quiz.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()


class Failures(logging.Handler):
    """What the server has logged as an error, and what the event loop has caught."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.all: list[Any] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.all.append(record.getMessage())

    def watch(self) -> None:
        for name in ("uvicorn", "uvicorn.error", "machine_party", "asyncio"):
            logging.getLogger(name).addHandler(self)
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self.all.append(context))

    def unwatch(self) -> None:
        for name in ("uvicorn", "uvicorn.error", "machine_party", "asyncio"):
            logging.getLogger(name).removeHandler(self)


@pytest.mark.parametrize("seed", range(2))
def test_no_bytes_fail_the_server_or_trouble_another(seed: int) -> None:
    failures = Failures()

    async def main() -> None:
        random = Random(seed)
        app = MachineParty([Tally], limits=ServerLimits(events_per_second=1e4))
        async with served(app, log_level="error") as (place, server):
            failures.watch()
            async with connect(place, f"{ROOM}?_pk=a-secret-of-the-witness") as witness:
                await witness.send(GET)
                await heard(witness, "party.snapshot.update")
                tasks = len(asyncio.all_tasks())
                for number in range(1, ROUNDS + 1):
                    attacks = [random.choice((bytes_below, messages)) for _ in range(AT_ONCE)]
                    await asyncio.gather(*(attack(place, random) for attack in attacks))
                    await plays(witness, number)
                await until(lambda: app.node.admission.connections == 1)
                await until(lambda: len(server.server_state.connections) == 1)
                await until(lambda: len(asyncio.all_tasks()) <= tasks)

    try:
        run(main())
    finally:
        failures.unwatch()
    assert failures.all == []


async def plays(witness: Any, number: int) -> None:
    """Its event is accepted at once."""
    event = {"type": "party.send", "id": f"witness.{number}", "event": {"type": "increment"}}
    await witness.send(json.dumps(event))
    async with asyncio.timeout(2):
        assert (await heard(witness, "party.receipt"))["status"] == "accepted"


async def bytes_below(place: str, random: Random) -> None:
    """A handshake, damaged or not, and frames that are none, or in the wrong order."""
    reader, writer = await asyncio.open_connection(*place.split(":"))
    try:
        if random.random() < 0.25:
            writer.write(mutated(HANDSHAKE, random))
        else:
            writer.write(HANDSHAKE)
            await reader.readuntil(b"\r\n\r\n")
        for _ in range(random.randint(0, 6)):
            writer.write(frame(random))
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.transport.abort()


async def messages(place: str, random: Random) -> None:
    """Whole messages in either codec, poisoned, and half of them damaged."""
    codec = random.choice((None, JSON, MSGPACK))
    offered = None if codec is None else [websockets.Subprotocol(codec.subprotocol)]
    try:
        async with connect(place, ROOM, subprotocols=offered, close_timeout=1) as client:
            for _ in range(random.randint(1, 12)):
                await client.send(said(random))
    except (OSError, websockets.WebSocketException):
        pass


def said(random: Random) -> str | bytes:
    data: str | bytes = random.choice(TEXTS) if random.random() < 0.6 else random.choice(PACKED)
    if random.random() < 0.5:
        data = mutated(data.encode() if isinstance(data, str) else data, random)
    if isinstance(data, bytes) and random.random() < 0.5:
        return data.decode(errors="replace")
    return data


def mutated(data: bytes, random: Random) -> bytes:
    found = bytearray(data)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(found) + 1)
        found[at : at + random.randint(0, 4)] = random.randbytes(random.randint(0, 4))
    return bytes(found)


def frame(random: Random) -> bytes:
    """A WebSocket frame: any opcode, any flag, masked with zeros or wrongly not at all."""
    if random.random() < 0.1:
        return random.randbytes(random.randint(1, 80))
    payload = random.choice([b"", b"abc", b"\xff\xfe", GET.encode(), b"\x03\xe8"])
    flags = random.choice((0x80, 0x80, 0x80, 0x80, 0, 0xC0))
    first = flags | random.choice((0x1, 0x1, 0x2, 0x8, 0x9, 0xA, random.randrange(16)))
    masked = random.random() < 0.9
    head = bytes([first, (0x80 if masked else 0) | len(payload)])
    return head + (b"\0\0\0\0" if masked else b"") + payload
