"""Which files a page needs, as its modules and style sheets say."""

from __future__ import annotations

import pytest

from machine_party.server.preload import needed

SPECIFIERS = {"preact": "vendor/preact.js"}


def found(entry: str, **files: str) -> tuple[str, ...]:
    named = {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    return needed(entry, named.get, SPECIFIERS)


@pytest.mark.parametrize(
    "text",
    [
        "import { h } from 'preact'",
        'import{h as a,render}from"preact";',
        "import './x.js'\nimport h, { render } from 'preact'\n",
        "import {\n  h,\n  render,\n} from 'preact'",
        "import * as preact from 'preact'",
        "export { h } from 'preact'",
        'var a=1;export*from"preact";',
        "import 'preact'",
    ],
)
def test_every_way_to_import_is_seen(text: str) -> None:
    assert found("page.js", page_js=text, vendor__preact_js="") == ("page.js", "vendor/preact.js")


@pytest.mark.parametrize(
    "text",
    [
        "const later = () => import('preact')",
        "/** @import { VNode } from 'preact' */",
        "/** @param {import('preact').VNode} node */",
        "export const from = 'preact'",
        "import { h } from 'unknown'",
        "import { h } from 'https://cdn.example/preact'",
    ],
)
def test_what_the_browser_does_not_load_at_once_is_left_out(text: str) -> None:
    assert found("page.js", page_js=text, vendor__preact_js="") == ("page.js",)


def test_imports_of_imports_are_found_once_and_circles_end() -> None:
    files = {
        "parties__quiz__page_js": "import './parts/a.js'\nimport './parts/b.js'",
        "parties__quiz__parts__a_js": "import './b.js'",
        "parties__quiz__parts__b_js": "import '../page.js'\nimport 'preact'",
        "vendor__preact_js": "",
    }
    assert found("parties/quiz/page.js", **files) == (
        "parties/quiz/page.js",
        "parties/quiz/parts/a.js",
        "parties/quiz/parts/b.js",
        "vendor/preact.js",
    )


def test_style_sheets_are_followed_too() -> None:
    page = (
        "@import 'styles/a.css';\n@import url(\"./styles/b.css\") layer(x);\n/* @import 'c.css' */"
    )
    files = {"page_css": page, "styles__a_css": "", "styles__b_css": "", "c_css": ""}
    assert found("page.css", **files) == ("page.css", "styles/a.css", "styles/b.css")


def test_without_the_file_nothing_is_needed() -> None:
    assert found("page.js") == ()
