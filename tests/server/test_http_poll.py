"""A crowd that polls: what it costs, who is seen as present, and what nobody sees."""

from __future__ import annotations

import asyncio

import pytest

from machine_party import ClientEvent, Machine, MachineParty, Member, Snapshot, State
from machine_party.backends.store import MemoryStore
from machine_party.testing import VirtualClock
from tests.room.store import FaultyStore
from tests.server.asgi import http
from tests.server.stream import listen
from tests.server.tally import Context, Increment, Note, Shared, Tally
from tests.server.test_http import check_envelope
from tests.server.test_http_events import SECRET, post, seat
from tests.server.test_http_state import get

# -- what a poll costs -----------------------------------------------------------------------------


class Counting(Tally):
    """Counts how often it is looked at."""

    name = "tally"

    def __init__(self) -> None:
        super().__init__()
        self.projected: list[str] = []

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
        self.projected.append(audience)
        return super().shared(snapshot, audience)


async def test_a_crowd_that_polls_costs_one_shared_projection_per_version(
    clock: VirtualClock,
) -> None:
    app = MachineParty([party := Counting()])
    async with http(app) as client:
        players = [(await seat(client))["token"] for _ in range(20)]
        screens = [(await seat(client, meta={"role": "screen"}))["token"] for _ in range(5)]
        crowd = [*players, *screens, None]
        party.projected.clear()
        seen = [await get(client, token) for token in crowd]
        assert sorted(party.projected) == ["player", "screen"]
        party.projected.clear()
        waiting = [
            asyncio.create_task(get(client, token, answer.headers["etag"], 60))
            for token, answer in zip(crowd, seen, strict=True)
        ]
        await clock.settle()
        await post(client, players[0], {"type": "increment", "by": 7})
        answers = await asyncio.gather(*waiting)
        assert sorted(party.projected) == ["player", "screen"]
        counts = [answer.json()["snapshot"]["context"]["count"] for answer in answers]
        assert counts == [7] * len(crowd)
        mine = [answer.json()["snapshot"]["context"].get("mine") for answer in answers]
        assert mine == [7, *[0] * 24, None], "and each has only what is theirs"


# -- what nobody sees ------------------------------------------------------------------------------


class Resign(ClientEvent):
    roles = ("host",)


class RankedMachine(Machine[Context]):
    counting = State(initial=True)
    increment = counting.to.itself(internal=True, on="add")
    note = counting.to.itself(internal=True, on="write")
    resign = counting.to.itself(internal=True, on="step_down")

    def add(self, data: Increment) -> None:
        self.context.count += data.by

    def write(self, data: Note) -> None:
        self.context.note = data.text

    def step_down(self, data: Resign, member: Member) -> None:
        self.set_role(member.id, "player")
        self.context.note = "for hosts only"


class Ranked(Tally):
    """Its note is for hosts."""

    name = "tally"
    machine = RankedMachine  # type: ignore[assignment]
    events = (Increment, Note, Resign)  # type: ignore[assignment]

    def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
        note = snapshot.context.note if audience == "host" else ""
        return Shared(count=snapshot.context.count, note=note)


@pytest.mark.parametrize("wait", [None, 60])
async def test_who_loses_a_role_while_they_ask_sees_no_more_of_it(
    clock: VirtualClock, wait: int | None
) -> None:
    store = FaultyStore()
    app = MachineParty([Ranked], store=store, secret=SECRET)
    async with http(app) as client:
        token = app.token("tally", "room", "ada", role="host")
        await post(client, token, {"type": "increment"})
        first = await get(client, token)
        assert first.json()["audience"] == "host"
        store.hold()
        resigning = asyncio.create_task(post(client, token, {"type": "resign"}))
        await clock.settle()
        asking = asyncio.create_task(get(client, token, first.headers["etag"], wait))
        await clock.settle()
        store.release()
        await resigning
        seen = (await asking).json()
        assert (seen["audience"], seen["snapshot"]["context"]["note"]) == ("player", "")


async def test_who_is_kicked_while_they_wait_is_told(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    async with http(app) as client:
        made = await seat(client)
        await seat(client)
        tag = (await get(client, made["token"])).headers["etag"]
        waiting = asyncio.create_task(get(client, made["token"], tag, 60))
        await clock.settle()
        (room,) = app.rooms.list()
        await room.kick(made["member"])
        check_envelope(await waiting, 403, "kicked")
        check_envelope(await get(client, made["token"]), 403, "kicked")
        assert (await get(client)).json()["audience"] == "player", "as anybody who looks"
        await room.unkick(made["member"])
        assert (await get(client, made["token"])).status_code == 200


async def test_who_is_kicked_while_they_ask_is_told(clock: VirtualClock) -> None:
    store = FaultyStore()
    app = MachineParty([Tally], store=store, secret=SECRET)
    async with http(app) as client:
        made = await seat(client)
        await post(client, made["token"], {"type": "increment"})
        (room,) = app.rooms.list()
        store.hold()
        kicking = asyncio.create_task(room.kick(made["member"]))
        await clock.settle()
        asking = asyncio.create_task(get(client, made["token"]))
        await clock.settle()
        store.release()
        await kicking
        check_envelope(await asking, 403, "kicked")


async def test_who_loses_a_role_while_they_listen_hears_no_more_of_it(clock: VirtualClock) -> None:
    app = MachineParty([Ranked], store=MemoryStore(), secret=SECRET)
    token = app.token("tally", "room", "ada", role="host")
    stream = await listen(app, token=token)
    await stream.hear("party.snapshot.update")
    position = stream.last_id
    async with http(app) as client:
        await post(client, token, {"type": "resign"})
    seen = (await stream.hear("party.snapshot.update")).data
    assert (seen["audience"], seen["snapshot"]["context"]["note"]) == ("player", "")
    await stream.leave()
    assert "for hosts only" not in stream.text
    again = await listen(app, token=app.token("tally", "room", "ada"), last_id=position)
    assert (await again.hear("party.welcome")).data["resumed"] is False
    assert (await again.hear()).data["snapshot"]["context"]["note"] == ""
    await again.leave()


async def test_a_view_that_raises_shows_nothing_and_harms_nobody(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Brittle(Tally):
        name = "tally"

        def shared(self, snapshot: Snapshot[Context], audience: str) -> Shared:
            if snapshot.context.count == 13:
                raise RuntimeError("the secret is out")
            return super().shared(snapshot, audience)

    app = MachineParty([Brittle])
    async with http(app) as client:
        crowd = [(await seat(client))["token"] for _ in range(3)]
        assert (await post(client, crowd[0], {"type": "increment", "by": 13})).status_code == 200
        caplog.clear()
        answers = [await get(client, token) for token in crowd]
        assert [answer.json()["snapshot"]["error"] for answer in answers] == ["view_failed"] * 3
        assert all("count" not in answer.json()["snapshot"]["context"] for answer in answers)
        assert len(caplog.records) == 1, "one report for each version, however many ask"
        await post(client, crowd[0], {"type": "increment"})
        assert (await get(client, crowd[1])).json()["snapshot"]["context"]["count"] == 14


# -- who is present --------------------------------------------------------------------------------


def patient(seconds: float) -> MachineParty:
    class Patient(Tally):
        name = "tally"
        grace = seconds

    return MachineParty([Patient])


@pytest.mark.parametrize("grace", [0.0, 1.0, 15.0])
async def test_who_waits_is_present_all_the_time_and_nothing_is_written_for_it(
    clock: VirtualClock, grace: float
) -> None:
    app = patient(grace)
    async with http(app) as client:
        made = await seat(client)
        await post(client, made["token"], {"type": "increment"})
        (room,) = app.rooms.list()
        tag = (await get(client, made["token"])).headers["etag"]
        version = room.version
        for _ in range(3):
            waiting = asyncio.create_task(get(client, made["token"], tag, 20))
            for _ in range(21):
                await clock.advance(1)
                assert room.members[made["member"]].presence == "connected"
            assert (await waiting).status_code == 304
        assert room.version == version


@pytest.mark.parametrize("grace", [0.0, 15.0])
async def test_a_tab_that_closes_is_away_and_then_gone(clock: VirtualClock, grace: float) -> None:
    app = patient(grace)
    async with http(app) as client:
        made = await seat(client)
        await post(client, made["token"], {"type": "increment"})
        (room,) = app.rooms.list()
        for _ in range(10):  # a page that polls every second
            await get(client, made["token"])
            version = room.version
            await clock.advance(1)
            assert room.version == version
        await clock.advance(max(grace, 2.0))
        assert room.members[made["member"]].presence == ("away" if grace else "gone")
        await clock.advance(grace + 1)
        assert room.members[made["member"]].presence == "gone"
