"""The payment party: what makes a room of the machine and the views."""

from __future__ import annotations

from pathlib import Path

from games.payment.events import EVENTS
from games.payment.input import PaymentInput
from games.payment.machine import PaymentMachine
from games.payment.order import Order
from games.payment.views import Own, Shared, own_view, shared_view
from machine_party import Member, Party, Snapshot

__all__ = ["Payment"]


class Payment(Party):
    """A payment. Roles: user (one of them pays), admin (has made it, and decides)."""

    machine = PaymentMachine
    events = EVENTS
    Input = PaymentInput
    creation = "request"
    creator_role = "admin"
    open_roles = ("user",)
    page = Path(__file__).parent / "page"

    def shared(self, snapshot: Snapshot[Order], audience: str) -> Shared:
        return shared_view(snapshot)

    def own(self, snapshot: Snapshot[Order], member: Member) -> Own:
        return own_view(snapshot, member)
