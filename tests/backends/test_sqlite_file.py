"""Files that are no store of ours, or cannot be used: each is told with what to do."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from machine_party.backends.store import sqlite_schema
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.errors import StoreError
from tests.backends.journal import KEY
from tests.backends.loop import RealLoop
from tests.backends.test_sqlite import keys, made, opened, read, tmpfs


def refused(path: Path, *, must_exist: bool = False) -> str:
    """What a server is told of a file; with `must_exist`, who looks at somebody else's."""
    with pytest.raises(StoreError) as caught:
        SqliteStore(path, must_exist=must_exist)
    text = str(caught.value)
    assert str(path) in text
    return text


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "Name a file in a folder that exists" in refused(tmp_path / "no" / "x.db")


@pytest.mark.parametrize("must_exist", [False, True])
def test_a_folder_is_no_file(tmp_path: Path, must_exist: bool) -> None:
    told = refused(tmp_path, must_exist=must_exist)
    assert told == f"{tmp_path} is a folder. Name a file, in it or elsewhere."


@pytest.mark.parametrize("must_exist", [False, True])
def test_a_file_of_something_else(tmp_path: Path, must_exist: bool) -> None:
    path = tmp_path / "x.db"
    path.write_text("Dear diary, " * 1_000)
    assert "It is not a SQLite database: name another file." in refused(path, must_exist=must_exist)
    assert path.read_text().startswith("Dear diary")


@pytest.mark.parametrize("must_exist", [False, True])
def test_another_programs_database(tmp_path: Path, must_exist: bool) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url)")
    assert "another program's database" in refused(path, must_exist=must_exist)


@pytest.mark.parametrize("must_exist", [False, True])
def test_a_file_of_a_newer_schema(real_loop: RealLoop, tmp_path: Path, must_exist: bool) -> None:
    path = tmp_path / "x.db"
    real_loop.run(made(path))
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {sqlite_schema.SCHEMA + 1}")
    told = refused(path, must_exist=must_exist)
    assert "newer machine-party: its schema is 3, and this one knows 2" in told


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with tmpfs(tmp_path, "1m"):
        path = tmp_path / "x.db"
        path.touch()
        subprocess.run(["mount", "-o", "remount,ro", str(tmp_path)], check=True)
        assert "this user may not read and write it. Name a file in a folder" in refused(path)


def test_a_sqlite_that_is_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(StoreError, match="too old"):
        SqliteStore(tmp_path / "x.db")


async def test_a_damaged_page_is_told_with_what_to_do(real_loop: RealLoop, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    store = await opened(path, *keys(50))
    await store.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"x\.db: .*malformed.*Restore a backup"):
        await read(path, keys(1)[0])


def test_a_file_is_its_owners_alone_and_whole_when_closed(
    real_loop: RealLoop, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    store = real_loop.run(opened(path, KEY))
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    real_loop.run(store.close())
    assert [file.name for file in tmp_path.iterdir()] == ["x.db"]
