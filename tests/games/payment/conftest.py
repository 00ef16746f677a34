from __future__ import annotations

from pathlib import Path

import pytest

from games.payment.bank import Bank, bank


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bank:
    """The bank that the payments of this test ask: its own."""
    monkeypatch.setenv("MACHINE_PARTY_DATA", str(tmp_path / "data"))
    return bank()
