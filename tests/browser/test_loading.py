"""What the trivia page loads is what its shell names: nothing is found late, nothing is loaded for
nothing, and the sizes in the docs are true."""

from __future__ import annotations

import re

from tests.browser.theatre import Stage


async def test_the_shell_names_every_file_that_the_page_loads(stage: Stage) -> None:
    device, room = await stage.phone(), await stage.make_room()
    asked: list[str] = []
    device.context.on("request", lambda request: asked.append(request.url))

    response = await device.page.goto(room.path, wait_until="networkidle")

    assert response is not None
    named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', await response.text()))
    loaded = {url.removeprefix(stage.url) for url in asked}
    assert {path for path in loaded - named if path.startswith("/static/")} == set()
    assert named - loaded <= {name for name in named if name.endswith(".svg")}  # the tab's icon


async def test_a_second_look_loads_the_shell_alone(stage: Stage) -> None:
    device, room = await stage.phone(), await stage.make_room()
    await device.page.goto(room.path, wait_until="networkidle")
    await device.page.goto(room.path, wait_until="networkidle")
    loaded = await device.page.evaluate(
        "performance.getEntriesByType('resource').map((e) => [e.name, e.transferSize])"
    )

    again = [name for name, size in loaded if "/static/" in name and size > 0]
    assert again == []
