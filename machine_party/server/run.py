"""Running the app on uvicorn as it should be run: our protocol, our sockets, no deflate."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from machine_party.server.access_log import log_config
from machine_party.server.limits import ServerLimits
from machine_party.server.uvicorn_http import http_protocol
from machine_party.server.uvicorn_protocol import PartyWebSocketProtocol

__all__ = ["PortBusy", "Server", "listen"]

_BACKLOG = 2048
"""uvicorn's default; 500 phones scan one QR code within a few seconds."""

_GRACE = 5
"""Seconds for open requests at a shutdown; then they are cancelled."""


class PortBusy(OSError):
    """Something else listens there already."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(errno.EADDRINUSE, f"{host}:{port} is in use")
        self.host, self.port = host, port


def listen(host: str, port: int, limits: ServerLimits | None = None) -> socket.socket:
    """A bound socket with the options that every accepted connection inherits.

    Args:
        host: an address or name of this machine; `0.0.0.0` or `::` for all of its addresses.
        port: 0 lets the system choose.
        limits: for the send buffer and the TCP user timeout.

    Raises:
        PortBusy: somebody listens there.
        OSError: the address cannot be used.
    """
    limits = limits or ServerLimits()
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        _set_options(bound, limits)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise PortBusy(host, port) from None
        raise
    return bound


class Server(uvicorn.Server):
    """uvicorn, configured for parties.

    Args:
        app: the ASGI app.
        limits: for pings and message sizes.
        access_log: whether each request is logged (always without its query).
        log_level: of uvicorn's loggers.
        on_started: called once the server accepts connections.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: ServerLimits | None = None,
        access_log: bool = True,
        log_level: str = "info",
        on_started: Callable[[], None] | None = None,
    ) -> None:
        limits = limits or ServerLimits()
        self._on_started = on_started
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http=cast(Any, http_protocol(limits)),
                ws=PartyWebSocketProtocol,
                ws_max_size=limits.wire_bytes,
                ws_ping_interval=limits.ping_seconds,
                ws_ping_timeout=limits.pong_seconds,
                ws_per_message_deflate=False,
                log_config=log_config(),
                log_level=log_level,
                access_log=access_log,
                server_header=False,
                backlog=_BACKLOG,
                timeout_graceful_shutdown=_GRACE,
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal ends the server well: uvicorn would raise it again afterwards, and the
        process would end as if it had been killed."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._on_started is not None:
            self._on_started()


def _set_options(bound: socket.socket, limits: ServerLimits) -> None:
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.send_buffer_bytes)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        milliseconds = int(limits.tcp_user_timeout_seconds * 1000)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
