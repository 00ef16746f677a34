"""The design system keeps what it promises: contrast in both themes, and one dark theme."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest

from machine_party.server import pages

STATIC = Path(pages.__file__).with_name("pages") / "static"
TOKENS = STATIC.joinpath("tokens.css").read_text("utf-8")
SHEETS = {path.name: path.read_text("utf-8") for path in STATIC.glob("*.css")}
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")


def body(selector: str) -> str:
    """What stands in the first rule of that selector."""
    found = re.search(rf"{re.escape(selector)} \{{(.*?)\}}", COMMENT.sub("", TOKENS), re.DOTALL)
    assert found, selector
    return found[1]


def colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", text))


LIGHT = colours(body(":root"))
THEMES = {"light": LIGHT, "dark": LIGHT | colours(body(':root[data-theme="dark"]'))}
PAIRS: list[tuple[str, str]] = re.findall(r"(--[\w-]+) on (--[\w-]+)", TOKENS)


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_computation_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "background"), PAIRS)
def test_text_can_be_read(theme: str, text: str, background: str) -> None:
    found = THEMES[theme]
    assert contrast(found[text], found[background]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("line", ["--line-strong", "--focus"])
@pytest.mark.parametrize("background", ["--paper", "--surface", "--sunken"])
def test_edges_and_the_focus_can_be_seen(theme: str, line: str, background: str) -> None:
    assert contrast(THEMES[theme][line], THEMES[theme][background]) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_no_two_tiles_look_alike(theme: str) -> None:
    tiles = [THEMES[theme][f"--tile-{number}"] for number in range(1, 9)]
    assert len(set(tiles)) == 8


def drawn(sheet: str) -> set[tuple[str, str]]:
    """The pairs of colours that the rules of a sheet set together."""
    found = set()
    for _, rule in _RULE.findall(COMMENT.sub("", sheet)):
        for text, ground in (("color", "background"), ("--text", "--face")):
            one = re.search(rf"(?<![\w-]){text}: var\((--[\w-]+)\);", rule)
            other = re.search(rf"(?<![\w-]){ground}: var\((--[\w-]+)\);", rule)
            if one and other and "--face" not in other[1]:
                found.add((one[1], other[1]))
    return found


def test_every_pair_that_is_drawn_is_declared() -> None:
    pairs = set(chain.from_iterable(map(drawn, SHEETS.values())))
    assert pairs <= set(PAIRS)
    assert ("--on-accent", "--accent") in pairs
    assert ("--ink", "--surface") in pairs


def test_the_dark_theme_is_the_same_whoever_wants_it() -> None:
    wished = body(':root:not([data-theme="light"])').split()
    assert wished == body(':root[data-theme="dark"]').split()


def test_every_token_that_is_used_is_there() -> None:
    for name, sheet in SHEETS.items():
        used = set(re.findall(r"var\((--[\w-]+)\)", sheet))
        declared = set(re.findall(r"(--[\w-]+):", sheet + TOKENS))
        assert used <= declared, name


def test_the_browser_s_own_bar_has_the_paper_s_colour() -> None:
    head = STATIC.with_name("head.html").read_text("utf-8")
    for theme, found in THEMES.items():
        assert f'(prefers-color-scheme: {theme})" content="{found["--paper"]}"' in head
