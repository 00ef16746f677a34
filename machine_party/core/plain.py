"""Plain data: what can be stored and what may be sent, made of typed values.

Plain data shares nothing with what it was made of, so that whoever holds it may change it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any, NamedTuple

import msgspec

from machine_party.errors import DefinitionError, UndeclaredError

__all__ = [
    "POISON",
    "Flaw",
    "as_declared",
    "decoded",
    "encoded",
    "flaw_of",
    "is_storable",
    "jsonable",
    "refuse_poison",
    "refuse_unstorable",
    "storable_text",
]

POISON = frozenset({"__proto__", "prototype", "constructor"})
"""Keys that would poison a JavaScript client (OWASP, prototype pollution)."""

_POISON_BYTES = tuple(key.encode() for key in sorted(POISON))
_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoders: dict[Any, msgspec.msgpack.Decoder[Any]] = {}
_strict = json.JSONEncoder(allow_nan=False, check_circular=False, ensure_ascii=False).encode
_NUMBER = "NaN or infinite", "Check with math.isfinite before it is kept."
_TEXT = "text with a lone surrogate", 'Encode it with "backslashreplace" before it is kept.'


class Flaw(NamedTuple):
    """What of plain data is no JSON, and so cannot be stored.

    Attributes:
        path: where it is, as a JSON pointer.
        what: what it is.
        fix: what to do about it.
    """

    path: str
    what: str
    fix: str


def jsonable(data: Any, where: str) -> Any:
    """`data` as plain dicts, lists and scalars, which is what can be stored.

    Raises:
        DefinitionError: it cannot be stored.
    """
    try:
        return msgspec.to_builtins(data, str_keys=True, order="deterministic")
    except (TypeError, ValueError) as error:
        what, fix = f"its data cannot be stored ({error})", "Use plain data or a msgspec Struct."
        raise DefinitionError(where, what, fix) from error


def as_declared(value: Any, kind: type[Any]) -> Any:
    """`value` as plain data with the fields that `kind` declares, however deep, and no other.

    Raises:
        UndeclaredError: a key that would poison a JavaScript client.
        DefinitionError: it is no JSON (`refuse_unstorable`).
        msgspec.ValidationError: `value` is not what `kind` declares.
    """
    data = encoded(value)
    plain = decoded(data, kind)
    refuse_poison(plain, data)
    refuse_unstorable(plain, kind.__name__)
    return plain


def encoded(value: Any) -> bytes:
    """A faithful copy of `value`, as bytes: equal for equal values."""
    return _encoder.encode(value)


def decoded(data: bytes, kind: type[Any]) -> Any:
    """What `encoded` gave, as plain data with the fields that `kind` declares."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind)
    return msgspec.to_builtins(decoder.decode(data), order="deterministic", str_keys=True)


def refuse_poison(plain: Any, data: bytes) -> None:
    """Refuse plain data with a key of `POISON`; `data` are the bytes that it was made of."""
    if any(word in data for word in _POISON_BYTES):
        for path in _poisoned(plain, "$"):
            raise UndeclaredError(path, "the key is not safe for JavaScript", "Key by member id.")


def refuse_unstorable(plain: Any, where: str) -> None:
    """Refuse plain data with a number or a text that JSON has not.

    Raises:
        DefinitionError: naming the path of the first one.
    """
    flaw = None if is_storable(plain) else flaw_of(plain)
    if flaw is not None:
        what = f"{flaw.path or 'it'} is {flaw.what}, which cannot be stored"
        raise DefinitionError(where, what, flaw.fix)


def is_storable(plain: Any) -> bool:
    """Whether all numbers and texts of plain data are JSON's, by one pass in C. It may err: on
    False, ask `flaw_of`."""
    try:
        _strict(plain).encode()
    except (TypeError, ValueError):  # also of an integer with thousands of digits
        return False
    return True


def flaw_of(plain: Any, path: str = "") -> Flaw | None:
    """The first number or text that JSON has not; None if there is none.

    Args:
        path: where `plain` is, as a JSON pointer.
    """
    if isinstance(plain, float):
        return None if isfinite(plain) else Flaw(path, *_NUMBER)
    if isinstance(plain, str):
        return None if plain == storable_text(plain) else Flaw(path, *_TEXT)
    for key, inner in _items(plain):
        place = f"{path}/{storable_text(str(key))}"
        flaw = flaw_of(key, place) or flaw_of(inner, place)
        if flaw is not None:
            return flaw
    return None


def storable_text(text: str) -> str:
    """`text`, with what is not Unicode in it as Python writes that: `\\udcff`. Names of files that
    are not UTF-8 have it (PEP 383)."""
    return text.encode("utf-8", "backslashreplace").decode()


def _items(plain: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(plain, dict):
        return plain.items()
    return enumerate(plain) if isinstance(plain, list | tuple) else ()


def _poisoned(plain: Any, path: str) -> Iterator[str]:
    if isinstance(plain, dict):
        for key, inner in plain.items():
            if key in POISON:
                yield f"{path}.{key}"
            yield from _poisoned(inner, f"{path}.{key}")
    elif isinstance(plain, list):
        for index, inner in enumerate(plain):
            yield from _poisoned(inner, f"{path}[{index}]")
