"""Frames as RFC 6455 has them: compared with what another implementation writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from machine_party.server.uvicorn_protocol import framed


def reference(data: str | bytes) -> bytes:
    text = isinstance(data, str)
    payload = data.encode() if isinstance(data, str) else data
    return Frame(Opcode.TEXT if text else Opcode.BINARY, payload).serialize(mask=False)


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_a_frame_is_what_others_write(data: str | bytes) -> None:
    assert framed(data) == reference(data)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_every_form_of_length(size: int) -> None:
    assert framed(b"x" * size) == reference(b"x" * size)
