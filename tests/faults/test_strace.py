"""A strace that cannot trace is none, and one is installed where that is possible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import strace


@pytest.fixture(autouse=True)
def _nothing_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(strace, "is_root", lambda: True)
    monkeypatch.setattr(strace, "on_debian", lambda: True)
    strace.find.cache_clear()
    yield
    strace.find.cache_clear()


@pytest.mark.parametrize("line", ["exit 1", "echo 'ptrace: Operation not permitted' >&2"])
def test_one_that_may_not_trace_is_none(tmp_path: Path, line: str) -> None:
    _program(tmp_path / "strace", line)
    with pytest.raises(pytest.skip.Exception, match="a strace that may trace is missing: install"):
        strace.require()


def test_debian_s_package_is_installed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = f"echo '#!/bin/sh' >{tmp_path}/strace; /bin/chmod +x {tmp_path}/strace"
    _program(tmp_path / "apt-get", f'case "$*" in *update) ;; *) {made};; esac')

    assert strace.main() == 0
    assert strace.require() == str(tmp_path / "strace")
    assert capfd.readouterr().err == ""


def test_where_none_can_be_installed_it_says_so_and_fails_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _program(tmp_path / "apt-get", "exit 100")

    assert strace.main() == 0
    assert f"no strace: the tests of faults are skipped; {strace.REMEDY}" in capfd.readouterr().err


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
