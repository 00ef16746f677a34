"""Where the tests' PostgreSQL comes from: this one is made up, to see who starts and stops it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backends.server import VARIABLE, postgres_server

NOBODY_LISTENS = 1


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What Debian's tools, made up, were called with."""
    log = tmp_path / "calls"
    log.touch()
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv(VARIABLE, f"postgresql://root@127.0.0.1:{NOBODY_LISTENS}/test")
    script(tmp_path / "pg_ctlcluster", f'echo "$@" >> {log}')
    return log


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_stopped_cluster_of_that_port_is_started_and_stopped(calls: Path) -> None:
    listed = f"14 old 5999 down x y z\n15 main {NOBODY_LISTENS} down postgres /data /log"
    script(calls.with_name("pg_lsclusters"), f'echo "{listed}"')
    with postgres_server() as url:
        assert f":{NOBODY_LISTENS}/" in url
        assert calls.read_text() == "15 main start\n"
    assert calls.read_text() == "15 main start\n15 main stop -m fast\n"


@pytest.mark.parametrize("ci", [False, True])
def test_without_one_the_test_is_skipped_and_in_ci_it_fails(
    calls: Path, monkeypatch: pytest.MonkeyPatch, ci: bool
) -> None:
    script(calls.with_name("pg_lsclusters"), "true")
    monkeypatch.setenv("CI", "true" if ci else "")
    outcome = pytest.fail.Exception if ci else pytest.skip.Exception
    with pytest.raises(outcome, match=VARIABLE), postgres_server():
        pass
    assert calls.read_text() == ""
