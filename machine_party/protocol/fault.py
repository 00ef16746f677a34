"""The place and the reason of what is wrong in a message, while it is being read.

A `Fault` never leaves the protocol layer: the codec turns it into a `MalformedMessage`.
"""

from __future__ import annotations

from machine_party.errors import MalformedMessage

__all__ = ["Fault"]


class Fault(Exception):
    """Something in a message is wrong. Raised where it is seen; each level adds its key.

    Args:
        reason: one sentence: what is wrong and what is allowed.
        code: a code of `codes.py`.
    """

    def __init__(self, reason: str, code: str = "bad_request") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self._trail: list[str | int] = []

    def within(self, key: str | int) -> Fault:
        """This fault, seen from one level further out."""
        self._trail.append(key)
        return self

    @property
    def path(self) -> str:
        """Where it is, as a JSON path: `$.event.by`, `$[2]`."""
        steps = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in reversed(self._trail))
        return "$" + "".join(steps)

    def malformed(self, id: str | None) -> MalformedMessage:
        """What the peer is told; `id` is the id of its send, if that could be read."""
        return MalformedMessage(self.code, self.reason, path=self.path, id=id)
