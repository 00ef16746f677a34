"""What a request would rather have."""

from __future__ import annotations

import pytest

from machine_party.server.accept import quality

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "page", "data", "events"),
    [
        (None, 1, 1, 1),
        ("", 1, 1, 1),
        ("*/*", 1, 1, 1),
        (CHROME, 1, 0.8, 0.8),
        ("application/json, text/plain, */*", 1, 1, 1),
        ("application/json, text/html;q=0.1", 0.1, 1, 0),
        ("application/json, text/html;q=0", 0, 1, 0),
        ("text/*;q=0.5, text/html", 1, 0, 0.5),
        ("text/event-stream", 0, 0, 1),
        ("Text/Event-Stream; charset=utf-8; Q=0.3", 0, 0, 0.3),
        ("text/event-stream;q=0, */*", 1, 1, 0),
        ("application/json-patch", 0, 0, 0),
        ("*/*;q=0", 0, 0, 0),
        (";,/,a/;=,,text/html;q=x", 1, 0, 0),
        ("nonsense", 0, 0, 0),
    ],
)
def test_how_much_each_is_wanted(
    accept: str | None, page: float, data: float, events: float
) -> None:
    kinds = ("text/html", "application/json", "text/event-stream")
    assert [quality(accept, kind) for kind in kinds] == [page, data, events]
