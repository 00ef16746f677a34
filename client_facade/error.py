"""What a façade raises, in the project's one error tree. A rejected receipt is none of these.

What must not be here: wire codes (`machine_party.protocol`) and what to do after them
(`reconnect.py`).
"""

from __future__ import annotations

from machine_party.protocol import MachinePartyError, PeerError

__all__ = ["Closed", "NotReady"]


class Closed(PeerError):
    """The façade's connection is over and will not come back by itself.

    Args:
        close_code: the WebSocket close code that ended it; 1000 when this side closed.
        reason: the sentence that came with it.
        code: the code of the `party.error` that announced it, if one did.
    """

    def __init__(self, close_code: int, reason: str, *, code: str | None = None) -> None:
        super().__init__(code or "closed", reason, close_code=close_code)

    def __str__(self) -> str:
        name = "" if self.code == "closed" else f" {self.code}"
        return f"the connection is closed ({self.close_code}{name}): {self.reason or 'no reason'}"


class NotReady(MachinePartyError):
    """There is no snapshot yet."""

    def __str__(self) -> str:
        return "there is no snapshot yet; `await facade.ready` first"
