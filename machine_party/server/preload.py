"""Which files a page needs, found before the browser does: no waterfall of requests.

A missed or surplus one costs a moment and breaks nothing: this reads text, not JavaScript or CSS.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping

__all__ = ["needed"]

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
"""A block. Types in JSDoc are imported, too, but not by the browser."""

_IMPORT = {
    ".js": re.compile(
        r"""\b(?:import|export)\b[^;'"()]*?\bfrom\s*["'](?P<from>[^"']+)["']"""
        r"""|\bimport\s*["'](?P<bare>[^"']+)["']"""
    ),
    ".css": re.compile(r"""@import\s+(?:url\(\s*)?["'](?P<from>[^"']+)["'](?P<bare>)"""),
}
"""The static imports. `import(…)` is left out: what a module loads later, it means to."""


def needed(
    entry: str, read: Callable[[str], str | None], specifiers: Mapping[str, str]
) -> tuple[str, ...]:
    """The files that `entry` imports, directly or not; itself first, if it is there.

    Args:
        entry: the name of a module or a style sheet, as `read` takes it.
        read: gives the text of a file; None if there is none of that name.
        specifiers: `{bare specifier: name}`, as in the import map.
    """
    found: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop(0)
        text = None if name in found else read(name)
        if text is not None:
            found[name] = None
            waiting += [_named(imported, name, specifiers) for imported in _imports(name, text)]
    return tuple(found)


def _imports(name: str, text: str) -> list[str]:
    pattern = _IMPORT.get(posixpath.splitext(name)[1])
    if pattern is None:
        return []
    found = pattern.finditer(_COMMENT.sub("", text))
    return [match["from"] or match["bare"] for match in found]


def _named(specifier: str, importer: str, specifiers: Mapping[str, str]) -> str:
    if importer.endswith(".js") and not specifier.startswith("."):
        return specifiers.get(specifier, specifier)
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier))
