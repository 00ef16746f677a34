"""A store's address."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from machine_party.backends.store import MemoryStore, open_store
from machine_party.backends.store.postgres import PostgresStore
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.errors import StoreError


def test_in_memory() -> None:
    assert isinstance(open_store("memory:"), MemoryStore)


def test_a_file_here_and_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite:///here.db", f"sqlite:///{tmp_path}/anywhere.db", "sqlite:///a b#c%20.db"):
        store = open_store(url)
        assert isinstance(store, SqliteStore)
        asyncio.run(store.close())
    assert {file.name for file in tmp_path.iterdir()} == {"here.db", "anywhere.db", "a b#c%20.db"}


@pytest.mark.parametrize("url", ["postgresql://root@127.0.0.1/x", "postgres:///x?schema=y"])
def test_postgresql_is_not_asked_yet(url: str) -> None:
    assert isinstance(open_store(url), PostgresStore)


@pytest.mark.parametrize(
    "url",
    [
        "", "memory", "memory://", "sqlite:", "sqlite://x.db", "sqlite:///", "sqlite:///:memory:",
        "sqlite:///x.db?mode=ro", "postgresql:x", "redis://localhost", "/var/lib/x.db",
    ],
)  # fmt: skip
def test_another_address_is_told_what_is_allowed(url: str) -> None:
    with pytest.raises(StoreError, match=r"Allowed: memory: .*sqlite:///.*postgresql://") as caught:
        open_store(url)
    assert repr(url) in str(caught.value)


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("mysql://root:hunter2@localhost/x")
    assert "hunter2" not in str(caught.value)


SCRIPT = """
import sys
sys.modules["asyncpg"] = None
from machine_party.backends.store import open_store
open_store("memory:")
try:
    open_store("postgresql://root@127.0.0.1/x")
except Exception as error:
    print(type(error).__name__, error)
"""


def test_without_the_driver_only_postgresql_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("StoreError PostgreSQL's driver, asyncpg, is not installed")
    assert "pip install machine-party[postgres]" in done.stdout
