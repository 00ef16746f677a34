"""The data folder: one rule, for the server and for games."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from machine_party import data_folder
from machine_party.backends.folder import sync_folder


def test_it_is_the_one_that_the_variable_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MACHINE_PARTY_DATA", str(tmp_path / "party"))
    assert data_folder() == tmp_path / "party"
    assert not (tmp_path / "party").exists()


@pytest.mark.parametrize("variable", [None, ""])
def test_it_is_this_users_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str | None
) -> None:
    monkeypatch.delenv("MACHINE_PARTY_DATA")
    if variable is not None:
        monkeypatch.setenv("MACHINE_PARTY_DATA", variable)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert data_folder() == tmp_path / "machine-party"


@pytest.mark.parametrize(
    ("name", "code"),
    [("os.open", errno.EACCES), ("os.fsync", errno.EINVAL), ("os.fsync", errno.EBADF)],
)
def test_where_no_folder_can_be_synced_nothing_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    monkeypatch.setattr(name, failing(code))
    sync_folder(tmp_path)


def test_a_disk_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", failing(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        sync_folder(tmp_path)


def failing(code: int) -> Callable[..., int]:
    def fail(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    return fail
