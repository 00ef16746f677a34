"""What a request would rather have (RFC 9110, section 12.5.1): pure, of the header's text."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["quality"]

_RANGE: Final = re.compile(r"\s*([^\s;,/]+/[^\s;,]+)\s*(;[^,]*)?")
_WEIGHT: Final = re.compile(r";\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*(?:;|$)", re.IGNORECASE)


def quality(accept: str | None, kind: str) -> float:
    """How much `kind` is wanted, 0 to 1; 0 if it is not. The most exact range counts.

    Args:
        accept: the header; None or empty: anything is taken.
        kind: a media type, as in `text/html`.
    """
    if not accept:
        return 1.0
    wanted = dict(filter(None, map(_range, accept.split(","))))
    for name in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if name in wanted:
            return wanted[name]
    return 0.0


def _range(text: str) -> tuple[str, float] | None:
    """A media range and its weight; None if it is none. Parameters do not matter."""
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    weight = _WEIGHT.search(found[2] or "")
    return found[1].lower(), float(weight[1]) if weight else 1.0
