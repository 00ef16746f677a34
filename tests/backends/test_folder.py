"""The data folder: one rule, for the server and for games."""

from __future__ import annotations

from pathlib import Path

import pytest

from machine_party import data_folder


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
