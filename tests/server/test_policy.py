"""The policy of a page: nothing from elsewhere, and only what is named runs."""

from __future__ import annotations

import base64
import hashlib

import pytest

from machine_party.server.policy import page_headers


def directives(host: str | None, inline: str | None = None) -> dict[str, list[str]]:
    policy = page_headers(host, inline)["Content-Security-Policy"]
    split = (directive.split() for directive in policy.split("; "))
    return {name: sources for name, *sources in split}


def test_nothing_is_allowed_but_what_is_named() -> None:
    found = directives(None)
    assert found["default-src"] == ["'none'"]
    assert {source for sources in found.values() for source in sources} == {"'none'", "'self'"}


def test_an_inline_script_is_named_by_its_hash() -> None:
    digest = base64.b64encode(hashlib.sha256(b"{}").digest()).decode()
    assert directives(None, "{}")["script-src"] == ["'self'", f"'sha256-{digest}'"]


@pytest.mark.parametrize("host", ["quiz.example", "10.0.0.2:8000", "[::1]:8000", "localhost"])
def test_the_host_s_sockets_may_be_opened(host: str) -> None:
    assert directives(host)["connect-src"] == ["'self'", f"ws://{host}", f"wss://{host}"]


@pytest.mark.parametrize(
    "host",
    [
        "",
        "*",
        "a; script-src *",
        "a b",
        "a,b",
        "evil.example/x",
        "x\r\ny",
        "ü.example",
        "a:*",
        "a\n",
    ],
)
def test_a_host_header_cannot_write_into_the_policy(host: str) -> None:
    assert directives(host)["connect-src"] == ["'self'"]
