"""Who somebody is, and what they are granted: token, then `_pk`, then a guest.

The credential decides the identity; the party's `on_auth` may change everything else. What
is in here is never logged. Rooms decide who is kicked, full or locked out.
"""

from __future__ import annotations

import inspect
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from machine_party.core.access import AuthRequest, Grant
from machine_party.core.name import clean_name
from machine_party.core.party import Party
from machine_party.errors import PeerError, Refused
from machine_party.protocol.codes import CloseCode
from machine_party.server.secret import Keys
from machine_party.server.token import Claims, Tokens

__all__ = ["SHORTEST_PK", "Auth", "Credential", "Newcomer", "new_stranger"]

SHORTEST_PK = 16
"""Characters of a `_pk` from which it counts as a secret. A shorter one could be guessed or
was never meant as one (`_pk=alice`): its owner is a guest like anybody without."""

_GUEST_BYTES = 16
"""128 bits: an identity that nobody can name but its owner."""

_logger = logging.getLogger(__name__)


def new_stranger() -> str:
    """A new identity, that of nobody yet."""
    return "g:" + secrets.token_urlsafe(_GUEST_BYTES)


class Credential(NamedTuple):
    """What somebody has proved.

    Attributes:
        identity: opaque, unique in the room.
        claims: those of the token, if there is one.
        guest: whether the identity was made up just now.
    """

    identity: str
    claims: Claims | None = None
    guest: bool = False


class Newcomer(NamedTuple):
    """What somebody says about themselves: nothing in here is proved, apart from `ip`.

    Attributes:
        party: the room's party.
        room: the room's id.
        name: the wished name, as it came.
        meta: of the hello.
        headers: with lower-case names.
        query: without `_pk`.
        ip: the peer's address.
    """

    party: Party
    room: str
    name: str | None = None
    meta: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    ip: str | None = None


class Auth:
    """Reads credentials and makes grants.

    Args:
        keys: the server's keys.
        tokens: made with one of them.
        now: epoch seconds.
        stranger: makes a new identity, that of nobody yet.
    """

    def __init__(
        self,
        keys: Keys,
        tokens: Tokens,
        now: Callable[[], float],
        stranger: Callable[[], str] = new_stranger,
    ) -> None:
        self.stranger = stranger
        self._keys = keys
        self._tokens = tokens
        self._now = now

    def credential(
        self, party: str, room: str, *, token: str | None, pk: str | None = None
    ) -> Credential:
        """Whose token or `_pk` it is. A token outranks a `_pk`, also when it is not valid.

        Raises:
            PeerError: `bad_token`.
        """
        if token is not None:
            claims = self._tokens.read(token, party=party, room=room, now=self._now())
            return Credential(claims.sub, claims)
        if pk is not None and len(pk) >= SHORTEST_PK:
            return Credential(self._keys.identity(party, room, pk))
        return Credential(self.stranger(), guest=True)

    async def grant(self, credential: Credential, newcomer: Newcomer) -> Grant:
        """What that credential gets, after the party was asked.

        Raises:
            PeerError: `not_allowed` (a role that is not open), `bad_request` (a name), or
                whatever the party's `on_auth` says.
        """
        claims = credential.claims
        usual = Grant(
            identity=credential.identity,
            role=_role(newcomer, claims),
            name=_name(newcomer, claims),
            token_wanted=credential.guest or self._outdated(claims),
        )
        return await _asked(newcomer, usual, claims) or usual

    def token_for(self, grant: Grant, newcomer: Newcomer, claims: Claims | None) -> str | None:
        """The token to come back with, if the grant wants one: what an older one said, stays."""
        if not grant.token_wanted:
            return None
        return self._tokens.issue(
            grant.identity,
            newcomer.party.name,
            newcomer.room,
            now=self._now(),
            role=claims.role if claims else None,
            name=claims.name if claims else None,
        )

    def _outdated(self, claims: Claims | None) -> bool:
        return claims is not None and claims.renewable and claims.half_spent(self._now())


def _role(newcomer: Newcomer, claims: Claims | None) -> str:
    """The token's role; else the one asked for, if it is open; else the party's first."""
    granted = claims.role if claims else None
    asked = newcomer.meta.get("role")
    open_roles = newcomer.party.open_roles
    if asked is not None and asked != granted and asked not in open_roles:
        allowed = ", ".join(open_roles) or "none"
        raise PeerError(
            "not_allowed",
            f"this role is not open; open are: {allowed}",
            path="$.meta.role",
            close_code=CloseCode.UNAUTHENTICATED,
        )
    role = granted or asked or (open_roles[0] if open_roles else None)
    if role is None:
        raise PeerError(
            "unauthenticated",
            "this room needs a token",
            close_code=CloseCode.UNAUTHENTICATED,
        )
    return str(role)


def _name(newcomer: Newcomer, claims: Claims | None) -> str | None:
    name = claims.name if claims and claims.name else newcomer.name
    return None if name is None else clean_name(name)


async def _asked(newcomer: Newcomer, usual: Grant, claims: Claims | None) -> Grant | None:
    """The party's own answer. What it raises on purpose is told; anything else is our log's."""
    request = AuthRequest(
        party=newcomer.party.name,
        room=newcomer.room,
        grant=usual,
        claims=None if claims is None else msgspec.to_builtins(claims),
        meta=newcomer.meta,
        headers=newcomer.headers,
        query=newcomer.query,
        ip=newcomer.ip,
    )
    try:
        answer = newcomer.party.on_auth(request)
        if inspect.isawaitable(answer):
            answer = await answer
    except Refused as refusal:
        reason = newcomer.party.reason(refusal.code)
        raise PeerError(refusal.code, reason, close_code=CloseCode.UNAUTHENTICATED) from None
    return answer if isinstance(answer, Grant) else None
