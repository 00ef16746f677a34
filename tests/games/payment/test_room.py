"""A payment on the real server with the real bank, and the restart in the middle of it."""

from __future__ import annotations

from typing import Any

import pytest

from client_facade import Closed
from games.payment import Payment
from games.payment.bank import Bank, BankDown
from games.payment.machine import APPROVAL_SECONDS, RETRIES
from machine_party.testing import OpenRoom, StagedMember, StagedRoom, VirtualClock


async def opened(
    open_room: OpenRoom, clock: VirtualClock, **input: Any
) -> tuple[StagedRoom, StagedMember, StagedMember]:
    """A payment with its admin and the one who pays, confirmed."""
    room = await open_room(Payment, input={"latency": 2, **input})
    admin = await room.join("admin", role="admin")
    ada = await room.join("ada")
    await ada.send("confirm")
    await clock.settle()
    return room, admin, ada


def account(room: StagedRoom, whose: str) -> str:
    return f"{room.members[0].context['id']}/{whose}"


async def test_the_bank_books_what_was_approved(
    open_room: OpenRoom, clock: VirtualClock, books: Bank
) -> None:
    room, admin, ada = await opened(open_room, clock, amount=100, balance=150)
    await ada.send("approve")
    await clock.advance(1.9)
    assert admin.matches("approved")
    await clock.advance(0.2)
    assert admin.matches("debited")
    await clock.advance(2)
    assert admin.value == ada.value == "succeeded"
    assert ada.context["account"]["balance"] == books.balance(account(room, "payer")) == 50
    assert books.balance(account(room, "payee")) == 100
    await room.assert_in_sync()


async def test_too_little_money(open_room: OpenRoom, clock: VirtualClock, books: Bank) -> None:
    _, admin, ada = await opened(open_room, clock, amount=200, balance=150)
    await ada.send("approve")
    await clock.advance(10)
    assert admin.value == "cancelled"
    assert ada.context["account"] == {"balance": 150, "reason": "insufficient_funds"}
    assert books.keys() == []


async def test_what_cannot_be_credited_is_given_back(
    open_room: OpenRoom, clock: VirtualClock, books: Bank
) -> None:
    room, admin, ada = await opened(
        open_room, clock, amount=100, balance=150, failures={"credit": 1, "refund": 0.5}
    )
    await ada.send("approve")
    await clock.advance(3)
    assert ada.context["account"]["balance"] == 50
    await clock.wait(lambda: admin.value == "refunded", within=600)
    assert ada.context["account"]["balance"] == books.balance(account(room, "payer")) == 150
    assert books.balance(account(room, "payee")) is None


async def test_a_bank_that_never_answers_takes_nothing(
    open_room: OpenRoom, clock: VirtualClock, books: Bank
) -> None:
    _, admin, ada = await opened(open_room, clock, failures={"debit": 1})
    await ada.send("approve")
    await clock.wait(lambda: admin.value == "cancelled", within=600)
    assert books.keys() == []


def lose_answers(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """The first `count` bookings are made, and nobody hears of it."""
    book, left = Bank.book, [None] * count

    def booked(*given: Any, **options: Any) -> Any:
        answer = book(*given, **options)
        if left:
            left.pop()
            raise BankDown("the answer was lost")
        return answer

    monkeypatch.setattr(Bank, "book", booked)


async def test_what_was_booked_without_an_answer_is_not_booked_again(
    open_room: OpenRoom, clock: VirtualClock, books: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next try is another invoke; to the bank it is the same request."""
    room, admin, ada = await opened(open_room, clock, amount=100, balance=150)
    lose_answers(monkeypatch, 2)
    await ada.send("approve")
    await clock.wait(lambda: admin.value == "succeeded", within=60)
    assert books.balance(account(room, "payer")) == 50
    assert books.balance(account(room, "payee")) == 100


async def test_a_debit_that_was_given_up_but_booked_is_given_back(
    open_room: OpenRoom, clock: VirtualClock, books: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, admin, ada = await opened(open_room, clock, amount=100, balance=150)
    lose_answers(monkeypatch, RETRIES + 1)
    await ada.send("approve")
    await clock.wait(lambda: admin.value == "refunded", within=60)
    assert books.balance(account(room, "payer")) == ada.context["account"]["balance"] == 150


async def test_a_credit_that_was_given_up_but_booked_is_taken_back(
    open_room: OpenRoom, clock: VirtualClock, books: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, admin, ada = await opened(open_room, clock, amount=100, balance=150)
    await ada.send("approve")
    await clock.advance(2.5)
    assert admin.matches("debited")
    lose_answers(monkeypatch, RETRIES + 1)
    await clock.wait(lambda: admin.value == "refunded", within=60)
    assert books.balance(account(room, "payer")) == 150
    assert books.balance(account(room, "payee")) == 0


#: Seconds after the approval: before the bank is asked, when it has booked, at both steps.
MOMENTS = [0.5, 1.5, 2.5, 3.5]


@pytest.mark.parametrize("seconds", MOMENTS)
async def test_a_restart_in_the_middle_books_everything_once(
    open_room: OpenRoom, clock: VirtualClock, books: Bank, seconds: float
) -> None:
    room, _, ada = await opened(open_room, clock, amount=100, balance=150)
    id = ada.context["id"]
    await ada.send("approve")
    await clock.advance(seconds)
    before = ada.context
    for _ in range(3):
        await room.restart()
        assert ada.context == before
        await clock.advance(0.5)  # long enough for nothing but another restart
    await clock.advance(10)
    assert ada.value == "succeeded"
    assert books.keys() == [f"{id}/debit", f"{id}/credit"]
    assert (books.balance(f"{id}/payer"), books.balance(f"{id}/payee")) == (50, 100)


async def test_the_countdown_is_a_promise_on_the_wall_clock(
    open_room: OpenRoom, clock: VirtualClock
) -> None:
    room, admin, ada = await opened(open_room, clock)
    deadline = ada.context["deadline"]
    assert deadline == pytest.approx(clock.now() * 1_000 + 10_000, abs=100)
    await clock.advance(4)
    await room.restart()
    assert ada.context["deadline"] == deadline
    for member in (admin, ada):
        await member.drop()
    await room.app.close()
    await clock.advance(30)
    room.app = room._new_app()
    for member in (admin, ada):
        await member.reconnect()
    await clock.settle()
    assert ada.value == "awaiting_admin_approval"
    assert (ada.context["deadline"], ada.context["duration"]) == (None, None)


async def test_nobody_makes_themselves_an_admin(open_room: OpenRoom) -> None:
    room = await open_room(Payment)
    made = (await room.http.post("/parties/payment", json={"input": {"amount": 5}})).json()
    assert made["role"] == "admin"
    for role in ("admin", "host", "service"):
        with pytest.raises(Closed, match="open are: user"):
            await room.join(f"guest of {role}", meta={"role": role})
    guest = await room.join("guest", role="user")
    assert (await guest.send("cancel")).code == "not_allowed"


class Poller:
    """A user without a connection: what the page that polls does, over HTTP."""

    def __init__(self, room: StagedRoom, clock: VirtualClock, token: str) -> None:
        self._room, self._clock = room, clock
        self._path = f"/parties/payment/{room.id}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self.statuses: list[int] = []
        self.snapshot: dict[str, Any] = {}

    @classmethod
    async def seated(cls, room: StagedRoom, clock: VirtualClock) -> Poller:
        asking = room.http.post(f"/parties/payment/{room.id}/members", json={})
        seat = (await clock.until(asking, within=5)).json()
        assert seat["role"] == "user"
        return cls(room, clock, seat["token"])

    async def send(self, id: str, type: str) -> str:
        """The status of the receipt."""
        body = {"id": id, "event": {"type": type}}
        asking = self._room.http.post(f"{self._path}/events", json=body, headers=self._headers)
        status: str = (await self._clock.until(asking, within=5)).json()["status"]
        return status

    async def look(self) -> None:
        answer = await self._room.http.get(self._path, headers=self._headers)
        self.statuses.append(answer.status_code)
        if answer.status_code == 200:
            self.snapshot = answer.json()["snapshot"]
            self._headers["If-None-Match"] = answer.headers["ETag"]


async def test_the_whole_payment_over_http(
    open_room: OpenRoom, clock: VirtualClock, books: Bank
) -> None:
    room = await open_room(Payment, input={"latency": 0})
    ada = await Poller.seated(room, clock)
    assert await ada.send("c0ffee.1", "confirm") == "accepted"
    assert await ada.send("c0ffee.2", "approve") == "accepted"
    assert await ada.send("c0ffee.2", "approve") == "duplicate"
    await clock.advance(5)
    await ada.look()
    await ada.look()
    assert (ada.snapshot["value"], ada.statuses) == ("succeeded", [200, 304])
    assert len(books.keys()) == 2


async def test_who_has_polled_for_half_an_hour_still_pays(
    open_room: OpenRoom, clock: VirtualClock, books: Bank
) -> None:
    room = await open_room(Payment)
    ada = await Poller.seated(room, clock)
    for _ in range(30 * 60):
        await ada.look()
        await clock.advance(1)
    assert ada.statuses == [200] + [304] * (30 * 60 - 1)
    (member,) = room.room.members.values()
    assert member.presence == "connected"
    assert await ada.send("c0ffee.1", "confirm") == "accepted"
    await ada.look()
    assert ada.snapshot["value"] == "awaiting_approval"
    assert await ada.send("c0ffee.2", "approve") == "accepted"
    await clock.advance(5)
    assert len(books.keys()) == 2


async def test_who_approves_only_when_the_server_is_back_is_too_late(
    open_room: OpenRoom, clock: VirtualClock, books: Bank
) -> None:
    """Also if the approval is what the room is brought back for: the missed time comes first."""
    room = await open_room(Payment)
    ada = await Poller.seated(room, clock)
    assert await ada.send("c0ffee.1", "confirm") == "accepted"
    await room.crash(down=APPROVAL_SECONDS + 1)
    assert await ada.send("c0ffee.2", "approve") == "rejected"
    await ada.look()
    assert ada.snapshot["value"] == "awaiting_admin_approval"
    assert books.keys() == []
