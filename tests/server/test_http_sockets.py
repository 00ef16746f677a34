"""Long answers on real sockets: streams and waits begin, go on, and end with the server."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from machine_party import MachineParty
from machine_party.server import ServerLimits
from tests.server.network import run, served, serving, until
from tests.server.stream import Event, parsed
from tests.server.tally import Tally

pytestmark = pytest.mark.socket

ROOM = "/parties/tally/room"


def client_of(place: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"http://{place}", timeout=10, transport=httpx.AsyncHTTPTransport()
    )


def bearer(app: MachineParty, who: str) -> dict[str, str]:
    return {"authorization": f"Bearer {app.token('tally', 'room', who)}"}


class Heard:
    """The events of a streaming response."""

    def __init__(self, response: httpx.Response) -> None:
        self._parts = response.aiter_text()
        self._text = ""

    async def next(self, kind: str) -> Event:
        while True:
            while "\n\n" not in self._text:
                self._text += await anext(self._parts)
            block, _, self._text = self._text.partition("\n\n")
            event = parsed(block)
            if event.kind == kind:
                return event


def test_a_stream_is_heard_while_events_are_posted() -> None:
    async def main() -> None:
        app = MachineParty([Tally])
        async with serving(app) as place, client_of(place) as client:
            async with client.stream("GET", f"{ROOM}/events", headers=bearer(app, "ada")) as answer:
                heard = Heard(answer)
                await heard.next("party.snapshot.update")
                posted = await client.post(
                    f"{ROOM}/events",
                    json={"event": {"type": "increment", "by": 5}},
                    headers=bearer(app, "ben"),
                )
                patch = await heard.next("party.snapshot.patch")
                assert patch.data["version"] == posted.json()["version"]
            (room,) = app.rooms.list()
            await until(lambda: room.connection_count == 0)

    run(main())


def test_a_server_that_ends_lets_go_of_those_who_listen_and_wait() -> None:
    async def main() -> None:
        app = MachineParty([Tally])
        me = bearer(app, "ada")
        async with (
            served(app) as it,
            client_of(it.place) as client,
            client.stream("GET", f"{ROOM}/events", headers=me) as answer,
        ):
            heard = Heard(answer)
            await heard.next("party.snapshot.update")
            tag = (await client.get(ROOM, headers=me)).headers["etag"]
            headers = {**me, "if-none-match": tag}
            waiting = asyncio.create_task(client.get(f"{ROOM}?wait=60", headers=headers))
            await until(lambda: app.node.admission.connections == 2)
            it.server.should_exit = True
            last = await heard.next("party.error")
            assert (last.data["code"], last.retry is not None) == ("draining", True)
            assert (await waiting).status_code == 304, "else uvicorn cancels it after its grace"

    run(main())


HALF = (
    f"POST {ROOM}/members HTTP/1.1\r\nHost: x\r\n"
    "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
).encode()
"""A request whose body does not come to its end."""


async def half_a_request(place: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(*place.split(":"))
    writer.write(HALF)
    await writer.drain()
    return reader, writer


def test_who_goes_away_in_the_middle_of_a_body_is_no_error_of_ours(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def main() -> None:
        async with served(MachineParty([Tally])) as it, client_of(it.place) as client:
            state = it.server.server_state
            _, writer = await half_a_request(it.place)
            await until(lambda: bool(state.tasks))
            writer.transport.abort()
            await until(lambda: not state.tasks)
            assert (await client.post(f"{ROOM}/members", json={})).status_code == 201

    run(main())
    said = capfd.readouterr()
    assert "members" in said.out, "the access log was on"
    assert "Traceback" not in said.out + said.err


def test_a_server_that_ends_waits_for_no_body() -> None:
    async def main() -> None:
        async with served(MachineParty([Tally])) as it:
            reader, writer = await half_a_request(it.place)
            await until(lambda: bool(it.server.server_state.tasks))
            it.server.should_exit = True
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503")
            assert json.loads(body)["error"]["code"] == "draining"
            writer.close()

    run(main())


def test_a_listener_that_never_reads_is_aborted() -> None:
    async def main() -> None:
        limits = ServerLimits(stuck_seconds=0.5, events_per_second=1e6, events_burst=100_000)
        app = MachineParty([Tally], limits=limits)
        async with serving(app) as place, client_of(place) as client:
            host, port = place.split(":")
            reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
            writer.write(f"GET {ROOM}/events HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
            (room,) = app.rooms.list()
            headers = bearer(app, "ben")
            for number in range(600):
                event = {"event": {"type": "note", "text": f"{number}" * 3000}}
                answer = await client.post(f"{ROOM}/events", json=event, headers=headers)
                assert answer.json()["status"] == "accepted"
                if room.connection_count == 0:
                    break
            await until(lambda: room.connection_count == 0)
            writer.close()

    run(main())


def test_json_is_what_travels() -> None:
    """A client in any language: no library of ours reads these bytes."""

    async def main() -> None:
        app = MachineParty([Tally])
        async with serving(app) as place:
            host, port = place.split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(f"GET {ROOM}/events HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            assert "content-type: text/event-stream; charset=utf-8" in head
            assert "x-accel-buffering: no" in head
            await reader.readuntil(b"data: ")
            assert json.loads(await reader.readuntil(b"\n"))["type"] == "party.welcome"
            writer.close()

    run(main())
