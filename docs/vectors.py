"""Records `docs/vectors.json`: what a client in any language must do, by what ours does.

The inputs are written here; the outputs are recorded from the code. The tests replay the file
against the code, and a client in another language replays the same file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import msgpack  # type: ignore[import-untyped]

from machine_party.protocol import (
    JSON,
    MSGPACK,
    Changed,
    ClientSync,
    Failed,
    MalformedMessage,
    Message,
    Notice,
    PatchError,
    Resolved,
    Resume,
    apply,
    matches,
)
from machine_party.protocol.table import SERVER_MESSAGES

__all__ = ["CLIENT_ID", "Player", "decoded", "record", "told"]

CLIENT_ID = "0123456789abcdef"
"""What the recorded client calls itself, in place of 64 random bits."""

_SERVER_TYPES = {shape.type for shape in SERVER_MESSAGES}

RESUME = {"epoch": 3, "audience": "player", "member": "m1", "shared": 17, "own": 4}

MESSAGES: list[dict[str, Any]] = [
    {"type": "party.hello"},
    {"type": "party.hello", "resume": RESUME, "token": "t0k3n", "name": "Ann"},
    {"type": "party.hello", "meta": {"role": "host"}, "sections": ["board"], "mode": "snapshot"},
    {"type": "party.send", "id": f"{CLIENT_ID}.1", "event": {"type": "increment", "by": 2}},
    {"type": "party.sendTo", "actorId": "player:m1", "event": {"type": "buzz"}},
    {
        "type": "party.sendTo",
        "actorId": "player:m1",
        "event": {"type": "buzz"},
        "id": f"{CLIENT_ID}.2",
    },
    {"type": "party.snapshot.get"},
    {"type": "party.ping"},
    {"type": "increment", "by": 2},
    {
        "type": "party.welcome",
        "protocol": 1,
        "member": "m1",
        "audience": "player",
        "epoch": 3,
        "now": 1760000000000,
        "resumed": True,
        "until": {"shared": 19, "own": 4},
        "token": "t0k3n",
    },
    {
        "type": "party.snapshot.update",
        "snapshot": {"value": {"question": "open"}, "context": {"count": 0}},
        "epoch": 3,
        "version": 40,
        "audience": "player",
        "shared": 17,
        "own": 4,
        "live": 2,
    },
    {
        "type": "party.snapshot.patch",
        "operations": [
            {"op": "add", "path": "/context/players/m2", "value": None},
            {"op": "remove", "path": "/context/players/m1"},
            {"op": "replace", "path": "/context/count", "value": 1.5},
            {"op": "move", "path": "/context/b", "from": "/context/a"},
            {"op": "copy", "path": "/context/c~1d", "from": "/context/b"},
            {"op": "test", "path": "", "value": {}},
        ],
        "layer": "own",
        "seq": 5,
        "version": 41,
        "more": True,
    },
    {"type": "party.receipt", "id": f"{CLIENT_ID}.1", "status": "accepted", "version": 41},
    {
        "type": "party.receipt",
        "id": f"{CLIENT_ID}.2",
        "status": "duplicate",
        "version": 41,
        "result": {"points": 3},
    },
    {
        "type": "party.receipt",
        "id": f"{CLIENT_ID}.3",
        "status": "rejected",
        "version": 41,
        "code": "not_handled",
        "reason": "nothing listens to it now",
    },
    {"type": "party.emit", "event": {"type": "ding", "text": "é😀"}},
    {"type": "party.chunk", "stream": "story", "index": 0, "data": None},
    {
        "type": "party.error",
        "code": "rate_limited",
        "reason": "slower",
        "temporary": True,
        "retry_after": 0.25,
    },
    {"type": "party.pong", "now": 1760000000000},
]

_PONG = {"type": "party.pong", "now": 1}
_PATCH = MESSAGES[11]
_HEAD = [18, [], 0, 5, 41]

TOLERATED: list[Any] = [
    {"now": 1, "type": "party.pong", "since": "version 2"},
    _PATCH | {"operations": [], "more": False},
    _PATCH | {"operations": [], "more": None},
    _PATCH | {"operations": [{"op": "remove", "path": "", "value": 1}]},
    MESSAGES[12] | {"result": None},
    {"type": "party.chunk", "stream": "story", "index": 0},
    [23, 1, "version 2"],
    [*_HEAD, None, "version 2"],
    [18, [[1, "/a", None, "version 2"]], 0, 5, 41],
    [20, {"type": "ding", "toString": {"valueOf": []}}],
]
"""What a server of a later version, or a sloppy one, may send."""

MALFORMED: list[Any] = [
    "",
    1,
    {},
    {"type": 23, "now": 1},
    {"type": "ding"},
    {"type": "party.novelty"},
    {"type": "toString"},
    {"type": "party.pong"},
    _PONG | {"now": "1"},
    _PONG | {"now": -1},
    _PONG | {"now": 1.5},
    _PONG | {"now": 2**53},
    _PONG | {"now": True},
    MESSAGES[9] | {"until": [19, 4]},
    MESSAGES[9] | {"until": {"shared": 19}},
    MESSAGES[10] | {"snapshot": []},
    MESSAGES[10] | {"audience": None},
    _PATCH | {"layer": "private"},
    _PATCH | {"more": 1},
    _PATCH | {"operations": {}},
    _PATCH | {"operations": [{"op": "add", "path": "/a"}]},
    _PATCH | {"operations": [{"op": "move", "path": "/a", "from": 1}]},
    _PATCH | {"operations": [{"op": "splice", "path": "/a"}]},
    _PATCH | {"operations": [{"op": "remove", "path": 1}]},
    MESSAGES[12] | {"id": "1"},
    MESSAGES[12] | {"id": f"{CLIENT_ID}.01"},
    MESSAGES[12] | {"status": "toString"},
    {"type": "party.emit", "event": {"text": "é"}},
    {"type": "party.emit", "event": {"type": ""}},
    MESSAGES[17] | {"retry_after": -1},
    [],
    [99],
    ["party.pong", 1],
    [23],
    [22, "code", "reason", 1],
    [16, 1, "m1", "player", 3, 1, True, [19]],
    [16, 1, "m1", "player", 3, 1, True, {"shared": 19, "own": 4}],
    [18, [], 3, 5, 41],
    [18, [], "shared", 5, 41],
    [18, [[6, "/a", 1]], 0, 5, 41],
    [18, [[0, "/a"]], 0, 5, 41],
    [18, [[1]], 0, 5, 41],
    [18, [{"op": "remove", "path": ""}], 0, 5, 41],
]
"""What no client takes for a message: rows are packed, all else is text."""

PATCHES: list[tuple[Any, list[dict[str, Any]]]] = [
    ({"a": 1}, [{"op": "replace", "path": "/a", "value": 2}]),
    ({"a": 1}, [{"op": "add", "path": "/b", "value": {"c": []}}]),
    ({"a": [1, 2]}, [{"op": "add", "path": "/a/1", "value": 9}]),
    ({"a": [1, 2]}, [{"op": "add", "path": "/a/-", "value": 9}]),
    ({"a": [1, 2]}, [{"op": "remove", "path": "/a/0"}]),
    ({"a/b": 1, "c~d": 2}, [{"op": "remove", "path": "/a~1b"}, {"op": "remove", "path": "/c~0d"}]),
    ({"a": {"b": 1}}, [{"op": "move", "from": "/a/b", "path": "/c"}]),
    ({"a": {"b": 1}}, [{"op": "copy", "from": "/a", "path": "/c"}]),
    ({"a": 1}, [{"op": "test", "path": "/a", "value": 1.0}]),
    ({"a": 1}, [{"op": "add", "path": "", "value": []}]),
    ({"": 1}, [{"op": "replace", "path": "/", "value": 2}]),
    ({"a": 1}, [{"op": "remove", "path": "/b"}]),
    ({"a": 1}, [{"op": "replace", "path": "/b", "value": 1}]),
    ({"a": [1]}, [{"op": "add", "path": "/a/3", "value": 1}]),
    ({"a": [1]}, [{"op": "add", "path": "/a/00", "value": 1}]),
    ({"a": 1}, [{"op": "test", "path": "/a", "value": True}]),
    ({"a": {}}, [{"op": "move", "from": "/a", "path": "/a/b"}]),
    ({"a": {}}, [{"op": "add", "path": "/a/__proto__", "value": 1}]),
    ({"a": {}}, [{"op": "add", "path": "/constructor/prototype/b", "value": 1}]),
    ({"a": {}}, [{"op": "copy", "from": "/a/prototype", "path": "/b"}]),
    ({"a": 1}, [{"op": "replace", "path": "/a", "value": 2}, {"op": "remove", "path": "/b"}]),
    ({}, [{"op": "add", "path": "/toString", "value": 1}]),
    ({"hasOwnProperty": 1}, [{"op": "replace", "path": "/hasOwnProperty", "value": 2}]),
    ({"valueOf": {"a": 1}}, [{"op": "remove", "path": "/valueOf/a"}]),
    ({}, [{"op": "replace", "path": "/toString", "value": 1}]),
    ({}, [{"op": "add", "path": "/valueOf/a", "value": 1}]),
    ({}, [{"op": "test", "path": "", "value": {"toString": None}}]),
    ({"a": [1]}, [{"op": "test", "path": "/a/length", "value": 1}]),
    ({"a": "text"}, [{"op": "test", "path": "/a/0", "value": "t"}]),
    ({"a": [1]}, [{"op": "remove", "path": "/a/-"}]),
    ({"a": [1]}, [{"op": "replace", "path": "/a/1", "value": 2}]),
    ({"a": [1]}, [{"op": "add", "path": "/a/1e0", "value": 2}]),
    ({"a": []}, [{"op": "test", "path": "/a", "value": {}}]),
    ({"a": None}, [{"op": "test", "path": "/a", "value": {}}]),
    ({"a": 0}, [{"op": "test", "path": "/a", "value": False}]),
    ({"a": 1}, [{"op": "test", "path": "/a", "value": "1"}]),
    ({"a": {"b": 1, "c": 2}}, [{"op": "test", "path": "/a", "value": {"c": 2, "b": 1}}]),
    ({"a": 1}, [{"op": "remove", "path": ""}]),
    ({"a": 1}, [{"op": "add", "path": "a", "value": 2}]),
    ({"a": 1}, [{"op": "add", "path": "/~2", "value": 2}]),
    ({"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}]),
    ({"a": 1}, [{"op": "copy", "from": "", "path": "/b"}]),
    (
        {"a": {"b": [1]}},
        [
            {"op": "add", "path": "/a/b/-", "value": 2},
            {"op": "copy", "from": "/a", "path": "/c"},
            {"op": "add", "path": "/c/b/-", "value": 3},
            {"op": "add", "path": "/a/b/0", "value": 0},
        ],
    ),
]

STATES: list[tuple[Any, Any]] = [
    ("a", "a"),
    ("a", "b"),
    ("a", {"a": "b"}),
    ("a.b", {"a": "b"}),
    ("a.b", {"a": {"b": "c"}}),
    ("a.b.c", {"a": "b"}),
    ({"a": "b"}, {"a": {"b": "c"}}),
    ({"a": "b"}, "a"),
    ({}, {"a": "b"}),
    ({"a": "b", "c": "d"}, {"a": "b", "c": {"d": "e"}}),
    ({"a": "b", "c": "e"}, {"a": "b", "c": {"d": "e"}}),
    ("a\\.b", {"a.b": "c"}),
    ("a.b", {"a.b": "c"}),
    ("a\\", "a"),
    ("", ""),
    ("toString", {"toString": "a"}),
    ("toString", {"a": "b"}),
    ({"toString": "a"}, {"a": "b"}),
    ({"a": {}}, {"a": "b"}),
    ({"a": {}}, {"a": {"b": "c"}}),
]

_WELCOME = MESSAGES[9] | {"resumed": False}
del _WELCOME["until"], _WELCOME["token"]
_RESUMED = _WELCOME | {"resumed": True, "until": {"shared": 19, "own": 5}}
_SNAPSHOT = {"value": "on", "context": {"count": 0, "mine": 0}}
_UPDATE = MESSAGES[10] | {"snapshot": _SNAPSHOT}
del _UPDATE["live"]


def _patch(layer: str, seq: int, value: Any, version: int = 41, **more: bool) -> dict[str, Any]:
    path = {"shared": "/context/count", "own": "/context/mine", "live": "/live/at"}[layer]
    operations = [{"op": "replace", "path": path, "value": value}]
    head = {"type": "party.snapshot.patch", "operations": operations, "layer": layer}
    return {**head, "seq": seq, "version": version, **more}


def _receipt(number: int, **fields: Any) -> dict[str, Any]:
    id = f"{CLIENT_ID}.{number}"
    return {"type": "party.receipt", "id": id, "status": "accepted", "version": 41, **fields}


_BEGIN: list[Any] = ["connected", _WELCOME, _UPDATE]
_SEND = {"send": {"type": "increment"}}
_LIVE = {"op": "add", "path": "/live", "value": {"at": 1}}
_WHOLE_LIVE = _patch("live", 7, 0) | {"operations": [_LIVE]}
_HIGH_LIVE = _WHOLE_LIVE | {"seq": 900}
_POISON = {"op": "add", "path": "/context/__proto__/admin", "value": True}
_PAIR = [_patch("own", 5, 1, more=True), _patch("shared", 18, 1)]
_BROKEN = _patch("shared", 18, 1) | {"operations": [{"op": "remove", "path": "/none"}]}

SESSIONS: dict[str, list[Any]] = {
    "the first snapshot makes it ready": _BEGIN,
    "a patch is a change": [*_BEGIN, _patch("shared", 18, 1)],
    "a pair is one change": [*_BEGIN, _patch("own", 5, 1, more=True), _patch("shared", 18, 1)],
    "half a pair is a gap": [*_BEGIN, _patch("own", 5, 1, more=True), _patch("own", 6, 2, 42)],
    "two halves of one layer are a gap": [
        *_BEGIN,
        _patch("own", 5, 1, more=True),
        _patch("own", 6, 2),
    ],
    "a repeat is stale": [*_BEGIN, _patch("shared", 18, 1), _patch("shared", 18, 1)],
    "a repeat of an unseen version is a gap": [*_BEGIN, _patch("shared", 17, 1, 41)],
    "far behind is no repeat": [*_BEGIN, _UPDATE | {"shared": 900}, _patch("shared", 800, 1, 40)],
    "a gap asks once for a snapshot": [
        *_BEGIN,
        _patch("shared", 19, 2, 42),
        _patch("shared", 20, 3, 43),
        _UPDATE | {"version": 43, "shared": 20, "snapshot": _SNAPSHOT | {"value": "off"}},
        _patch("shared", 21, 4, 44),
    ],
    "a patch that does not apply": [*_BEGIN, _BROKEN, "disconnected", "connected"],
    "a patch before any document": ["connected", _WELCOME, _patch("shared", 18, 1)],
    "an update before the welcome": ["connected", _UPDATE],
    "an old update": [*_BEGIN, _UPDATE | {"version": 39}],
    "an equal update changes nothing": [*_BEGIN, _UPDATE | {"version": 41}],
    "a replay is one change": [
        *_BEGIN,
        "disconnected",
        "connected",
        _RESUMED,
        _patch("own", 5, 1),
        _patch("shared", 18, 1),
        _patch("shared", 19, 2, 42),
    ],
    "an update ends a replay": [
        *_BEGIN,
        "disconnected",
        "connected",
        _RESUMED,
        _patch("shared", 18, 1),
        _UPDATE | {"version": 44, "shared": 30},
    ],
    "a resume of nothing new": [
        *_BEGIN,
        "disconnected",
        "connected",
        _RESUMED | {"until": {"shared": 17, "own": 4}},
    ],
    "a resume that is not this mirror's": [
        *_BEGIN,
        "disconnected",
        "connected",
        _RESUMED | {"epoch": 4},
    ],
    "a new audience": [
        *_BEGIN,
        _UPDATE | {"version": 41, "audience": "host", "shared": 500},
        _patch("shared", 501, 7, 42),
        "disconnected",
        "connected",
    ],
    "the live layer": [
        *_BEGIN,
        _WHOLE_LIVE,
        _patch("live", 8, 2),
        _patch("live", 10, 4),
        "disconnected",
        "connected",
    ],
    "a send and its receipt": [
        *_BEGIN,
        _SEND,
        _patch("shared", 18, 1),
        _receipt(1, result={"points": 3}),
        _receipt(1),
    ],
    "a receipt waits for a snapshot": [
        *_BEGIN,
        _SEND,
        _patch("shared", 19, 2, 42),
        _receipt(1),
        _UPDATE | {"version": 42, "shared": 19},
    ],
    "unanswered sends are sent again": [
        _SEND,
        *_BEGIN,
        _SEND | {"actorId": "player:m1"},
        _receipt(1),
        "disconnected",
        _SEND,
        "connected",
        _WELCOME,
        _UPDATE,
        _receipt(2, status="duplicate"),
        _receipt(3, status="rejected", code="not_handled", reason="not now"),
    ],
    "what was not stored is sent again with the next update": [
        *_BEGIN,
        {**_SEND, "times": 3},
        _receipt(1, status="rejected", code="store_unavailable", reason="not stored"),
        _receipt(2, status="rejected", code="store_unavailable", reason="not stored"),
        _receipt(2, status="rejected", code="store_unavailable", reason="not stored"),
        _SEND,
        _UPDATE | {"epoch": 4, "version": 41},
        _receipt(3),
        _receipt(1),
        _receipt(2, status="duplicate"),
    ],
    "what came to a closing room is sent again after the welcome": [
        *_BEGIN,
        _SEND,
        _receipt(1, status="rejected", code="draining", reason="the room is moving"),
        _SEND,
        "disconnected",
        "connected",
        _WELCOME,
        _UPDATE,
        _receipt(1),
    ],
    "emits, chunks and errors": [*_BEGIN, MESSAGES[15], MESSAGES[16], MESSAGES[17]],
    "a pong says nothing of the room": [*_BEGIN, MESSAGES[18]],
    "a second welcome is stale": [*_BEGIN, _WELCOME | {"epoch": 4}, _patch("shared", 18, 1)],
    "a token is kept for the next hello": [
        "connected",
        _WELCOME | {"token": "t0k3n"},
        "disconnected",
        "connected",
    ],
    "an update of an older epoch is stale": [*_BEGIN, _UPDATE | {"epoch": 2, "version": 99}],
    "a new epoch counts from anew": [
        *_BEGIN,
        _UPDATE | {"epoch": 4, "version": 1, "shared": 5, "own": 6},
        _patch("shared", 6, 1, 2),
    ],
    "a room that began anew": [
        *_BEGIN,
        "disconnected",
        "connected",
        _WELCOME,
        _UPDATE | {"version": 7, "shared": 2, "own": 1},
        _patch("shared", 3, 1, 8),
    ],
    "another member is not this mirror's": [
        *_BEGIN,
        "disconnected",
        "connected",
        _RESUMED | {"member": "m2"},
    ],
    "another audience is not this mirror's": [
        *_BEGIN,
        "disconnected",
        "connected",
        _RESUMED | {"audience": "host"},
    ],
    "a replay ends when both layers have": [
        *_BEGIN,
        "disconnected",
        "connected",
        _RESUMED | {"until": {"shared": 18, "own": 5}},
        _patch("shared", 18, 1),
        _patch("own", 5, 1),
    ],
    "the highest version counts, not the last": [
        *_BEGIN,
        _patch("own", 5, 1, 43),
        _patch("shared", 18, 1, 42),
        _UPDATE | {"version": 42},
    ],
    "a resume without a position": ["connected", _RESUMED, _UPDATE],
    "a pair within a replay": [
        *_BEGIN,
        "disconnected",
        "connected",
        _RESUMED | {"until": {"shared": 18, "own": 5}},
        *_PAIR,
        _patch("own", 6, 2, 42),
    ],
    "a pair of two versions is a gap": [
        *_BEGIN,
        _patch("own", 5, 1, more=True),
        _patch("shared", 18, 1, 42),
    ],
    "a receipt within a pair is a gap": [
        *_BEGIN,
        _SEND,
        _patch("own", 5, 1, more=True),
        _receipt(1),
        _UPDATE | {"version": 41, "shared": 18, "own": 5},
    ],
    "an emit within a replay is a gap": [
        *_BEGIN,
        "disconnected",
        "connected",
        _RESUMED,
        _patch("own", 5, 1),
        MESSAGES[15],
        _UPDATE | {"version": 42, "shared": 19, "own": 5},
    ],
    "what is held outlives the connection": [
        *_BEGIN,
        _SEND,
        _patch("shared", 19, 2, 42),
        _receipt(1),
        MESSAGES[15],
        "disconnected",
        "connected",
        _RESUMED | {"until": {"shared": 18, "own": 4}},
        _patch("shared", 18, 1),
    ],
    "a path to a prototype": [*_BEGIN, _patch("own", 5, 1) | {"operations": [_POISON]}],
    "a live layer comes with an update": [
        "connected",
        _WELCOME,
        _UPDATE | {"live": 7, "snapshot": _SNAPSHOT | {"live": {"at": 1}}},
        _patch("live", 8, 2),
        _patch("live", 8, 3),
        _patch("live", 9, 4),
    ],
    "a live patch without a known layer": [*_BEGIN, _patch("live", 8, 2)],
    "a whole live layer has any seq": [*_BEGIN, _HIGH_LIVE, _WHOLE_LIVE, _patch("live", 8, 2)],
    "a live layer that is as it was": [
        *_BEGIN,
        _WHOLE_LIVE,
        "disconnected",
        "connected",
        _RESUMED | {"until": {"shared": 17, "own": 4}},
        _HIGH_LIVE,
        _patch("live", 901, 2),
    ],
    "a live patch before the layer has come whole": [
        *_BEGIN,
        _WHOLE_LIVE,
        "disconnected",
        "connected",
        _RESUMED | {"until": {"shared": 17, "own": 4}},
        _patch("live", 8, 2),
    ],
    "a whole live layer within a pair is a gap": [
        *_BEGIN,
        _WHOLE_LIVE,
        _patch("own", 5, 1, more=True),
        _WHOLE_LIVE | {"seq": 8},
    ],
    "a live patch within a pair is a gap": [
        *_BEGIN,
        _WHOLE_LIVE,
        _patch("own", 5, 1, more=True),
        _patch("live", 8, 2),
    ],
    "at most 64 sends are on their way": [
        _SEND | {"times": 66},
        *_BEGIN,
        _receipt(2),
        _SEND,
        "disconnected",
        "connected",
        _WELCOME,
        _receipt(66),
        _receipt(1),
        _receipt(3),
    ],
}
"""Each: what happens to a client, in order. A message comes in; the rest is said in words."""


class Player:
    """A `ClientSync` that takes the steps of a session and says what it does.

    Every message passes through both codecs, so that what is recorded is what travels.
    """

    def __init__(self) -> None:
        self._client = ClientSync(client_id=CLIENT_ID)

    @property
    def position(self) -> Resume | None:
        """Where its mirror stands."""
        return self._client.position

    @property
    def version(self) -> int:
        """The highest version that it has seen."""
        return self._client.version

    def play(self, step: Any) -> dict[str, Any]:
        """One step: `{"sends": [...], "notices": [...], "document": ...}` after it."""
        notices = self._take(step)
        sends = [_named(message) for message in self._client.messages_to_send()]
        document = self._client.document
        return {"sends": sends, "notices": [told(n) for n in notices], "document": document}

    def _take(self, step: Any) -> list[Notice]:
        if step == "connected":
            self._client.connected()
        elif step == "disconnected":
            self._client.disconnected()
        elif "send" in step:
            for _ in range(step.get("times", 1)):
                self._client.send(step["send"], step.get("actorId"))
        else:
            return self._client.receive(JSON.decode_server(json.dumps(step)))
        return []


def _named(message: Message) -> Any:
    return json.loads(JSON.encode(message))


def told(notice: Notice) -> dict[str, Any]:
    """A notice as JSON. The documents of a change are left out: the step has the new one."""
    name = type(notice).__name__.lower()
    if isinstance(notice, Changed):
        return {"notice": name}
    if isinstance(notice, Resolved):
        return {"notice": name, "receipt": _named(notice.receipt)}
    if isinstance(notice, Failed):
        return {"notice": name, "error": _named(notice.error)}
    return {"notice": name, **asdict(notice)}


def record() -> dict[str, Any]:
    """All vectors, as they are now."""
    return {
        "messages": [_message(named) for named in MESSAGES],
        "tolerated": [{**_form(value), "means": _meaning(value)} for value in TOLERATED],
        "malformed": [{**_form(value), "path": _fault(value)} for value in MALFORMED],
        "patches": [_patched(document, operations) for document, operations in PATCHES],
        "states": [
            {"pattern": pattern, "value": value, "matches": matches(pattern, value)}
            for pattern, value in STATES
        ],
        "sessions": {name: _session(steps) for name, steps in SESSIONS.items()},
    }


def _message(named: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(named)
    from_server = named["type"] in _SERVER_TYPES
    message: Message = JSON.decode_server(text) if from_server else JSON.decode_client(text)
    return {
        "from": "server" if from_server else "client",
        "json": JSON.encode(message),
        "msgpack": MSGPACK.encode(message).hex(),
    }


def _form(value: Any) -> dict[str, str]:
    """What travels: a row as MessagePack, text as it is, all else as JSON."""
    if isinstance(value, list):
        return {"msgpack": msgpack.packb(value).hex()}
    return {"json": value if isinstance(value, str) else json.dumps(value)}


def decoded(form: dict[str, str]) -> Message:
    """The message of a server that is recorded in one form. Raises `MalformedMessage`."""
    if "json" in form:
        return JSON.decode_server(form["json"])
    return MSGPACK.decode_server(bytes.fromhex(form["msgpack"]))


def _meaning(value: Any) -> Any:
    return _named(decoded(_form(value)))


def _fault(value: Any) -> str | None:
    try:
        decoded(_form(value))
    except MalformedMessage as error:
        return error.path
    raise AssertionError(f"not malformed: {value}")


def _patched(document: Any, operations: list[dict[str, Any]]) -> dict[str, Any]:
    case = {"document": document, "operations": operations}
    try:
        return {**case, "result": apply(document, operations)}
    except PatchError as error:
        return {**case, "fails_at": error.index}


def _session(steps: Iterable[Any]) -> list[dict[str, Any]]:
    player = Player()
    return [{"step": step, **player.play(step)} for step in steps]
