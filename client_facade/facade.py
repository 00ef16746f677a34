"""The façade: an object that looks like the room's machine and holds none of its logic.

What must not be here: bytes and channels (`connection.py`), or the protocol's rules
(`machine_party.protocol`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from copy import deepcopy
from random import Random, SystemRandom
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, cast

import typing_extensions

from client_facade.actor import Actor, event_from
from client_facade.connection import Connection
from client_facade.error import Closed, NotReady
from client_facade.listener import Listeners, Unsubscribe, report, same, when_changed
from client_facade.reconnect import Backoff
from client_facade.server_time import ServerTime
from client_facade.snapshot import ContextT, Snapshot
from client_facade.transport import Transport, WebSocketTransport
from client_facade.wait import Shielded, Waits, settle, settle_if
from machine_party.protocol import (
    JSON,
    MSGPACK,
    Changed,
    Chunked,
    ClientSync,
    CloseCode,
    Conflict,
    Emitted,
    Error,
    Failed,
    Notice,
    Pong,
    Ready,
    Receipt,
    Resolved,
    ServerMessage,
    Welcome,
)

__all__ = ["Facade", "connect"]

T = TypeVar("T")
C = typing_extensions.TypeVar("C", default=Any)


def connect(
    url: str,
    *,
    token: str | None = None,
    name: str | None = None,
    role: str | None = None,
    meta: Mapping[str, Any] | None = None,
    sections: Sequence[str] | None = None,
    mode: Literal["patch", "snapshot"] | None = None,
    codec: Literal["msgpack", "json"] = "msgpack",
    context: type[C] | None = None,
    transport: Transport | None = None,
    random: Random | None = None,
    facade: Callable[[ClientSync], Facade[Any]] | None = None,
) -> Facade[C]:
    """A façade of the room at `url`, which connects in the background and stays connected.

    Call it where an event loop runs. Use `async with connect(…) as room`, which waits for the
    first snapshot and closes in the end; or await `room.ready`, and later `room.close()`.

    Args:
        url: `ws://host/parties/{party}/{room}` (wss, http and https do as well); a `?_pk=` of
            at least 16 secret characters makes the same member of whoever knows it.
        token: the credential of a member; never put it into the URL.
        name: how the member is called.
        role: which of the party's open roles to ask for; the party's first by default.
        meta: facts about the connection, for the party's hooks.
        sections: which parts of the document are wanted; all by default.
        mode: `"snapshot"` for whole documents instead of patches.
        codec: what travels; both mean the same.
        context: a TypedDict of what the party's views show, for the type checker only.
        transport: how bytes travel; WebSocket by default.
        random: where this client's id and the jitter of its reconnects come from.
        facade: makes the façade, for a subclass of `Facade`.
    """
    source = random or SystemRandom()
    sync = ClientSync(
        token=token,
        name=name,
        meta=_meta(meta, role),
        sections=None if sections is None else tuple(sections),
        mode=mode,
        client_id=f"{source.getrandbits(64):016x}",
    )
    made: Facade[C] = (facade or Facade)(sync)
    connection = Connection(
        url,
        transport or WebSocketTransport(),
        MSGPACK if codec == "msgpack" else JSON,
        sync,
        Backoff(source),
        receive=made._receive,
        lost=made._disconnected,
        report=report,
    )
    made._start(connection)
    return made


class Facade(Actor[ContextT]):
    """One member's view of a room's machine, and the way to send it events.

    It looks like the machine (`value`, `context`, `matches`, `can`, …) and holds no logic. Make
    it with `connect`.
    """

    def __init__(self, sync: ClientSync) -> None:
        self._sync = sync
        self._loop = asyncio.get_running_loop()
        self._snapshot: Snapshot[ContextT] | None = None
        self._time = ServerTime()
        self._waits = Waits()
        self._ready: asyncio.Future[None] = self._waits.add()
        self._sends: dict[str, asyncio.Future[Receipt]] = {}
        self._snapshots: Listeners[Snapshot[ContextT]] = Listeners(report)
        self._emits: Listeners[Mapping[str, Any]] = Listeners(report)
        self._conflicts: Listeners[Conflict] = Listeners(report)
        self._chunks: Listeners[Chunked] = Listeners(report)
        self._errors: Listeners[Error] = Listeners(report)
        self._connections: Listeners[bool] = Listeners(report)

    # The connection -------------------------------------------------------------------------

    @property
    def ready(self) -> Awaitable[None]:
        """Await it: done once the first snapshot is here. Raises `Closed` if it never will be."""
        return Shielded(self._ready)

    @property
    def connected(self) -> bool:
        """Whether the server has welcomed this façade on a connection that is open now."""
        return self._connection.welcomed

    @property
    def closed(self) -> Closed | None:
        """Why the façade is over, or None while it is connected or comes back by itself."""
        return self._waits.closed

    @property
    def member(self) -> str:
        """This member's public id in the room. Raises `NotReady` before the first welcome."""
        if self._sync.member is None:
            raise NotReady
        return self._sync.member

    @property
    def token(self) -> str | None:
        """The credential to come back with: the given one, or the server's. Keep it secret."""
        return self._sync.token

    def server_now(self) -> float:
        """The server's clock as far as this client can tell, in epoch seconds.

        Deadlines in a context are of that clock. Raises `NotReady` before the first welcome.
        """
        now = self._time.now(self._loop.time())
        if now is None:
            raise NotReady
        return now

    async def close(self) -> None:
        """Ends the connection for good; what still waits for something gets `Closed`."""
        self._waits.fail(Closed(CloseCode.DONE, "closed by this side"))
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def __aenter__(self) -> Self:
        """Waits for the first snapshot."""
        try:
            await self.ready
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes."""
        await self.close()

    # What it shows --------------------------------------------------------------------------

    @property
    def snapshot(self) -> Snapshot[ContextT]:
        """The latest snapshot. Raises `NotReady` before the first one."""
        if self._snapshot is None:
            raise NotReady
        return self._snapshot

    def subscribe(self, function: Callable[[Snapshot[ContextT]], object]) -> Unsubscribe:
        """Calls `function(snapshot)` after each commit that changed what this member sees.

        Returns:
            A function that ends it.
        """
        return self._snapshots.add(function)

    def watch(
        self,
        selector: Callable[[Snapshot[ContextT]], T],
        function: Callable[[T], object],
        *,
        equals: Callable[[T, T], bool] = same,
        immediate: bool = False,
    ) -> Unsubscribe:
        """Calls `function(selected)` after each commit that changed what `selector` returns.

        Args:
            selector: called with each snapshot; an unchanged part of it is the same object.
            function: called with what the selector returned.
            equals: whether two of these count as the same.
            immediate: call it at once, too (or with the first snapshot, if none is here yet).
        """
        listener = when_changed(selector, function, equals, immediate=immediate)
        if self._snapshot is not None:
            listener(self._snapshot)
        return self._snapshots.add(listener)

    async def wait_for(
        self, predicate: Callable[[Snapshot[ContextT]], bool], timeout: float | None = None
    ) -> Snapshot[ContextT]:
        """Waits until `predicate(snapshot)` holds, and returns that snapshot.

        Args:
            predicate: called with the present snapshot and with each later one.
            timeout: seconds to wait at most.

        Raises:
            TimeoutError: it did not hold in time.
            Closed: the façade ended first.
        """
        with self._waits.future() as found:
            unsubscribe = self._snapshots.add(
                lambda snapshot: settle_if(predicate, snapshot, found)
            )
            try:
                return await self._await(found, predicate, timeout)
            finally:
                unsubscribe()

    # Events ---------------------------------------------------------------------------------

    async def send(self, event: str | Mapping[str, Any], /, **fields: Any) -> Receipt:
        """Sends an event and waits for its receipt: `await room.send("increment", by=2)`.

        A rejected receipt is a value, not an exception. When this returns, the snapshot shows
        what the event did. Without a connection, the event waits for the next one; sent again
        after a reconnect, it still counts once.

        Raises:
            Closed: the façade is over; whether the event was accepted is not known.
            QueueFull: too many sends wait for a receipt.
            TypeError, ValueError, OverflowError: the event is not JSON, or too large.
        """
        return await self._send(event_from(event, fields), None)

    async def send_to(
        self, child_id: str, event: str | Mapping[str, Any], /, **fields: Any
    ) -> Receipt:
        """As `send`, to the child machine `child_id`."""
        return await self._send(event_from(event, fields), child_id)

    def on(self, emit_type: str, function: Callable[[Mapping[str, Any]], object]) -> Unsubscribe:
        """Calls `function(event)` for each emit of this type for this member; `"*"`: of any."""

        def listen(event: Mapping[str, Any]) -> None:
            if emit_type in ("*", event["type"]):
                function(event)

        return self._emits.add(listen)

    def on_chunk(self, function: Callable[[Chunked], object]) -> Unsubscribe:
        """Calls `function(chunk)` for each piece of a stream."""
        return self._chunks.add(function)

    def on_conflict(self, function: Callable[[Conflict], object]) -> Unsubscribe:
        """Calls `function(conflict)` when a message did not fit the mirror.

        Nothing has to be done: unless it was stale, a snapshot has been asked for.
        """
        return self._conflicts.add(function)

    def on_error(self, function: Callable[[Error], object]) -> Unsubscribe:
        """Calls `function(error)` for each error of the server that no receipt tells."""
        return self._errors.add(function)

    def on_connection(self, function: Callable[[bool], object]) -> Unsubscribe:
        """Calls `function(connected)` when the façade has caught up after a connect, with True,
        and when the connection is lost, with False. It comes back by itself."""
        return self._connections.add(function)

    # Inside ---------------------------------------------------------------------------------

    def _start(self, connection: Connection) -> None:
        self._connection = connection
        self._task = asyncio.create_task(self._run(), name="façade")

    async def _run(self) -> None:
        try:
            closed = await self._connection.run()
        except Exception as error:
            report("the façade failed", error)
            closed = Closed(CloseCode.INTERNAL, f"the façade failed: {error!r}")
        self._waits.fail(closed)

    def _disconnected(self) -> None:
        self._connections.call(False)

    async def _await(
        self,
        found: asyncio.Future[Snapshot[ContextT]],
        predicate: Callable[[Snapshot[ContextT]], bool],
        timeout: float | None,
    ) -> Snapshot[ContextT]:
        if self._snapshot is not None:
            settle_if(predicate, self._snapshot, found)
        try:
            async with asyncio.timeout(timeout):
                return await found
        except TimeoutError:
            raise TimeoutError(f"not within {timeout} s; now: {self._snapshot!r}") from None

    async def _send(self, event: dict[str, Any], child_id: str | None) -> Receipt:
        with self._waits.future() as answered:
            self._connection.check(event, child_id)
            id = self._sync.send(deepcopy(event), child_id)
            self._sends[id] = answered
            self._connection.wake()
            try:
                return cast(Receipt, await answered)
            finally:
                self._sends.pop(id, None)

    def _receive(self, message: ServerMessage) -> None:
        if isinstance(message, Welcome):
            self._time = ServerTime()
        if isinstance(message, Welcome | Pong):
            self._time.sample(message.now, asked=self._connection.asked, answered=self._loop.time())
        for notice in self._sync.receive(message):
            self._notice(notice)

    def _notice(self, notice: Notice) -> None:
        match notice:
            case Changed(document=document):
                self._snapshot = Snapshot(document, self._snapshot)
                self._snapshots.call(self._snapshot)
            case Ready():
                settle(self._ready, None)
                self._connections.call(True)
            case Resolved(receipt=receipt):
                settle(self._sends.get(receipt.id), receipt)
            case Emitted(event=event):
                self._emits.call(event)
            case Conflict():
                self._conflicts.call(notice)
            case Chunked():
                self._chunks.call(notice)
            case Failed(error=error):
                self._errors.call(error)


def _meta(meta: Mapping[str, Any] | None, role: str | None) -> dict[str, Any] | None:
    if role is None:
        return None if meta is None else dict(meta)
    return {**(meta or {}), "role": role}
