"""Who may come in: what a party's `on_auth` is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["AuthRequest", "Grant"]


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Who a connection is allowed to be.

    Attributes:
        identity: what the credential proves, opaque: a keyed hash, or a token's subject.
        role: the role of a newcomer; a member that comes back keeps its own.
        name: the wished name, cleaned; None: one is made up.
        token_wanted: whether it has no other credential to come back with.
    """

    identity: str
    role: str
    name: str | None = None
    token_wanted: bool = False


class AuthRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of someone who wants in. Header and query values are the peer's word.

    Attributes:
        party, room: the address.
        grant: what they would get.
        claims: the verified claims of their token, if they have one.
        meta: what their hello carried.
        headers: lower-case names.
        query: the address's query parameters, without `_pk`.
        ip: the peer's address, if known.
    """

    party: str
    room: str
    grant: Grant
    claims: Mapping[str, Any] | None = None
    meta: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    ip: str | None = None
