"""QR codes of addresses: as SVG for a page, as text for a terminal."""

from __future__ import annotations

import io
from functools import lru_cache

import segno

__all__ = ["qr_svg", "qr_text"]

_QUIET = 4
"""Modules of margin that ISO/IEC 18004 asks for."""


@lru_cache(maxsize=64)  # a code takes milliseconds in which no room goes on
def qr_svg(url: str) -> bytes:
    """An SVG document, black on white, that scales to the size it is given."""
    out = io.BytesIO()
    code = segno.make(url, error="m", micro=False)
    code.save(
        out, kind="svg", border=_QUIET, dark="#000", light="#fff", omitsize=True, xmldecl=False,
        title=url,
    )  # fmt: skip
    return out.getvalue()


def qr_text(url: str) -> str:
    """The code as lines of half blocks, for a terminal."""
    out = io.StringIO()
    segno.make(url, error="l", micro=False).terminal(out, border=2, compact=True)
    return out.getvalue()
