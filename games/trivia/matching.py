"""When two answers are the same answer: numbers first, else letter by letter after cleaning.

Exact after normalisation: no fuzzy matching here, so that the rule can be told to players.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

__all__ = ["is_accepted", "normalise", "numbers"]

_PLAIN = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_GROUP_SPACES = re.compile(r"(?<=\d)[ '’](?=\d{3}(?!\d))")
_MINUSES = str.maketrans("−‐‑–", "----")


def normalise(text: str) -> str:
    """`text` without case, marks and punctuation: `"  L'Été!"` gives `"l ete"`.

    NFKD, marks stripped, casefolded, punctuation to spaces, spaces collapsed. Idempotent.
    """
    plain = _without_marks(_without_marks(text).casefold())
    spaced = "".join(" " if unicodedata.category(c).startswith("P") else c for c in plain)
    return " ".join(spaced.split())


def numbers(text: str) -> frozenset[Decimal]:
    """The numbers that `text` may mean; none if it is not a number.

    `"1,5"` and `"1.5"` mean the same. `"1,000"` is ambiguous, so it means 1 and 1000.
    """
    plain = unicodedata.normalize("NFKD", text).translate(_MINUSES)
    plain = _GROUP_SPACES.sub("", plain.strip().rstrip(".,;:!?"))
    readings = set()
    if _PLAIN.fullmatch(plain):
        readings.add(Decimal(plain.replace(",", ".")))
    if _GROUPED.fullmatch(plain):
        readings.add(_grouped(plain))
    return frozenset(readings)


def is_accepted(given: str, accepted: Iterable[str], tolerance: float = 0.0) -> bool:
    """Whether `given` is one of the accepted answers: a number is compared as a number.

    Args:
        tolerance: how far a number may be from an accepted number.
    """
    return any(_is_same(given, answer, Decimal(str(tolerance))) for answer in accepted)


def _is_same(given: str, answer: str, tolerance: Decimal) -> bool:
    if right := numbers(answer):
        meant = numbers(given)
        return any(abs(one - other) <= tolerance for one in meant for other in right)
    return normalise(given) == normalise(answer) != ""


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _grouped(plain: str) -> Decimal:
    """`1,000.5` and `1.000,5`: the separator that comes first only groups."""
    first = "," if "." not in plain or -1 < plain.find(",") < plain.find(".") else "."
    return Decimal(plain.replace(first, "").replace(",", "."))
