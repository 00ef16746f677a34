"""Fixtures for stores. A coroutine test runs on the loop that its store needs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.backends.adapter import Adapter, MemoryAdapter, PostgresAdapter, SqliteAdapter
from tests.backends.loop import RealLoop, real_loop_of_a_test
from tests.backends.server import postgres_server


@pytest.fixture
def real_loop() -> Iterator[RealLoop]:
    with real_loop_of_a_test() as loop:
        yield loop


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres_server() as url:
        yield url


def _memory(request: pytest.FixtureRequest) -> Adapter:
    return MemoryAdapter(request.getfixturevalue("virtual_loop"))


def _sqlite(request: pytest.FixtureRequest) -> Adapter:
    folder: Path = request.getfixturevalue("tmp_path")
    return SqliteAdapter(request.getfixturevalue("real_loop"), folder)


def _postgres(request: pytest.FixtureRequest) -> Adapter:
    url: str = request.getfixturevalue("postgres_url")
    return PostgresAdapter(request.getfixturevalue("real_loop"), url)


STORES: dict[str, Callable[[pytest.FixtureRequest], Adapter]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "postgres": _postgres,
}
"""What the contract suite is run on. An adapter joins by being added here."""

_MARKS = {"postgres": [pytest.mark.socket]}


def _params(names: list[str]) -> list[object]:
    return [pytest.param(name, marks=_MARKS.get(name, [])) for name in names]


@pytest.fixture(params=_params(list(STORES)))
def adapter(request: pytest.FixtureRequest) -> Iterator[Adapter]:
    """Each kind of store, with a place of its own."""
    found = STORES[request.param](request)
    yield found
    found.tidy()


@pytest.fixture(params=_params([name for name in STORES if name != "memory"]))
def durable(request: pytest.FixtureRequest) -> Iterator[Adapter]:
    """Each kind of store that keeps rooms when it is closed."""
    found = STORES[request.param](request)
    yield found
    found.tidy()


@pytest.fixture
def postgres(request: pytest.FixtureRequest) -> Iterator[PostgresAdapter]:
    found = _postgres(request)
    assert isinstance(found, PostgresAdapter)
    yield found
    found.tidy()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a coroutine test on its store's loop."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    loops = (pyfuncitem.funcargs.get(name) for name in ("adapter", "durable", "real_loop"))
    loop = next((found for found in loops if isinstance(found, Adapter | RealLoop)), None)
    if loop is None:
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    test = partial(pyfuncitem.obj, **{name: pyfuncitem.funcargs[name] for name in names})
    loop.run(test())
    return True
