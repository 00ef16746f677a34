"""The polling loop of docs/http.md, as it stands there, in a Node process."""

from __future__ import annotations

import asyncio
import contextlib
import re
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator

import httpx
import pytest

from games.counter import Counter
from machine_party import MachineParty
from machine_party.backends.store import MemoryStore
from tests.integration.node import DEADLINE, ROOT, require_node
from tests.server.network import run, served

pytestmark = pytest.mark.socket


@pytest.fixture(autouse=True)
def _node() -> None:
    require_node()


def polling_loop() -> str:
    text = (ROOT / "docs/http.md").read_text("utf-8")
    (loop,) = (
        block for block in re.findall(r"```js\n(.*?)```", text, re.DOTALL) if "?wait" in block
    )
    return str(loop)


@contextlib.asynccontextmanager
async def polling(room: str, token: str) -> AsyncIterator[asyncio.StreamReader]:
    """The loop, running; what it shows is the count, a line each."""
    given = (
        f"const room = {room!r}, authorization = 'Bearer {token}';\n"
        "const show = (state) => console.log(state.snapshot.context.count);\n"
    )
    process = await asyncio.create_subprocess_exec(
        "node", "--input-type=module", "--eval", given + polling_loop(), stdout=PIPE, stdin=DEVNULL
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def shown(lines: asyncio.StreamReader) -> str:
    async with asyncio.timeout(DEADLINE):
        return (await lines.readline()).decode().strip()


def test_the_loop_goes_on_after_a_restart() -> None:
    store = MemoryStore()

    def new_app() -> MachineParty:
        return MachineParty([Counter], store=store, secret="a secret of the test server")

    async def post(url: str, token: str, by: int) -> None:
        headers = {"authorization": f"Bearer {token}"}
        event = {"event": {"type": "increment", "by": by}}
        async with httpx.AsyncClient() as client:
            (await client.post(f"{url}/events", json=event, headers=headers)).raise_for_status()

    async def main() -> None:
        app = new_app()
        token = app.token("counter", "room", "ada")
        async with contextlib.AsyncExitStack() as polled:
            async with served(app) as it:
                url = f"http://{it.place}/parties/counter/room"
                await post(url, token, 2)
                lines = await polled.enter_async_context(polling(url, token))
                assert await shown(lines) == "2"
            async with served(new_app(), port=int(it.place.rpartition(":")[2])):
                await post(url, token, 3)
                assert await shown(lines) == "5"

    run(main())
