"""Any input, in any order: an answer or a documented close, never a failure of ours."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from machine_party import MachineParty
from machine_party.protocol import CloseCode
from machine_party.testing import VirtualClock, VirtualLoop
from tests.server.asgi import Closed, Socket, connect
from tests.server.tally import Tally

EXPECTED = {
    CloseCode.MALFORMED, CloseCode.TOO_BIG, CloseCode.UNAUTHENTICATED, CloseCode.BAD_TOKEN,
    CloseCode.ALREADY_AUTHENTICATED, CloseCode.RATE_LIMITED,
}  # fmt: skip

_types = st.sampled_from(
    ["party.hello", "party.send", "party.sendTo", "party.snapshot.get", "party.ping", "increment",
     "note", "close", "party.nothing"]
)  # fmt: skip
_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
_ids = st.sampled_from(["0123456789abcdef.1", "0123456789abcdef.2", "nonsense"]) | _values
_events = st.fixed_dictionaries({"type": _types}, optional={"by": _values, "text": _values})
_messages = st.fixed_dictionaries(
    {"type": _types},
    optional={
        "id": _ids, "event": _events | _values, "by": _values, "text": _values, "token": _values,
        "meta": _values, "name": _values, "resume": _values, "sections": _values, "mode": _values,
        "actorId": _values,
    },
)  # fmt: skip
_frames = _messages.map(json.dumps) | _events.map(json.dumps) | st.text() | st.binary()


class Errors(logging.Handler):
    """What the server has logged as its own failure."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@given(st.lists(_frames, max_size=12))
@settings(max_examples=150)
def test_no_input_fails_the_server(frames: list[str | bytes]) -> None:
    errors, loop = Errors(), VirtualLoop()
    logging.getLogger("machine_party").addHandler(errors)
    try:
        loop.run(_play(VirtualClock(loop), frames))
    finally:
        logging.getLogger("machine_party").removeHandler(errors)
        loop.close()
    assert errors.records == []


async def _play(clock: VirtualClock, frames: list[str | bytes]) -> None:
    app = MachineParty([Tally])
    witness = await connect(app, query="_pk=a-secret-of-its-own")
    await witness.say({"type": "party.hello"})
    socket = await connect(app)
    for frame in frames:
        await socket.say(frame)
    await clock.advance(1)
    _check(await _heard(socket))
    assert not witness.task.done()
    await witness.say({"type": "increment"})
    await witness.hear("party.snapshot.patch")
    await app.close()
    await clock.settle()
    for one in (socket, witness):
        await one.leave()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def _heard(socket: Socket) -> list[Any]:
    """Everything that has come so far: messages, and the close if there was one."""
    heard: list[Any] = []
    while not socket.silent():
        try:
            heard.append(await socket.hear())
        except Closed as closed:
            heard.append(closed)
    return heard


def _check(heard: list[Any]) -> None:
    for message in heard:
        if isinstance(message, Closed):
            assert message.code in EXPECTED
            assert message is heard[-1]
