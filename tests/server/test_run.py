"""Real sockets on 127.0.0.1: what only a network shows."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket

import httpx
import pytest
import websockets

from games.counter import Counter
from machine_party import MachineParty
from machine_party.server import PortBusy, ServerLimits, listen
from tests.server.network import (
    GET,
    connect,
    heard,
    never_reading,
    run,
    served,
    serving,
    until,
    write_note,
)
from tests.server.tally import Tally

pytestmark = pytest.mark.socket


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


def test_not_even_a_debug_log_has_what_clients_say(capfd: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        app = MachineParty([Tally])
        async with served(app, log_level="debug") as (place, _):
            token = app.token("tally", "r", "ada")
            headers = {"authorization": "Bearer hunter2"}
            async with connect(place, "/parties/tally/r", additional_headers=headers) as client:
                await client.send(json.dumps({"type": "party.hello", "token": token}))
                await heard(client, "party.welcome")
                await client.send(json.dumps({"type": "note", "text": "hunter2"}))
                await heard(client, "party.snapshot.patch")

    run(main())
    logged = "".join(capfd.readouterr())
    assert "[accepted]" in logged
    assert "hunter2" not in logged
    assert "eyJ" not in logged


def test_text_that_is_not_utf8_closes_with_1007_and_without_a_traceback(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def main() -> None:
        async with serving(MachineParty([Tally])) as place:
            client = await connect(place, "/parties/tally/r")
            await client.send(GET)
            await client.recv()
            await client.send([b"\xff"], text=True)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1007

    run(main())
    assert "Traceback" not in "".join(capfd.readouterr())


def test_bad_text_and_a_goodbye_in_one_breath_fail_nothing() -> None:
    async def main() -> None:
        failures: list[object] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: failures.append(context)
        )
        app = MachineParty([Tally])
        async with serving(app) as place:
            raw = await never_reading(place, "/parties/tally/r")
            raw.send(b"\x81\x81\0\0\0\0\xff" + b"\x88\x82\0\0\0\0\x03\xe8")
            await until(lambda: app.node.admission.connections == 0)
            raw.close()
        assert failures == []

    run(main())


def test_a_refused_handshake_is_no_error_of_ours(capfd: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        async with serving(MachineParty([Tally])) as place:
            with pytest.raises(websockets.InvalidStatus):
                await connect(place, "/parties/tally/r", origin="https://evil.example")

    run(main())
    assert "ERROR" not in "".join(capfd.readouterr())


def test_who_said_goodbye_and_never_reads_does_not_fail_the_shutdown() -> None:
    limits = ServerLimits(send_buffer_bytes=8192, events_per_second=1e5, events_burst=10_000)

    async def main() -> None:
        app = MachineParty([Tally], limits=limits)
        async with served(app) as (place, server), connect(place, "/parties/tally/r") as other:
            await other.send(GET)
            raw = await never_reading(place, "/parties/tally/r")
            await until(lambda: sum(room.connection_count for room in app.rooms.list()) == 2)
            for number in range(1, 150):
                await write_note(other, number)
            raw.send(b"\x88\x82\0\0\0\0\x03\xe8")
            await until(lambda: app.node.admission.connections == 1)
            assert len(server.server_state.connections) == 2
            server.should_exit = True
            await other.wait_closed()
            assert other.close_code == 1012
            raw.close()

    run(main())
