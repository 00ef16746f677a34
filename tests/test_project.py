"""The project as a whole: layers, dependencies, packaging. Each rule is also shown to bite."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("machine_party", "client_facade", "games")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the project copied or lying in `folder`."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def imports_of(file: Path) -> Iterator[str]:
    """Every module that `file` imports from elsewhere, as a dotted name."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def sources(*parts: str) -> list[Path]:
    """The Python files under a folder of the project."""
    return sorted(ROOT.joinpath(*parts).rglob("*.py"))


# -- layers ------------------------------------------------------------------------------


def test_imports_point_down() -> None:
    done = lint_imports(ROOT)

    assert done.returncode == 0, done.stdout


VIOLATIONS = {
    "layers": ("machine_party/errors.py", "import machine_party.room"),
    "library-knows-no-game": ("machine_party/errors.py", "import games"),
    "server-side-knows-no-client": ("machine_party/errors.py", "import client_facade"),
    "client-knows-the-protocol-only": ("client_facade/__init__.py", "import machine_party.room"),
    "client-takes-errors-from-the-protocol": (
        "client_facade/__init__.py",
        "import machine_party.errors",
    ),
    "games-use-public-names": ("games/__init__.py", "import machine_party.server"),
    "core-is-pure": ("machine_party/core/__init__.py", "import asyncio"),
    "protocol-is-sans-io": ("machine_party/protocol/__init__.py", "import msgspec"),
    "room-has-no-network": ("machine_party/room/__init__.py", "import starlette"),
}


def test_every_contract_can_go_red(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        ignore = shutil.ignore_patterns("__pycache__", "js", "node_modules")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignore)
    for file, line in VIOLATIONS.values():
        with (tmp_path / file).open("a", encoding="utf-8") as open_file:
            open_file.write(f"\n{line}\n")

    done = lint_imports(tmp_path)

    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    assert {contract["id"] for contract in contracts} == set(VIOLATIONS)
    assert done.returncode != 0, done.stdout
    assert [c["name"] for c in contracts if f"{c['name']} BROKEN" not in done.stdout] == []


def test_the_protocol_needs_the_standard_library_and_msgpack_only() -> None:
    allowed = sys.stdlib_module_names | {"msgpack", "machine_party"}
    files = sources("machine_party", "protocol")
    assert files

    foreign = {(f.name, n) for f in files for n in imports_of(f) if n.split(".")[0] not in allowed}

    assert foreign == set()


def test_games_import_machine_party_itself_and_nothing_below() -> None:
    files = sources("games")
    assert files

    deep = {(f.name, n) for f in files for n in imports_of(f) if n.startswith("machine_party.")}

    assert deep == set()


def test_core_runs_no_coroutine() -> None:
    """But for the disguise in which an invoke passes the library, which raises if it is run."""
    coroutines = [
        f"{file.name}: {ast.unparse(node).splitlines()[0]}"
        for file in sources("machine_party", "core")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]

    assert coroutines == ["state.py: async def run(self, _context: Any) -> None:"]


# -- packaging ---------------------------------------------------------------------------


def imported_distributions() -> set[str]:
    """The top-level foreign modules that the shipped packages import."""
    own = sys.stdlib_module_names | set(PACKAGES)
    names = {
        n.split(".")[0] for package in PACKAGES for f in sources(package) for n in imports_of(f)
    }
    return names - own


MODULE_OF = {
    "pyjwt": "jwt",
    "python-statemachine": "statemachine",
    "pyyaml": "yaml",
    "typing-extensions": "typing_extensions",
}


def test_what_is_imported_is_a_dependency() -> None:
    project = PROJECT["project"]
    extras = project["optional-dependencies"]["postgres"]  # imported where it is asked for
    declared = {_name(line) for line in (*project["dependencies"], *extras)}
    modules = {MODULE_OF.get(name, name) for name in declared}
    by_plugin = {"pytest", "_pytest", "hypothesis"}

    assert imported_distributions() - modules - by_plugin == set()


def _name(requirement: str) -> str:
    """The bare name of a requirement such as `uvicorn>=0.54,<0.55`."""
    for stop, letter in enumerate(requirement):
        if not (letter.isalnum() or letter in "-_."):
            return requirement[:stop].lower()
    return requirement.lower()


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_says_that_it_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_the_library_whose_internals_we_use_is_pinned_to_its_minor_version() -> None:
    (line,) = (d for d in PROJECT["project"]["dependencies"] if d.startswith("python-statemachine"))

    assert line == "python-statemachine>=3.2.2,<3.3"
