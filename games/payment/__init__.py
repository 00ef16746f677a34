"""Payment: a transfer that somebody approves, and the bank books. See `docs/payment.md`."""

from games.payment.party import Payment

__all__ = ["Payment"]
