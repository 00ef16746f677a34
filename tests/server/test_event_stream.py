"""Rooms as event streams: joined, listened to, lost and found again; never a wrong state."""

from __future__ import annotations

from typing import Any

import pytest

from machine_party import MachineParty
from machine_party.room import Room
from machine_party.server import ServerLimits
from machine_party.server.event_stream import KEEP_ALIVE_SECONDS
from machine_party.testing import VirtualClock
from tests.server.asgi import http
from tests.server.stream import Ended, Event, listen
from tests.server.tally import Arranged, Invited, Tally

BEGIN = ("party.welcome", "party.snapshot.update")


def app_of(**settings: Any) -> MachineParty:
    return MachineParty([Tally, Invited, Arranged], **settings)


async def room_of(app: MachineParty, party: str = "tally", room: str = "room") -> Room:
    found = await app.rooms.get(party, room)
    assert found is not None
    return found


async def bump(app: MachineParty, by: int = 1, name: str = "ada") -> None:
    """An increment of the member of that name."""
    room = await room_of(app)
    (member,) = [key for key, member in room.members.items() if member.name == name]
    receipt = await room.send({"type": "increment", "by": by}, member=member)
    assert receipt.status == "accepted"


def member_in(app: MachineParty, identity: str = "ada", role: str = "player") -> str:
    return app.token("tally", "room", identity, role=role, name=identity)


# -- what is heard ---------------------------------------------------------------------------


async def test_a_stream_begins_with_the_welcome_and_the_document(clock: VirtualClock) -> None:
    app = app_of()
    stream = await listen(app, token=member_in(app))
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert stream.headers["cache-control"] == "no-store"
    assert "content-length" not in stream.headers
    welcome, update = await stream.hear(), await stream.hear()
    assert (welcome.kind, update.kind) == BEGIN
    assert (welcome.data["type"], update.data["type"]) == BEGIN
    assert welcome.id is None
    assert update.id is not None
    assert update.data["snapshot"]["context"]["name"] == "ada"
    assert "token" not in welcome.data


async def test_a_commit_is_as_on_a_socket_and_its_last_event_has_the_position(
    clock: VirtualClock,
) -> None:
    app = app_of()
    stream = await listen(app, token=member_in(app))
    await stream.hear("party.snapshot.update")
    for by in (1, 2):
        await bump(app, by)
        own, shared = await stream.hear(), await stream.hear()
        assert (own.data["layer"], own.data["more"], own.id) == ("own", True, None)
        assert shared.data["layer"] == "shared"
        assert shared.id is not None
    assert stream.heard() == []


async def test_a_guest_gets_a_token_and_a_role_that_is_open(clock: VirtualClock) -> None:
    app = app_of()
    stream = await listen(app, query="name=Ann%20B&role=screen")
    welcome = (await stream.hear()).data
    assert welcome["audience"] == "screen"
    token = welcome["token"]
    await stream.leave()
    back = await listen(app, token=token)
    assert (await back.hear()).data["member"] == welcome["member"]


async def test_sections_and_mode_are_as_in_a_hello(clock: VirtualClock) -> None:
    app = app_of()
    stream = await listen(app, query="sections=count,note&mode=snapshot", token=member_in(app))
    update = (await stream.hear("party.snapshot.update")).data
    assert {"count", "note"} <= set(update["snapshot"]["context"])
    await bump(app)
    assert (await stream.hear()).kind == "party.snapshot.update"
    fewer = await listen(app, query="sections=count", token=member_in(app, "ben"))
    context = (await fewer.hear("party.snapshot.update")).data["snapshot"]["context"]
    assert "note" not in context


async def test_a_silent_stream_is_kept_alive_by_comments(clock: VirtualClock) -> None:
    app = app_of()
    stream = await listen(app, token=member_in(app))
    stream.heard()
    await clock.advance(KEEP_ALIVE_SECONDS * 2 + 1)
    assert stream.text.endswith("\n\n:\n\n:\n\n")
    assert stream.heard() == [Event("", None)] * 2


async def test_hooks_are_told_of_streams_as_of_sockets(clock: VirtualClock) -> None:
    app = app_of()
    party = app.parties["tally"]
    assert isinstance(party, Tally)
    stream = await listen(app, query="role=player", token=member_in(app), **{"user-agent": "x/1"})
    ((member, metadata),) = party.joined
    assert metadata == {
        "role": "player", "ip": "10.0.0.7", "user_agent": "x/1", "transport": "sse",
    }  # fmt: skip
    assert all("authorization" not in asked.headers for asked in party.asked)
    await stream.leave()
    assert party.left == [member]


async def test_who_leaves_is_away_and_then_gone(clock: VirtualClock) -> None:
    app = app_of()
    watching = await listen(app, token=member_in(app, "ben"))
    stream = await listen(app, token=member_in(app))
    await stream.leave()
    await clock.settle()
    room = await room_of(app)
    assert [m.presence for m in room.members.values()] == ["connected", "away"]
    await clock.advance(Tally.grace + 1)
    assert [m.presence for m in room.members.values()] == ["connected", "gone"]
    assert room.connection_count == 1
    await watching.leave()


# -- who may not -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "options", "status", "code"),
    [
        ("/parties/nothing/room/events", {}, 404, "not_found"),
        ("/parties/invited/room/events", {}, 404, "not_found"),
        ("/parties/tally/%20/events", {}, 404, "not_found"),
        ("/parties/tally/room/events", {"token": "x.y.z"}, 401, "bad_token"),
        ("/parties/tally/room/events", {"authorization": "Basic YTpi"}, 401, "unauthenticated"),
        ("/parties/arranged/room/events", {}, 401, "unauthenticated"),
        ("/parties/tally/room/events", {"query": "role=host"}, 403, "not_allowed"),
        ("/parties/tally/room/events", {"query": "mode=fast"}, 400, "bad_request"),
        ("/parties/tally/room/events", {"query": "sections=secrets"}, 400, "bad_request"),
        ("/parties/tally/room/events", {"query": "name=%00"}, 400, "bad_request"),
        ("/parties/tally/room/events", {"origin": "https://evil.example"}, 403, "not_allowed"),
        ("/parties/tally/room/events", {"accept": "application/json"}, 406, "bad_request"),
    ],
)
async def test_who_is_turned_away_gets_the_envelope_and_no_stream(
    clock: VirtualClock, path: str, options: dict[str, Any], status: int, code: str
) -> None:
    stream = await listen(app_of(), path, **options)
    await stream.task
    assert (stream.status, stream.error()["code"]) == (status, code)
    assert stream.headers["content-type"] == "application/json"


async def test_guessing_counts(clock: VirtualClock) -> None:
    app = app_of(limits=ServerLimits(failed_joins_per_minute=2))
    for _ in range(2):
        assert (await listen(app, "/parties/invited/nope/events")).status == 404
    assert (await listen(app, "/parties/invited/nope/events")).status == 429


async def test_streams_are_connections_of_their_address(clock: VirtualClock) -> None:
    app = app_of(limits=ServerLimits(connections_per_address=2))
    streams = [await listen(app, token=member_in(app, name)) for name in ("ada", "ben")]
    third = await listen(app, token=member_in(app, "cid"))
    assert (third.status, third.error()["code"]) == (503, "overloaded")
    await streams[0].leave()
    assert (await listen(app, token=member_in(app, "cid"))).status == 200


async def test_a_head_takes_no_seat(clock: VirtualClock) -> None:
    app = app_of()
    stream = await listen(app, method="HEAD")
    await stream.task
    assert (stream.status, stream.text) == (200, "")
    assert app.rooms.list() == []


# -- how it ends -----------------------------------------------------------------------------


async def test_a_kick_is_the_last_event_and_no_invitation_to_come_back(clock: VirtualClock) -> None:
    app = app_of()
    token = member_in(app)
    stream = await listen(app, token=token)
    room = await room_of(app)
    (member,) = room.members
    await room.kick(member)
    last = await stream.hear("party.error")
    assert (last.data["code"], last.data["temporary"], last.retry) == ("kicked", False, None)
    with pytest.raises(Ended):
        await stream.hear()
    await stream.task
    assert (await listen(app, token=token)).status == 403


async def test_a_server_that_ends_says_when_to_come_back(clock: VirtualClock) -> None:
    app = app_of()
    streams = [await listen(app, token=member_in(app, f"m{number}")) for number in range(8)]
    for stream in streams:
        stream.draining.set()
    retries = set()
    for stream in streams:
        last = await stream.hear("party.error")
        assert (last.data["code"], last.data["temporary"]) == ("draining", True)
        assert last.retry == int(last.data["retry_after"] * 1000)
        retries.add(last.retry)
        await stream.task
        assert stream.ended
    assert len(retries) > 4, "everybody comes back at once"
    assert (await room_of(app)).connection_count == 0


async def test_a_room_that_closes_ends_its_streams(clock: VirtualClock) -> None:
    app = app_of()
    stream = await listen(app, token=member_in(app))
    await app.close()
    assert (await stream.hear("party.error")).data["code"] == "draining"
    await stream.task


async def test_a_token_that_runs_out_ends_the_stream(clock: VirtualClock) -> None:
    app = app_of(limits=ServerLimits(token_recheck_seconds=60))
    token = app.token("tally", "room", "ada", seconds=90)
    stream = await listen(app, token=token)
    await clock.advance(121)
    assert (await stream.hear("party.error")).data["code"] == "bad_token"
    await stream.task


async def test_a_reader_that_is_stuck_is_dropped_and_nobody_waits_for_it(
    clock: VirtualClock,
) -> None:
    app = app_of()
    stuck = await listen(app, token=member_in(app))
    other = await listen(app, token=member_in(app, "ben"))
    stuck.stall()
    room = await room_of(app)
    for number in range(40):
        await room.send({"type": "note", "text": f"{number}" * 1000})
        await other.hear("party.snapshot.patch")
    await clock.advance(app.limits.stuck_seconds + 1)
    assert stuck.aborted
    await stuck.task
    assert room.connection_count == 1


async def test_a_stream_of_one_member_beside_posts_of_the_same(clock: VirtualClock) -> None:
    app = app_of()
    token = member_in(app)
    stream = await listen(app, token=token)
    stream.heard()
    async with http(app) as client:
        answer = await client.post(
            "/parties/tally/room/events",
            json={"id": "a.1", "event": {"type": "increment", "by": 3}},
            headers={"authorization": f"Bearer {token}"},
        )
    assert answer.json()["status"] == "accepted"
    own, shared = await stream.hear(), await stream.hear()
    assert (own.data["layer"], shared.data["layer"]) == ("own", "shared")
    assert shared.data["version"] == answer.json()["version"]
