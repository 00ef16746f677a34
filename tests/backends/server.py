"""A PostgreSQL server for the tests: the one that is there, or Debian's cluster, started."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.requirement import missing

__all__ = ["postgres_server"]

VARIABLE = "MACHINE_PARTY_POSTGRES"
DEFAULT = "postgresql://root@127.0.0.1:5432/test"
REMEDY = f"start it, or name a database in {VARIABLE} (the default is {DEFAULT})"


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a database in which schemas may be made. Skips the test if there is none."""
    url = os.environ.get(VARIABLE, DEFAULT)
    if _answers(url):
        yield url
        return
    cluster = _stopped_cluster(urlsplit(url).port or 5432)
    if cluster is None:
        missing("a PostgreSQL server", REMEDY)
    subprocess.run(["pg_ctlcluster", *cluster, "start"], check=True)
    try:
        yield url
    finally:
        subprocess.run(["pg_ctlcluster", *cluster, "stop", "-m", "fast"], check=True)


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432), 2).close()
    except OSError:
        return False
    return True


def _stopped_cluster(port: int) -> tuple[str, str] | None:
    """`(version, name)` of Debian's cluster for that port, if it is there and is not running."""
    if not (shutil.which("pg_lsclusters") and shutil.which("pg_ctlcluster")):
        return None
    listed = subprocess.run(
        ["pg_lsclusters", "--no-header"], capture_output=True, text=True, check=False
    )
    for line in listed.stdout.splitlines():
        version, name, its_port, status, *_ = line.split()
        if int(its_port) == port and status == "down":
            return version, name
    return None
