"""Keys and identities: derived, per room, and of no use to anybody who sees them."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from machine_party.server.secret import Keys, read_or_make

SECRET = "a secret of at least 16 bytes"
PK = "sixteen characters"


def test_a_pk_is_the_same_member_after_a_restart() -> None:
    assert Keys(SECRET).identity("p", "r", PK) == Keys(SECRET).identity("p", "r", PK)


def test_a_pk_is_somebody_else_in_every_other_place() -> None:
    keys = Keys(SECRET)
    places = [("p", "r"), ("p", "s"), ("q", "r"), ("pr", ""), ("", "pr")]
    assert len({keys.identity(party, room, PK) for party, room in places}) == len(places)


def test_other_secrets_make_other_identities_and_tokens() -> None:
    one, other = Keys(SECRET), Keys(SECRET + "!")
    assert one.identity("p", "r", PK) != other.identity("p", "r", PK)
    assert one.token != other.token


def test_without_a_secret_every_process_has_its_own() -> None:
    assert Keys(None).token != Keys(None).token


def test_an_identity_does_not_show_the_pk() -> None:
    assert PK not in Keys(SECRET).identity("p", "r", PK)


def test_a_short_secret_is_refused_with_the_fix() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Keys("short")


def test_a_secret_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    first = read_or_make(path)
    assert read_or_make(path) == first
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_who_make_a_secret_file_at_once_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(read_or_make, [tmp_path / "secret"] * 8))
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_secret_file_is_made_as_a_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        read_or_make(tmp_path / "secret")
    assert list(tmp_path.iterdir()) == []


def test_a_new_secret_file_is_on_the_disk_and_so_is_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a power cut could leave the rooms, and nobody a seat in them."""
    synced: list[object] = []

    def sync(file: int) -> None:
        status = os.fstat(file)
        synced.append(os.listdir(file) if stat.S_ISDIR(status.st_mode) else status.st_size)

    monkeypatch.setattr("os.fsync", sync)
    read_or_make(tmp_path / "secret")
    assert synced == [65, ["secret"]]
    read_or_make(tmp_path / "secret")
    assert len(synced) == 2


def test_a_secret_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"No such file or directory: '.*/no/secret'"):
        read_or_make(tmp_path / "no" / "secret")


def test_a_secret_file_that_is_too_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("tiny\n")
    with pytest.raises(ValueError, match="at least 16"):
        read_or_make(path)
