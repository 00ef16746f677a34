"""Plain data: what can be stored and what may be sent, made of typed values.

Plain data shares nothing with what it was made of, so that whoever holds it may change it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any

import msgspec

from machine_party.errors import DefinitionError, UndeclaredError

__all__ = [
    "POISON",
    "as_declared",
    "decoded",
    "encoded",
    "is_finite",
    "jsonable",
    "path_of_non_finite",
    "refuse_non_finite",
    "refuse_poison",
]

POISON = frozenset({"__proto__", "prototype", "constructor"})
"""Keys that would poison a JavaScript client (OWASP, prototype pollution)."""

_POISON_BYTES = tuple(key.encode() for key in sorted(POISON))
_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoders: dict[Any, msgspec.msgpack.Decoder[Any]] = {}
_strict = json.JSONEncoder(allow_nan=False, check_circular=False).encode


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
        DefinitionError: it is no JSON (`refuse_non_finite`).
        msgspec.ValidationError: `value` is not what `kind` declares.
    """
    data = encoded(value)
    plain = decoded(data, kind)
    refuse_poison(plain, data)
    refuse_non_finite(plain, kind.__name__)
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


def refuse_non_finite(plain: Any, where: str) -> None:
    """Refuse plain data with a number that JSON has not.

    Raises:
        DefinitionError: naming the path of the first NaN or infinity.
    """
    path = None if is_finite(plain) else path_of_non_finite(plain)
    if path is not None:
        what = f"{path or 'it'} is NaN or infinite, which cannot be stored"
        raise DefinitionError(where, what, "Check with math.isfinite before it is kept.")


def is_finite(plain: Any) -> bool:
    """Whether all numbers of plain data are JSON's, by one pass in C. It may err: on False, ask
    `path_of_non_finite`."""
    try:
        _strict(plain)
    except (TypeError, ValueError):  # also of an integer with thousands of digits
        return False
    return True


def path_of_non_finite(plain: Any) -> str | None:
    """Where the first number is that JSON has not, as a JSON pointer; None if there is none."""
    if isinstance(plain, float):
        return None if isfinite(plain) else ""
    if isinstance(plain, dict):
        items: Any = plain.items()
    elif isinstance(plain, list | tuple):
        items = enumerate(plain)
    else:
        return None
    for key, inner in items:
        path = path_of_non_finite(inner)
        if path is not None:
            return f"/{key}{path}"
    return None


def _poisoned(plain: Any, path: str) -> Iterator[str]:
    if isinstance(plain, dict):
        for key, inner in plain.items():
            if key in POISON:
                yield f"{path}.{key}"
            yield from _poisoned(inner, f"{path}.{key}")
    elif isinstance(plain, list):
        for index, inner in enumerate(plain):
            yield from _poisoned(inner, f"{path}[{index}]")
