"""The rule of trivia that a crash could break: one answer per player and question, the last one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from machine_party.core import Sent

__all__ = ["check"]


class _Answer(NamedTuple):
    choice: str | None = None
    text: str | None = None
    confirmed: bool = False


def check(form: dict[str, Any], sends: Sequence[Sent]) -> Iterator[str]:
    """What is wrong with the answers that count.

    Args:
        form: the room's, in the end.
        sends: every send that was applied, in order.
    """
    expected: dict[tuple[str, str], _Answer] = {}
    for sent in sends:
        if sent.type not in ("answer", "confirm"):
            continue
        where = str(sent.data["question"]), str(sent.member)
        before = expected.get(where, _Answer())
        if before.confirmed:
            yield f"{where} was confirmed, and then there was {sent}"
        if sent.type == "confirm":
            expected[where] = before._replace(confirmed=True)
        else:
            expected[where] = _Answer(sent.data.get("choice"), sent.data.get("text"))
    if expected != (counting := _counting(form)):
        yield f"these answers were given: {expected}; these count: {counting}"


def _counting(form: dict[str, Any]) -> dict[tuple[str, str], _Answer]:
    """`{(question, member): answer}`."""
    return {
        (f"q{each['number']}", member): _Answer(*map(answer.get, _Answer._fields))
        for each in form["actor"]["machine"]["context"]["rounds"]
        for member, answer in each["answers"].items()
    }
