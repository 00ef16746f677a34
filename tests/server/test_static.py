"""The served files: only those, under a version, kept for as long as they are what they were."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from starlette.applications import Starlette

from machine_party.server.error import HANDLERS
from machine_party.server.static import StaticFolders
from machine_party.testing import VirtualClock
from tests.server.asgi import http
from tests.server.test_http import check_envelope

SCRIPT = "export const answer = 42 // and a line that is long enough to be worth packing\n" * 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "page"
    folder.joinpath("parts").mkdir(parents=True)
    folder.joinpath("page.js").write_text(SCRIPT)
    folder.joinpath("parts", "tile.js").write_text("export {}")
    folder.joinpath("photo.png").write_bytes(bytes(1000))
    for name in ("page.d.ts", "page.py", ".env", "README.md", ".hidden.js"):
        folder.joinpath(name).write_text("secret")
    folder.joinpath("node_modules").mkdir()
    folder.joinpath("node_modules", "left.js").write_text("secret")
    tmp_path.joinpath("outside.js").write_text("secret")
    folder.joinpath("link.js").symlink_to(tmp_path / "outside.js")
    return folder


@pytest.fixture
def static(folder: Path) -> StaticFolders:
    return StaticFolders({"parties/quiz": folder})


def app(static: StaticFolders) -> Starlette:
    return Starlette(routes=[static.route()], exception_handlers=HANDLERS)


def test_only_what_a_page_loads_is_served(static: StaticFolders) -> None:
    assert list(static.files) == [
        "parties/quiz/page.js",
        "parties/quiz/parts/tile.js",
        "parties/quiz/photo.png",
    ]


@pytest.mark.parametrize(
    "path",
    [
        "parties/quiz",
        "parties/quiz/",
        "parties/quiz/parts",
        "parties/quiz/page.d.ts",
        "parties/quiz/page.py",
        "parties/quiz/.env",
        "parties/quiz/.hidden.js",
        "parties/quiz/link.js",
        "parties/quiz/node_modules/left.js",
        "parties/quiz/../outside.js",
        "parties/quiz/%2e%2e/outside.js",
        "parties/quiz/..%2foutside.js",
        "parties/quiz/%5c..%5coutside.js",
        "parties/quiz/page.js%00",
        "parties/quiz//page.js",
        "/etc/passwd",
        "",
    ],
)
async def test_nothing_else_is_there(clock: VirtualClock, static: StaticFolders, path: str) -> None:
    async with http(app(static)) as client:
        check_envelope(await client.get(f"/static/{static.version}/{path}"), 404, "not_found")


@pytest.mark.parametrize(
    ("name", "type"),
    [("page.js", "text/javascript; charset=utf-8"), ("photo.png", "image/png")],
)
async def test_the_type_is_ours_to_say(
    clock: VirtualClock, static: StaticFolders, name: str, type: str
) -> None:
    async with http(app(static)) as client:
        answer = await client.get(f"/static/{static.version}/parties/quiz/{name}")
    assert answer.headers["content-type"] == type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_the_present_version_is_kept_and_another_is_asked_for(
    clock: VirtualClock, static: StaticFolders
) -> None:
    async with http(app(static)) as client:
        now = await client.get(f"/static/{static.version}/parties/quiz/page.js")
        then = await client.get("/static/000000000000/parties/quiz/page.js")
    assert now.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert then.headers["cache-control"] == "no-cache"
    assert now.text == then.text == SCRIPT


async def test_an_edit_is_another_version(
    clock: VirtualClock, static: StaticFolders, folder: Path
) -> None:
    before = static.version
    static.look()
    assert static.version == before
    folder.joinpath("page.js").write_text("new")
    static.look()
    assert static.version != before
    async with http(app(static)) as client:
        old = await client.get(f"/static/{before}/parties/quiz/page.js")
        assert (old.text, old.headers["cache-control"]) == ("new", "no-cache")


@pytest.mark.parametrize("change", ["touch", "add", "remove"])
def test_any_change_is_another_version(static: StaticFolders, folder: Path, change: str) -> None:
    before = static.version
    if change == "touch":
        os.utime(folder / "page.js", (1, 1))
    elif change == "add":
        folder.joinpath("new.css").write_text("")
    else:
        folder.joinpath("photo.png").unlink()
    static.look()
    assert static.version != before


async def test_a_file_that_went_away_is_not_there(
    clock: VirtualClock, static: StaticFolders, folder: Path
) -> None:
    folder.joinpath("page.js").unlink()
    async with http(app(static)) as client:
        answer = await client.get(f"/static/{static.version}/parties/quiz/page.js")
    check_envelope(answer, 404, "not_found")


async def test_what_is_still_the_same_is_not_sent_again(
    clock: VirtualClock, static: StaticFolders
) -> None:
    async with http(app(static)) as client:
        url = f"/static/{static.version}/parties/quiz/page.js"
        tag = (await client.get(url)).headers["etag"]
        for asked in (tag, f'"other", {tag}'):
            again = await client.get(url, headers={"if-none-match": asked})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
            assert "immutable" in again.headers["cache-control"]
        other = await client.get(url, headers={"if-none-match": 'W/"other"'})
        assert other.status_code == 200


async def test_text_is_packed_for_whoever_can_unpack_it(
    clock: VirtualClock, static: StaticFolders
) -> None:
    async with http(app(static)) as client:
        url = f"/static/{static.version}/parties/quiz/"
        packed = await client.get(url + "page.js", headers={"accept-encoding": "gzip, br"})
        plain = await client.get(url + "page.js", headers={"accept-encoding": "identity"})
        photo = await client.get(url + "photo.png", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(SCRIPT) / 4
    assert packed.text == plain.text == SCRIPT
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in photo.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


async def test_the_head_of_a_file_can_be_asked_for(
    clock: VirtualClock, static: StaticFolders
) -> None:
    async with http(app(static)) as client:
        url = f"/static/{static.version}/parties/quiz/page.js"
        head = await client.head(url, headers={"accept-encoding": "identity"})
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["content-length"]) == len(SCRIPT)
        check_envelope(await client.post(url), 405, "not_allowed")
