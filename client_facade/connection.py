"""Keeps a façade connected: opens channels, carries messages, connects again.

It owns the two tasks of a connection and ends them. What must not be here: what the messages
mean (`machine_party.protocol`'s ClientSync knows), or what the program is shown (`facade.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from client_facade.error import Closed
from client_facade.listener import Report
from client_facade.reconnect import Backoff
from client_facade.transport import ABNORMAL, Channel, Lost, Transport
from machine_party.protocol import (
    ClientSync,
    CloseCode,
    Codec,
    Error,
    Event,
    MalformedMessage,
    Ping,
    SendTo,
    ServerMessage,
    Welcome,
)

__all__ = ["Connection"]

#: Seconds that a server has to welcome this client.
WELCOME_SECONDS = 10.0
#: Seconds after its welcome that a connection counts as one that held.
HELD_SECONDS = 5.0
#: The longest id that a send can get.
_LAST_ID = f"{'f' * 16}.{'9' * 15}"


class Connection:
    """One façade's connection, through all its channels.

    Args:
        url: the room's address.
        transport: opens channels.
        codec: turns messages into bytes and back.
        sync: the protocol's state; it is told of every connect and disconnect.
        backoff: how long to wait between channels.
        receive: called with each message of the server, before the next one is read.
        lost: called when a channel on which the server had welcomed this client has ended.
        report: where a malformed message of the server goes.
    """

    def __init__(
        self,
        url: str,
        transport: Transport,
        codec: Codec,
        sync: ClientSync,
        backoff: Backoff,
        *,
        receive: Callable[[ServerMessage], None],
        lost: Callable[[], None],
        report: Report,
    ) -> None:
        self._url, self._transport, self._codec, self._sync = url, transport, codec, sync
        self._backoff, self._receive, self._lost, self._report = backoff, receive, lost, report
        self._wake = asyncio.Event()
        self._welcomed: float | None = None
        self._error: Error | None = None
        #: When the question that the next welcome or pong answers was asked, in loop seconds.
        self.asked = 0.0
        #: A welcome may have waited for a room to be made; a pong tells the time better.
        self._to_ping = False

    @property
    def welcomed(self) -> bool:
        """Whether the server has welcomed this client on the channel that is open now."""
        return self._welcomed is not None

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def check(self, event: Event, child_id: str | None) -> None:
        """Whether an event can travel: it is told here, not when it is sent (again).

        What a server would not take is refused, too: it may end the connection, for good.

        Raises:
            TypeError, ValueError, OverflowError: it is not JSON, or too large for a message.
        """
        data = self._codec.encode(SendTo(child_id or "", event, _LAST_ID))
        try:
            self._codec.decode_client(data)
        except MalformedMessage as error:
            raise ValueError(f"{error.path}: {error.reason}") from None

    async def run(self) -> Closed:
        """Stays connected until the server says that connecting again would not help."""
        while True:
            lost = await self._connect_once()
            at_least = (self._error and self._error.retry_after) or 0.0
            delay = self._backoff.delay(lost.close_code, at_least=at_least)
            if delay is None:
                return self._closed(lost)
            await asyncio.sleep(delay)

    async def _connect_once(self) -> Lost:
        self._error = None
        try:
            channel = await self._transport.open(self._url, self._codec.subprotocol)
        except Lost as lost:
            return lost
        self._sync.connected()
        self.asked = self._now()
        self.wake()
        writer = asyncio.create_task(self._write(channel), name="façade writer")
        try:
            return await self._read(channel)
        finally:
            self._disconnected()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            await channel.close()

    def _disconnected(self) -> None:
        welcomed, self._welcomed, self._to_ping = self._welcomed, None, False
        self._sync.disconnected()
        if welcomed is not None:
            if self._now() - welcomed >= HELD_SECONDS:
                self._backoff.succeeded()
            self._lost()

    async def _read(self, channel: Channel) -> Lost:
        try:
            async with asyncio.timeout(WELCOME_SECONDS) as patience:
                while True:
                    self._take(self._codec.decode_server(await channel.receive()))
                    if self._welcomed is not None:
                        patience.reschedule(None)
        except Lost as lost:
            return lost
        except TimeoutError:
            return Lost(ABNORMAL, f"no welcome within {WELCOME_SECONDS:g} s")
        except MalformedMessage as error:
            self._report("the server sent something that is not a message", error)
            return Lost(ABNORMAL, str(error))

    def _take(self, message: ServerMessage) -> None:
        if isinstance(message, Welcome):
            self._welcomed, self._to_ping = self._now(), True
        elif isinstance(message, Error):
            self._error = message
        self._receive(message)
        self.wake()

    async def _write(self, channel: Channel) -> None:
        """Sends what there is to send; ends with the channel, which the reader reports."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._drain(channel)
        except Lost:
            return
        except Exception as error:
            self._report("a message could not be sent", error)
            await channel.close(CloseCode.INTERNAL)

    async def _drain(self, channel: Channel) -> None:
        for message in self._sync.messages_to_send():
            await channel.send(self._codec.encode(message))
        if self._to_ping:
            self._to_ping, self.asked = False, self._now()
            await channel.send(self._codec.encode(Ping()))

    def _closed(self, lost: Lost) -> Closed:
        if self._error is None:
            return Closed(lost.close_code, lost.reason)
        return Closed(lost.close_code, lost.reason or self._error.reason, code=self._error.code)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
