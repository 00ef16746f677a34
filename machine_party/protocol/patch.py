"""RFC 6902: a document after a patch, as a new document that shares what did not change.

`apply` never changes its arguments. What no operation touches keeps its identity, so that
`old["players"] is new["players"]` answers whether anything in there changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from machine_party.errors import MachinePartyError

from .limits import POISON_KEYS
from .messages import Operation

__all__ = ["PatchError", "apply"]


class PatchError(MachinePartyError):
    """A patch does not apply. The document is as it was.

    Args:
        index: which operation, from 0.
        operation: that operation.
        reason: what is wrong with it.
    """

    def __init__(self, index: int, operation: Operation, reason: str) -> None:
        super().__init__(index, operation, reason)
        self.index, self.operation, self.reason = index, operation, reason

    def __str__(self) -> str:
        name, path = self.operation.get("op"), self.operation.get("path")
        return f"operation {self.index} ({name} {path!r}): {self.reason}"


def apply(document: Any, operations: Iterable[Operation]) -> Any:
    """`document` after `operations` (RFC 6902); all of them, or `PatchError` and none.

    A path with `__proto__`, `prototype` or `constructor` in it is refused.
    """
    draft = _Draft(document)
    for index, operation in enumerate(operations):
        try:
            _OPERATIONS[operation["op"]](draft, operation)
        except _Refusal as refusal:
            raise PatchError(index, operation, str(refusal)) from None
        except KeyError as error:
            raise PatchError(index, operation, f"no member {error}") from None
    return draft.root


class _Refusal(Exception):
    """Why one operation does not apply."""


class _Draft:
    """A document that is being changed: what it has copied itself, it may change in place."""

    __slots__ = ("_copies", "root")

    def __init__(self, root: Any) -> None:
        self.root = root
        self._copies: dict[int, Any] = {}

    def find(self, tokens: list[str]) -> Any:
        node = self.root
        for token in tokens:
            node = _child(node, token)
        return node

    def add(self, tokens: list[str], value: Any) -> None:
        if not tokens:
            self.root = value
            return
        parent, last = self._parent(tokens), tokens[-1]
        if type(parent) is dict:
            parent[last] = value
        else:
            parent.insert(len(parent) if last == "-" else _index(last, len(parent)), value)

    def replace(self, tokens: list[str], value: Any) -> None:
        if not tokens:
            self.root = value
            return
        parent, last = self._parent(tokens), tokens[-1]
        _child(parent, last)
        parent[last if type(parent) is dict else int(last)] = value

    def remove(self, tokens: list[str]) -> Any:
        if not tokens:
            raise _Refusal("the whole document cannot be removed")
        parent, last = self._parent(tokens), tokens[-1]
        _child(parent, last)
        return parent.pop(last if type(parent) is dict else int(last))

    def share(self) -> None:
        """Treat every part as shared: a copied value now has two places."""
        self._copies.clear()

    def _parent(self, tokens: list[str]) -> Any:
        """The container of the last token, copied along the way from the root."""
        node = self.root = self._own(self.root)
        for token in tokens[:-1]:
            child = self._own(_child(node, token))
            node[token if type(node) is dict else int(token)] = child
            node = child
        return node

    def _own(self, node: Any) -> Any:
        if id(node) in self._copies:
            return node
        if type(node) is not dict and type(node) is not list:
            raise _Refusal("the path leads into a value that is neither object nor array")
        copy = node.copy()
        self._copies[id(copy)] = copy
        return copy


def _child(node: Any, token: str) -> Any:
    if type(node) is dict:
        return node[token]
    if type(node) is list:
        return node[_index(token, len(node) - 1)]
    raise _Refusal("the path leads into a value that is neither object nor array")


def _index(token: str, last: int) -> int:
    """The array index that `token` writes (RFC 6901, section 4), at most `last`."""
    digits = token.isascii() and token.isdigit() and (token == "0" or token[0] != "0")
    if not digits or len(token) > 15:
        raise _Refusal(f"{token!r} is not an array index")
    if int(token) > last:
        raise _Refusal(f"index {token} is beyond the array")
    return int(token)


def _tokens(pointer: Any) -> list[str]:
    """The reference tokens of a JSON Pointer (RFC 6901)."""
    if pointer == "":
        return []
    if type(pointer) is not str or pointer[0] != "/":
        raise _Refusal("a path is empty or begins with '/'")
    tokens = pointer[1:].split("/")
    if "~" in pointer:
        tokens = [_unescaped(token) for token in tokens]
    if not POISON_KEYS.isdisjoint(tokens):
        raise _Refusal("a key of this name is not allowed")
    return tokens


def _unescaped(token: str) -> str:
    if token.count("~") != token.count("~0") + token.count("~1"):
        raise _Refusal("'~' stands only before 0 or 1")
    return token.replace("~1", "/").replace("~0", "~")


def _add(draft: _Draft, operation: Operation) -> None:
    draft.add(_tokens(operation["path"]), operation["value"])


def _remove(draft: _Draft, operation: Operation) -> None:
    draft.remove(_tokens(operation["path"]))


def _replace(draft: _Draft, operation: Operation) -> None:
    draft.replace(_tokens(operation["path"]), operation["value"])


def _move(draft: _Draft, operation: Operation) -> None:
    source, target = _tokens(operation["from"]), _tokens(operation["path"])
    if source == target:
        draft.find(source)
    elif target[: len(source)] == source:
        raise _Refusal("a value cannot be moved into itself")
    else:
        draft.add(target, draft.remove(source))


def _copy(draft: _Draft, operation: Operation) -> None:
    value = draft.find(_tokens(operation["from"]))
    draft.share()
    draft.add(_tokens(operation["path"]), value)


def _test(draft: _Draft, operation: Operation) -> None:
    if not _equal(draft.find(_tokens(operation["path"])), operation["value"]):
        raise _Refusal("the value is another")


def _equal(left: Any, right: Any) -> bool:
    """Equality of JSON values (RFC 6902, section 4.6): numbers by value, and 1 is not true."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return bool(left == right)


_OPERATIONS: Final[dict[str, Callable[[_Draft, Operation], None]]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
