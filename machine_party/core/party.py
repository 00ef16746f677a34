"""`Party`: a kind of room, as a class. Its machine, events, views, and the hooks of its server.

A game subclasses it; everything that it declares is checked when the class is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec

from machine_party.core.declaration import declare
from machine_party.core.event import ClientEvent, Emit
from machine_party.core.machine import Machine
from machine_party.core.member import Member
from machine_party.core.plain import as_declared
from machine_party.core.snapshot import Snapshot
from machine_party.core.view import Declared
from machine_party.errors import PeerError, UndeclaredError

if TYPE_CHECKING:
    from machine_party.core.access import AuthRequest

__all__ = ["Migration", "Party"]

Migration = Callable[[dict[str, Any]], dict[str, Any]]
"""From the stored form of one schema to that of the next. It may change what it is given."""

_PATH = re.compile(r" - at `(\$[^`]*)`$")


class Party:
    """A kind of room.

    Class attributes:
        name: as in its address `/parties/{name}/{room}`; the class name, kebab-cased.
        machine: the Machine class.
        events: the ClientEvent types that clients may send.
        emits: the Emit types that the machine may emit.
        refusals: `{code: sentence}`, the reasons that `Machine.refuse` may give.
        Input: the type of a room's input, or None.
        creation: who makes rooms: `connect` (whoever connects first), `request` (anyone, over
            HTTP), `service` (a token with the role `service`).
        creator_role: the role of the token that the creator gets.
        open_roles: the roles that a newcomer may ask for; the first is the default.
        shared_children, own_children: `{child id: context type}` of the children that a layer
            may show; an id is exact or ends in `*`, as in `{"player:*": PlayerCard}`.
        patch_interval: under load, at most one commit in so many seconds.
        grace: seconds after the last connection during which a member counts as present.
        max_members: seats.
        page: the folder of the party's web page: `page.js` is loaded as a module, `page.css` if
            it is there. None: browsers get a plain page. The server checks that it is there.
        schema_version: of what this party stores. Raise it with a change that stored rooms do not
            fit, and say in `migrations` what leads there.
        migrations: `{1: to_2}`: each takes the stored form (`Actor.dump`) of its schema, and
            returns it in the next one. See `docs/migrate.md`.
    """

    name: ClassVar[str] = ""
    machine: ClassVar[type[Machine[Any]]]
    events: ClassVar[tuple[type[ClientEvent], ...]] = ()
    emits: ClassVar[tuple[type[Emit], ...]] = ()
    refusals: ClassVar[Mapping[str, str]] = {}
    Input: ClassVar[type[Any] | None] = None
    creation: ClassVar[Literal["connect", "request", "service"]] = "request"
    creator_role: ClassVar[str] = "host"
    open_roles: ClassVar[tuple[str, ...]] = ("player",)
    shared_children: ClassVar[Mapping[str, type[msgspec.Struct]]] = {}
    own_children: ClassVar[Mapping[str, type[msgspec.Struct]]] = {}
    patch_interval: ClassVar[float] = 0.05
    grace: ClassVar[float] = 15.0
    max_members: ClassVar[int] = 1_000
    page: ClassVar[Path | None] = None
    schema_version: ClassVar[int] = 1
    migrations: ClassVar[Mapping[int, Migration]] = {}

    event_types: ClassVar[Mapping[str, type[ClientEvent]]] = {}
    """Filled in: `{wire type: ClientEvent}`."""
    definition: ClassVar[str] = ""
    """Filled in: a hash of what its machines declare."""
    shared_view: ClassVar[Declared]
    own_view: ClassVar[Declared | None] = None
    own_can: ClassVar[frozenset[str]] = frozenset()
    """Filled in: the events whose `can` is each member's own."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "machine" in cls.__dict__ or hasattr(cls, "machine"):
            declare(cls, Party)

    # -- views -----------------------------------------------------------------------------

    def shared(self, snapshot: Snapshot[Any], audience: str) -> Any:
        """What everyone of an audience sees. Declare the return type: only its fields are sent."""
        raise NotImplementedError

    def own(self, snapshot: Snapshot[Any], member: Member) -> Any:
        """What only `member` sees. Optional; its fields must not be the shared view's."""
        raise NotImplementedError

    def audience(self, member: Member) -> str:
        """Which audience a member belongs to: the role, unless overridden."""
        return member.role

    # -- hooks of the server: plain or async, all optional ------------------------------------

    def on_create(self, room: Any, input: Any) -> Any:
        """A room was made."""

    def on_auth(self, request: AuthRequest) -> Any:
        """Someone wants in. Return (or await) another Grant, or None for the usual one.

        Raises:
            PeerError: to turn them away; its code and reason are told.
        """

    def on_join(self, room: Any, member: Member, connection: Any) -> Any:
        """A connection was opened for a member; `connection.metadata` says what is known of it."""

    def on_leave(self, room: Any, member: Member, connection: Any) -> Any:
        """A connection of a member was closed."""

    def on_dispose(self, room: Any) -> Any:
        """The room leaves this server's memory."""

    # -- what the declarations mean ------------------------------------------------------------

    def decode(self, type: str, data: Mapping[str, Any], role: str | None) -> ClientEvent:
        """The typed event, if `role` may send it. None is a service, which may send any.

        Raises:
            PeerError: `not_allowed` (unknown and forbidden alike) or `bad_request` with a path.
        """
        kind = self.event_types.get(type)
        if kind is None or (role is not None and role not in kind.roles):
            raise PeerError("not_allowed", f"You may not send {type!r} here.", path="$.event.type")
        try:
            return msgspec.convert(_copied(data), kind, str_keys=True)
        except msgspec.ValidationError as error:
            raise bad_payload(error, "$.event") from None

    def sendable(self, role: str) -> frozenset[str]:
        """The event types that `role` may send."""
        return frozenset(key for key, kind in self.event_types.items() if role in kind.roles)

    def typed(self, type: str, data: Any) -> Any:
        """A stored payload as its declared type; other data as it is."""
        kind = self.event_types.get(type)
        if kind is None or not isinstance(data, dict):
            return data
        return msgspec.convert(data, kind, str_keys=True)

    def convert_input(self, raw: Any) -> Any:
        """The room's input as the declared type.

        Raises:
            PeerError: `bad_request`, naming the path.
        """
        if self.Input is None:
            if raw:
                raise PeerError("bad_request", f"{self.name} takes no input.", path="$.input")
            return None
        try:
            return msgspec.convert(raw if raw is not None else {}, self.Input, str_keys=True)
        except msgspec.ValidationError as error:
            raise bad_payload(error, "$.input") from None

    def input_of_stored(self, raw: Any) -> Any:
        """The root machine's input, as it was stored, as its type."""
        if raw is None or self.Input is None:
            return None
        return msgspec.convert(raw, self.Input, str_keys=True)

    def check_emit(self, kind: type[Emit]) -> None:
        """Raises UndeclaredError if the party does not list this Emit."""
        if kind not in self.emits:
            name = kind.__name__
            what, fix = f"it emits {name}, which it does not list", f"Add {name} to emits."
            raise UndeclaredError(type(self).__name__, what, fix)

    def encode_reply(self, event: str, result: Any) -> Any:
        """A reply as JSON-able data, checked against the event's declared type."""
        declared = self.event_types[event].reply if event in self.event_types else None
        if declared is None or type(result) is not declared:
            raise UndeclaredError(
                type(self).__name__,
                f"{event!r} is answered with {type(result).__name__}, which it does not declare",
                f"Write reply: ClassVar = {type(result).__name__} in the event's class.",
            )
        return as_declared(result, declared)

    def reason(self, code: str) -> str:
        """The declared sentence of a refusal."""
        try:
            return self.refusals[code]
        except KeyError:
            what, fix = f"the refusal {code!r} is not declared", f"Add {code!r} to refusals."
            raise UndeclaredError(type(self).__name__, what, fix) from None


def _copied(data: Any) -> Any:
    """What the game may keep and change: the cause that it came with is run again as it was."""
    return msgspec.to_builtins(data)


def bad_payload(error: msgspec.ValidationError, root: str) -> PeerError:
    """msgspec's message, split in what is wrong and where."""
    text = str(error)
    found = _PATH.search(text)
    path = root + found.group(1)[1:] if found else root
    return PeerError("bad_request", _PATH.sub("", text) + ".", path=path)
