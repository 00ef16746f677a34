"""What the documents say is run: examples, links, commands."""

from __future__ import annotations

import ast
import inspect
import re
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from machine_party.testing import VirtualLoop

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.joinpath("docs").rglob("*.md")])
NAMES = [str(document.relative_to(ROOT)) for document in DOCUMENTS]
README = ROOT / "README.md"

_FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file name after it if any, and where it stands."""

    document: Path
    line: int
    language: str
    name: str
    text: str


def blocks(document: Path) -> Iterator[Block]:
    """The fenced code blocks of a document, in order."""
    text = document.read_text("utf-8")
    for match in _FENCE.finditer(text):
        language, _, name = match[2].partition(" ")
        line = text.count("\n", 0, match.start(3)) + 1
        yield Block(document, line, language, name.strip(), textwrap.dedent(match[3]))


# -- examples ----------------------------------------------------------------------------


def compiled(block: Block) -> CodeType:
    """The block as code that may await, with its own lines in tracebacks."""
    source = "\n" * (block.line - 1) + block.text
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code: CodeType = compile(source, str(block.document), "exec", flags=flags)
    return code


async def run_in_order(found: list[Block]) -> None:
    """Run a document's blocks one after the other, each seeing what the ones before made."""
    namespace: dict[str, Any] = {"__name__": "document"}
    for block in found:
        result = eval(compiled(block), namespace)
        if inspect.isawaitable(result):
            await result


@pytest.mark.parametrize("name", [name for name in NAMES if name != "README.md"])
def test_python_examples_run(name: str, virtual_loop: VirtualLoop) -> None:
    found = [block for block in blocks(ROOT / name) if block.language == "python"]
    virtual_loop.run(run_in_order(found))


def test_an_example_that_is_wrong_fails(tmp_path: Path, virtual_loop: VirtualLoop) -> None:
    document = tmp_path / "wrong.md"
    document.write_text("Look:\n\n```python\nassert 1 + 1 == 3\n```\n", "utf-8")

    with pytest.raises(AssertionError):
        virtual_loop.run(run_in_order(list(blocks(document))))


# -- the README: its files are written and used as it says -------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the README's named blocks as files."""
    for block in blocks(README):
        if block.name:
            (tmp_path / block.name).write_text(block.text, "utf-8")
    return tmp_path


def run(folder: Path, *command: str) -> str:
    """What the command prints when it is run in `folder`; it has to succeed."""
    executable = Path(sys.executable).with_name(command[0])
    done = subprocess.run(
        [executable, *command[1:]], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def serving(folder: Path, *command: str) -> Iterator[None]:
    """Run the README's serve command until the block ends; enter it once the server is up."""
    executable = Path(sys.executable).with_name(command[0])
    server = subprocess.Popen(
        [executable, *command[1:]],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout is not None
        seen = list(takewhile_not(f":{command[-1]}", server.stdout))
        assert server.poll() is None, "".join(seen)
        yield
    finally:
        server.terminate()
        server.communicate(timeout=30)


def takewhile_not(wanted: str, lines: Iterable[str]) -> Iterator[str]:
    """The lines up to and with the first that has `wanted` in it."""
    for line in lines:
        yield line
        if wanted in line:
            return


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def shell_lines(document: Path) -> list[list[str]]:
    """The commands in a document's `sh` blocks, without their comments."""
    texts = [block.text for block in blocks(document) if block.language == "sh"]
    lines = [line.split("#")[0].split() for text in texts for line in text.splitlines()]
    return [words for words in lines if words]


@pytest.mark.socket
def test_the_readme_game_is_served_and_played(folder: Path) -> None:
    (serve,) = (words for words in shell_lines(README) if words[0] == "uvicorn")
    client, port = folder / "client.py", str(free_port())
    client.write_text(client.read_text("utf-8").replace(":8000/", f":{port}/"), "utf-8")

    with serving(folder, *serve[:-1], port):
        printed = run(folder, "python", "client.py").strip()

    assert printed == "accepted counting 2 True"
    assert f"It prints `{printed}`" in README.read_text("utf-8")


def test_the_readme_test_passes(folder: Path) -> None:
    assert "1 passed" in run(folder, "python", "-m", "pytest", "-q", "test_counter.py")


def test_the_readme_test_can_fail(folder: Path) -> None:
    game = folder / "counter.py"
    game.write_text(game.read_text("utf-8").replace("+= data.by", "+= 1"), "utf-8")

    with pytest.raises(AssertionError, match="1 failed"):
        run(folder, "python", "-m", "pytest", "-q", "test_counter.py")


def test_the_readme_game_is_twenty_lines() -> None:
    (game,) = (block for block in blocks(README) if block.name == "counter.py")
    tree = ast.parse(game.text)
    lines = [line for line in game.text.splitlines() if line.strip()]

    assert tree.body
    assert len(lines) <= 20


def test_the_readme_code_is_typed(folder: Path) -> None:
    """Strictly, but for the test, whose fixtures have no annotations."""
    untyped = "--untyped-calls-exclude=statemachine"  # for `to.itself`
    run(folder, "mypy", "--strict", untyped, "counter.py", "client.py")


# -- links and commands ------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    document = ROOT / name
    for target in _LINK.findall(document.read_text("utf-8")):
        path, _, fragment = target.partition("#")
        if not target.startswith(("http://", "https://")):
            linked = (document.parent / path) if path else document
            assert linked.exists(), f"{name}: {target}"
            assert not fragment or fragment in anchors(linked), f"{name}: {target}"


def anchors(document: Path) -> set[str]:
    """The anchors that a Markdown document's headings get on the code host."""
    headings = re.findall(r"^#+ +(.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    adr_index = (ROOT / "docs" / "adr" / "README.md").read_text("utf-8")

    for document in ROOT.joinpath("docs").glob("*.md"):
        assert document.name == "README.md" or f"({document.name})" in index
    for document in ROOT.joinpath("docs", "adr").glob("*.md"):
        assert document.name == "README.md" or f"({document.name})" in adr_index


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_named_exist(name: str) -> None:
    named = set(re.findall(r"`([\w./]+\.(?:py|toml|json|md))`", (ROOT / name).read_text("utf-8")))
    tracked = {
        str(file.relative_to(ROOT))
        for folder in ("machine_party", "client_facade", "games", "tests", "docs", "bench")
        for file in ROOT.joinpath(folder).rglob("*.*")
    }
    written = {block.name for block in blocks(README) if block.name}
    known = {*tracked, *(file.name for file in ROOT.iterdir()), *written}

    assert [file for file in named if not any(f"/{k}".endswith(f"/{file}") for k in known)] == []


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    for document in DOCUMENTS:
        named = set(re.findall(r"`make ([a-z]+)", document.read_text("utf-8")))
        assert named <= targets, document.name
