"""`docs/protocol.md`: its generated parts are fresh, and it mentions everything there is."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from docs import generate
from machine_party.protocol import CLOSE_CODES, ERROR_CODES, Limits
from machine_party.protocol.messages import LAYERS, MODES, STATUSES
from machine_party.protocol.table import CLIENT_MESSAGES, SERVER_MESSAGES

FILE = Path(generate.__file__).parent / "protocol.md"
TEXT = FILE.read_text("utf-8")


def test_nothing_generated_is_stale() -> None:
    assert [file.name for file in generate.stale()] == [], "run: python -m docs.generate"


def test_a_stale_part_is_found_and_made_anew() -> None:
    stale = TEXT.replace("| `bad_request` |", "| `no_longer_there` |")

    assert stale != TEXT
    assert generate.render(stale) == TEXT


def test_every_generated_part_is_used() -> None:
    used = "\n".join(file.read_text("utf-8") for file in FILE.parent.rglob("*.md"))

    assert [name for name in generate.BLOCKS if f"<!-- generated: {name} -->" not in used] == []


@pytest.mark.parametrize(
    "name",
    [
        *(shape.type for shape in (*CLIENT_MESSAGES, *SERVER_MESSAGES)),
        *(field.key for shape in (*CLIENT_MESSAGES, *SERVER_MESSAGES) for field in shape.fields),
        *ERROR_CODES,
        *(str(int(code)) for code in CLOSE_CODES),
        *(field.name for field in fields(Limits)),
        *LAYERS,
        *MODES,
        *STATUSES,
        "stale-message",
        "missing-snapshot",
        "version-gap",
        "patch-apply-failed",
    ],
)
def test_the_specification_names_it(name: str) -> None:
    assert name in TEXT


def test_the_links_within_the_page_lead_somewhere() -> None:
    headings = {
        line.lstrip("#").strip().lower().replace(",", "").replace(" ", "-")
        for line in TEXT.splitlines()
        if line.startswith("#")
    }
    targets = {part.split(")")[0] for part in TEXT.split("](#")[1:]}

    assert targets <= headings
