"""Who is who: tokens, `_pk`s, guests, roles, and what the party's hooks are told and may say."""

from __future__ import annotations

import logging
from typing import Any

import jwt
import pytest

from machine_party import Grant, MachineParty, PeerError, Refused
from machine_party.server import ServerLimits
from machine_party.server.secret import Keys
from machine_party.testing import VirtualClock
from tests.server.asgi import Socket, connect
from tests.server.tally import Arranged, Invited, Tally

HELLO: dict[str, Any] = {"type": "party.hello"}
PK = "a-secret-of-its-own"
SECRET = "a secret of the test server"


async def hello(app: MachineParty, *, pk: str | None = None, **says: Any) -> Socket:
    """A connection that has said hello."""
    path = says.pop("path", "/parties/tally/room")
    headers = says.pop("headers", {})
    socket = await connect(app, path, query=f"_pk={pk}" if pk else "", **headers)
    await socket.say({**HELLO, **says})
    return socket


async def welcome(app: MachineParty, **says: Any) -> dict[str, Any]:
    return await (await hello(app, **says)).hear("party.welcome")


async def refusal(app: MachineParty, **says: Any) -> tuple[str, int]:
    """The code and the close code of a join that is refused."""
    socket = await hello(app, **says)
    error = await socket.hear("party.error")
    return error["code"], (await socket.hear_close()).code


def tally(app: MachineParty) -> Tally:
    party = app.parties["tally"]
    assert isinstance(party, Tally)
    return party


# -- identity ------------------------------------------------------------------------------


async def test_a_guest_gets_a_token_and_comes_back_with_it(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    first = await welcome(app)
    again = await welcome(app, token=first["token"])
    assert again["member"] == first["member"]
    assert "token" not in again


async def test_guests_without_their_token_are_somebody_new(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    assert (await welcome(app))["member"] != (await welcome(app))["member"]


async def test_a_pk_is_its_member_and_needs_no_token(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    first = await welcome(app, pk=PK)
    assert "token" not in first
    assert (await welcome(app, pk=PK))["member"] == first["member"]
    assert (await welcome(app, pk=PK + "!"))["member"] != first["member"]


async def test_a_short_pk_is_no_secret_and_nobody_can_take_its_place(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    first = await welcome(app, pk="alice")
    assert (await welcome(app, pk="alice"))["member"] != first["member"]


async def test_a_token_outranks_a_pk(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    guest = await welcome(app)
    assert (await welcome(app, pk=PK, token=guest["token"]))["member"] == guest["member"]
    assert await refusal(app, pk=PK, token="nonsense") == ("bad_token", 4004)


async def test_no_other_credential_takes_a_seat(clock: VirtualClock) -> None:
    """What an attacker has: the public id, the name, tokens of other rooms and other servers."""
    app = MachineParty([Tally], secret=SECRET)
    victim = await welcome(app, pk=PK, name="Ada")
    elsewhere = await welcome(app, path="/parties/tally/other")
    foreign = MachineParty([Tally], secret="another server's secret")
    forged = foreign.token("tally", "room", "ada")
    identity = app.node.auth.credential("tally", "room", token=None, pk=PK).identity
    for stolen in (elsewhere["token"], forged, victim["member"], identity, PK):
        assert await refusal(app, token=stolen) == ("bad_token", 4004)
    for pk in (victim["member"], identity, PK.upper(), PK + " "):
        assert (await welcome(app, pk=pk))["member"] != victim["member"]
    assert (await welcome(app, name="Ada"))["member"] != victim["member"]


FORGED: dict[str, tuple[str | bytes | None, str]] = {
    "unsigned": (None, "none"),
    "another algorithm": (Keys(SECRET).token, "HS512"),
    "the secret itself as the key": (SECRET, "HS256"),
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("how", FORGED)
async def test_no_token_is_forged(clock: VirtualClock, how: str) -> None:
    app = MachineParty([Tally], secret=SECRET)
    ours = jwt.decode(app.token("tally", "room", "ada"), options={"verify_signature": False})
    key, algorithm = FORGED[how]
    token = jwt.encode({**ours, "role": "host"}, key, algorithm)
    assert await refusal(app, token=token) == ("bad_token", 4004)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1}, {"v": 0}, {"party": "invited"}, {"room": "other"}, {"room": None},
        {"sub": None}, {"sub": 7}, {"exp": "never"}, {"role": ["host"]},
    ],
    ids=str,
)  # fmt: skip
async def test_no_token_counts_for_more_than_it_says(
    clock: VirtualClock, claims: dict[str, Any]
) -> None:
    """Signed with our own key, which nobody else has: what an older server may have signed."""
    app = MachineParty([Tally], secret=SECRET)
    ours = jwt.decode(app.token("tally", "room", "ada"), options={"verify_signature": False})
    token = jwt.encode({**ours, **claims}, Keys(SECRET).token, "HS256")
    assert await refusal(app, token=token) == ("bad_token", 4004)


async def test_a_user_who_is_called_service_is_not_the_operator(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    operator = await welcome(app, token=app.service_token("tally"))
    user = await welcome(app, token=app.token("tally", "room", "service"))
    assert operator["audience"] == "service"
    assert user["audience"] == "player"
    assert user["member"] != operator["member"]


@pytest.mark.parametrize("room", ["*", "", "a/b", "r" * 65])
async def test_a_users_token_is_for_one_room(clock: VirtualClock, room: str) -> None:
    """An app that takes the room's name from a user must not hand out the operator's token."""
    with pytest.raises(ValueError, match="no room is called"):
        MachineParty([Tally]).token("tally", room, "mallory")


async def test_who_was_kicked_does_not_come_back_with_a_renewed_token(clock: VirtualClock) -> None:
    app = MachineParty([Tally], limits=ServerLimits(token_seconds=3600))
    first = await welcome(app)
    await clock.advance(1801)
    second = await welcome(app, token=first["token"])
    (room,) = app.rooms.list()
    await room.kick(first["member"])
    for token in (first["token"], second["token"]):
        assert await refusal(app, token=token) == ("kicked", 4006)


async def test_the_app_around_us_names_its_own_users(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    token = app.token("tally", "room", "user-7", role="host", name="Ada")
    first = await welcome(app, token=token, name="Somebody else")
    second = await welcome(app, token=app.token("tally", "room", "user-7"))
    assert (first["audience"], first["member"]) == ("host", second["member"])
    assert tally(app).joined[0][0].name == "Ada"


async def test_a_token_is_renewed_in_the_second_half_of_its_life(clock: VirtualClock) -> None:
    app = MachineParty([Tally], limits=ServerLimits(token_seconds=3600))
    token = app.token("tally", "room", "ada", role="host")
    assert "token" not in await welcome(app, token=token)
    await clock.advance(1801)
    renewed = (await welcome(app, token=token))["token"]
    await clock.advance(1801)
    assert await refusal(app, token=token) == ("bad_token", 4004)
    assert (await welcome(app, token=renewed))["audience"] == "host"


async def test_a_live_connection_ends_after_its_token(clock: VirtualClock) -> None:
    app = MachineParty([Tally], limits=ServerLimits(token_seconds=3000))
    socket = await hello(app, token=app.token("tally", "room", "ada"))
    forever = await hello(app, pk=PK)
    await clock.advance(1801)
    await socket.hear("party.snapshot.update")
    assert socket.silent()
    await clock.advance(1800)
    assert (await socket.hear_close()).code == 4004
    await forever.hear("party.snapshot.update")
    assert not forever.task.done()


# -- roles and names -------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "role"), [(None, "player"), ("screen", "screen")])
async def test_open_roles_are_for_the_asking(
    clock: VirtualClock, asked: str | None, role: str
) -> None:
    meta = {} if asked is None else {"role": asked}
    assert (await welcome(MachineParty([Tally]), meta=meta))["audience"] == role


@pytest.mark.parametrize("asked", ["host", "service", "", 7, ["player"]])
async def test_other_roles_are_not(clock: VirtualClock, asked: object) -> None:
    answer = await refusal(MachineParty([Tally]), meta={"role": asked})
    assert answer == ("not_allowed", 4003)


async def test_without_an_open_role_it_takes_a_token(clock: VirtualClock) -> None:
    app = MachineParty([Arranged])
    await app.rooms.create("arranged", "room")
    assert await refusal(app, path="/parties/arranged/room") == ("unauthenticated", 4003)
    token = app.token("arranged", "room", "ada", role="player")
    assert (await welcome(app, path="/parties/arranged/room", token=token))["audience"] == "player"


async def test_names_are_cleaned_and_others_refused(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    await welcome(app, name="  A\u0301da   L ")
    assert tally(app).joined[0][0].name == "Áda L"
    assert await refusal(app, name="\u202eevil") == ("bad_request", 4001)
    assert await refusal(app, name="x" * 25) == ("bad_request", 4001)


# -- the party's word --------------------------------------------------------------------------


async def test_the_party_is_asked_with_what_is_known(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    await welcome(app, pk=PK, meta={"lang": "fr"}, name="Ada", headers={"x_team": "red"})
    (request,) = tally(app).asked
    assert (request.party, request.room, request.ip) == ("tally", "room", "10.0.0.7")
    assert (request.grant.role, request.grant.name) == ("player", "Ada")
    assert (request.headers["x-team"], request.meta["lang"]) == ("red", "fr")
    assert "_pk" not in request.query


async def test_the_party_may_give_another_role_and_name(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    tally(app).answer = Grant(identity="club:7", role="host", name="Boss")
    first = await welcome(app, name="Ada")
    assert first["audience"] == "host"
    assert "token" not in first
    assert tally(app).joined[0][0].name == "Boss"


async def test_the_party_may_refuse_with_its_own_words(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    tally(app).answer = Refused("members_only")
    socket = await hello(app)
    error = await socket.hear()
    assert error["code"] == "members_only"
    assert error["reason"] == "Only members of the club come in."
    assert (await socket.hear_close()).code == 4003
    assert app.rooms.list() == []


async def test_the_party_may_refuse_with_an_error_of_ours(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    tally(app).answer = PeerError("room_full", "no more", close_code=4011)
    assert await refusal(app) == ("room_full", 4011)


async def test_a_hook_that_fails_lets_nobody_in_and_tells_nothing(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    app = MachineParty([Tally])
    tally(app).answer = RuntimeError("the database password is hunter2")
    socket = await hello(app)
    assert await socket.hear() == {
        "type": "party.error", "code": "error", "reason": "the server failed", "temporary": False,
    }  # fmt: skip
    assert (await socket.hear_close()).code == 1011
    assert "a join failed" in caplog.text


async def test_hooks_see_the_connection_as_the_server_knows_it(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    lies = {"ip": "1.2.3.4", "transport": "pigeon", "device": "phone"}
    socket = await hello(app, meta=lies, headers={"user_agent": "Test/1"})
    await socket.hear("party.welcome")
    ((member, metadata),) = tally(app).joined
    assert metadata == {
        "ip": "10.0.0.7", "user_agent": "Test/1", "transport": "websocket", "device": "phone",
    }  # fmt: skip
    await socket.leave()
    await clock.settle()
    assert [gone.id for gone in tally(app).left] == [member.id]


# -- nothing leaks -------------------------------------------------------------------------------


async def test_no_credential_is_logged_or_left_for_others_to_log(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = MachineParty([Tally, Invited])
    socket = await hello(app, pk=PK)
    await socket.hear("party.welcome")
    guest = await welcome(app)
    await refusal(app, token=guest["token"] + "x")
    await refusal(app, path="/parties/invited/none", pk=PK)
    assert socket.scope["query_string"] == b""
    for secret in (PK, guest["token"], guest["token"].split(".")[1]):
        assert secret not in caplog.text


async def test_a_member_never_sees_anybodys_credential(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    watcher = await hello(app)
    mine = (await watcher.hear("party.welcome"))["token"]
    other = await hello(app, pk=PK)
    await other.hear("party.snapshot.update")
    theirs = (await welcome(app))["token"]
    await watcher.say({"type": "increment"})
    await clock.advance(1)
    heard = str(watcher.writes).replace(mine, "")
    identity = app.node.auth.credential("tally", "room", token=None, pk=PK).identity
    assert not any(secret in heard for secret in (PK, identity, theirs, "g:", "k:"))
