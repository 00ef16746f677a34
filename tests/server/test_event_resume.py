"""Event streams that are slow, cut and resumed: no id stands where its client does not, and a
listener that comes back by its id never has a wrong state.
"""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from machine_party import MachineParty
from machine_party.protocol import JSON, ClientSync
from machine_party.server import ServerLimits
from machine_party.testing import VirtualClock
from tests.server.stream import Event, Stream, listen
from tests.server.tally import Tally
from tests.server.test_event_stream import app_of, bump, member_in, room_of
from tests.virtual import on_a_loop


async def test_a_slow_reader_gets_a_fresh_document_with_its_position(clock: VirtualClock) -> None:
    app = app_of(limits=ServerLimits(queue_patches=4))
    token = member_in(app)
    stream = await listen(app, token=token)
    stream.heard()
    stream.stall()
    for _ in range(12):
        await bump(app)
    stream.read_on()
    await clock.settle()
    events = stream.heard()
    kinds = [event.kind for event in events]
    assert "party.snapshot.update" in kinds
    after = kinds.index("party.snapshot.update")
    assert events[after].data["snapshot"]["context"]["count"] == 12
    assert len(events) < 12, "nothing was dropped"
    await stream.leave()
    again = await listen(app, token=token, last_id=stream.last_id)
    assert (await again.hear()).data["resumed"] is True


class Follower:
    """Checks that every id stands where a client stands that has taken what came so far."""

    def __init__(self) -> None:
        self.shared = self.own = -1

    def take(self, event: Event) -> None:
        data = event.data or {}
        if event.kind == "party.snapshot.update":
            self.shared, self.own = data["shared"], data["own"]
        elif event.kind == "party.snapshot.patch":
            setattr(self, data["layer"], data["seq"])
        if event.id is not None:
            assert event.id.split(".")[3:] == [str(self.shared), str(self.own)]


@pytest.mark.parametrize("seed", range(10))
async def test_no_id_stands_where_its_client_does_not(clock: VirtualClock, seed: int) -> None:
    """Also where a slow reader's patches are dropped, and where there are many in one write."""
    app = app_of(limits=ServerLimits(queue_patches=4, write_bytes=600))
    stream, follower, chosen = await listen(app, token=member_in(app)), Follower(), Random(seed)
    heard = 0
    for _ in range(60):
        stream.stall() if chosen.random() < 0.5 else stream.read_on()
        for _ in range(chosen.randrange(8)):
            await bump(app, chosen.randint(1, 9))
        await clock.settle()
        for event in stream.heard():
            follower.take(event)
            heard += event.id is not None
    assert heard > 20


# -- coming back -----------------------------------------------------------------------------


async def test_who_comes_back_gets_exactly_what_is_missing(clock: VirtualClock) -> None:
    app = app_of()
    token = member_in(app)
    await listen(app, token=member_in(app, "ben"))
    stream = await listen(app, token=token)
    await stream.hear("party.snapshot.update")
    await stream.leave()
    for _ in range(3):
        await bump(app, name="ben")
    back = await listen(app, token=token, last_id=stream.last_id)
    welcome = await back.hear()
    assert welcome.data["resumed"] is True
    await clock.settle()
    events = back.heard()
    assert {event.kind for event in events} == {"party.snapshot.patch"}
    assert [event.data["layer"] for event in events] == ["shared"] * 3
    assert [event.id is not None for event in events] == [False, False, True]


async def test_ids_that_do_not_count_give_the_whole_document(clock: VirtualClock) -> None:
    app = app_of()
    ben = await listen(app, token=member_in(app, "ben"))
    await ben.hear("party.snapshot.update")
    ada = await listen(app, token=member_in(app))
    await ada.hear("party.snapshot.update")
    assert ada.last_id is not None
    epoch, audience, member, shared, own = ada.last_id.split(".")
    for wrong in (
        ben.last_id,
        f"{int(epoch) + 1}.{audience}.{member}.{shared}.{own}",
        f"{epoch}.screen.{member}.{shared}.{own}",
        f"{epoch}.{audience}.{member}.{int(shared) + 1}.{own}",
        f"{epoch}.{audience}.{member}.{shared}.{'9' * 16}",
        f"{epoch}.{audience}.{member}.{shared}.{'9' * 40}",
        f"{epoch}.{audience}.{member}.0.0",
        "",
        "nonsense",
        "1.2.3.4.5",
    ):
        back = await listen(app, token=member_in(app), last_id=wrong)
        assert (await back.hear()).data["resumed"] is False, wrong
        assert (await back.hear()).kind == "party.snapshot.update"


class Listener:
    """A client as the documentation tells one to be: a mirror, and the id of the last event."""

    def __init__(self, app: MachineParty, identity: str) -> None:
        self.sync = ClientSync()
        self.member = ""
        self._app = app
        self._token = member_in(app, identity)
        self._stream: Stream | None = None
        self._last_id: str | None = None

    async def connect(self) -> None:
        await self.cut(keep=10_000)
        self.sync.connected()
        self._stream = await listen(self._app, token=self._token, last_id=self._last_id)

    def hear(self, keep: int = 10_000) -> None:
        """Take what has come, or the first events of it."""
        if self._stream is None:
            return
        for event in self._stream.heard()[:keep]:
            if event.kind:
                self.sync.receive(JSON.decode_server(json.dumps(event.data)))
            self._last_id = event.id or self._last_id
        asked = [type(message).__name__ for message in self.sync.messages_to_send()]
        assert "SnapshotGet" not in asked, "a stream cannot be asked for a snapshot"
        self.member = self.sync.member or ""

    async def cut(self, keep: int) -> None:
        """The connection breaks, and the rest of what was sent is lost."""
        if self._stream is not None:
            self.hear(keep)
            await self._stream.leave()
            self._stream = None
            self.sync.disconnected()


moves = st.lists(
    st.one_of(
        st.tuples(st.just("cut"), st.integers(0, 6)),
        st.tuples(st.just("connect"), st.just(0)),
        st.tuples(st.just("hear"), st.just(0)),
        st.tuples(st.just("mine"), st.integers(1, 9)),
        st.tuples(st.just("other"), st.integers(1, 9)),
        st.tuples(st.just("burst"), st.integers(1, 12)),
        st.tuples(st.just("wait"), st.integers(1, 200)),
        st.tuples(st.just("restart"), st.just(0)),
    ),
    max_size=40,
)


@given(moves)
@settings(max_examples=60)
def test_a_listener_never_has_a_wrong_state(script: list[tuple[str, int]]) -> None:
    _run(script)


@pytest.mark.parametrize("seed", range(5))
def test_a_listener_that_is_cut_a_hundred_times_has_the_right_state(seed: int) -> None:
    chosen = Random(seed)
    kinds = ["mine", "other", "burst", "cut", "connect", "hear"]
    script = [(chosen.choice(kinds), chosen.randint(1, 6)) for _ in range(400)]
    assert sum(kind == "cut" for kind, _ in script) > 40
    _run(script)


def _run(script: list[tuple[str, int]]) -> None:
    on_a_loop(lambda clock: _listen_through(clock, script))


async def _listen_through(clock: VirtualClock, script: list[tuple[str, int]]) -> None:
    app = MachineParty([Tally], limits=ServerLimits(resume_patches=16, queue_patches=16))
    await listen(app, token=member_in(app, "ben"))
    ada = Listener(app, "ada")
    await ada.connect()
    for move, number in script:
        await clock.settle()
        match move:
            case "cut":
                await ada.cut(number)
            case "connect":
                await ada.connect()
            case "hear":
                ada.hear()
            case "wait":
                await clock.advance(number)
            case "restart":
                await _restart(app)
            case _:
                await _send(app, "ada" if move == "mine" else "ben", number, burst=move == "burst")
        _check_prefix(ada)
    await ada.connect()
    await clock.settle()
    ada.hear()
    room = await room_of(app)
    document, _, _ = await room.document(member=ada.member)
    assert ada.sync.document == document


async def _send(app: MachineParty, name: str, number: int, *, burst: bool) -> None:
    for by in range(1, number + 1) if burst else [number]:
        await bump(app, by, name)


async def _restart(app: MachineParty) -> None:
    """The room ends here, and is opened anew, under a new epoch."""
    room = await room_of(app)
    if room.stored:
        await room.close()


def _check_prefix(ada: Listener) -> None:
    """What is shown is always one commit's document: mine and all together never disagree."""
    document = ada.sync.document
    if document is not None:
        assert 0 <= document["context"]["mine"] <= document["context"]["count"]
