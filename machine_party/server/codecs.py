"""The server's codecs: the protocol's, with msgspec's encoders, which are several times faster.

One object each for the whole server: a shared patch is encoded once per codec object.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from machine_party.protocol.codec import Codec, JsonCodec, MsgpackCodec, codec_for
from machine_party.server.sse import EventCodec

__all__ = ["CODECS", "EVENT_STREAM", "chosen"]

_json = msgspec.json.Encoder()
_msgpack = msgspec.msgpack.Encoder()


def _dumps(value: Any) -> str:
    return _json.encode(value).decode()


CODECS: Final[tuple[Codec, ...]] = (JsonCodec(_dumps), MsgpackCodec(_msgpack.encode))
"""Of WebSockets, in the order of the server's preference, the plain one first."""

EVENT_STREAM: Final = EventCodec(_dumps)
"""Of event streams."""


def chosen(offered: Sequence[str]) -> Codec:
    """The first codec that the client offers and that we speak; JSON if it offers none.

    Raises:
        PeerError: `unsupported_version`: it offers only others.
    """
    ours = [name for name in offered if any(codec.subprotocol == name for codec in CODECS)]
    if offered and not ours:
        return codec_for(offered[0], CODECS)
    return codec_for(ours[0] if ours else None, CODECS)
