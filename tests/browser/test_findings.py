"""What goes wrong on a page is found: each kind is made to happen once."""

from __future__ import annotations

import asyncio

import pytest

from tests.browser.theatre import PATIENCE, Device, Stage


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("console.error('a complaint')", "console: a complaint"),
        ("console.warn('a doubt')", "console: a doubt"),
        ("setTimeout(() => { throw new Error('nobody caught it') })", "nobody caught it"),
        ("Promise.reject(new Error('nobody waited'))", "nobody waited"),
        ("document.body.append(Object.assign(document.createElement('script'), {text: '1'}))",
         "policy: script-src-elem inline"),
        ("fetch('http://127.0.0.1:9/').catch(() => {})", "policy: connect-src"),
        ("open('http://127.0.0.1:9/')", "another host: http://127.0.0.1:9/"),
    ],
)  # fmt: skip
async def test_it_is_found(stage: Stage, script: str, found: str) -> None:
    device = await stage.screen()
    page = await device.open("/")

    await page.evaluate(f"() => {{ {script} }}")

    await until_found(device, found)
    device.findings.allow("")  # this test wanted them


async def until_found(device: Device, found: str) -> None:
    async with asyncio.timeout(PATIENCE / 1000):
        while not any(found in each for each in device.findings.all):
            await device.page.evaluate("() => new Promise(requestAnimationFrame)")


async def test_only_what_is_allowed_is_allowed(stage: Stage) -> None:
    device = await stage.screen(allow=["^console: expected"])
    page = await device.open("/")

    await page.evaluate("() => { console.error('expected'); console.error('unexpected') }")

    await until_found(device, "unexpected")
    assert stage.findings() == ["screen: console: unexpected"]
    device.findings.allow("unexpected")
