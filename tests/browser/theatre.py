"""A server, a browser and its devices for one test. How a test gets one is in conftest.py.

Everything runs in one event loop: playwright's connection to Chromium, the server and the cables.
So a test can look into the app, end the server and start it again, and no thread is needed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import httpx
from playwright.async_api import Browser, BrowserContext, Page

from machine_party import MachineParty
from tests.browser.cable import Cable, plugged_in
from tests.browser.findings import NETWORK, Findings
from tests.server.network import Served, served

__all__ = ["PHONE", "SCREEN", "Device", "Room", "Stage"]

PATIENCE = 15_000
"""Milliseconds that playwright waits for what a test expects; what works takes a hundredth."""

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "has_touch": True,
    "is_mobile": True,
}
"""A phone of today, held upright."""

SCREEN: dict[str, Any] = {"viewport": {"width": 1920, "height": 1080}, "device_scale_factor": 1}
"""The big screen that all look at."""


class Room(NamedTuple):
    """A room, and the token of whoever has made it: the host's.

    Attributes:
        path: what `device.open` takes; `path + "#screen"` is the big screen's.
    """

    id: str
    path: str
    token: str


class Device:
    """One browser context: a device of its own, with its own storage.

    Attributes:
        page: its first page.
        context: the context, for a second page or for `set_offline`.
        findings: what went wrong on it; `findings.allow(pattern)` expects some of it.
        url: how this device reaches the server; `page.goto("/…")` is relative to it.
    """

    def __init__(self, name: str, url: str, context: BrowserContext, findings: Findings) -> None:
        self.name, self.url, self.context, self.findings = name, url, context, findings
        self.page: Page

    async def open(self, path: str) -> Page:
        """Go to a page of the server."""
        await self.page.goto(path)
        return self.page


class Stage:
    """What one test plays on: a server of its own, the devices and the cables that it asks for.

    Args:
        browser: the session's.
        app: what is served.
        shots: where screenshots go, if anywhere.
    """

    def __init__(self, browser: Browser, app: MachineParty, shots: Path | None = None) -> None:
        self.app = app
        self.devices: list[Device] = []
        self._browser = browser
        self._shots = shots
        self._server = contextlib.AsyncExitStack()
        self._rest = contextlib.AsyncExitStack()
        self._served: Served | None = None
        self._port = 0

    @property
    def place(self) -> str:
        """The server's `host:port`; the same after a restart."""
        return f"127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """What a device opens that needs no cable."""
        return f"http://{self.place}"

    # -- the server ----------------------------------------------------------------------

    async def start(self, app: MachineParty | None = None) -> None:
        """Serve, at the place of before; `app` is another one than before."""
        self.app = app or self.app
        serving = served(self.app, port=self._port, log_level="warning")
        self._served = await self._server.enter_async_context(serving)
        self._port = int(self._served.place.split(":")[1])

    async def stop(self) -> None:
        """End the server as a deploy does; nothing listens there afterwards."""
        await self._server.aclose()

    async def make_room(self, party: str = "trivia", **input: Any) -> Room:
        """A room, made over HTTP as a program makes one; `input` is what the party takes."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            made = await client.post(f"/parties/{party}", json={"input": input})
        answer = made.raise_for_status().json()
        return Room(answer["room"], f"/parties/{party}/{answer['room']}", answer.get("token", ""))

    # -- devices and cables --------------------------------------------------------------

    async def phone(self, name: str = "phone", **options: Any) -> Device:
        """A phone: narrow, touched, upright. For the options see `device`."""
        return await self.device(name, **{**PHONE, **options})

    async def screen(self, name: str = "screen", **options: Any) -> Device:
        """The big screen. For the options see `device`."""
        return await self.device(name, **{**SCREEN, **options})

    async def device(
        self,
        name: str,
        *,
        through: Cable | None = None,
        allow: Iterable[str] = (),
        width: int | None = None,
        color_scheme: Literal["light", "dark"] = "light",
        reduced_motion: Literal["reduce", "no-preference"] = "reduce",
        **options: Any,
    ) -> Device:
        """A device of any kind.

        Args:
            name: what its screenshots are called by.
            through: the cable to the server; then failing connections are no findings.
            allow: patterns of findings that belong to the test.
            width: of the viewport, if it is another one.
            color_scheme: what the system prefers.
            reduced_motion: reduced unless the test is about motion: nothing to wait for.
            options: of playwright's `new_context`.
        """
        if width is not None:
            options["viewport"] = {**options["viewport"], "width": width}
        place = through.place if through else self.place
        context = await self._browser.new_context(
            base_url=f"http://{place}",
            color_scheme=color_scheme,
            reduced_motion=reduced_motion,
            **options,
        )
        self._rest.push_async_callback(context.close)
        findings = Findings(place, (*allow, *(NETWORK if through else ())))
        device = Device(name, f"http://{place}", context, findings)
        await findings.watch(context)
        context.set_default_timeout(PATIENCE)
        device.page = await context.new_page()
        self.devices.append(device)
        return device

    async def cable(self) -> Cable:
        """A cable to the server: `await stage.phone(through=cable)`, then `cable.cut()`."""
        return await self._rest.enter_async_context(plugged_in(self.place))

    # -- what comes of it ----------------------------------------------------------------

    async def shoot(self, name: str, *devices: Device) -> None:
        """Screenshots of some devices, or of all, if the run keeps any (`--screenshots`)."""
        if self._shots is None:
            return
        for device in devices or self.devices:
            path = self._shots / f"{name}-{device.name}.png"
            await device.page.screenshot(path=path, animations="disabled")

    def findings(self) -> list[str]:
        """What went wrong on any device; a test ends with none."""
        return [f"{each.name}: {found}" for each in self.devices for found in each.findings.all]

    async def close(self) -> None:
        """Everybody leaves, then the server ends."""
        await self._rest.aclose()
        await self._server.aclose()
