"""The pages: complete, self-contained, and without a way to make them say something else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from games.trivia import Trivia
from machine_party import MachineParty, Party
from machine_party.errors import DefinitionError
from machine_party.server import pages
from machine_party.testing import VirtualClock
from tests.server.asgi import http
from tests.server.tally import Arranged, Invited, Tally
from tests.server.test_http import check_envelope

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
        self.imports = ""
        self.body: dict[str, str] = {}
        self.lang: str | None = None
        self._in_map = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.loads += [found[name] for name in ("src", "href") if name in found and tag != "a"]
        self.ids += [found["id"]] if "id" in found else []
        self.lang = found.get("lang", self.lang)
        self.inline += [name for name in found if name.startswith("on") or name == "style"]
        if tag == "label" and "for" in found:
            self.labelled.add(found["for"])
        if tag in ("input", "select") and found.get("type") != "radio":  # a radio is in its label
            self.fields.add(found["id"])
        if tag == "body":
            self.body = found
        self._in_map = tag == "script" and found.get("type") == "importmap"
        if tag == "style" or (tag == "script" and "src" not in found and not self._in_map):
            self.inline.append(tag)

    def handle_data(self, data: str) -> None:
        if self._in_map:
            self.imports, self._in_map = data, False


def paged(folder: Path, **files: str) -> type[Party]:
    """A party whose page is made of these files; `__` is a dot."""
    folder.mkdir(exist_ok=True)
    for name, text in {"page__js": "", **files}.items():
        folder.joinpath(name.replace("__", ".")).write_text(text, "utf-8")

    class Paged(Tally):
        page = folder

    return Paged


def csp(answer: httpx.Response) -> str:
    return answer.headers["content-security-policy"]


PLAIN = ["/", "/parties/tally", ROOM, "/parties/nope", "/parties/nope/abc234"]
PAGES = [*PLAIN, "/parties/trivia", "/parties/trivia/abc234"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_only_what_we_serve(clock: VirtualClock, path: str) -> None:
    async with http(MachineParty([Tally, Trivia])) as client:
        answer = await client.get(path, headers=HTML)
        page = Page(answer.text)
        assert page.lang == "en"
        assert page.inline == []
        assert page.fields <= page.labelled
        assert len(page.ids) == len(set(page.ids))
        for address in page.loads:
            assert address.startswith("/")
            assert (await client.get(address)).status_code == 200, address


@pytest.mark.parametrize("path", [*PAGES, ROOM + "/qr.svg"])
async def test_the_policy_allows_nothing_from_elsewhere(clock: VirtualClock, path: str) -> None:
    async with http(MachineParty([Tally, Trivia])) as client:
        headers = (await client.get(path, headers=HTML)).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert set(re.findall("[a-z]+://[^ ;]*", policy)) <= {"ws://quiz.example", "wss://quiz.example"}
    assert headers["cache-control"] == "no-cache"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


async def test_the_front_page_leads_to_every_party_s_page(clock: VirtualClock) -> None:
    async with http(MachineParty([Tally, Invited, Arranged])) as client:
        text = (await client.get("/")).text
        places = re.findall('class="card" href="(.*?)"', text)
        assert places == ["/parties/tally", "/parties/invited"]  # others are made by the operator
        for place in places:
            assert (await client.get(place, headers=HTML)).status_code == 200
    asked = re.findall('value="([a-z]+)" data-title="([A-Z][a-z]+)" data-creation="([a-z]+)"', text)
    assert asked == [
        ("tally", "Tally", "connect"),
        ("invited", "Invited", "request"),
        ("arranged", "Arranged", "service"),
    ]
    assert text.count("checked") == 1


async def test_of_one_party_nobody_has_to_choose(clock: VirtualClock) -> None:
    for parties, hidden in [([Tally], True), ([Tally, Invited], False)]:
        async with http(MachineParty(parties)) as client:
            text = (await client.get("/")).text
        assert ('class="choices" hidden' in text) is hidden


async def test_a_party_s_address_is_a_page_for_people_and_data_for_programs(
    clock: VirtualClock,
) -> None:
    async with http(MachineParty([Tally])) as client:
        page = await client.get("/parties/tally", headers=HTML)
        assert "<h1>Tally</h1>" in page.text
        assert page.headers["vary"] == "Accept"
        assert (await client.get("/parties/tally")).json()["party"] == "tally"


@pytest.mark.parametrize("path", ["/parties/nope", "/parties/nope/abc234", "/parties/tally/-x-"])
async def test_what_is_not_there_is_told_to_people_as_a_page(
    clock: VirtualClock, path: str
) -> None:
    async with http(MachineParty([Tally])) as client:
        page = await client.get(path, headers=HTML)
        assert (page.status_code, page.headers["content-type"][:9]) == (404, "text/html")
        check_envelope(await client.get(path), 404, "not_found")


async def test_pages_have_heads(clock: VirtualClock) -> None:
    async with http(MachineParty([Tally])) as client:
        for path in PLAIN:
            page = await client.get(path, headers=HTML)
            head = await client.head(path, headers=HTML)
            assert (head.status_code, head.content) == (page.status_code, b"")
            assert csp(head) == csp(page)


async def test_a_room_s_address_is_a_page_for_people_and_data_for_programs(
    clock: VirtualClock,
) -> None:
    async with http(MachineParty([Tally])) as client:
        page = await client.get(ROOM, headers=HTML)
        assert "machine-party play http://quiz.example/parties/tally/abc234" in page.text
        assert page.headers["vary"] == "Accept"
        assert (await client.get(ROOM)).status_code == 404


async def test_the_page_of_a_room_does_not_tell_whether_it_exists(clock: VirtualClock) -> None:
    app = MachineParty([Tally])
    async with http(app) as client:
        before = (await client.get(ROOM, headers=HTML)).text
        assert (await client.post("/parties/tally", json={"room": "abc234"})).status_code == 201
        assert (await client.get(ROOM, headers=HTML)).text == before


@pytest.mark.parametrize("path", [ROOM, "/parties/trivia/abc234"])
async def test_a_host_header_cannot_write_into_a_page(clock: VirtualClock, path: str) -> None:
    async with http(MachineParty([Tally, Trivia])) as client:
        headers = {**HTML, "host": 'a"><script>alert(1)</script>'}
        answer = await client.get(path, headers=headers)
    assert "<script>alert" not in answer.text
    assert "alert" not in csp(answer)


@pytest.mark.parametrize("path", [ROOM, "/parties/trivia/abc234"])
async def test_a_public_address_cannot_write_into_a_page(clock: VirtualClock, path: str) -> None:
    app = MachineParty([Tally, Trivia], public_url='http://quiz/"><script>alert(1)')
    async with http(app) as client:
        answer = await client.get(path, headers={**HTML, "host": "localhost"})
    assert "alert(1)" in answer.text
    assert "<script>alert" not in answer.text


# -- a party's own page --------------------------------------------------------------------------


async def test_a_party_s_page_is_a_shell_around_its_own_files(
    clock: VirtualClock, tmp_path: Path
) -> None:
    party = paged(tmp_path, page__js="import './a.js'", a__js="", page__css="@import 'b.css';")
    tmp_path.joinpath("b.css").write_text("")
    async with http(MachineParty([party])) as client:
        answer = await client.get("/parties/paged/abc234", headers=HTML)
        page = Page(answer.text)
        assert "<title>Paged</title>" in answer.text
        own = [found.split("/parties/paged/")[1] for found in page.loads if "/parties/" in found]
        assert sorted(own) == ["a.js", "b.css", "page.css", "page.js", "page.js"]
        for address in page.loads:
            assert (await client.get(address)).status_code == 200, address
    assert page.body == {
        "data-root": "",
        "data-party": "paged",
        "data-room": "abc234",
        "data-url": "http://quiz.example/parties/paged/abc234",
    }


async def test_where_rooms_are_made_the_shell_names_none(
    clock: VirtualClock, tmp_path: Path
) -> None:
    async with http(MachineParty([paged(tmp_path)])) as client:
        page = Page((await client.get("/parties/paged", headers=HTML)).text)
    assert page.body == {"data-root": "", "data-party": "paged"}
    assert not [found for found in page.loads if found.endswith("page.css")]


async def test_the_policy_names_the_import_map_and_it_leads_to_what_is_served(
    clock: VirtualClock,
) -> None:
    async with http(MachineParty([Trivia])) as client:
        answer = await client.get("/parties/trivia", headers=HTML)
        text = Page(answer.text).imports
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"script-src 'self' 'sha256-{digest}';" in csp(answer)
        imports = json.loads(text)["imports"]
        assert set(imports) == {
            "@machine-party/client",
            "@machine-party/page",
            "@preact/signals",
            "@preact/signals-core",
            "htm",
            "preact",
            "preact/hooks",
        }
        for name, address in imports.items():
            assert (await client.get(address)).status_code == 200, name


@pytest.mark.parametrize(
    ("text", "needs"),
    [("import { html } from '@machine-party/page'", True), ("import 'preact'", False)],
)
async def test_what_pages_share_is_named_to_a_page_that_imports_it(
    clock: VirtualClock, tmp_path: Path, text: str, needs: bool
) -> None:
    shared = {file.name for file in Path(pages.__file__).with_name("pages").glob("static/page/*")}
    async with http(MachineParty([paged(tmp_path, page__js=text)])) as client:
        page = Page((await client.get("/parties/paged", headers=HTML)).text)
        loads = [found for found in page.loads if "/site/page/" in found]
        assert {found.rsplit("/", 1)[1] for found in loads} == (shared if needs else set())
        index = json.loads(page.imports)["imports"]["@machine-party/page"]
        assert (index in loads) is needs
        exported = re.findall(r"export { (.*) } from", (await client.get(index)).text)
    assert ", ".join(exported) == "Address, Broken, html, useLate, rest, resting"


async def test_where_it_is_mounted_cannot_write_into_a_page(clock: VirtualClock) -> None:
    outer: Any = Starlette(routes=[Mount("/{where}", app=MachineParty([Trivia, Tally]))])
    async with http(outer) as client:
        for path in ("parties/trivia", "parties/tally", ""):
            where = "%22%3E%3Cscript%3Ealert(1)%3C!--"
            text = (await client.get(f"/{where}/{path}", headers=HTML)).text
            assert "alert(1)" in text
            assert "<script>alert" not in text
            assert "<!--" not in text


async def test_an_edit_shows_on_a_reload(clock: VirtualClock, tmp_path: Path) -> None:
    async with http(MachineParty([paged(tmp_path)])) as client:
        first = Page((await client.get("/parties/paged", headers=HTML)).text).loads
        assert Page((await client.get("/parties/paged", headers=HTML)).text).loads == first
        tmp_path.joinpath("page.js").write_text("import './new.js'")
        tmp_path.joinpath("new.js").write_text("")
        second = Page((await client.get("/parties/paged", headers=HTML)).text).loads
        assert not set(first) & set(second)
        assert [found for found in second if found.endswith("/new.js")]
        assert (await client.get(second[-1])).text == "import './new.js'"


async def test_in_another_app_every_address_is_below_the_place(
    clock: VirtualClock, tmp_path: Path
) -> None:
    outer: Any = Starlette(routes=[Mount("/games", app=MachineParty([paged(tmp_path)]))])
    async with http(outer) as client:
        page = Page((await client.get("/games/parties/paged/abc234", headers=HTML)).text)
        for address in page.loads:
            assert address.startswith("/games/static/")
            assert (await client.get(address)).status_code == 200, address
    for address in json.loads(page.imports)["imports"].values():
        assert address.startswith("/games/static/")
    assert page.body["data-root"] == "/games"
    assert page.body["data-url"] == "http://quiz.example/games/parties/paged/abc234"


@pytest.mark.parametrize("missing", ["folder", "page.js"])
def test_a_page_that_is_not_there_is_told_at_the_start(tmp_path: Path, missing: str) -> None:
    party = paged(tmp_path / "page")
    tmp_path.joinpath("page", "page.js").unlink()
    if missing == "folder":
        tmp_path.joinpath("page").rmdir()
    with pytest.raises(DefinitionError, match=r"Paged: .*page.js.* Write page = Path\(__file__\)"):
        MachineParty([party])
    MachineParty([party], pages=False)


def test_without_the_client_a_party_s_page_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    MachineParty([Tally])
    with pytest.raises(DefinitionError, match="client_facade/js, which is not installed"):
        MachineParty([paged(tmp_path)])


# -- addresses and the rest ----------------------------------------------------------------------


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
        assert (await client.get("/static/x/site/party.css")).status_code == 404
        assert (await client.get("/parties/tally", headers=HTML)).json()["party"] == "tally"


NAMESPACE = re.compile(r"http://www\.w3\.org/(2000/svg|1999/xhtml|1999/xlink|1998/Math/MathML)")
COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
LOADS = re.compile(r"""(\bfrom|\bimport|@import|\w\(|=)\s*["'`]?\s*(https?:)?//[\w.]+""")


async def test_what_is_served_names_no_other_host(clock: VirtualClock) -> None:
    """Loaded from elsewhere it would be refused; it should not even try."""
    app = MachineParty([Trivia])
    async with http(app) as client:
        page = Page((await client.get("/parties/trivia", headers=HTML)).text)
        for address in page.loads:
            text = NAMESPACE.sub("", COMMENT.sub("", (await client.get(address)).text))
            ours = "/vendor/" not in address  # a library's error text may name its project
            named = re.search(r"https?://[\w.]+", text) if ours else LOADS.search(text)
            assert named is None, (address, named)


def test_no_template_names_another_host() -> None:
    for file in Path(pages.__file__).with_name("pages").glob("*.html"):
        assert not re.search(r"https?://|@import|url\(", file.read_text("utf-8")), file.name
