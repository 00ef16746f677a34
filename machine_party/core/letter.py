"""Events between the machines of one room: delivered one after the other, after the current one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from machine_party.core.member import Member
from machine_party.errors import EndlessLoop

__all__ = ["MAX_LETTERS", "Letter", "Letters"]

MAX_LETTERS = 10_000
"""Between the machines of one room in one step: ten for each of 1,000 members' machines. Only
two machines that answer each other without end need more."""


@dataclass(slots=True)
class Letter:
    """An event for the machine at `path`; a letter to one that is gone is lost."""

    path: str
    event: str
    data: Any = None
    member: Member | None = None


class Letters:
    """What is on its way, in the order of sending."""

    def __init__(self) -> None:
        self._waiting: deque[Letter] = deque()

    def clear(self) -> None:
        self._waiting.clear()

    def post(self, letter: Letter) -> None:
        self._waiting.append(letter)

    def deliver(
        self, machines: Mapping[str, object], deliver: Callable[[str, str, Any, Any], object]
    ) -> None:
        """Hand over each letter, those that are posted meanwhile too.

        Args:
            machines: who is there, by path.
            deliver: called with a letter's path, event, data and member.

        Raises:
            EndlessLoop: there is no end of them.
        """
        delivered = 0
        while self._waiting:
            letter = self._waiting.popleft()
            if letter.path not in machines:
                continue
            delivered += 1
            if delivered > MAX_LETTERS:
                raise EndlessLoop(type(machines[""]).__name__, MAX_LETTERS, letter.event)
            deliver(letter.path, letter.event, letter.data, letter.member)
