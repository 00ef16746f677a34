"""Fixtures for tests in a real browser: coroutine tests that play on a `stage`.

playwright's asynchronous API: its synchronous one leaves a running event loop behind in the main
thread, in which no other test could run one of its own. One loop serves the session and stands
still between tests; so Chromium starts once.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import uvloop
from playwright.async_api import Browser, Playwright, async_playwright, expect

from games.trivia import Trivia
from machine_party import MachineParty
from machine_party.server import ServerLimits
from tests.browser import chromium
from tests.browser.theatre import PATIENCE, Stage
from tests.requirement import missing

SECONDS = 120
"""That one test may take, so that none hangs; most take one or two, a whole evening thirty."""

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
"""Chromium on its own, and with nobody to speak with but the server."""

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.socket)


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """Runs coroutines in the loop of this session's browser."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner


@pytest.fixture(scope="session")
def browser(runner: asyncio.Runner) -> Iterator[Browser]:
    """Chromium, without a window."""
    executable = chromium.find()
    if executable is None:
        missing("Chromium", chromium.REMEDY)
    playwright = runner.run(async_playwright().start())
    try:
        browser = runner.run(_launch(playwright, executable))
        yield browser
        runner.run(browser.close())
    finally:
        runner.run(playwright.stop())


async def _launch(playwright: Playwright, executable: Path) -> Browser:
    expect.set_options(timeout=PATIENCE)
    return await playwright.chromium.launch(
        executable_path=executable, args=FLAGS, chromium_sandbox=not chromium.is_root()
    )


@pytest.fixture
def app() -> MachineParty:
    """What `stage` serves; a module that wants something else overrides this fixture."""
    limits = ServerLimits(events_per_second=1e4, events_burst=10_000)
    return MachineParty([Trivia], secret="a secret of the tests", limits=limits)


@pytest.fixture
def stage(
    runner: asyncio.Runner,
    browser: Browser,
    app: MachineParty,
    request: pytest.FixtureRequest,
) -> Iterator[Stage]:
    """A server with `app`, and devices. At the end, nothing may have gone wrong on any of them."""
    shots: Path | None = request.config.getoption("--screenshots")
    stage = Stage(browser, app, shots)
    loggers = {name: logging.getLogger(name).__dict__.copy() for name in LOGGERS}
    runner.run(stage.start())
    yield stage
    try:
        if request.node.stash.get(FAILED, False):
            runner.run(stage.shoot(f"failed-{request.node.name}"))
    finally:
        runner.run(asyncio.wait_for(stage.close(), SECONDS))
        for name, state in loggers.items():
            logging.getLogger(name).__dict__.update(state)
    assert stage.findings() == []


LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access")
"""uvicorn configures the loggers of the whole process."""

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a coroutine test in the browser's loop."""
    runner = pyfuncitem.funcargs.get("runner")
    if not isinstance(runner, asyncio.Runner) or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    test = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    runner.run(asyncio.wait_for(test, SECONDS))
    return True
