"""The plain pages: complete, self-contained, and without a way to make them say something else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from machine_party import MachineParty
from machine_party.server import pages
from machine_party.testing import VirtualClock
from tests.server.asgi import http
from tests.server.tally import Invited, Tally

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ROOM = "/parties/tally/abc234"


class Page(HTMLParser):
    """What a page loads, labels and names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.fields: set[str] = set()
        self.inline: list[str] = []
        self.lang: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.loads += [found[name] for name in ("src", "href") if name in found and tag != "a"]
        self.ids += [found["id"]] if "id" in found else []
        self.lang = found.get("lang", self.lang)
        self.inline += [name for name in found if name.startswith("on") or name == "style"]
        if tag == "label":
            self.labelled.add(found["for"])
        if tag in ("input", "select"):
            self.fields.add(found["id"])
        if tag == "style" or (tag == "script" and "src" not in found):
            self.inline.append(tag)


@pytest.mark.parametrize("path", ["/", ROOM])
async def test_a_page_loads_only_what_we_serve(clock: VirtualClock, path: str) -> None:
    async with http(MachineParty([Tally, Invited])) as client:
        answer = await client.get(path, headers=HTML)
        page = Page(answer.text)
        assert page.lang == "en"
        assert page.inline == []
        assert page.fields <= page.labelled
        assert len(page.ids) == len(set(page.ids))
        for address in page.loads:
            assert address.startswith("/")
            assert (await client.get(address)).status_code == 200, address


@pytest.mark.parametrize("path", ["/", ROOM, ROOM + "/qr.svg"])
async def test_the_policy_allows_nothing_from_elsewhere(clock: VirtualClock, path: str) -> None:
    async with http(MachineParty([Tally])) as client:
        headers = (await client.get(path, headers=HTML)).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


async def test_the_front_page_offers_every_party(clock: VirtualClock) -> None:
    async with http(MachineParty([Tally, Invited])) as client:
        text = (await client.get("/")).text
    assert re.findall("<option>(.*?)</option>", text) == ["tally", "invited"]


async def test_a_room_s_address_is_a_page_for_people_and_data_for_programs(
    clock: VirtualClock,
) -> None:
    async with http(MachineParty([Tally])) as client:
        page = await client.get(ROOM, headers=HTML)
        assert "machine-party play http://quiz.example/parties/tally/abc234" in page.text
        assert (await client.get(ROOM)).status_code == 404


async def test_the_page_of_a_room_does_not_tell_whether_it_exists(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    async with http(app) as client:
        before = (await client.get(ROOM, headers=HTML)).text
        assert (await client.post("/parties/tally", json={"room": "abc234"})).status_code == 201
        assert (await client.get(ROOM, headers=HTML)).text == before


async def test_a_host_header_cannot_write_into_a_page(clock: VirtualClock) -> None:
    async with http(MachineParty([Tally])) as client:
        headers = {**HTML, "host": 'a"><script>alert(1)</script>'}
        answer = await client.get(ROOM, headers=headers)
    assert "<script>alert" not in answer.text


async def test_an_address_that_no_code_can_hold_is_refused(clock: VirtualClock) -> None:
    async with http(MachineParty([Tally])) as client:
        answer = await client.get(ROOM + "/qr.svg", headers={"host": "a" * 5000})
    assert answer.status_code == 400


async def test_the_code_on_a_loopback_page_names_the_public_address(clock: VirtualClock) -> None:
    app = MachineParty([Tally], public_url="http://10.0.0.2:8000")
    async with http(app) as client:
        page = await client.get(ROOM, headers={**HTML, "host": "localhost"})
        code = await client.get(ROOM + "/qr.svg", headers={"host": "localhost"})
    assert 'src="/parties/tally/abc234/qr.svg"' in page.text
    assert "<title>http://10.0.0.2:8000/parties/tally/abc234</title>" in code.text


async def test_on_the_loopback_links_name_the_public_address(clock: VirtualClock) -> None:
    app = MachineParty([Tally], public_url="http://10.0.0.2:8000/")
    async with http(app) as client:
        for host, base in [
            ("127.0.0.1:8000", "http://10.0.0.2:8000"),
            ("localhost", "http://10.0.0.2:8000"),
            ("[::1]:8000", "http://10.0.0.2:8000"),
            ("quiz.example", "http://quiz.example"),
        ]:
            made = await client.post("/parties/tally", json={}, headers={"host": host})
            assert made.json()["url"].startswith(f"{base}/parties/tally/")


@pytest.mark.parametrize(
    "url", ["10.0.0.2:8000", "ftp://quiz.example", "http://", "http://[", "http://quiz:99999"]
)
def test_a_public_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="http://host:port"):
        MachineParty([Tally], public_url=url)


async def test_without_pages_there_are_none(clock: VirtualClock) -> None:
    async with http(MachineParty([Tally], pages=False)) as client:
        assert (await client.get("/")).status_code == 404
        assert (await client.get(ROOM, headers=HTML)).status_code == 404


def test_what_is_served_loads_nothing_from_elsewhere() -> None:
    for file in Path(pages.__file__).with_name("pages").rglob("*.*"):
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|url\(", text), file.name
