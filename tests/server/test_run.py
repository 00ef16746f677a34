"""Real sockets on 127.0.0.1: what only a network shows."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, NamedTuple

import httpx
import pytest
import uvloop
import websockets
from websockets.asyncio.client import ClientConnection

from games.counter import Counter
from machine_party import MachineParty
from machine_party.server import PortBusy, Server, ServerLimits, listen
from tests.server.tally import Tally

pytestmark = pytest.mark.socket

GET = json.dumps({"type": "party.snapshot.get"})
DEADLINE = 10.0


def run(main: Coroutine[Any, Any, None]) -> None:
    uvloop.run(asyncio.wait_for(main, 30))


class Served(NamedTuple):
    """A running server: `127.0.0.1:port`, and the server itself."""

    place: str
    server: Server


@contextlib.asynccontextmanager
async def serving(app: MachineParty) -> AsyncIterator[str]:
    """The app on a free port, in this loop; yields `127.0.0.1:port`."""
    async with served(app) as it:
        yield it.place


@contextlib.asynccontextmanager
async def served(app: MachineParty) -> AsyncIterator[Served]:
    bound = listen("127.0.0.1", 0, app.limits)
    started = asyncio.Event()
    server = Server(app, limits=app.limits, on_started=started.set)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    await started.wait()
    try:
        yield Served(f"127.0.0.1:{bound.getsockname()[1]}", server)
    finally:
        server.should_exit = True
        await task


def connect(place: str, path: str, **options: Any) -> Any:
    return websockets.connect(f"ws://{place}{path}", proxy=None, **options)


async def heard(client: ClientConnection, type: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = json.loads(await client.recv())
        if message["type"] == type:
            return message


async def until(condition: Callable[[], bool]) -> None:
    """Returns once it holds; fails after `DEADLINE` seconds."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110  what is waited for belongs to others
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("binary", [False, True])
def test_a_bare_client_plays_the_counter(binary: bool) -> None:
    async def main() -> None:
        async with serving(MachineParty([Counter])) as place:
            async with httpx.AsyncClient() as client:
                made = (await client.post(f"http://{place}/parties/counter", json={})).json()
            path = f"/parties/counter/{made['room']}?_pk=some-uuid-that-nobody-guesses"
            async with connect(place, path) as player:
                await player.send(GET.encode() if binary else GET)
                update = await heard(player, "party.snapshot.update")
                assert update["snapshot"]["context"] == {"count": 0, "mine": 0}
                event = json.dumps({"type": "increment", "by": 4})
                await player.send(event.encode() if binary else event)
                patches = [await heard(player, "party.snapshot.patch") for _ in range(2)]
                assert [patch["operations"][0]["value"] for patch in patches] == [4, 4]

    run(main())


def test_a_foreign_page_gets_403_with_the_envelope() -> None:
    async def main() -> None:
        async with serving(MachineParty([Tally])) as place:
            with pytest.raises(websockets.InvalidStatus) as denied:
                await connect(place, "/parties/tally/r", origin="https://evil.example")
            response = denied.value.response
            assert response.status_code == 403
            assert json.loads(response.body or b"")["error"]["code"] == "not_allowed"
            async with connect(place, "/parties/tally/r", origin=f"http://{place}"):
                pass

    run(main())


def test_nothing_is_compressed() -> None:
    async def main() -> None:
        async with (
            serving(MachineParty([Tally])) as place,
            connect(place, "/parties/tally/r") as client,
        ):
            assert "Sec-WebSocket-Extensions" not in client.response.headers

    run(main())


def test_a_message_beyond_everything_closes_with_1009() -> None:
    async def main() -> None:
        async with (
            serving(MachineParty([Tally])) as place,
            connect(place, "/parties/tally/r") as client,
        ):
            await client.send("x" * 65_537)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009

    run(main())


def test_no_query_is_logged(capfd: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        async with serving(MachineParty([Tally])) as place, httpx.AsyncClient() as http:
            async with connect(place, "/parties/tally/r?_pk=hunter2-hunter2-hunter2") as client:
                await client.send(GET)
                await client.recv()
            await http.get(f"http://{place}/parties/tally/r?_pk=hunter2-hunter2-hunter2")
            await http.get(f"http://{place}/parties/tally/r?other=hunter2")

    run(main())
    logged = "".join(capfd.readouterr())
    assert '"WebSocket /parties/tally/r" [accepted]' in logged
    assert '"GET /parties/tally/r HTTP/1.1" 200 OK' in logged
    assert "hunter2" not in logged


NEVER_READ = {
    # The writer notices; uvicorn's pings are too rare to.
    "stuck": ServerLimits(
        stuck_seconds=0.3, queue_bytes=200_000, send_buffer_bytes=8192, events_burst=10_000
    ),
    # The pings notice; the writer would wait for a minute, and so would the kernel.
    "no pong": ServerLimits(
        stuck_seconds=60, queue_bytes=200_000, send_buffer_bytes=8192, events_burst=10_000,
        ping_seconds=0.2, pong_seconds=0.2, tcp_user_timeout_seconds=60,
    ),
}  # fmt: skip


@pytest.mark.parametrize("limits", NEVER_READ.values(), ids=list(NEVER_READ))
def test_who_never_reads_is_gone_and_nobody_waits(limits: ServerLimits) -> None:
    async def main() -> None:
        app = MachineParty([Tally], limits=limits)
        async with (
            served(app) as (place, server),
            connect(place, "/parties/tally/r") as other,
        ):
            await other.send(GET)
            stuck = await never_reading(place, "/parties/tally/r")
            await until(lambda: sum(room.connection_count for room in app.rooms.list()) == 2)
            for number in range(1, 500):
                await write_note(other, number)
                if app.node.admission.connections == 1:
                    break
            await until(lambda: app.node.admission.connections == 1)
            # Closed is not enough: what the peer does not take would be kept until it does.
            await until(lambda: len(server.server_state.connections) == 1)
            stuck.close()

    run(main())


async def write_note(client: ClientConnection, number: int) -> None:
    """Sends a long text; it is accepted at once, whoever else does not read."""
    event = {"type": "note", "text": f"{number}" * 3000}
    send = {"type": "party.send", "id": f"0123456789abcdef.{number}", "event": event}
    await client.send(json.dumps(send))
    async with asyncio.timeout(1):
        assert (await heard(client, "party.receipt"))["status"] == "accepted"


async def never_reading(place: str, path: str) -> socket.socket:
    """A socket that joins and never reads again."""
    host, port = place.split(":")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, (host, int(port)))
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {place}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await loop.sock_sendall(raw, request.encode())
    while b"\r\n\r\n" not in await loop.sock_recv(raw, 4096):
        pass
    masked = b"\x81" + bytes([0x80 | len(GET)]) + b"\0\0\0\0" + GET.encode()
    await loop.sock_sendall(raw, masked)
    return raw


def test_a_restart_tells_everyone_to_come_back() -> None:
    async def main() -> None:
        app = MachineParty([Tally])
        async with contextlib.AsyncExitStack() as clients:
            async with serving(app) as place:
                opened = [connect(place, "/parties/tally/r") for _ in range(5)]
                players = [await clients.enter_async_context(one) for one in opened]
                for player in players:
                    await player.send(GET)
                    await player.recv()
            for player in players:
                with pytest.raises(websockets.ConnectionClosed) as closed:
                    await player.recv()
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == 1012

    run(main())


def test_connections_come_and_go_without_a_trace() -> None:
    async def main() -> None:
        app = MachineParty([Tally])
        async with serving(app) as place, connect(place, "/parties/tally/r") as stays:
            await stays.send(GET)
            await stays.recv()
            before = len(asyncio.all_tasks())
            for _ in range(50):
                async with connect(place, "/parties/tally/r") as client:
                    await client.send(GET)
                    await client.recv()
            await until(lambda: app.node.admission.connections == 1)
            await until(lambda: len(asyncio.all_tasks()) <= before)

    run(main())


def test_accepted_sockets_have_the_options_of_the_listener() -> None:
    limits = ServerLimits(tcp_user_timeout_seconds=7, send_buffer_bytes=32_768)
    with listen("127.0.0.1", 0, limits) as bound, socket.socket() as client:
        bound.listen()
        client.connect(bound.getsockname())
        accepted, _ = bound.accept()
        with accepted:
            timeout = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert timeout == 7000
            # Linux doubles it, for its own bookkeeping (socket(7)).
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == 2 * 32_768


def test_a_busy_port_is_named() -> None:
    with listen("127.0.0.1", 0) as bound:
        bound.listen()
        port = bound.getsockname()[1]
        with pytest.raises(PortBusy) as busy:
            listen("127.0.0.1", port)
    assert (busy.value.host, busy.value.port) == ("127.0.0.1", port)


@pytest.fixture(autouse=True)
def _loggers_as_before() -> Any:
    """uvicorn configures the loggers of the whole process."""
    names = ("uvicorn", "uvicorn.error", "uvicorn.access")
    before = {name: logging.getLogger(name).__dict__.copy() for name in names}
    yield
    for name, state in before.items():
        logging.getLogger(name).__dict__.update(state)
