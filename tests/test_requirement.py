"""A test whose tools are missing is skipped with the remedy, and fails in CI."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import requirement
from tests.browser import chromium


@pytest.fixture(autouse=True)
def _nothing_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("MACHINE_PARTY_CHROMIUM", raising=False)


def test_it_is_skipped_with_the_remedy() -> None:
    with pytest.raises(pytest.skip.Exception, match="node is missing: install Node 20 or later"):
        requirement.node()


def test_in_ci_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="CI=true allows no skip"):
        requirement.node()


def test_the_first_chromium_that_starts_is_taken(tmp_path: Path) -> None:
    _program(tmp_path / "chromium", "exit 1")  # a package that only says where to get a snap
    _program(tmp_path / "google-chrome", "exit 0")
    _program(tmp_path / "google-chrome-stable", "exit 0")

    assert chromium.find.__wrapped__() == tmp_path / "google-chrome"


def test_one_that_is_named_is_taken_or_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _program(tmp_path / "chromium", "exit 0")
    _program(tmp_path / "mine", "exit 0")

    monkeypatch.setenv("MACHINE_PARTY_CHROMIUM", str(tmp_path / "mine"))
    assert chromium.find.__wrapped__() == tmp_path / "mine"
    monkeypatch.setenv("MACHINE_PARTY_CHROMIUM", str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="nowhere: that does not start"):
        chromium.find.__wrapped__()


@pytest.fixture
def _debian(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Root on Debian, without the browser that playwright may have."""
    monkeypatch.setattr(chromium, "is_root", lambda: True)
    monkeypatch.setattr(chromium, "on_debian", lambda: True)
    monkeypatch.setattr(chromium, "_of_playwright", lambda: iter(()))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    chromium.find.cache_clear()
    yield
    chromium.find.cache_clear()


@pytest.mark.usefixtures("_debian")
def test_debian_s_package_is_installed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = f"echo '#!/bin/sh' >{tmp_path}/chromium; /bin/chmod +x {tmp_path}/chromium"
    _program(
        tmp_path / "apt-get",
        f'echo "$@" >>{tmp_path}/asked; case "$*" in *update) ;; *) {made};; esac',
    )

    assert chromium.main() == 0
    assert chromium.find() == tmp_path / "chromium"
    assert (tmp_path / "asked").read_text().splitlines() == [
        "-qq update",
        "-qq install --yes --no-install-recommends chromium",
    ]
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("_debian")
def test_where_none_can_be_installed_it_says_so_and_fails_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _program(tmp_path / "apt-get", "exit 100")

    assert chromium.main() == 0
    assert (
        f"no Chromium: the browser tests are skipped; {chromium.REMEDY}" in capfd.readouterr().err
    )


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
