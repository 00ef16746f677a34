"""What axe-core finds against a page: WCAG 2.2 A and AA, and what it calls best practice.

The rules are axe's, the page is whatever a test has opened. What must not be here: rules of
our own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.requirement import missing

__all__ = ["audit", "audit_themes"]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = [
    *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"),
    "best-practice",
]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that another theme can break."""

_SOURCE_IS_THERE = "() => 'axe' in window"
_RUN = """
async (options) => {
  const { style } = document.documentElement
  style.backgroundImage = 'none'  // against a gradient, axe decides nothing; test_design.py does
  try {
    const { violations } = await axe.run(document, { resultTypes: ['violations'], ...options })
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map(({ target, any }) => `${target.join(' ')}: ${any[0]?.message ?? ''}`),
    }))
  } finally {
    style.backgroundImage = ''
  }
}
"""
_THEME = "(theme) => { document.documentElement.dataset.theme = theme }"


@cache
def _source() -> str:
    if not AXE.exists():
        missing("axe-core", "npm ci")
    return AXE.read_text(encoding="utf-8")


async def audit(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds on this page as it stands, one sentence for each rule that is broken.

    Args:
        page: what is audited; axe is brought into it past its content policy.
        rules: axe's ids; without them, all that have one of `TAGS`.
    """
    if not await page.evaluate(_SOURCE_IS_THERE):
        await page.evaluate(_source())
    only: dict[str, Any] = (
        {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    )
    found = await page.evaluate(_RUN, {"runOnly": only, "preload": False})
    return [f"{each['id']}: {each['help']}: {each['nodes'][:3]}" for each in found]


async def audit_themes(page: Page) -> list[str]:
    """As `audit`, in the light theme, and what the dark one adds."""
    await page.evaluate(_THEME, "light")
    light = await audit(page)
    await page.evaluate(_THEME, "dark")
    dark = await audit(page, COLOURS)
    await page.evaluate(_THEME, "")
    return light + [f"dark: {each}" for each in dark]
