"""A real server, killed between the bank's booking and the room's hearing of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from games.payment.bank import Bank
from tests.integration.process import serve_process

SECONDS = 60


async def follow(http: httpx.AsyncClient, room: str, token: str) -> dict[str, Any]:
    """The payment's snapshot once it is over: each question comes back when there is more."""
    headers = {"Authorization": f"Bearer {token}"}
    while True:
        answer = await http.get(f"/parties/payment/{room}?wait=20", headers=headers)
        if answer.status_code == 200:
            snapshot: dict[str, Any] = answer.json()["snapshot"]
            headers["If-None-Match"] = answer.headers["ETag"]
            if "final" in snapshot["tags"]:
                return snapshot


async def wait_for(books: Bank, entries: int) -> None:
    while len(books.keys()) < entries:  # noqa: ASYNC110 - a file tells nobody
        await asyncio.sleep(0.02)


@pytest.mark.socket
@pytest.mark.slow
def test_a_kill_between_a_booking_and_its_result_books_nothing_twice(tmp_path: Path) -> None:
    asyncio.run(asyncio.wait_for(killed_twice(tmp_path), SECONDS))


async def killed_twice(data: Path) -> None:
    books = Bank(data / "bank.sqlite")
    async with (
        serve_process(data) as server,
        httpx.AsyncClient(base_url=server.url, timeout=30, trust_env=False) as http,
    ):
        input = {"amount": 100, "balance": 150, "latency": 1}
        made = (await http.post("/parties/payment", json={"input": input})).json()
        room, path = made["room"], f"/parties/payment/{made['room']}"
        seat = (await http.post(f"{path}/members", json={})).json()
        headers = {"Authorization": f"Bearer {seat['token']}"}
        for number, type in enumerate(("confirm", "approve"), start=1):
            body = {"id": f"c0ffee.{number}", "event": {"type": type}}
            answer = await http.post(f"{path}/events", json=body, headers=headers)
            assert answer.json()["status"] == "accepted"
        for entries in (1, 2):  # the debit, the credit: booked, and half a second from being told
            await wait_for(books, entries)
            await server.end()
            await server.start()
        snapshot = await follow(http, room, seat["token"])
    assert snapshot["value"] == "succeeded"
    id = snapshot["context"]["id"]
    assert books.keys() == [f"{id}/debit", f"{id}/credit"]
    assert (books.balance(f"{id}/payer"), books.balance(f"{id}/payee")) == (50, 100)
