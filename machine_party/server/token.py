"""Tokens: who somebody is in one room, signed, so that they can come back.

A token is an HS256 JWT whose claims are `Claims`. It travels in `party.hello` and in
`Authorization: Bearer`, never in a URL and never in a log. What a role may do is not decided
here, nor is there any state: a kicked member's token is refused by the room.
"""

from __future__ import annotations

import jwt
import msgspec

from machine_party.errors import PeerError
from machine_party.protocol.codes import CloseCode

__all__ = ["ANY_ROOM", "Claims", "Tokens", "bad_token"]

VERSION = 1
"""Of the claims. A token of another version is refused, and its owner joins anew."""

ANY_ROOM = "*"
"""The `room` of a service token: it stands for the operator's own programs."""

_ALGORITHM = "HS256"
_REQUIRED = ["sub", "party", "room", "exp", "iat", "v"]


class Claims(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a token says.

    Attributes:
        sub: the identity, unique in its room.
        party: the party's name.
        room: the room's id, or `ANY_ROOM`.
        exp: until when, epoch seconds.
        iat: since when, epoch seconds.
        v: the version of these claims.
        role: the role that it grants; None leaves the role to the party.
        name: the display name that it grants; None leaves it to the member.
    """

    sub: str
    party: str
    room: str
    exp: int
    iat: int
    v: int
    role: str | None = None
    name: str | None = None

    def expired(self, now: float) -> bool:
        """Whether the token has run out at `now` (epoch seconds)."""
        return now >= self.exp

    def half_spent(self, now: float) -> bool:
        """Whether it is time to give its owner a fresh one."""
        return now >= (self.iat + self.exp) / 2

    @property
    def renewable(self) -> bool:
        """Whether its owner gets a fresh one on use: a service token's owner makes its own."""
        return self.room != ANY_ROOM

    def fits(self, party: str, room: str) -> bool:
        """Whether the token was made for this room."""
        return self.party == party and self.room in (room, ANY_ROOM)


class Tokens:
    """Makes and reads tokens with one key.

    Args:
        key: at least 32 bytes.
        life: how long a token lasts, in seconds.
    """

    def __init__(self, key: bytes, life: float) -> None:
        self._key = key
        self._life = life

    def issue(
        self,
        identity: str,
        party: str,
        room: str,
        *,
        now: float,
        role: str | None = None,
        name: str | None = None,
        life: float | None = None,
    ) -> str:
        """A token for `identity` in that room, valid from `now` (epoch seconds) for `life`."""
        exp = int(now + (self._life if life is None else life))
        claims = Claims(identity, party, room, exp, int(now), VERSION, role, name)
        return jwt.encode(msgspec.to_builtins(claims), self._key, algorithm=_ALGORITHM)

    def read(self, token: str, *, party: str, room: str, now: float) -> Claims:
        """What the token says, if it is ours, current, and for this room.

        Raises:
            PeerError: `bad_token`, one text for every cause, closing with 4004.
        """
        claims = self._verified(token)
        if claims is None or claims.v != VERSION or claims.expired(now):
            raise bad_token()
        if not claims.fits(party, room):
            raise bad_token()
        return claims

    def _verified(self, token: str) -> Claims | None:
        try:
            payload = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                # The times are compared with our clock, which a test may turn, in `read`.
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
            )
            return msgspec.convert(payload, Claims)
        except (jwt.InvalidTokenError, msgspec.ValidationError, ValueError):
            return None


def bad_token() -> PeerError:
    """What the owner of any token that does not count is told."""
    return PeerError(
        "bad_token",
        "this token is not valid for this room, or no longer; join again without it",
        close_code=CloseCode.BAD_TOKEN,
    )
