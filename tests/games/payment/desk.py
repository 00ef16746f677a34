"""A payment over the pure core: a table whose invokes the test ends, as the bank would."""

from __future__ import annotations

from typing import Any

from games.payment import Payment
from machine_party.core import InvokeEnded, Step
from tests.games.table import Table

__all__ = ["Desk"]


class Desk(Table):
    """A payment with `admin`, `ada` (who pays, once she has confirmed) and `bob`, a guest."""

    def __init__(self, **input: Any) -> None:
        super().__init__(Payment(), input=input)
        self.join("admin", "admin")
        self.join("ada", "user")
        self.join("bob", "user")

    def approved(self) -> Desk:
        """Ada has confirmed and approved: the bank is asked for the debit."""
        self.send("ada", "confirm")
        self.send("ada", "approve")
        return self

    @property
    def asked(self) -> list[str]:
        """The states whose invokes run."""
        return [row.state for row in self.actor.running_invokes().values()]

    def answer(self, outcome: str = "booked", balance: int | None = None) -> Step:
        """The bank answers to what it is asked."""
        return self._end({"outcome": outcome, "balance": balance}, None)

    def no_answer(self) -> Step:
        """The request fails."""
        return self._end(None, "BankDown: it does not answer")

    def _end(self, result: Any, error: str | None) -> Step:
        ((path, key),) = self.actor.running_invokes()
        cause = InvokeEnded(now=self.now, path=path, invoke=key, result=result, error=error)
        return self.take(cause)

    @property
    def log(self) -> list[str]:
        """`code` by `who`, in order."""
        entries = self.snapshot.context.log.values()
        return [f"{entry.code} by {entry.by}" for entry in entries]
