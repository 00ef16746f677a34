"""A payer at a phone and an admin who polls: one payment after the other, decided in every way."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import httpx

from client_facade import Closed
from tests.torture.http_seat import HttpSeat, Refusal
from tests.torture.place import Place
from tests.torture.seat import SocketSeat

__all__ = ["BALANCE", "Payments"]

PAYMENT_SECONDS = 90
"""The longest that a payment may last: it is tried again after 1, 2 and 4 seconds, and the refund
after as many again; and half a second for each kill."""

BALANCE = 50_000
AMOUNTS = (1, 10_000, 50_000, 60_000)
"""The last one is more than there is."""


class Payments:
    """The payments of two people.

    Attributes:
        done: how many have come to an end.
        payer, admin: the seats in the last one.
    """

    def __init__(self, place: Place) -> None:
        self.done = 0
        self.payer: SocketSeat | None = None
        self.admin: HttpSeat | None = None
        self._place = place
        self._over = False

    async def play(self) -> None:
        """One payment after the other, until `end`."""
        while not self._over:
            await self._leave()
            async with asyncio.timeout(PAYMENT_SECONDS):
                payer, admin = await self._gather()
                await asyncio.gather(_pay(payer), _decide(admin, self._place.random))
            self.done += 1

    def end(self) -> None:
        """This payment is the last one."""
        self._over = True

    async def _gather(self) -> tuple[SocketSeat, HttpSeat]:
        """A new payment. One that is killed before two know of it was never kept."""
        while True:
            path, token = await self._room()
            self.payer = payer = self._place.seat(
                f"{self._place.url}{path}", name="Ada", codec="msgpack"
            )
            try:
                self.admin = admin = await HttpSeat.take(self._place, path, "Eve", token)
                await payer.facade.ready
                await payer.send("confirm")
            except (Closed, Refusal) as refused:
                assert refused.code == "not_found", refused
                await self._leave()
            else:
                return payer, admin

    async def _room(self) -> tuple[str, str]:
        random = self._place.random
        rates = dict.fromkeys(("debit", "credit", "refund"), random.choice((0, 0, 0.3)))
        input = {
            "amount": random.choice(AMOUNTS), "balance": BALANCE,
            "latency": 0.1, "failures": rates,
        }  # fmt: skip
        made = await self._place.request("POST", "/parties/payment", json={"input": input})
        assert made.status_code == httpx.codes.CREATED, made.text
        return f"/parties/payment/{made.json()['room']}", made.json()["token"]

    async def _leave(self) -> None:
        if self.payer is not None:
            await self.payer.close()


async def _pay(seat: SocketSeat) -> None:
    """Approve, reject, or let the countdown run out; then see how it ends."""
    await seat.pause(0.3)
    wish = seat.random.choice(("approve", "approve", "reject", None))
    if wish is not None:
        await seat.send(wish)
    await seat.facade.wait_for(lambda s: s.has_tag("final"))


async def _decide(seat: HttpSeat, random: Random) -> None:
    """Decide what the payer has not, and sometimes call it off before."""
    calls_off = random.random() < 0.2
    while "final" not in (await seat.look(wait=1))["tags"]:
        value: Any = seat.document["value"]
        if value == "awaiting_admin_approval":
            await seat.send(random.choice(("approve", "approve", "reject")))
        elif value == "awaiting_approval" and calls_off:
            await seat.send("cancel")
