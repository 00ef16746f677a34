"""The door: what a peer's bytes must be before they count as a message.

Everything that parses and yet could hurt later is refused here: text that cannot be encoded
again, numbers that JavaScript cannot hold, keys that reach a prototype, bombs. Which fields a
message has is not looked at here (`field.py`).
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

import msgpack  # type: ignore[import-untyped]

from .fault import Fault
from .limits import MAX_INTEGER, POISON_KEYS, Limits

__all__ = ["check", "parse_json", "parse_msgpack"]


class _Repeated(dict[str, Any]):
    """An object in which a key came twice."""


def _object(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeated(found)


_JSON = json.JSONDecoder(object_pairs_hook=_object)


def _weigh(data: str | bytes, limit: int) -> None:
    size = len(data)
    if isinstance(data, str) and limit // 4 < size <= limit:
        size = len(data.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise Fault(f"longer than {limit} bytes", "too_large")


def parse_json(data: str | bytes, max_bytes: int) -> Any:
    """The value of a JSON text. Raises `Fault` if it is too long or not JSON."""
    _weigh(data, max_bytes)
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        return _JSON.decode(text)
    except RecursionError:
        raise Fault("nested too deep", "too_large") from None
    except ValueError:  # JSONDecodeError, UnicodeDecodeError, an integer of 4,300 digits
        raise Fault("not JSON in UTF-8") from None


def parse_msgpack(data: str | bytes, max_bytes: int, max_items: int) -> Any:
    """The value of a MessagePack message. Raises `Fault` if it is too long or not one.

    `max_items` bounds what one array or map may claim to hold: the unpacker makes room for it
    before it has seen the items.
    """
    if isinstance(data, str):
        raise Fault("this subprotocol takes binary messages")
    _weigh(data, max_bytes)
    try:
        return msgpack.unpackb(
            data,
            object_pairs_hook=_object,
            strict_map_key=True,
            max_array_len=max_items,
            max_map_len=max_items,
        )
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise Fault("not MessagePack, or too large") from None


def check(value: Any, limits: Limits) -> None:
    """Refuse a parsed value that is not plain JSON within the limits. Raises `Fault`."""
    _Check(limits.nodes).value(value, limits.depth)


class _Check:
    __slots__ = ("_left", "_nodes")

    def __init__(self, nodes: int) -> None:
        self._nodes = self._left = nodes

    def value(self, value: Any, depth: int) -> None:
        self._left -= 1
        if self._left < 0:
            raise Fault(f"more than {self._nodes} values", "too_large")
        kind = type(value)
        if kind is str:
            _check_text(value)
        elif kind is int:
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                raise Fault("an integer beyond ±(2^53 - 1)")
        elif kind is dict:
            self._object(value, depth - 1)
        elif kind is list:
            self._array(value, depth - 1)
        elif kind is float:
            if not isfinite(value):
                raise Fault("not a finite number")
        elif value is not None and kind is not bool:
            raise Fault("a key that comes twice" if kind is _Repeated else "not a JSON value")

    def _object(self, found: dict[str, Any], depth: int) -> None:
        _check_depth(depth)
        for key, item in found.items():
            _check_key(key)
            try:
                self.value(item, depth)
            except Fault as fault:
                raise fault.within(key) from None

    def _array(self, found: list[Any], depth: int) -> None:
        _check_depth(depth)
        for index, item in enumerate(found):
            try:
                self.value(item, depth)
            except Fault as fault:
                raise fault.within(index) from None


def _check_depth(depth: int) -> None:
    if depth < 0:
        raise Fault("nested too deep", "too_large")


def _check_text(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Fault("a lone surrogate is not a character") from None


def _check_key(key: Any) -> None:
    if type(key) is not str:
        raise Fault("a key that is not a string")
    _check_text(key)
    if key in POISON_KEYS:
        raise Fault(f"the key {key!r} is not allowed")
