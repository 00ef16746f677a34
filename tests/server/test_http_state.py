"""A room's document over HTTP: marked, asked for again, waited for."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from machine_party import Grant, MachineParty, Member, Refused, Snapshot
from machine_party.backends.store import MemoryStore
from machine_party.server import ServerLimits
from machine_party.testing import VirtualClock
from tests.room.store import FaultyStore
from tests.server.asgi import http
from tests.server.tally import Arranged, Context, Invited, Own, Shared, Tally
from tests.server.test_http import bearer, check_envelope
from tests.server.test_http_events import ROOM, SECRET, post, seat


def app_of(**settings: Any) -> MachineParty:
    return MachineParty([Tally, Invited, Arranged], **settings)


async def get(
    client: httpx.AsyncClient, token: str | None = None, tag: str | None = None, wait: Any = None
) -> httpx.Response:
    headers = {} if token is None else bearer(token)
    if tag is not None:
        headers["if-none-match"] = tag
    return await client.get(ROOM, headers=headers, params={} if wait is None else {"wait": wait})


# -- the mark --------------------------------------------------------------------------------


async def test_who_has_it_already_is_told_so(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        token = (await seat(client))["token"]
        first = await get(client, token)
        tag = first.headers["etag"]
        assert tag.startswith('W/"')
        assert first.headers["cache-control"] == "private, no-cache"
        assert first.headers["vary"] == "Accept, Authorization"
        for same in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            again = await get(client, token, same)
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == "private, no-cache"
        for other in ('"other"', tag.strip('W/"'), "", "nonsense"):
            assert (await get(client, token, other)).status_code == 200
        await post(client, token, {"type": "increment"})
        changed = await get(client, token, tag)
        assert changed.status_code == 200
        assert changed.headers["etag"] != tag


async def test_a_commit_that_shows_nothing_changes_no_mark(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        token = (await seat(client))["token"]
        before = await get(client, token)
        await seat(client)
        (room,) = app.rooms.list()
        assert room.version > before.json()["version"]
        assert (await get(client, token, before.headers["etag"])).status_code == 304


async def test_the_mark_holds_across_a_restart(clock: VirtualClock) -> None:
    store = MemoryStore()
    app = app_of(store=store, secret=SECRET)
    async with http(app) as client:
        token = (await seat(client))["token"]
        await post(client, token, {"type": "increment"})
        first = await get(client, token)
    await app.close()
    again = app_of(store=store, secret=SECRET)
    async with http(again) as client:
        second = await get(client, token)
        assert second.json()["epoch"] > first.json()["epoch"]
        assert second.headers["etag"] == first.headers["etag"]
        assert (await get(client, token, first.headers["etag"])).status_code == 304


async def test_a_mark_fits_nobody_else_and_tells_nothing(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        ada, ben = [(await seat(client))["token"] for _ in (1, 2)]
        marks = [(await get(client, who)).headers["etag"] for who in (ada, ben, None)]
        assert len(set(marks)) == 3
        for who, other in ((ben, marks[0]), (None, marks[0]), (ada, marks[2])):
            assert (await get(client, who, other)).status_code == 200
    # Who knows all but one word of the document cannot try out the word: the mark has a key.
    async with http(app_of()) as client:
        twin = (await seat(client))["token"]
        assert (await get(client, twin)).headers["etag"] not in marks


class Alike(Tally):
    """Everybody sees the same."""

    def own(self, snapshot: Snapshot[Context], member: Member) -> Own:
        return Own(mine=0, name="", role="")


async def test_a_mark_does_not_tell_that_somebody_else_sees_the_same(clock: VirtualClock) -> None:
    app = MachineParty([Alike])
    room = "/parties/alike/room"
    async with http(app) as client:
        seats = [bearer((await seat(client, room))["token"]) for _ in (1, 2)]
        first, second = [await client.get(room, headers=who) for who in seats]
        assert first.json() == second.json()
        stolen = {**seats[1], "if-none-match": first.headers["etag"]}
        assert (await client.get(room, headers=stolen)).status_code == 200


# -- who may look ------------------------------------------------------------------------------


async def test_a_party_that_turns_somebody_away_shows_them_nothing(clock: VirtualClock) -> None:
    """`on_auth` is the party's gate, also for those who only look."""
    party = Tally()
    app = MachineParty([party])
    async with http(app) as client:
        token = (await seat(client))["token"]
        await post(client, token, {"type": "increment", "by": 7})
        assert (await get(client)).status_code == 200
        party.answer = Refused("members_only")
        for who in (token, None):
            for wait in (None, 10):
                check_envelope(await get(client, who, wait=wait), 403, "members_only")
    request = party.asked[-1]
    assert (request.party, request.room, request.query) == ("tally", "room", {"wait": "10"})
    assert "authorization" not in request.headers


async def test_a_look_is_asked_for_once_however_long_it_waits(clock: VirtualClock) -> None:
    party = Tally()
    app = MachineParty([party])
    async with http(app) as client:
        token = (await seat(client))["token"]
        tag = (await get(client)).headers["etag"]
        asked = len(party.asked)
        waiting = asyncio.create_task(get(client, None, tag, 60))
        await clock.advance(5)
        await seat(client)  # a commit that shows nothing
        asked += 1
        await post(client, token, {"type": "increment"})
        asked += 1
        assert (await waiting).status_code == 200
        assert len(party.asked) == asked + 1


async def test_a_member_by_another_identity_looks_as_that_member(clock: VirtualClock) -> None:
    """A party may know people by an account of its own."""
    party = Tally()
    app = MachineParty([party])
    async with http(app) as client:
        token = (await seat(client))["token"]
        party.answer = Grant(identity="account-7", role="player", name="Ada")
        await post(client, token, {"type": "increment", "by": 7})
        assert (await get(client, token)).json()["snapshot"]["context"]["mine"] == 7
        (room,) = app.rooms.list()
        _guest, ada = room.members.values()
        await room.kick(ada.id)
        check_envelope(await get(client, token), 403, "kicked")


class Stage(Tally):
    """Each audience sees something else."""

    creation = "request"

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
        return Shared(count=0, note=f"for {audience}")


async def test_who_has_no_seat_yet_sees_what_its_role_does(clock: VirtualClock) -> None:
    async with http(MachineParty([Stage])) as client:
        made = (await client.post("/parties/stage", json={})).json()
        room = f"/parties/stage/{made['room']}"
        seen = (await client.get(room, headers=bearer(made["token"]))).json()
        assert (seen["audience"], seen["snapshot"]["context"]["note"]) == ("host", "for host")
        assert "close" in seen["snapshot"]["can"]
        anybody = (await client.get(room)).json()
        assert "close" not in anybody["snapshot"]["can"]
        assert anybody["snapshot"]["context"]["note"] == "for player"


# -- waiting ---------------------------------------------------------------------------------


async def test_who_waits_is_answered_when_something_changes(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        ada, ben = [(await seat(client))["token"] for _ in (1, 2)]
        tag = (await get(client, ada)).headers["etag"]
        waiting = asyncio.create_task(get(client, ada, tag, 60))
        await clock.advance(5)
        assert not waiting.done()
        receipt = (await post(client, ben, {"type": "increment", "by": 4})).json()
        answer = await waiting
        assert answer.status_code == 200
        assert answer.json()["snapshot"]["context"]["count"] == 4
        assert answer.json()["version"] == receipt["version"]


async def test_what_shows_nothing_wakes_nobody(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        token = (await seat(client))["token"]
        tag = (await get(client, token)).headers["etag"]
        waiting = asyncio.create_task(get(client, token, tag, 20))
        await clock.advance(1)
        await seat(client)
        await clock.advance(1)
        assert not waiting.done()
        await clock.advance(19)
        assert (await waiting).status_code == 304


async def test_the_first_question_is_answered_at_once(clock: VirtualClock) -> None:
    async with http(app_of()) as client:
        token = (await seat(client))["token"]
        assert (await get(client, token, None, 60)).status_code == 200
        assert (await get(client, token, '"old"', 60)).status_code == 200


@pytest.mark.parametrize("wait", ["61", "-1", "nan", "inf", "soon", "1e9", "", "٣"])
async def test_a_wait_is_a_number_of_seconds(clock: VirtualClock, wait: str) -> None:
    async with http(app_of()) as client:
        await seat(client)
        error = check_envelope(await get(client, None, None, wait), 400, "bad_request")
    assert error["path"] == "?wait"
    assert "0 to 60" in error["reason"]


async def test_who_waits_is_present(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        made = await seat(client)
        (room,) = app.rooms.list()
        tag = (await get(client, made["token"])).headers["etag"]
        waiting = asyncio.create_task(get(client, made["token"], tag, 60))
        await clock.advance(59)
        assert room.members[made["member"]].presence == "connected"
        await clock.advance(2)
        assert (await waiting).status_code == 304


async def test_an_answer_waits_for_the_store(clock: VirtualClock) -> None:
    store = FaultyStore()
    app = app_of(store=store, secret=SECRET)
    async with http(app) as client:
        token = (await seat(client))["token"]
        await post(client, token, {"type": "increment"})
        tag = (await get(client, token)).headers["etag"]
        waiting = asyncio.create_task(get(client, token, tag, 60))
        await clock.settle()
        store.hold()
        posting = asyncio.create_task(post(client, token, {"type": "increment", "by": 9}))
        await clock.advance(1)
        assert not waiting.done()
        store.release()
        await posting
        assert (await waiting).json()["snapshot"]["context"]["count"] == 10


async def test_who_goes_away_is_not_waited_for(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        made = await seat(client)
        tag = (await get(client, made["token"])).headers["etag"]
    gone = asyncio.Event()
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = _scope(made["token"], tag)
    task = asyncio.create_task(app(scope, receive, send))
    await clock.advance(3)
    assert not task.done()
    assert app.node.admission.connections == 1
    gone.set()
    await clock.settle()
    assert task.done()
    assert app.node.admission.connections == 0


def _scope(token: str, tag: str) -> dict[str, Any]:
    headers = {"host": "quiz.example", "authorization": f"Bearer {token}", "if-none-match": tag}
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
        "method": "GET", "scheme": "http", "path": ROOM, "raw_path": ROOM.encode(),
        "root_path": "", "query_string": b"wait=60", "client": ("10.0.0.7", 1),
        "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
        "server": ("quiz.example", 80),
    }  # fmt: skip


async def test_who_waits_counts_as_a_connection(clock: VirtualClock) -> None:
    app = app_of(limits=ServerLimits(connections_per_address=1))
    async with http(app) as client:
        token = (await seat(client))["token"]
        tag = (await get(client, token)).headers["etag"]
        waiting = asyncio.create_task(get(client, token, tag, 60))
        await clock.settle()
        check_envelope(await get(client, token, tag, 60), 503, "overloaded")
        assert (await get(client, token)).status_code == 200
        await clock.advance(61)
        assert (await waiting).status_code == 304


async def test_a_room_that_ends_is_asked_for_once_more(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        token = (await seat(client))["token"]
        await post(client, token, {"type": "increment"})
        tag = (await get(client, token)).headers["etag"]
        waiting = asyncio.create_task(get(client, token, tag, 60))
        await clock.settle()
        (room,) = app.rooms.list()
        await room.close()
        await clock.advance(1)
        assert not waiting.done(), "the room went on elsewhere, and nothing has changed"
        await post(client, token, {"type": "increment"})
        assert (await waiting).json()["snapshot"]["context"]["count"] == 2


async def test_a_server_that_ends_turns_away_who_waits(clock: VirtualClock) -> None:
    app = app_of()
    async with http(app) as client:
        token = (await seat(client))["token"]
        tag = (await get(client, token)).headers["etag"]
        waiting = asyncio.create_task(get(client, token, tag, 60))
        await clock.settle()
        await app.close()
        error = check_envelope(await waiting, 503, "draining")
    assert error["temporary"] is True


async def test_a_server_that_ends_does_not_say_that_a_room_is_gone(clock: VirtualClock) -> None:
    app = app_of(store=MemoryStore(), secret=SECRET)
    async with http(app) as client:
        token = (await seat(client))["token"]
        await post(client, token, {"type": "increment"})
        await app.node.close()
        check_envelope(await get(client, token), 503, "draining")
