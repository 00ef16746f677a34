"""What `serve` keeps, and where: files for one user alone, that a restart finds again."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from machine_party.backends.store import MemoryStore
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.errors import StoreError, StoreUnavailable
from machine_party.server.storage import open_storage
from tests.backends.server import postgres_server


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_by_default_it_is_a_file_in_the_folder_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with closing(open_storage(folder=folder)) as storage:
        assert isinstance(storage.store, SqliteStore)
        assert storage.place == str(folder / "rooms.sqlite")
        assert (storage.shared, len(storage.secret or b"")) == (False, 64)
    assert mode(folder) == 0o700
    assert mode(folder / "rooms.sqlite") == mode(folder / "rooms.sqlite.secret") == 0o600


def test_the_names_of_new_folders_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[list[str]] = []

    def sync(file: int) -> None:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            synced.append(sorted(os.listdir(file)))

    monkeypatch.setattr("os.fsync", sync)
    for _ in range(2):
        open_storage(folder=tmp_path / "new" / "data").close()
    *made, secret = synced
    assert made == [["data"], ["new"]]
    assert "rooms.sqlite.secret" in secret


def test_a_restart_has_the_same_secret(tmp_path: Path) -> None:
    with closing(open_storage(folder=tmp_path)) as first:
        pass
    with closing(open_storage(folder=tmp_path)) as second:
        assert first.secret == second.secret


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other folders")
def test_the_default_folder_is_where_this_users_programs_keep_their_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MACHINE_PARTY_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with closing(open_storage()) as storage:
        assert storage.place == str(tmp_path / "machine-party" / "rooms.sqlite")


def test_a_named_file_has_its_secret_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(open_storage("sqlite:///party.db", folder=tmp_path / "data")) as storage:
        assert storage.place == str(tmp_path / "party.db")
    assert {path.name for path in tmp_path.iterdir()} == {
        "party.db", "party.db.secret", "party.db.lock",
    }  # fmt: skip


def test_another_secret_file_may_be_named(tmp_path: Path) -> None:
    secret = tmp_path / "mine"
    with closing(open_storage(folder=tmp_path / "data", secret_file=secret)) as storage:
        assert (storage.secret or b"") == secret.read_bytes().strip()
    assert not (tmp_path / "data" / "rooms.sqlite.secret").exists()


def test_in_memory_nothing_is_left(tmp_path: Path) -> None:
    with closing(open_storage("memory:", folder=tmp_path / "data")) as storage:
        assert isinstance(storage.store, MemoryStore)
        assert (storage.secret, storage.place) == (None, None)
    assert list(tmp_path.iterdir()) == []


def test_two_servers_may_use_one_file_and_the_second_knows(tmp_path: Path) -> None:
    first = open_storage(folder=tmp_path)
    with closing(open_storage(folder=tmp_path)) as second:
        assert (first.shared, second.shared) == (False, True)
        assert (first.alone, second.alone) == (True, False)
        assert first.secret == second.secret
    first.close()
    with closing(open_storage(folder=tmp_path)) as third:
        assert not third.shared


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"/file/data: no folder can be made there: Not a dir"):
        open_storage(folder=tmp_path / "file" / "data")


def test_what_fails_after_the_store_was_opened_lets_go_of_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("tiny")
    with pytest.raises(ValueError, match="at least 16"):
        open_storage(folder=tmp_path, secret_file=secret)
    with closing(open_storage(folder=tmp_path)) as storage:
        assert not storage.shared


@pytest.mark.socket
def test_postgresql_is_told_without_its_password(tmp_path: Path) -> None:
    async def drop(url: str) -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("DROP SCHEMA storage_test CASCADE")
        await connection.close()

    with postgres_server() as url:
        with closing(open_storage(f"{url}?schema=storage_test", folder=tmp_path)) as storage:
            assert storage.place == f"postgresql://{url.rpartition('@')[2]}"
            assert storage.secret == (tmp_path / "postgresql.secret").read_bytes().strip()
            assert not storage.alone, "who else is on a database is not known here"
        asyncio.run(drop(url))


def test_postgresql_is_asked(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        open_storage("postgresql://root@127.0.0.1:1/x", folder=tmp_path)


@pytest.mark.parametrize("address", ["127.0.0.1:nope", "[bad", "127.0.0.1:p#ss@host"])
def test_an_address_that_is_none_is_no_traceback_and_shows_no_password(
    tmp_path: Path, address: str
) -> None:
    with pytest.raises(StoreError, match="PostgreSQL's address") as caught:
        open_storage(f"postgresql://root:hunter2@{address}/x", folder=tmp_path)
    assert not isinstance(caught.value, StoreUnavailable)
    assert "hunter2" not in str(caught.value)
