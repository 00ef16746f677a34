"""Tokens: what they say, and that nothing else counts."""

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_party.errors import PeerError
from machine_party.server.token import ANY_ROOM, Tokens

KEY = b"k" * 32
HOUR = 3600.0


def read(tokens: Tokens, token: str, room: str = "r", now: float = 1000.0) -> object:
    return tokens.read(token, party="p", room=room, now=now)


def issue(tokens: Tokens, room: str = "r") -> str:
    return tokens.issue("me", "p", room, now=1000.0, role="host", name="Ada")


def test_what_was_issued_is_read() -> None:
    tokens = Tokens(KEY, HOUR)
    claims = tokens.read(issue(tokens), party="p", room="r", now=1000.0)
    assert (claims.sub, claims.role, claims.name) == ("me", "host", "Ada")
    assert (claims.iat, claims.exp) == (1000, 4600)


def test_a_token_counts_in_its_room_only() -> None:
    tokens = Tokens(KEY, HOUR)
    with pytest.raises(PeerError) as refused:
        read(tokens, issue(tokens), room="other")
    assert (refused.value.code, refused.value.close_code) == ("bad_token", 4004)


def test_a_service_token_counts_in_any_room() -> None:
    tokens = Tokens(KEY, HOUR)
    assert read(tokens, issue(tokens, room=ANY_ROOM), room="any")


@pytest.mark.parametrize(("now", "good"), [(1000.0, True), (4599.0, True), (4600.0, False)])
def test_a_token_ends_at_its_time(now: float, good: bool) -> None:
    tokens = Tokens(KEY, HOUR)
    token = issue(tokens)
    if good:
        assert read(tokens, token, now=now)
    else:
        with pytest.raises(PeerError):
            read(tokens, token, now=now)


def test_half_of_its_life_makes_a_token_due_for_renewal() -> None:
    tokens = Tokens(KEY, HOUR)
    claims = tokens.read(issue(tokens), party="p", room="r", now=1000.0)
    assert not claims.half_spent(2799)
    assert claims.half_spent(2800)


def test_another_key_makes_no_token_of_ours() -> None:
    with pytest.raises(PeerError):
        read(Tokens(KEY, HOUR), issue(Tokens(b"x" * 32, HOUR)))


@pytest.mark.parametrize("algorithm", ["none", "HS384"])
def test_another_algorithm_does_not_count(algorithm: str) -> None:
    claims = {"sub": "me", "party": "p", "room": "r", "exp": 4600, "iat": 1000, "v": 1}
    forged = jwt.encode(claims, None if algorithm == "none" else KEY * 2, algorithm=algorithm)
    with pytest.raises(PeerError):
        read(Tokens(KEY, HOUR), forged)


@pytest.mark.parametrize("missing", ["sub", "party", "room", "exp", "iat", "v"])
def test_every_claim_is_needed(missing: str) -> None:
    claims = {"sub": "me", "party": "p", "room": "r", "exp": 4600, "iat": 1000, "v": 1}
    del claims[missing]
    with pytest.raises(PeerError):
        read(Tokens(KEY, HOUR), jwt.encode(claims, KEY, algorithm="HS256"))


@pytest.mark.parametrize("claims", [{"v": 2}, {"sub": 3}, {"exp": "soon"}, {"role": 1}])
def test_claims_of_another_shape_do_not_count(claims: dict[str, object]) -> None:
    usual = {"sub": "me", "party": "p", "room": "r", "exp": 4600, "iat": 1000, "v": 1}
    forged = jwt.api_jws.encode(_json({**usual, **claims}), KEY, algorithm="HS256")
    with pytest.raises(PeerError):
        read(Tokens(KEY, HOUR), forged)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_text_gets_in_or_raises_anything_else(text: str) -> None:
    with pytest.raises(PeerError):
        read(Tokens(KEY, HOUR), text)


def _json(claims: dict[str, object]) -> bytes:
    import json

    return json.dumps(claims).encode()
