"""The WebSocket endpoint, in memory and on virtual time: joining, talking, being refused."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from machine_party import MachineParty
from machine_party.protocol import MSGPACK, Hello, Welcome
from machine_party.server import ServerLimits
from machine_party.testing import VirtualClock
from tests.room.store import FaultyStore
from tests.server.asgi import FAR, Closed, Denied, Socket, connect
from tests.server.tally import Invited, Tally

PK = "_pk=a-secret-of-its-own"
GET = {"type": "party.snapshot.get"}
HELLO: dict[str, Any] = {"type": "party.hello"}
CLIENT = "0123456789abcdef"


def increment(number: int, by: Any = 1) -> dict[str, Any]:
    event = {"type": "increment", "by": by}
    return {"type": "party.send", "id": f"{CLIENT}.{number}", "event": event}


async def joined(app: MachineParty, **options: Any) -> Socket:
    """A bare client that has its document."""
    socket = await connect(app, **options)
    await socket.say(GET)
    await socket.hear("party.snapshot.update")
    return socket


# -- clients -----------------------------------------------------------------------------


async def test_a_bare_client_plays(clock: VirtualClock) -> None:
    socket = await connect(MachineParty([Tally]), query=PK)
    await socket.say(GET)
    update = await socket.hear()
    assert update["type"] == "party.snapshot.update"
    assert update["snapshot"]["context"]["count"] == 0
    await socket.say({"type": "increment", "by": 3})
    own, shared = await socket.hear(), await socket.hear()
    assert (own["layer"], own["more"]) == ("own", True)
    assert shared["operations"] == [{"op": "replace", "path": "/context/count", "value": 3}]
    await socket.leave()


async def test_a_bare_client_may_write_bytes_and_begin_with_an_event(clock: VirtualClock) -> None:
    socket = await connect(MachineParty([Tally]), query=PK)
    await socket.say(b'{"type":"increment","by":2}')
    await socket.hear("party.snapshot.update")
    patch = await socket.hear("party.snapshot.patch")
    assert patch["operations"][0]["value"] == 2


async def test_a_commit_is_one_write(clock: VirtualClock) -> None:
    socket = await joined(MachineParty([Tally]))
    await socket.say(increment(1))
    await socket.hear("party.receipt")
    (update,), commit = socket.writes
    assert "party.snapshot.update" in str(update)
    assert [json.loads(frame)["type"] for frame in commit] == [
        "party.snapshot.patch", "party.snapshot.patch", "party.receipt",
    ]  # fmt: skip


async def test_plain_asgi_servers_get_the_same(clock: VirtualClock) -> None:
    socket = await joined(MachineParty([Tally]), extended=False)
    await socket.say(increment(1))
    assert [(await socket.hear())["type"] for _ in range(3)] == [
        "party.snapshot.patch", "party.snapshot.patch", "party.receipt",
    ]  # fmt: skip


async def test_the_subprotocol_chooses_the_codec(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    socket = await connect(app, subprotocols=("other", "machine-party.v1+msgpack"))
    assert socket.subprotocol == "machine-party.v1+msgpack"
    await socket.say(MSGPACK.encode(Hello()))
    assert isinstance(MSGPACK.decode_server(await socket.hear_raw()), Welcome)


async def test_no_subprotocol_is_json_and_answers_with_none(clock: VirtualClock) -> None:
    assert (await connect(MachineParty([Tally]))).subprotocol is None


async def test_a_version_that_we_do_not_speak_is_denied(clock: VirtualClock) -> None:
    with pytest.raises(Denied) as denied:
        await connect(MachineParty([Tally]), subprotocols=("machine-party.v9+json",))
    assert (denied.value.status, denied.value.error["code"]) == (400, "unsupported_version")


# -- before the first message ------------------------------------------------------------


async def test_nothing_is_sent_before_the_first_message(clock: VirtualClock) -> None:
    socket = await connect(MachineParty([Tally]))
    await clock.advance(9.9)
    assert socket.silent()
    await clock.advance(0.2)
    with pytest.raises(Closed) as closed:
        await socket.hear()
    assert closed.value.code == 4003


@pytest.mark.parametrize(
    "first", ["", "nonsense", "[]", '{"type":7}', '{"type":"party.x"}', b"\xff"]
)
async def test_a_first_message_that_is_none_is_told_so(
    clock: VirtualClock, first: str | bytes
) -> None:
    app = MachineParty([Tally])
    socket = await connect(app)
    await socket.say(first)
    assert (await socket.hear())["code"] == "bad_request"
    assert (await socket.hear_close()).code == 4001
    assert app.rooms.list() == []


@pytest.mark.parametrize("gone_after_hello", [True, False])
async def test_who_leaves_early_leaves_nothing(clock: VirtualClock, gone_after_hello: bool) -> None:
    app = MachineParty([Tally])
    before = asyncio.all_tasks()
    socket = await connect(app)
    if gone_after_hello:
        await socket.say(HELLO)
    await socket.leave()
    await clock.advance(60)
    assert app.node.admission.connections == 0
    await app.close()
    assert asyncio.all_tasks() == before


# -- who may come in -----------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_foreign_page_is_denied(clock: VirtualClock, origin: str) -> None:
    with pytest.raises(Denied) as denied:
        await connect(MachineParty([Tally]), origin=origin)
    assert (denied.value.status, denied.value.error["code"]) == (403, "not_allowed")


async def test_a_listed_page_comes_in_and_our_own_does_not(clock: VirtualClock) -> None:
    app = MachineParty([Tally], allowed_origins=["https://club.example"])
    await connect(app, origin="https://club.example")
    with pytest.raises(Denied):
        await connect(app, origin="http://quiz.example")


@pytest.mark.parametrize(
    "path", ["/parties/nothing/room", "/parties/invited/room", "/parties/invited/a%b"]
)
async def test_where_there_is_no_room_everybody_hears_the_same(
    clock: VirtualClock, path: str
) -> None:
    socket = await connect(MachineParty([Tally, Invited]), path)
    await socket.say(HELLO)
    error = await socket.hear()
    assert error == {
        "type": "party.error",
        "code": "not_found",
        "reason": "there is no such room, or it is not open",
        "temporary": False,
    }
    assert (await socket.hear_close()).code == 4010


async def test_guessers_are_stopped_and_members_are_not(clock: VirtualClock) -> None:
    app = MachineParty([Invited], limits=ServerLimits(failed_joins_per_minute=3))
    await app.rooms.create("invited", "real")
    token = app.token("invited", "real", "ada")
    codes = [await _tried(app, f"/parties/invited/guess{n}", HELLO) for n in range(4)]
    assert codes == [4010, 4010, 4010, 4103]
    assert await _tried(app, "/parties/invited/real", HELLO) == 4103
    member = await connect(app, "/parties/invited/real")
    await member.say({**HELLO, "token": token})
    assert (await member.hear())["type"] == "party.welcome"
    other = await connect(app, "/parties/invited/real", client=("10.0.0.8", 1))
    await other.say(HELLO)
    assert (await other.hear())["type"] == "party.welcome"
    await clock.advance(61)
    assert await _tried(app, "/parties/invited/guess", HELLO) == 4010


async def test_a_resume_is_not_a_join(clock: VirtualClock) -> None:
    app = MachineParty([Tally, Invited], limits=ServerLimits(failed_joins_per_minute=1))
    first = await connect(app, query=PK)
    await first.say(HELLO)
    welcome, update = await first.hear(), await first.hear()
    await first.leave()
    assert await _tried(app, "/parties/invited/guess", HELLO) == 4010
    resume = {
        "member": welcome["member"],
        **{name: update[name] for name in ("epoch", "audience", "shared", "own")},
    }
    again = await connect(app, query=PK)
    await again.say({**HELLO, "resume": resume})
    assert (await again.hear())["resumed"] is True
    assert await _tried(app, "/parties/tally/room", {**HELLO, "resume": resume}) == 4103


async def test_an_address_has_so_many_connections(clock: VirtualClock) -> None:
    app = MachineParty([Tally], limits=ServerLimits(connections_per_address=1))
    first = await connect(app)
    with pytest.raises(Denied) as denied:
        await connect(app)
    assert (denied.value.status, denied.value.error["code"]) == (503, "overloaded")
    assert denied.value.error["retry_after"] == 10
    await connect(app, client=("127.0.0.1", 1))
    await first.leave()
    await connect(app)


async def test_connecting_makes_only_so_many_rooms(clock: VirtualClock) -> None:
    app = MachineParty([Tally], limits=ServerLimits(rooms_per_minute=2))
    for room in "ab":
        await joined(app, path=f"/parties/tally/{room}")
    assert await _tried(app, "/parties/tally/c", HELLO) == 4101
    await joined(app, path="/parties/tally/a")


async def _tried(app: MachineParty, path: str, hello: dict[str, Any]) -> int:
    socket = await connect(app, path)
    await socket.say(hello)
    return (await socket.hear_close()).code


# -- messages ------------------------------------------------------------------------------


async def test_a_second_hello_ends_the_connection(clock: VirtualClock) -> None:
    socket = await connect(MachineParty([Tally]))
    await socket.say(HELLO)
    await socket.say(HELLO)
    assert (await socket.hear_close()).code == 4005


_POISON_NOTE = r'{"type":"note","text":"\ud800"}'
POISON = f'{{"type":"party.send","id":"{CLIENT}.1","event":{_POISON_NOTE}}}'


async def test_poison_is_refused_and_the_room_lives_on(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    poisoner, other = await joined(app), await joined(app)
    await poisoner.say(POISON)
    receipt = await poisoner.hear("party.receipt")
    assert (receipt["status"], receipt["code"]) == ("rejected", "bad_request")
    assert receipt["reason"].startswith("$.event.text: ")
    await poisoner.say(increment(2))
    patch = await other.hear("party.snapshot.patch")
    assert patch["operations"] == [{"op": "replace", "path": "/context/count", "value": 1}]


@pytest.mark.parametrize(
    ("message", "code", "close_code"),
    [
        (_POISON_NOTE, "bad_request", 4001),
        ('{"type":"note","text":NaN}', "bad_request", 4001),
        ("not json", "bad_request", 4001),
        ('{"type":"note","text":"%s"}' % ("x" * 17_000), "too_large", 1009),
        ("[" * 2000, "too_large", 1009),
    ],
)
async def test_what_is_no_message_ends_its_connection_only(
    clock: VirtualClock, message: str, code: str, close_code: int
) -> None:
    app = MachineParty([Tally])
    socket, other = await joined(app), await joined(app)
    await socket.say(message)
    assert (await socket.hear("party.error"))["code"] == code
    assert (await socket.hear_close()).code == close_code
    await other.say(increment(1))
    assert (await other.hear("party.receipt"))["status"] == "accepted"


async def test_a_bad_payload_is_a_rejected_receipt(clock: VirtualClock) -> None:
    socket = await joined(MachineParty([Tally]))
    await socket.say(increment(1, by=0))
    receipt = await socket.hear("party.receipt")
    assert (receipt["status"], receipt["code"]) == ("rejected", "bad_request")


async def test_a_ping_is_answered(clock: VirtualClock) -> None:
    socket = await joined(MachineParty([Tally]))
    await socket.say({"type": "party.ping"})
    assert (await socket.hear())["type"] == "party.pong"


# -- too fast ------------------------------------------------------------------------------


async def test_over_the_rate_each_send_is_refused_and_told_when(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    socket = await joined(app)
    for number in range(1, 23):
        await socket.say(increment(number))
    receipts = [await socket.hear("party.receipt") for _ in range(22)]
    by_id = {receipt["id"]: receipt for receipt in receipts}
    refused = [receipt for receipt in by_id.values() if receipt["status"] == "rejected"]
    assert [receipt["id"] for receipt in refused] == [f"{CLIENT}.21", f"{CLIENT}.22"]
    assert refused[0]["code"] == "rate_limited"
    assert refused[0]["result"] == {"retry_after": 0.1}
    await clock.advance(0.2)
    await socket.say(increment(23))
    assert (await socket.hear("party.receipt"))["status"] == "accepted"


async def test_over_the_rate_an_event_without_id_is_answered_too(clock: VirtualClock) -> None:
    socket = await joined(MachineParty([Tally], limits=ServerLimits(events_burst=1)))
    await socket.say({"type": "increment"})
    await socket.say({"type": "increment"})
    error = await socket.hear("party.error")
    assert (error["code"], error["temporary"], error["retry_after"]) == ("rate_limited", True, 0.1)


async def test_over_the_rate_what_is_malformed_is_refused_alike(clock: VirtualClock) -> None:
    """Else whoever writes nonsense with an id has as many answers as there is memory."""
    limits = ServerLimits(events_burst=1, refusals_in_a_row=5)
    socket = await joined(MachineParty([Tally], limits=limits))
    for _ in range(10):
        await socket.say(POISON)
    codes = [(await socket.hear("party.receipt"))["code"] for _ in range(6)]
    assert codes == ["bad_request", *["rate_limited"] * 5]
    assert (await socket.hear_close()).code == 4101


async def test_who_does_not_listen_is_closed(clock: VirtualClock) -> None:
    limits = ServerLimits(events_burst=1, refusals_in_a_row=5)
    socket = await joined(MachineParty([Tally], limits=limits))
    for _ in range(10):
        await socket.say({"type": "increment"})
    assert (await socket.hear_close()).code == 4101


async def test_after_a_resume_what_was_not_answered_may_come_at_once(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    socket = await connect(app, query=PK)
    resume = {"epoch": 1, "audience": "player", "member": "x", "shared": 0, "own": 0}
    await socket.say({**HELLO, "resume": resume})
    for number in range(1, 257):
        await socket.say(increment(number))
    statuses = {(await socket.hear("party.receipt"))["status"] for _ in range(256)}
    assert statuses == {"accepted"}


async def test_what_was_not_stored_may_come_again_at_once(clock: VirtualClock) -> None:
    """It was counted already, and its client sends it again as soon as the store is back."""
    limits = ServerLimits(events_per_second=1, events_burst=20)
    store = FaultyStore()
    socket = await joined(MachineParty([Tally], store=store, limits=limits))
    await socket.say(increment(1))
    await socket.hear("party.receipt")
    store.down = True
    for number in range(2, 20):
        await socket.say(increment(number))
    refused = [(await socket.hear("party.receipt"))["code"] for _ in range(2, 20)]
    assert set(refused) == {"store_unavailable"}
    store.down = False
    await clock.advance(2)
    for number in range(2, 30):
        await socket.say(increment(number))
    receipts = [await socket.hear("party.receipt") for _ in range(2, 30)]
    codes = {receipt["id"].partition(".")[2]: receipt.get("code") for receipt in receipts}
    assert [codes[str(number)] for number in range(2, 20)] == [None] * 18
    assert codes["29"] == "rate_limited", "no more than that"


# -- slow readers --------------------------------------------------------------------------

SMALL = ServerLimits(queue_patches=4, events_burst=1000)


async def test_who_never_reads_is_aborted_and_nobody_waits(clock: VirtualClock) -> None:
    app = MachineParty([Tally], limits=SMALL)
    stuck, other = await joined(app), await joined(app, query=PK)
    stuck.stall()
    for number in range(1, 50):
        await other.say(increment(number))
        assert (await other.hear("party.receipt"))["status"] == "accepted"
        await clock.advance(0.1)
    assert not stuck.aborted
    await clock.advance(10)
    assert stuck.aborted
    await stuck.task
    assert app.node.admission.connections == 1


async def test_plain_asgi_just_ends_for_who_never_reads(clock: VirtualClock) -> None:
    app = MachineParty([Tally], limits=SMALL)
    stuck, other = await joined(app, extended=False), await joined(app)
    stuck.stall()
    await other.say(increment(1))
    await clock.advance(30)
    assert stuck.task.done()


async def test_who_reads_again_in_time_gets_a_fresh_document(clock: VirtualClock) -> None:
    app = MachineParty([Tally], limits=SMALL)
    slow, other = await joined(app), await joined(app, query=PK)
    slow.stall()
    for number in range(1, 21):
        await other.say(increment(number))
        await clock.advance(0.1)
    slow.read_on()
    await clock.settle()
    update = await slow.hear("party.snapshot.update")
    assert update["snapshot"]["context"]["count"] == 20
    await other.say(increment(21))
    patch = await slow.hear("party.snapshot.patch")
    assert patch["seq"] == update["shared"] + 1
    assert len(slow.writes) < 10


async def test_a_large_queue_is_written_in_parts(clock: VirtualClock) -> None:
    app = MachineParty([Tally], limits=ServerLimits(write_bytes=200, events_burst=1000))
    socket, other = await joined(app), await joined(app, query=PK)
    socket.stall()
    for number in range(1, 11):
        await other.say(increment(number))
        await clock.advance(0.1)
    socket.read_on()
    await clock.settle()
    seqs = [(await socket.hear("party.snapshot.patch"))["seq"] for _ in range(10)]
    assert seqs == list(range(seqs[0], seqs[0] + 10))
    assert all(len(write) == 1 or sum(map(len, write)) <= 200 for write in socket.writes)


async def test_the_address_of_a_socket_is_where_it_came_from(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    await joined(app)
    (party,) = app.parties.values()
    assert isinstance(party, Tally)
    assert party.asked[0].ip == FAR[0]
