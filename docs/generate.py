"""Writes the generated parts of the documents from the code: `python -m docs.generate`.

A generated part of a Markdown file stands between `<!-- generated: name -->` and
`<!-- end -->`. With `--check` nothing is written, and the exit status says whether anything is
stale; the tests check the same.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from http import HTTPStatus
from inspect import getfile
from pathlib import Path
from typing import Any

from docs.javascript import table as javascript_table
from docs.session import transcript
from docs.vectors import MESSAGES, record
from machine_party.cli import discover
from machine_party.core import party_types
from machine_party.errors import PeerError
from machine_party.protocol import (
    CLOSE_CODES,
    ERROR_CODES,
    JSON,
    MSGPACK,
    Limits,
    reconnect_after,
)
from machine_party.protocol.field import OPERATION_NAMES, Field
from machine_party.protocol.ingress import parse_msgpack
from machine_party.protocol.messages import LAYERS, MODES, STATUSES
from machine_party.protocol.table import (
    CLIENT_MESSAGES,
    SERVER_MESSAGES,
    STRUCTURES,
    MessageShape,
)
from machine_party.server import ServerLimits
from machine_party.server.error import ANSWERED, status_of

__all__ = ["BLOCKS", "generated", "main", "render"]

FOLDER = Path(__file__).resolve().parent
JAVASCRIPT = FOLDER.parent / "client_facade" / "js" / "src" / "protocol" / "table.js"
_BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


# -- messages ----------------------------------------------------------------------------


def messages(shapes: Iterable[MessageShape]) -> str:
    """A section for each message: what it is, its fields, and one in both forms."""
    return "\n\n".join(_message(shape) for shape in shapes)


def _message(shape: MessageShape) -> str:
    name = f"`{shape.type}`" if shape.type else "a bare event"
    sentence = (shape.cls.__doc__ or "").strip()
    parts = [f"#### {name} ({shape.kind})", sentence]
    if shape.fields:
        parts.append(_fields(shape.fields, 1))
    parts.append(_examples(shape))
    return "\n\n".join(parts)


def _fields(rows: Iterable[Field], first: int) -> str:
    cells = [
        (at, f"`{f.key}`", f.kind.name, "optional" if f.optional else "", f.note)
        for at, f in enumerate(rows, first)
    ]
    return table(("#", "field", "holds", "", "meaning"), cells)


def _examples(shape: MessageShape) -> str:
    ours = [m for m in MESSAGES if _is_of(m, shape)]
    lines = []
    for named in ours:
        text = json.dumps(named)
        server = shape in SERVER_MESSAGES
        message = JSON.decode_server(text) if server else JSON.decode_client(text)
        packed = MSGPACK.encode(message)
        row = json.dumps(parse_msgpack(packed, 10_000, 1_000), ensure_ascii=False)
        lines += [JSON.encode(message), f"{row}   {len(packed)} bytes"]
    return "```text\n" + "\n".join(lines) + "\n```"


def _is_of(named: Mapping[str, Any], shape: MessageShape) -> bool:
    return named["type"] == shape.type or (
        not shape.type and not str(named["type"]).startswith("party.")
    )


def structures() -> str:
    """The fields that are rows of fields."""
    return "\n\n".join(
        f"#### {name}\n\n{_fields(shape.fields, 0)}" for name, shape in STRUCTURES.items()
    )


def words() -> str:
    """The words that are small integers in the positional form."""
    rows: list[tuple[str, Iterable[str]]] = [
        ("operation", OPERATION_NAMES),
        ("layer", LAYERS),
        ("status", STATUSES),
        ("mode", MODES),
    ]
    return table(
        ("field", "words, each with its number"),
        [(name, ", ".join(f"`{w}` {n}" for n, w in enumerate(all_))) for name, all_ in rows],
    )


# -- codes and limits --------------------------------------------------------------------


def error_codes() -> str:
    rows = [
        (f"`{code.code}`", "yes" if code.temporary else "", code.meaning)
        for code in ERROR_CODES.values()
    ]
    return table(("code", "temporary", "meaning"), rows)


def close_codes() -> str:
    rows = [
        (int(code), meaning, reconnect_after(code).value) for code, meaning in CLOSE_CODES.items()
    ]
    return table(("code", "meaning", "then"), rows)


def limits(cls: type[Limits] = Limits, without: type[Limits] | None = None) -> str:
    """The settings of `cls`, but for those of the class that it extends."""
    known = {field.name for field in fields(without)} if without else set()
    rows = [
        (
            f"`{field.name}`",
            f"{field.default:,}",
            field.metadata["unit"],
            field.metadata["meaning"],
            field.metadata["source"],
        )
        for field in fields(cls)
        if field.name not in known
    ]
    return table(("limit", "default", "unit", "of what", "source"), rows)


def http_statuses() -> str:
    """Which code comes with which status; the codes that no HTTP answer has are left out."""
    codes: dict[HTTPStatus, list[str]] = {}
    for code in ANSWERED:
        codes.setdefault(status_of(PeerError(code, "")), []).append(f"`{code}`")
    rows = [(int(status), status.phrase, ", ".join(codes[status])) for status in sorted(codes)]
    return table(("status", "", "codes"), rows)


# -- files -------------------------------------------------------------------------------

BLOCKS: dict[str, Callable[[], str]] = {
    "client-messages": lambda: messages(CLIENT_MESSAGES),
    "server-messages": lambda: messages(SERVER_MESSAGES),
    "structures": structures,
    "words": words,
    "error-codes": error_codes,
    "close-codes": close_codes,
    "limits": limits,
    "server-limits": lambda: limits(ServerLimits, without=Limits),
    "http-statuses": http_statuses,
    "session": lambda: f"```text\n{transcript()}\n```",
}
"""What each generated part is made by."""


def render(text: str) -> str:
    """A document with its generated parts made anew."""
    return _BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found[2]]()}\n\n{found[3]}", text)


def declarations() -> dict[Path, str]:
    """The types of each game that has a page, beside the page."""
    pages = {party: Path(getfile(party)).with_name("page") for party in discover()}
    return {
        page / "party.d.ts": party_types(party) for party, page in pages.items() if page.is_dir()
    }


def generated() -> dict[Path, str]:
    """`{file: what it must hold}` for every file that is generated, or has a generated part."""
    files = {FOLDER / "vectors.json": json.dumps(record(), indent=1) + "\n"}
    files[JAVASCRIPT] = javascript_table()
    files |= declarations()
    for file in sorted(FOLDER.rglob("*.md")):
        text = file.read_text("utf-8")
        if _BLOCK.search(text):
            files[file] = render(text)
    return files


def stale() -> list[Path]:
    """The files that do not hold what they must."""
    return [
        file
        for file, text in generated().items()
        if not file.exists() or file.read_text("utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    files = stale()
    for file in files:
        print(f"{'stale' if '--check' in arguments else 'written'}: {file.name}")
        if "--check" not in arguments:
            file.write_text(generated()[file], "utf-8")
    return 1 if files and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
