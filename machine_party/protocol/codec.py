"""The two codecs: messages to text or bytes and back, from the one table in `table.py`.

`machine-party.v1+json` writes objects with names, `machine-party.v1+msgpack` arrays by
position. Nothing here knows what a message does.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, cast

import msgpack  # type: ignore[import-untyped]

from machine_party.errors import PeerError

from . import ingress
from .codes import CloseCode
from .fault import Fault
from .field import ID
from .limits import DEFAULT_LIMITS, Limits
from .messages import Bare, ClientMessage, Message, ServerMessage
from .table import CLIENT_MESSAGES, SERVER_MESSAGES, MessageShape, by_type

__all__ = ["JSON", "MSGPACK", "Codec", "JsonCodec", "MsgpackCodec", "codec_for"]

_Shapes = Sequence[MessageShape]
_SHAPES: Final = {shape.cls: shape for shape in (*CLIENT_MESSAGES, *SERVER_MESSAGES)}
_SERVER_BYTES: Final = 64 * 1024 * 1024
_BARE: Final = CLIENT_MESSAGES[0]


class Codec(ABC):
    """One form of the messages on the wire. Immutable; share one instance."""

    subprotocol: ClassVar[str]

    @abstractmethod
    def encode(self, message: Message) -> str | bytes:
        """The message as one WebSocket message: text for JSON, bytes for MessagePack."""

    @abstractmethod
    def _parse(self, data: str | bytes, max_bytes: int, max_items: int) -> Any: ...

    @abstractmethod
    def _client(self, value: Any) -> ClientMessage: ...

    @abstractmethod
    def _server(self, value: Any) -> ServerMessage: ...

    @abstractmethod
    def _id(self, value: Any) -> Any: ...

    def decode_client(self, data: str | bytes, limits: Limits = DEFAULT_LIMITS) -> ClientMessage:
        """What a client sent.

        Raises `MalformedMessage`, and nothing else; its `id` is the send's id if that could be
        read, and the caller then answers with a rejected receipt.
        """
        value: Any = None
        try:
            value = self._parse(data, limits.message_bytes, limits.nodes)
            ingress.check(value, limits)
            return self._client(value)
        except Fault as fault:
            raise fault.malformed(self._known_id(value)) from None

    def decode_server(self, data: str | bytes) -> ServerMessage:
        """What a server sent. Raises `MalformedMessage`, and nothing else.

        The server is trusted not to send bombs: only the form is checked.
        """
        try:
            return self._server(self._parse(data, _SERVER_BYTES, _SERVER_BYTES))
        except Fault as fault:
            raise fault.malformed(None) from None

    def _known_id(self, value: Any) -> str | None:
        try:
            return cast(str, ID.read(self._id(value)))
        except Fault:
            return None


class JsonCodec(Codec):
    """Objects with names; `type` comes first, no spaces, absent fields left out.

    Args:
        dumps: a compact JSON encoder, value to text; a server may pass a faster one.
    """

    subprotocol = "machine-party.v1+json"
    _by_client_type: ClassVar = by_type(CLIENT_MESSAGES)
    _by_server_type: ClassVar = by_type(SERVER_MESSAGES)

    def __init__(self, dumps: Callable[[Any], str] | None = None) -> None:
        self._dumps = (
            dumps
            or json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
        )

    def encode(self, message: Message) -> str:
        if isinstance(message, Bare):
            return self._dumps({"type": message.event["type"], **message.event})
        shape = _SHAPES[type(message)]
        return self._dumps(shape.write(message, {"type": shape.type}))

    def _parse(self, data: str | bytes, max_bytes: int, max_items: int) -> Any:
        return ingress.parse_json(data, max_bytes)

    def _client(self, value: Any) -> ClientMessage:
        type = _type_of(value)
        if not type.startswith("party."):
            return cast(ClientMessage, _BARE.read({"event": value}))
        return cast(ClientMessage, _find(self._by_client_type, type).read(value))

    def _server(self, value: Any) -> ServerMessage:
        return cast(ServerMessage, _find(self._by_server_type, _type_of(value)).read(value))

    def _id(self, value: Any) -> Any:
        sent = isinstance(value, dict) and value.get("type") in ("party.send", "party.sendTo")
        return value.get("id") if sent else None


class MsgpackCodec(Codec):
    """Arrays by position: `[kind, *fields]`, trailing absent fields cut.

    Args:
        packb: a MessagePack encoder, value to bytes; a server may pass a faster one.
    """

    subprotocol = "machine-party.v1+msgpack"
    _by_client_kind: ClassVar = {shape.kind: shape for shape in CLIENT_MESSAGES}
    _by_server_kind: ClassVar = {shape.kind: shape for shape in SERVER_MESSAGES}
    _id_positions: ClassVar = {
        shape.kind: position
        for shape in CLIENT_MESSAGES
        for position, field in enumerate(shape.fields, 1)
        if field.name == "id"
    }

    def __init__(self, packb: Callable[[Any], bytes] | None = None) -> None:
        self._packb = packb or msgpack.packb

    def encode(self, message: Message) -> bytes:
        shape = _SHAPES[type(message)]
        return self._packb(shape.pack(message, [shape.kind]))

    def _parse(self, data: str | bytes, max_bytes: int, max_items: int) -> Any:
        return ingress.parse_msgpack(data, max_bytes, max_items)

    def _client(self, value: Any) -> ClientMessage:
        return cast(ClientMessage, _find(self._by_client_kind, _kind_of(value)).unpack(value, 1))

    def _server(self, value: Any) -> ServerMessage:
        return cast(ServerMessage, _find(self._by_server_kind, _kind_of(value)).unpack(value, 1))

    def _id(self, value: Any) -> Any:
        if not isinstance(value, list) or not value or type(value[0]) is not int:
            return None
        position = self._id_positions.get(value[0], len(value))
        return value[position] if position < len(value) else None


def _type_of(value: Any) -> str:
    if not isinstance(value, dict):
        raise Fault("expected an object with a string `type`")
    type = value.get("type")
    if not isinstance(type, str):
        raise Fault("expected a string").within("type")
    return type


def _kind_of(value: Any) -> int:
    if not isinstance(value, list) or not value:
        raise Fault("expected an array: [kind, ...]")
    if type(value[0]) is not int:
        raise Fault("expected an integer").within(0)
    return value[0]


def _find(shapes: Any, name: str | int) -> MessageShape:
    shape: MessageShape | None = shapes.get(name)
    if shape is None:
        raise Fault("no such message").within("type" if isinstance(name, str) else 0)
    return shape


JSON: Final = JsonCodec()
MSGPACK: Final = MsgpackCodec()


def codec_for(subprotocol: str | None, codecs: Sequence[Codec] = (JSON, MSGPACK)) -> Codec:
    """The codec of a WebSocket subprotocol; no subprotocol means JSON.

    Raises `PeerError` with close code 4000 for one that nobody here speaks.
    """
    for codec in codecs:
        if codec.subprotocol == (subprotocol or JSON.subprotocol):
            return codec
    raise PeerError(
        "unsupported_version",
        f"speak {' or '.join(codec.subprotocol for codec in codecs)}",
        close_code=CloseCode.UNSUPPORTED_VERSION,
    )
