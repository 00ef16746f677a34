"""The server's one secret, and the keys that are derived from it. Nothing here is logged."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from machine_party.backends.folder import sync_folder

__all__ = ["MIN_BYTES", "Keys", "read_or_make"]

MIN_BYTES = 16
"""128 bits (OWASP asks for at least 64 bits of entropy)."""


class Keys:
    """Keys for different uses of one secret: what signs tokens never names members.

    Args:
        secret: at least 16 bytes (text counts as UTF-8); None makes one that lasts as long as
            this process, so that tokens do not survive a restart.

    Raises:
        ValueError: the secret is too short.
    """

    def __init__(self, secret: str | bytes | None) -> None:
        raw = secrets.token_bytes(32) if secret is None else _as_bytes(secret)
        if len(raw) < MIN_BYTES:
            raise ValueError(
                f"secret: {len(raw)} bytes are too few; give at least {MIN_BYTES}, for example "
                "from `python -c 'import secrets; print(secrets.token_hex(32))'`"
            )
        self.token = _derived(raw, b"machine-party token v1")
        self._member = _derived(raw, b"machine-party member v1")
        self._etag = _derived(raw, b"machine-party etag v1")

    def identity(self, party: str, room: str, pk: str) -> str:
        """The identity behind a `_pk`: another one in every room, and no way back to the `_pk`."""
        parts = (party.encode(), room.encode(), pk.encode())
        return "k:" + hmac.digest(self._member, _joined(parts), hashlib.sha256).hex()[:32]

    def etag(self, *parts: bytes) -> str:
        """A mark of a document. Without the key nobody can try out what the document may say."""
        return hmac.digest(self._etag, _joined(parts), hashlib.sha256).hex()[:32]


def read_or_make(path: Path) -> bytes:
    """The secret in that file; the first time, a new one, readable by its owner only.

    Raises:
        OSError: the file cannot be read or made.
        ValueError: what is in it is too short.
    """
    if not path.exists():
        _make(path)
    secret = path.read_bytes().strip()
    if len(secret) < MIN_BYTES:
        raise ValueError(f"{path} holds {len(secret)} bytes; at least {MIN_BYTES} are needed")
    return secret


def _make(path: Path) -> None:
    """The file is there as a whole or not at all, whenever we end; of two who make it, one does.
    When this returns, it is on the disk, and so is its name."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        with open(file, "w") as writing:
            writing.write(secrets.token_hex(32) + "\n")
            writing.flush()
            os.fsync(file)
        with suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        unfinished.unlink()
    sync_folder(path.parent)


def _derived(secret: bytes, label: bytes) -> bytes:
    """HKDF-Expand (RFC 5869, section 2.3) of one block; the secret is random, or long."""
    return hmac.digest(secret, label + b"\x01", hashlib.sha256)


def _joined(parts: tuple[bytes, ...]) -> bytes:
    """The parts as one, so that no others give the same."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _as_bytes(secret: str | bytes) -> bytes:
    return secret.encode() if isinstance(secret, str) else secret
