"""The envelope's codes are the protocol's, and each has its status."""

from __future__ import annotations

import pytest

from machine_party.errors import PeerError
from machine_party.protocol import ERROR_CODES
from machine_party.server import error
from machine_party.server.error import error_response, status_of

ONLY_IN_RECEIPTS = {
    "not_handled", "no_such_child", "stale_version", "stale_id", "unrecoverable_position",
    "unsupported_version",
}  # fmt: skip


def test_every_code_with_a_status_is_documented() -> None:
    assert set(error._STATUS) <= set(ERROR_CODES)


def test_every_documented_code_has_a_status() -> None:
    assert set(ERROR_CODES) - set(error._STATUS) <= ONLY_IN_RECEIPTS


@pytest.mark.parametrize("code", [code for code, row in ERROR_CODES.items() if row.temporary])
def test_what_passes_is_told_to_come_back(code: str) -> None:
    assert status_of(PeerError(code, "later", temporary=True)) in (429, 503)


def test_a_party_s_own_code_is_a_refusal() -> None:
    assert status_of(PeerError("members_only", "no")) == 403


def test_seconds_to_wait_are_whole_in_the_header_and_exact_in_the_body() -> None:
    answer = error_response(
        PeerError("rate_limited", "wait", temporary=True, retry_after=0.25, path="$.room")
    )
    assert answer.headers["retry-after"] == "1"
    assert b'"retry_after":0.25' in bytes(answer.body)
    assert b'"path":"$.room"' in bytes(answer.body)
