"""The four clients of a campaign: two play trivia, one pays, one decides on payments."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from time import monotonic
from types import TracebackType
from typing import Any, Self

from tests.torture.ledger import Sight
from tests.torture.payments import Payments
from tests.torture.place import Place
from tests.torture.quiz import QuizNight
from tests.torture.seat import SocketSeat

__all__ = ["Crowd"]

END_SECONDS = 90
"""For the last game and the last payment."""

QUIET_SECONDS = 10
"""Until everybody is shown the last commit; it takes milliseconds."""


class Crowd:
    """`async with Crowd(place) as crowd`: they play and pay."""

    def __init__(self, place: Place) -> None:
        self.quiz, self.payments = QuizNight(place), Payments(place)
        self._place = place
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self.quiz.play(), name="the quiz"),
            asyncio.create_task(self.payments.play(), name="the payments"),
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for seat in self._sockets():
            await seat.close()

    async def until(self, siege: Coroutine[Any, Any, None]) -> list[str]:
        """Run that to its end, or until one of them cannot go on; what has happened to whom."""
        besieging = asyncio.create_task(siege)
        await asyncio.wait([besieging, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        if besieging.done():
            besieging.result()
        besieging.cancel()
        await asyncio.gather(besieging, return_exceptions=True)
        return self._failures()

    async def finish(self) -> list[str]:
        """Let them end what they are at; what has happened to whom could not."""
        for each in (self.quiz, self.payments):
            each.end()
        _, late = await asyncio.wait(self._tasks, timeout=END_SECONDS)
        return [*self._failures(), *(f"{task.get_name()} does not end" for task in late)]

    def _failures(self) -> list[str]:
        ended = [task for task in self._tasks if task.done()]
        return [f"{task.get_name()}: {task.exception()!r}" for task in ended if task.exception()]

    async def differences(self) -> list[str]:
        """Who is shown anything else than whoever asks now: nobody, after a moment."""
        until = monotonic() + QUIET_SECONDS
        for seat in self._sockets():
            while (  # noqa: ASYNC110  it is another process that is waited for
                fresh := await self._fresh(seat)
            ) != seat.document and monotonic() < until:
                await asyncio.sleep(0.05)
            if fresh != seat.document:
                return [f"{seat.name} in {seat.key} sees {seat.document}, and there is {fresh}"]
        return []

    async def _fresh(self, seat: SocketSeat) -> Any:
        headers = {"Authorization": f"Bearer {seat.token}"}
        path = seat.url.removeprefix(self._place.url)
        answer = await self._place.request("GET", path, headers=headers)
        found = answer.json()
        if answer.is_error:
            return found
        sight = Sight(seat.facade.member, found["version"], found["snapshot"])
        self._place.ledger.sights[seat.key].append(sight)
        return found["snapshot"]

    def _sockets(self) -> list[SocketSeat]:
        payer = self.payments.payer
        return [*self.quiz.seats, *([payer] if payer is not None else [])]
