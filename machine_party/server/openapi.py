"""`/openapi.json`: what this server answers, in one description (OpenAPI 3.1).

The paths are here; what a party's documents and events look like is `openapi_schema.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

from machine_party.core import Party
from machine_party.errors import PeerError
from machine_party.server.error import ANSWERED, status_of
from machine_party.server.openapi_schema import COMMON, PartySchemas, ref
from machine_party.server.room_state import LONGEST_WAIT

__all__ = ["description"]

_JSON: Final = "application/json"
_ROOM_ID: Final = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"}
_ROOM: Final[Mapping[str, Any]] = {
    "name": "room", "in": "path", "required": True, "description": "the room's id",
    "schema": _ROOM_ID,
}  # fmt: skip
_NAME: Final = {"type": "string", "minLength": 1, "maxLength": 96, "pattern": "\\S"}
_MAYBE: Final[list[dict[str, Any]]] = [{}, {"bearer": []}]
_NEEDED: Final[list[dict[str, Any]]] = [{"bearer": []}]
_ALWAYS: Final = ("bad_request", "bad_token", "unauthenticated", "not_found", "error")
_BUSY: Final = ("rate_limited", "overloaded", "draining", "store_unavailable")
_SEATED: Final = (*_ALWAYS, *_BUSY, "not_allowed", "kicked", "room_full")


def description(parties: Iterable[Party], root: str) -> dict[str, Any]:
    """The description, as JSON.

    Args:
        parties: that are served.
        root: the path under which the app is mounted; empty at the top.
    """
    described = [_Described(party) for party in parties]
    paths: dict[str, Any] = {"/openapi.json": {"get": _itself()}}
    schemas: dict[str, Any] = dict(COMMON)
    for each in described:
        paths |= each.paths()
        schemas |= each.schemas.components()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "machine-party",
            "version": version("machine-party"),
            "description": "Rooms over HTTP: make one, join, look, send events, listen.",
        },
        "servers": [{"url": root or "/"}],
        "tags": [each.tag() for each in described],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


class _Described:
    """One party's part."""

    def __init__(self, party: Party) -> None:
        self.schemas = PartySchemas(party)
        self._party = party
        self._name = party.name

    def tag(self) -> dict[str, Any]:
        """The party itself."""
        return {"name": self._name, "description": self.schemas.about}

    def paths(self) -> dict[str, Any]:
        """Every address of the party."""
        base = f"/parties/{self._name}"
        room = f"{base}/{{room}}"
        here: dict[str, Any] = {"parameters": [dict(_ROOM)]}
        return {
            base: {"get": self._look(), "post": self._make()},
            room: {**here, "get": self._state()},
            f"{room}/members": {**here, "post": self._join()},
            f"{room}/events": {**here, "get": self._listen(), "post": self._send()},
            f"{room}/qr.svg": {**here, "get": self._code()},
        }

    def _look(self) -> dict[str, Any]:
        summary = {
            "type": "object",
            "required": ["party", "creation", "open_roles"],
            "properties": {
                "party": {"const": self._name},
                "creation": {"const": self._party.creation},
                "open_roles": {"type": "array", "items": {"type": "string"}},
                "rooms": {"type": "array", "items": {"type": "string"}},
            },
        }
        about = "What the party is; for its operator also the ids of its live rooms."
        return self._operation("look", about, _MAYBE, _answer(200, summary), _ALWAYS)

    def _make(self) -> dict[str, Any]:
        body = _object({"input": self.schemas.input, "room": _maybe(_ROOM_ID)})
        made = ("party", "room", "role", "token", "url")
        answer = _answer(201, _object({key: {"type": "string"} for key in made}, made))
        codes = (*_ALWAYS, *_BUSY, "too_large")
        operation = self._operation("make", "Make a room.", _MAYBE, answer, codes)
        operation["responses"]["409"] = _error("there is a room of that id", ["bad_request"])
        return _with_body(operation, body)

    def _state(self) -> dict[str, Any]:
        about = "The room as the bearer sees it; with `wait`, once it differs from what they have."
        answer = _answer(200, ref(self.schemas.name("Room")))
        answer["200"]["headers"] = {"ETag": {"schema": {"type": "string"}}}
        answer["304"] = {"description": "It is as they have it."}
        codes = (*_ALWAYS, *_BUSY, "not_allowed", "kicked", *self._party.refusals)
        operation = self._operation("state", about, _MAYBE, answer, codes)
        wait = {"type": "number", "minimum": 0, "maximum": LONGEST_WAIT, "default": 0}
        operation["parameters"] = [
            _parameter("wait", "query", "how many seconds a 304 may be put off", wait),
            _parameter("If-None-Match", "header", "the `ETag` of what they have"),
        ]
        return operation

    def _join(self) -> dict[str, Any]:
        body = _object({"name": _maybe(_NAME), "meta": _maybe({"type": "object"})})
        seat = {
            "member": {"type": "string"},
            "role": {"type": "string"},
            "name": {"type": "string"},
            "token": _maybe({"type": "string"}),
        }
        answer = _answer(201, _object(seat, tuple(seat)))
        codes = (*_SEATED, "too_large", *self._party.refusals)
        about = "Take a seat, or the one that the bearer has. `meta.role` asks for a role."
        return _with_body(self._operation("join", about, _MAYBE, answer, codes), body)

    def _send(self) -> dict[str, Any]:
        event = ref(self.schemas.name("Event"))
        id_ = {"type": "string", "pattern": "^[0-9A-Za-z_-]{1,32}\\.[1-9][0-9]{0,14}$"}
        body = _object({"event": event, "id": _maybe(id_), "actorId": _maybe({"type": "string"})})
        body["required"] = ["event"]
        answer = _answer(200, ref(self.schemas.name("Receipt")))
        codes = (*_SEATED, "too_large", "id_reused", *self._party.refusals)
        about = "Send an event. The same `id` again is answered, and not run again."
        operation = self._operation("send", about, _NEEDED, answer, codes)
        return _with_body(operation, body, required=True)

    def _listen(self) -> dict[str, Any]:
        about = "The protocol's messages as server-sent events."
        answer = {"200": {
            "description": "until somebody ends it",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }}  # fmt: skip
        codes = (*_SEATED, *self._party.refusals)
        operation = self._operation("listen", about, _MAYBE, answer, codes)
        mode = {"enum": ["patch", "snapshot"]}
        operation["responses"]["406"] = _error("no event stream is wanted", ["bad_request"])
        operation["parameters"] = [
            _parameter("name", "query", "the wished display name", _NAME),
            _parameter("role", "query", "the wished role"),
            _parameter("sections", "query", "parts of the context, with commas between"),
            _parameter("mode", "query", "whole documents instead of patches", mode),
            _parameter("Last-Event-ID", "header", "where the client stands"),
        ]
        return operation

    def _code(self) -> dict[str, Any]:
        answer = {"200": {
            "description": "an image",
            "content": {"image/svg+xml": {"schema": {"type": "string"}}},
        }}  # fmt: skip
        about = "The QR code of the room's address, whether or not there is such a room."
        codes = ("bad_request", "not_found", "error")
        return self._operation("qr", about, _MAYBE, answer, codes)

    def _operation(
        self,
        verb: str,
        about: str,
        security: list[dict[str, Any]],
        answer: dict[str, Any],
        codes: Iterable[str],
    ) -> dict[str, Any]:
        return {
            "operationId": f"{self._name}.{verb}",
            "tags": [self._name],
            "description": about,
            "security": security,
            "responses": {**answer, **_errors(codes)},
        }


def _itself() -> dict[str, Any]:
    return {
        "operationId": "describe",
        "description": "This description.",
        "security": [{}],
        "responses": _answer(200, {"type": "object"}),
    }


def _errors(codes: Iterable[str]) -> dict[str, Any]:
    """The answers for those codes, by status. A code that is not ours is a party's own."""
    found: dict[HTTPStatus, list[str]] = {}
    for code in dict.fromkeys(codes):
        found.setdefault(status_of(PeerError(code, "")), []).append(code)
    return {str(int(status)): _error(status.phrase, found[status]) for status in sorted(found)}


def _error(about: str, codes: list[str]) -> dict[str, Any]:
    ours = [code for code in codes if code in ANSWERED]
    narrowed = {"properties": {"error": {"properties": {"code": {"enum": codes}}}}}
    schema = {"allOf": [ref("Error"), narrowed]} if ours else ref("Error")
    return {"description": about, "content": {_JSON: {"schema": schema}}}


def _answer(status: int, schema: dict[str, Any]) -> dict[str, Any]:
    content = {_JSON: {"schema": schema}}
    return {str(status): {"description": HTTPStatus(status).phrase, "content": content}}


def _with_body(operation: dict[str, Any], body: Any, *, required: bool = False) -> dict[str, Any]:
    """The operation with a body, and with what may be wrong with one."""
    wrong = {
        "408": _error("the body did not come in time", ["bad_request"]),
        "415": _error("it is not sent as JSON", ["bad_request"]),
    }
    return {
        **operation,
        "requestBody": {"required": required, "content": {_JSON: {"schema": body}}},
        "responses": {**operation["responses"], **wrong},
    }


def _object(properties: dict[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _parameter(
    name: str, place: str, about: str, schema: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "name": name, "in": place, "description": about, "schema": schema or {"type": "string"},
    }  # fmt: skip
