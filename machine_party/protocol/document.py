"""Documents: how a member's layers make one, and what two of them have in common."""

from __future__ import annotations

from typing import Any, Final

from .messages import Document

__all__ = ["keep_identity", "merge"]

_MERGED: Final = ("context", "children", "can")
"""The members of a document that both layers may fill; disjoint within (checked by the views)."""


def merge(shared: Document, own: Document) -> Document:
    """The document of a member: the audience's shared layer with the member's own laid over.

    Neither argument is changed; what only one of them has keeps its identity.
    """
    merged = {**shared, **own}
    for name in _MERGED:
        if shared.get(name) and own.get(name):
            merged[name] = {**shared[name], **own[name]}
        elif shared.get(name):
            merged[name] = shared[name]
    return merged


def keep_identity(old: Any, new: Any) -> Any:
    """A value equal to `new`, in which every part that equals `old`'s is `old`'s own object.

    So that a whole snapshot, too, leaves `is` true for what did not change.
    """
    if old is new or type(old) is not type(new):
        return new
    if isinstance(new, dict):
        kept: Any = {key: keep_identity(old.get(key), value) for key, value in new.items()}
        same = len(old) == len(kept) and all(old.get(k) is v and k in old for k, v in kept.items())
        return old if same else kept
    if isinstance(new, list):
        kept = [keep_identity(*pair) for pair in zip(old, new, strict=False)] + new[len(old) :]
        same = len(old) == len(kept) and all(a is b for a, b in zip(old, kept, strict=True))
        return old if same else kept
    return old if old == new else new
