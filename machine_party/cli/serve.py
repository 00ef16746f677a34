"""`machine-party serve`: a server of every game, and what it says of itself."""

from __future__ import annotations

import contextlib
import os
import socket
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.markup import escape

from machine_party.backends.folder import DATA_VARIABLE
from machine_party.cli.console import fail, out
from machine_party.cli.games import discover
from machine_party.cli.option import Data, StoreUrl
from machine_party.core import Party
from machine_party.errors import StoreError, StoreUnavailable
from machine_party.server import MachineParty, PortBusy, Server, listen
from machine_party.server.qr import qr_text
from machine_party.server.storage import Storage, open_storage

__all__ = ["LogLevel", "serve"]

_ANYWHERE = ("0.0.0.0", "::")
_DOCUMENTATION_NET = ("192.0.2.1", 9)
"""RFC 5737: an address that nobody has. A route is looked up for it; nothing is sent."""


class LogLevel(StrEnum):
    """How much the server says."""

    error = "error"
    warning = "warning"
    info = "info"
    debug = "debug"


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 is all.")] = "0.0.0.0",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes any free one.")] = 8000,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            help="Origin of web pages that may connect, besides the server's own at its public "
            "address and on this machine. By default: of the host that is connected to."
        ),
    ] = None,
    store: StoreUrl = None,
    data: Data = None,
    secret_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the secret that signs tokens; made if it is not there. By default "
            "beside the store's file, or in the data folder."
        ),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            help="This server as players reach it: for the QR code, and pages opened here."
        ),
    ] = None,
    log_level: Annotated[LogLevel, typer.Option(help="How much to log.")] = LogLevel.warning,
) -> None:
    """Serve every game of the `games` package until SIGTERM or Ctrl-C.

    Rooms are kept: after a restart everybody is back in their seat.
    """
    games = discover()
    with (
        _bound(host, port) as bound,
        contextlib.closing(_storage(store, data, secret_file)) as storage,
    ):
        if data is not None:  # a game's own data belongs beside the rooms: `data_folder()`
            os.environ[DATA_VARIABLE] = str(data.absolute())
        own_port = bound.getsockname()[1]
        url = public_url or _url(host, own_port)
        party = _party(games, _origins(origin, url, own_port), storage, url)
        server = Server(
            party,
            limits=party.limits,
            log_level=log_level,
            on_started=lambda: _announce(url, list(party.parties), storage),
        )
        server.run(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except PortBusy:
        other = port + 1 if port < 65535 else 0
        fail(
            f"Port {port} is in use by another program.",
            f"Choose another: machine-party serve --port {other}  (or --port 0 for any free one)",
        )
    except OSError as error:
        fail(
            f"Cannot listen on {host}: {error.strerror or error}.",
            "Choose an address of this machine: --host 127.0.0.1, or --host 0.0.0.0 for all",
        )


def _storage(url: str | None, folder: Path | None, secret_file: Path | None) -> Storage:
    try:
        return open_storage(url, folder=folder, secret_file=secret_file)
    except StoreUnavailable as error:
        fail(f"{error}", "Or name another --store; with --store memory: rooms end with the server")
    except StoreError as error:
        if url is not None:
            raise typer.BadParameter(str(error), param_hint="--store") from None
        fail(
            f"{error}",
            "Keep rooms in another folder: --data FOLDER; or not at all: --store memory:",
        )
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error), param_hint="--secret-file") from None


def _origins(named: list[str] | None, url: str, port: int) -> list[str] | None:
    """The pages that may connect, the server's own among them; None: as they are connected to."""
    if not named:
        return None
    own = (urlsplit(each) for each in (url, _url("localhost", port), _url("127.0.0.1", port)))
    return [*named, *(f"{each.scheme}://{each.netloc}".lower() for each in own)]


def _party(
    games: list[type[Party]], origins: list[str] | None, storage: Storage, url: str
) -> MachineParty:
    try:
        return MachineParty(
            games,
            store=storage.store,
            alone=storage.alone,
            secret=storage.secret,
            allowed_origins=origins,
            public_url=url,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _announce(url: str, games: list[str], storage: Storage) -> None:
    """What is served and kept; where to go, for eyes and for cameras."""
    out.print(f"Serving [bold]{escape(', '.join(games))}[/]")
    out.print(_kept(storage))
    out.print(f"Open   [bold]{escape(url)}/[/]")
    out.print("Ctrl-C stops it.")
    if out.is_terminal:
        out.print(qr_text(f"{url}/"), markup=False)


def _kept(storage: Storage) -> str:
    if storage.place is None:
        return "Rooms end with this server (--store memory:)"
    also = "\nAnother server uses it too: play each room through one of them only"
    return f"Kept   {escape(storage.place)}{also if storage.shared else ''}"


def _url(host: str, port: int) -> str:
    """The address that other machines on the same network can open, as far as we can tell."""
    address = _lan_address() if host in _ANYWHERE else host
    place = f"[{address}]" if ":" in address else address
    return f"http://{place}" if port == 80 else f"http://{place}:{port}"


def _lan_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_DOCUMENTATION_NET)
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
